"""Welcome packs: what the dated rule gives, until when, and why one thing cannot be handed out here. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.states.packs import SHELVED, PackItem, RightState
from nuanxin.catalog.rules.applies import Reason
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Conflict, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID


#: The dated rules: what a new member gets, and how long it can be fetched.
WHAT: Final = "benefits.welcome_pack"
DAYS: Final = "benefits.pack_days"
#: As a counter calls the kind: `organizations.states.ScanKind.PACK`.
KIND: Final = "pack"
#: Pieces that one movement may move; more is a slip of the finger.
MOST_PIECES: Final = 100_000


class Right(Protocol):
    """What a right says of itself; its place is known when it was handed out at one."""

    item: str
    state: str
    until: date | None
    handed_at: datetime | None
    scan_id: UUID | None

    @property
    def place(self) -> Any:
        """Where it was handed out."""


class OutOfStock(Conflict):
    """Nothing of it lies at this place."""

    def __init__(self, place: str) -> None:
        super().__init__(
            "out_of_stock",
            _("Nothing of it is left at %(place)s. The member sees on the phone where there is some.")
            % {"place": place},
        )


class NotEnough(Conflict):
    """Less lies there than is to be taken away."""

    def __init__(self, on_hand: int) -> None:
        super().__init__("not_enough", _("Only %(count)s pieces lie there; more cannot be taken.") % {"count": on_hand})


def items_of(value: Mapping[str, Any]) -> list[PackItem]:
    """Return what the rule's switches give, in the usual order."""
    return [item for item in PackItem if value.get(item.value) is True]


def until_of(item: PackItem, began_on: date, days: int) -> date | None:
    """Return the last day on which a thing can be fetched; none for what comes by itself."""
    return began_on + timedelta(days=days) if item in SHELVED else None


def pieces(value: object, *, field: str = "amount", least: int = 1) -> int:
    """Return a number of pieces.

    :raises Invalid: no whole number from `least` to a hundred thousand.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST_PIECES:
        raise Invalid(
            "bad_number",
            _("Please write a whole number from %(least)s to %(most)s.") % {"least": least, "most": MOST_PIECES},
            field=field,
        )
    return value


def why_not(right: Right, *, on: date, on_hand: int, place_name: str) -> tuple[Reason, ...]:
    """Return every reason why a thing cannot be handed out at a place on a day; none when it can.

    :param right: with its place, when it was handed out.
    :param on_hand: pieces that lie at the place.
    """
    gone = _gone(right)
    if gone is not None:
        return (gone,)
    found = []
    if right.until is not None and on > right.until:
        found.append(
            Reason(
                "pack_expired",
                _("The time to fetch it ended on %(day)s.") % {"day": date_format(right.until)},
                _("The member's union may help: call 12351."),
            )
        )
    if on_hand < 1:
        found.append(
            Reason(
                "out_of_stock",
                _("Nothing of it is left at %(place)s.") % {"place": place_name},
                _("On the member's phone, under Welcome pack, is where there is some."),
            )
        )
    return tuple(found)


def _gone(right: Right) -> Reason | None:
    if right.state == RightState.GRANTED:
        return None
    if right.state == RightState.HANDED_OUT and right.handed_at is not None:
        day = date_format(local_day(right.handed_at))
        told = _("It was handed out at a joining ceremony, on %(day)s.") % {"day": day}
        if right.place is not None:
            told = _("It was handed out at %(place)s, on %(day)s.") % {"place": right.place.name, "day": day}
        return Reason(
            "handed_out",
            told,
            _("If the member never got it, please call the union: it finds out."),
        )
    if right.state == RightState.AS_COUPON:
        return Reason(
            "as_coupon", _("The member has it as a coupon."), _("On the member's phone, under My coupons, is where.")
        )
    return Reason("withdrawn", _("The union has taken this back."), _("Ask the member's union why: call 12351."))


def may_grant_again(right: Right, *, on: date) -> bool:
    """Answer whether a thing may be granted again: it is gone, was taken back, or was not fetched in time.

    What is a coupon is taken back as such first.
    """
    if right.item not in SHELVED or right.state in (RightState.REPLACED, RightState.AS_COUPON):
        return False
    return right.state != RightState.GRANTED or (right.until is not None and on > right.until)


def is_same_tap(right: Right, scan_id: UUID | None) -> bool:
    """Answer whether this very scan has handed the thing out already: a doubled tap."""
    return right.state == RightState.HANDED_OUT and scan_id is not None and right.scan_id == scan_id
