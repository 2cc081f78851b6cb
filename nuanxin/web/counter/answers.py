"""What a counter reads: one color, one icon, one word, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from nuanxin.members.states import CardAnswer

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True, slots=True)
class Face:
    """How one answer looks."""

    word: _StrOrPromise
    advice: _StrOrPromise
    tone: str
    icon: str


FACES: dict[str, Face] = {
    CardAnswer.VALID: Face(
        _("Valid member"), _("Please give the member what the union agreed on with you."), "good", icon="circle-check"
    ),
    CardAnswer.SUSPENDED: Face(
        _("Membership suspended"),
        _("The membership rests for now. The member can ask the union, or call 12351."),
        "wait",
        icon="player-pause",
    ),
    CardAnswer.ENDED: Face(
        _("Not a member any more"),
        _("The membership has ended. Joining again is always possible."),
        "bad",
        icon="user-off",
    ),
    CardAnswer.UNKNOWN: Face(
        _("No such code"), _("Please read the code again, or ask for a new one."), "bad", icon="circle-x"
    ),
    CardAnswer.EXPIRED: Face(
        _("Code expired"),
        _("A code is good for one minute. Please ask the member to show a new one."),
        "again",
        icon="hourglass",
    ),
    CardAnswer.USED: Face(
        _("Code already used"),
        _("Each code is good once. Please ask the member to show a new one."),
        "again",
        icon="refresh",
    ),
    CardAnswer.REVOKED: Face(
        _("Card was replaced"),
        _("This card was reported lost. Please ask for the new card, or for the code on the phone."),
        "bad",
        icon="credit-card-off",
    ),
}
