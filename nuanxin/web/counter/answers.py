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
    CardAnswer.RETAINED: Face(
        _("Member, membership retained"),
        _("The card is good. Retired, between jobs or in the army: some benefits are for active members only."),
        "good",
        icon="user-check",
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
    CardAnswer.STALE: Face(
        _("Old code"),
        _("A code is good for one minute. Please ask the member to show the one that is on the phone now."),
        "again",
        icon="history",
    ),
    CardAnswer.CLOCK: Face(
        _("Two clocks differ"),
        _("One of the two phones tells the wrong time. Please set both to automatic time, and scan again."),
        "again",
        icon="clock-exclamation",
    ),
    CardAnswer.REPLAYED: Face(
        _("This code was shown here before"),
        _("It may be a picture. Please ask the member to show the code on the phone itself."),
        "bad",
        icon="copy-off",
    ),
    CardAnswer.FORGED: Face(
        _("This code is forged"),
        _("The union's signature is not on it. Please do not accept it; call 12351 if it happens again."),
        "bad",
        icon="shield-x",
    ),
    CardAnswer.UNKNOWN_KEY: Face(
        _("This counter does not know the key"),
        _("This counter may need news: connect it and scan again. If it stays so, do not accept the code."),
        "bad",
        icon="key-off",
    ),
}

#: What only a counter without a network says, by itself; the rest of its answers are those above.
ALONE: dict[str, Face] = {
    "valid_old": Face(
        _("Valid, loss not checked"),
        _("The signatures are right. Whether the card was reported lost since then is not known here: please connect."),
        "wait",
        icon="shield-question",
    ),
    "needs_network": Face(
        _("This code needs a network"),
        _("Please ask for the offline code: on the member's phone, below the ten digits."),
        "again",
        icon="wifi-off",
    ),
    "not_ready": Face(
        _("Not ready for work without a network"),
        _("Please open this page once with a network; keys and list come by themselves. Then scan again."),
        "again",
        icon="wifi-off",
    ),
}
