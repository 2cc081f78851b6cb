"""What is told: one sentence for each kind of fact, in the reader's language. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from nuanxin.messages.rules.booking import BOOKING
from nuanxin.messages.rules.checking import CHECKING
from nuanxin.messages.rules.forming import FORMING
from nuanxin.messages.rules.giving import GIVING
from nuanxin.messages.rules.insuring import INSURING
from nuanxin.messages.rules.moving import MOVING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrOrPromise

#: Name of the template → sentence with named placeholders. A name once used is never given another meaning.
SENTENCES: dict[str, _StrOrPromise] = {
    "code.sign_in": _("%(code)s is your code to sign in. Good for 5 minutes. Nobody from the union will ask for it."),
    "code.application": _("%(code)s is your code to join the union. Good for 5 minutes. Tell it to nobody."),
    "code.progress": _("%(code)s is your code to see your application. Good for 5 minutes. Tell it to nobody."),
    "code.new_phone": _("%(code)s is your code to change your phone number. Good for 5 minutes. Tell it to nobody."),
    "application.submitted": _(
        "Your application %(number)s is with %(union)s. You will hear by %(due)s. See how it goes: %(link)s"
    ),
    "application.accepted": _("%(union)s has taken up your application %(number)s."),
    "application.approved": _("Welcome! You are a member of %(union)s. Your card: %(link)s"),
    "application.refused": _(
        "%(union)s could not admit you: %(reason)s. You may apply again or call 12351. Details: %(link)s"
    ),
    "application.returned": _(
        "%(union)s asks you to correct your application: %(reason)s. Please do it by %(due)s: %(link)s"
    ),
    "application.passed_on": _("Your application %(number)s was passed on to %(union)s: %(reason)s. See: %(link)s"),
    "application.escalated": _(
        "%(union)s now decides on your application %(number)s, because the first union was late."
    ),
    "application.withdrawn": _("You withdrew your application %(number)s. You may apply again at any time."),
    "application.lapsed": _(
        "Your application %(number)s has ended, because no correction came. You may apply again at any time."
    ),
    "application.phone_held": _(
        "Another member holds your phone number. The county union looks into it by %(due)s. See: %(link)s"
    ),
    "application.phone_released": _(
        "The phone number is yours now, and your application %(number)s is with %(union)s. See: %(link)s"
    ),
    "application.known_member": _("You are a member already. You may ask to move to %(union)s: %(link)s"),
    "application.waiting": _("Application %(number)s waits for your decision until %(due)s."),
    "contest.contested": _(
        "We got your objection about application %(number)s. %(union)s answers by %(due)s. See: %(link)s"
    ),
    "contest.escalated": _(
        "%(union)s now decides on your objection (application %(number)s), because the first union was late. "
        "You will hear by %(due)s. See: %(link)s"
    ),
    "contest.upheld": _(
        "%(union)s looked at your objection (application %(number)s): it stays as it was. Why: %(reason)s. "
        "See: %(link)s"
    ),
    "contest.sent_back": _(
        "%(union)s agreed with your objection: somebody else decides on application %(number)s anew, by %(due)s. "
        "See: %(link)s"
    ),
    "contest.moved": _(
        "Your objection was heard: application %(number)s is with %(union)s now. You will hear by %(due)s. "
        "See: %(link)s"
    ),
    "contest.transfer": _(
        "Your objection was heard: your membership may move to %(union)s, and both unions know. See: %(link)s"
    ),
    "contest.admitted": _("Your objection was heard: %(union)s has admitted you itself. See: %(link)s"),
    "contest.waiting": _("An objection (application %(number)s) waits for your decision until %(due)s."),
    "email.confirm": _("Is this your mailbox? Confirm it here, and notices of the union can reach you: %(link)s"),
    "chat.test": _("This chat is told when something waits for %(union)s."),
    "phone.release_asked": _(
        "Somebody asks to use this phone number with the union. If it is still yours, call 12351 before %(due)s."
    ),
    "phone.released": _("Your number can now be used. Please go on with your application: %(link)s"),
    "phone.changed": _("Your phone number with the union was changed. If that was not you, call 12351 at once."),
    "name.changed": _("Your name with the union was corrected. If that is wrong, call 12351."),
    "membership.enrolled": _(
        "%(by)s has enrolled you: you are a member of %(union)s. Your card: %(link)s. If you did not agree, "
        "call 12351, and it is undone."
    ),
    "membership.suspended": _("Your membership rests for now: %(reason)s. Questions? Call 12351."),
    "membership.resumed": _("Your membership goes on. Your card works again: %(link)s"),
    "membership.ended": _("Your membership has ended: %(reason)s. Questions? Call 12351."),
    "membership.merged": _(
        "You were registered twice: it is one record now, with number %(reason)s. If that is wrong, call 12351."
    ),
    "membership.unmerged": _("Two records that were made one are two again. Questions? Call 12351."),
    "membership.elsewhere": _(
        "You are still a member in %(reason)s. Move it here with one tap, number and years included: %(link)s"
    ),
    "membership.asked_for": _(
        "%(union)s asks for your membership, because you joined there. If that was not you, call 12351 at once."
    ),
    "membership.moving": _(
        "Your membership moves to %(union)s, with number and years. If that was not you, call 12351 at once."
    ),
    "membership.moved_here": _(
        "Your membership is with %(union)s now: the same number, the same years. Your card: %(link)s"
    ),
    "membership.not_moved": _(
        "Your membership was not moved here: %(reason)s. You stay a member where you were. Questions? Call 12351."
    ),
    "cells.elsewhere": _("Member %(number)s is still a member in %(cell)s and was asked to move here."),
    "cells.arrived": _("Member %(number)s has come from %(cell)s and counts here now."),
    "cells.not_moved": _("Member %(number)s has not moved here from %(cell)s; the membership here has ended."),
    "cells.asked.waiting": _("%(cell)s asks for member %(number)s: agree, or say why not."),
    "card.replaced": _("You have a new card; the old one no longer works. If that was not you, call 12351."),
    "device.new": _("Your account was used on a new phone at %(at)s. If that was not you, call 12351 at once."),
    "identity.linked": _("WeChat or DingTalk signs you in since %(at)s. If that was not you, call 12351 at once."),
    "identity.seen": _(
        "%(union)s has confirmed that you are who you say: somebody there saw your ID document. If that was not you, "
        "call 12351."
    ),
    "identity.unverified": _(
        "The source we ask could not confirm your name and ID number again. Your membership stays as it is. Please "
        "show your ID document at your union's desk."
    ),
    "roster.checked": _("Your roster %(number)s is checked: %(new)s people can be enrolled. Please look: %(link)s"),
    "roster.done": _("Your roster %(number)s is enrolled: %(new)s new members. See: %(link)s"),
    "roster.failed": _("Your roster %(number)s could not be read. Why, and what to do: %(link)s"),
    "post.granted": _("You now hold the post %(role)s at %(union)s."),
    "post.delegated": _("You stand in for %(name)s (%(role)s, %(union)s) until %(until)s."),
}

SENTENCES |= MOVING | FORMING | BOOKING | INSURING | GIVING | CHECKING

_TAP_HERE = _("tap here")


def sentence(template: str, values: Mapping[str, object], language: str = "") -> str:
    """Fill a template in a language; in the installation's first language when none is known.

    :raises KeyError: an unknown template, or a value that the sentence needs is not given: a bug, not a refusal.
    """
    with override(language or settings.LANGUAGE_CODE):
        return str(SENTENCES[template]) % values


def worded(template: str, values: Mapping[str, object], *, language: str = "", link: str = "") -> str:
    """Fill a template for somebody who reads it where its link can be tapped; its text says where."""
    with override(language or settings.LANGUAGE_CODE):
        return sentence(template, {"link": link or str(_TAP_HERE)} | dict(values), language)
