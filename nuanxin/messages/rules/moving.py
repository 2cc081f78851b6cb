"""What is told about moving, retaining and ending memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

MOVING: dict[str, _StrOrPromise] = {
    "transfer.requested": _(
        "You asked to move to %(union)s. Both unions answer by %(due)s; your card and benefits go on meanwhile. "
        "See or cancel: %(link)s"
    ),
    "transfer.started": _(
        "Your membership is to move to %(union)s. Both unions answer by %(due)s; your card and benefits go on. "
        "If that is wrong, cancel it here: %(link)s"
    ),
    "transfer.done": _(
        "You belong to %(union)s now. Your number, your card and your benefits stay as they are. See: %(link)s"
    ),
    "transfer.carried": _(
        "Your union has been closed: %(reason)s. You belong to %(union)s now. Your number, your card and your benefits "
        "stay as they are. Questions? Call %(call)s. See: %(link)s"
    ),
    "transfer.refused": _(
        "%(union)s did not agree to your move: %(reason)s. You stay a member as before. Questions? Call %(call)s. "
        "See: %(link)s"
    ),
    "transfer.lapsed": _(
        "Your move to %(union)s could not be carried out in time. You stay a member as before. Questions? Call "
        "%(call)s. See: %(link)s"
    ),
    "transfer.waiting": _(
        "A transfer (member %(number)s, from %(from)s to %(to)s) waits for your answer until %(due)s."
    ),
    "desk.transfer_left": _("Member %(number)s has moved from you to %(to)s."),
    "desk.transfer_came": _("Member %(number)s has come to you from %(from)s."),
    "desk.transfer_lapsed": _("The transfer of member %(number)s from %(from)s to %(to)s was closed: time ran out."),
    "desk.transfer_refused": _("The transfer of member %(number)s from %(from)s to %(to)s was refused."),
    "desk.filing": _("%(union)s reports that member %(number)s was expelled. Please take note of it for the record."),
    "membership.retained": _(
        "Your membership is kept while you are not at work (%(reason)s): no dues, your number and your card stay. Back "
        "at work? Tell your union, or move from your card: %(link)s"
    ),
    "membership.returned": _("Welcome back! Your membership goes on in full at %(union)s. Your card: %(link)s"),
    "membership.warned": _(
        "%(union)s asks you to pay dues or take part again by %(due)s: %(reason)s. Otherwise your membership may end. "
        "If there is a good reason, tell them: %(call)s"
    ),
    "membership.cleared": _("All is well: %(union)s has noted that you take part again."),
}
