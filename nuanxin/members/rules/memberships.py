"""Memberships: which acts there are, from which day they hold, and how a person is looked for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.text import check_text
from nuanxin.members.states import (
    ENDS_BY_HAND,
    EndReason,
    MembershipAct,
    MembershipState,
    RetainReason,
    Withdrawn,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

#: Act → the state it leads to.
STATE_OF = {
    MembershipAct.SUSPENDED: MembershipState.SUSPENDED,
    MembershipAct.RESUMED: MembershipState.ACTIVE,
    MembershipAct.RETAINED: MembershipState.RETAINED,
    MembershipAct.RETURNED: MembershipState.ACTIVE,
    MembershipAct.ENDED: MembershipState.ENDED,
}
#: State → why credentials that are out count no more in it.
WITHDRAWS = {
    MembershipState.ACTIVE: Withdrawn.NO,
    MembershipState.SUSPENDED: Withdrawn.SUSPENDED,
    # The card is kept: the counter says that the membership is retained.
    MembershipState.RETAINED: Withdrawn.NO,
    MembershipState.ENDED: Withdrawn.ENDED,
}
LEAST_REASON = 4
#: 身份证 is proof enough in three characters.
LEAST_EVIDENCE = 2
MOST_REASON = 500


def active_change(old: str, new: str) -> int:
    """Return the change in the number of active members: one who is suspended or retained is not counted."""
    return int(new == MembershipState.ACTIVE) - int(old == MembershipState.ACTIVE)


def check_reason(value: object, *, field: str = "reason") -> str:
    """Return a written reason of at least four characters; refuse none."""
    text = check_text(value, field=field, most=MOST_REASON)
    if len(text) < LEAST_REASON:
        raise Invalid("reason_missing", _("Please write the reason, in at least four characters."), field=field)
    return text


def check_evidence(value: object, *, has_attachment: bool, field: str = "evidence") -> str:
    """Return the words that name the proof; refuse when there is neither a file nor a word."""
    text = check_text(value, field=field, most=MOST_REASON)
    if len(text) < LEAST_EVIDENCE and not has_attachment:
        raise Invalid(
            "evidence_missing", _("Please name the proof that you have seen, or add a file of it."), field=field
        )
    return text


def check_effective(day: date, *, began_on: date, today: date) -> date:
    """Refuse a day of effect in the future or before the membership began."""
    if day > today:
        raise Invalid("in_the_future", _("The day of effect cannot be in the future."), field="effective_on")
    if day < began_on:
        raise Invalid(
            "before_it_began", _("The day of effect cannot be before the membership began."), field="effective_on"
        )
    return day


def check_end_reason(value: object) -> EndReason:
    """Return why a membership ends by hand; refuse anything else, and what comes of an act of its own."""
    for reason in ENDS_BY_HAND:
        if value == reason:
            return reason
    raise Invalid("unknown_choice", _("Please choose why the membership ends."), field="end_reason")


def check_retain_reason(value: object) -> RetainReason:
    """Return why a membership is retained; refuse what the membership rules do not know."""
    try:
        return RetainReason(str(value))
    except ValueError:
        raise Invalid(
            "unknown_choice", _("Please choose why the membership is retained."), field="retain_reason"
        ) from None


def check_body(value: object, *, needed: bool = False) -> str:
    """Return the body that decided, such as a committee and the day of its meeting; refuse none where one must."""
    text = check_text(value, field="decided_by", most=100)
    if needed and len(text) < LEAST_EVIDENCE:
        raise Invalid(
            "body_missing", _("Please write which body decided, and on which day it met."), field="decided_by"
        )
    return text


def is_member_number(text: str) -> bool:
    """Answer whether a text has the form of a member number; nothing else needs to be looked up."""
    return len(text) == 14 and text.isascii() and text.isdigit()


#: What may be revealed of a person, and how it is called.
REVEALABLE: dict[str, _StrOrPromise] = {"id": _("ID number"), "phone": _("Phone")}


def check_revealable(what: object) -> str:
    """Return which value is to be revealed; refuse anything else."""
    if what not in REVEALABLE:
        raise Invalid("unknown_choice", _("This cannot be revealed."), field="what")
    return str(what)
