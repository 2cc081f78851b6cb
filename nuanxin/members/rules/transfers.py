"""Moving to another union: who may, when it is done at once, and what the answers of both unions add up to. Pure.

Membership follows the work: join once, move as the work does (membership rules of 2016, article 3). The union to which
somebody comes "shall register and take in" the member (rules of 2000). Limits and silence are dated rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.members.states import MembershipState, RetainReason, TransferAnswerKind, TransferSide, TransferState

if TYPE_CHECKING:
    from collections.abc import Collection

WITHIN_CITY: Final = "members.transfer_within_city"
DAYS: Final = "members.transfer_days"
SILENCE: Final = "members.transfer_silence"
RETAIN_AT: Final = "members.retain_at"
#: Municipalities are one city each (GB/T 2260: 11 Beijing, 12 Tianjin, 31 Shanghai, 50 Chongqing).
_MUNICIPALITIES = frozenset({"11", "12", "31", "50"})
#: Digits of a county's code: nobody works in anything wider.
COUNTY = 6
_CONSENT = frozenset({TransferAnswerKind.CONSENTED, TransferAnswerKind.SILENT})


class AlreadyHere(Conflict):
    """The member belongs to that union."""

    def __init__(self) -> None:
        super().__init__("already_here", _("The membership is with this union already."), field="to_union")


class NotMovable(Conflict):
    """Who rests or has left does not move."""

    def __init__(self, state: str) -> None:
        if state == MembershipState.ENDED:
            code, message = "membership_ended", _("This membership has ended. Please join anew.")
        else:
            code, message = (
                "membership_suspended",
                _("This membership rests for now, so it cannot move. Please ask your union, or call 12351."),
            )
        super().__init__(code, message)


class TransferAsked(Conflict):
    """One transfer at a time."""

    def __init__(self) -> None:
        super().__init__(
            "transfer_asked",
            _("A transfer of this member has been asked for already. Wait for its answer, or cancel it first."),
        )


class NotAdmitting(Conflict):
    """The union's rules do not take this member in; another one does."""

    def __init__(self, *, nearest: str) -> None:
        super().__init__(
            "not_admitting",
            _("This union's rules do not take you in with the work you do and where. %(union)s does.")
            % {"union": nearest},
            field="to_union",
        )


class AnsweredAlready(Conflict):
    """This side has said what it says."""

    def __init__(self) -> None:
        super().__init__("answered_already", _("Your union has answered this transfer already."))


class OtherPhone(Conflict):
    """Whoever answers an offer has another phone than the member."""

    def __init__(self) -> None:
        super().__init__(
            "other_phone",
            _(
                "The union knows this member under another phone number. Please sign in with that number and move from "
                "your card; or have your union change the number first."
            ),
        )


def check_side(value: object) -> TransferSide:
    """Return for which of the two unions somebody answers; refuse anything else."""
    try:
        return TransferSide(str(value))
    except ValueError:
        raise Invalid("unknown_choice", _("Please say for which union you answer."), field="side") from None


def check_place(region_code: str) -> str:
    """Return the place where a member works from now on; refuse one wider than a county."""
    if len(region_code) not in {6, 9, 12} or not (region_code.isascii() and region_code.isdigit()):
        raise Invalid("unknown_region", _("Please choose where you work from the list."), field="region_code")
    return region_code


def check_movable(state: str) -> None:
    """Refuse to move somebody whose membership rests or has ended; who is retained may move."""
    if state not in {MembershipState.ACTIVE, MembershipState.RETAINED}:
        raise NotMovable(state)


def same_city(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Answer whether two unions lie in one city, each given by its region's code and that region's city.

    Counties that a province governs itself have only the province for a city: two of them are two places.
    """
    (code, city), (other_code, other_city) = one, other
    if not city or city != other_city:
        return False
    if len(city) > 2 or city in _MUNICIPALITIES:
        return True
    return code[:COUNTY] == other_code[:COUNTY] and len(code) >= COUNTY


def returns(retained_for: str) -> bool:
    """Answer whether moving to a union also takes a retained membership up again: it does but for the retired."""
    return retained_for not in {"", RetainReason.RETIRED}


def outcome(answers: Mapping[str, str]) -> TransferState | None:
    """Return what the answers of both sides come to; none as long as one is missing and nobody refused.

    :param answers: side → answer.
    """
    if TransferAnswerKind.REFUSED in answers.values():
        return TransferState.REFUSED
    if all(answers.get(side) in _CONSENT for side in TransferSide):
        return TransferState.DONE
    return None


def silent_sides(answered: Collection[str], silence: Collection[str]) -> list[TransferSide] | None:
    """Return the sides whose silence counts as consent once time has run out; none when one's silence does not.

    :param silence: the sides whose silence is consent by the dated rule for their union.
    """
    missing = [side for side in TransferSide if side not in answered]
    return missing if set(missing) <= set(silence) else None
