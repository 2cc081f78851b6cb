"""What applies to a member here: what one scan at a partner's counter opens, and why the rest stays shut. Pure.

Each package of floor 7 that has something to give at a counter offers two functions, and the counter's doors compose
them (`web.kit.scans`):

    queries/applies.py    applies_here(worker, here, now) -> list[Applies]
    actions/applies.py    act_here(*, actor, worker, here, kind, key, now) -> Done

`applies_here` gives what the member has and what would be the member's but for a reason, in few statements; what has
nothing to do with the kinds in `here.kinds` is left out. `act_here` does the one thing that was tapped, in one
transaction, by constraints of its own: a second tap of the same scan (`here.scan_id`) returns the same `Done` with
`again`, and everything else that cannot be is a `Refusal`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from uuid import UUID

    from django.utils.functional import _StrOrPromise

#: What a counter may do by one tap.
What = Literal["check_in", "redeem", "hand_out"]


@dataclass(frozen=True, slots=True)
class Here:
    """Where a code was scanned: a partner's device, its place, and what may be done there now."""

    device_id: UUID
    #: Path of the union that set the counter up.
    union_path: str
    #: None for a counter that nobody has assigned to a place: it sees the standing, and may do nothing more.
    place_id: UUID | None = None
    partner_id: UUID | None = None
    place_name: str = ""
    region_code: str = ""
    #: Kinds (`check_up`, `event`, `coupon`, `pack` ...) that contract, place, device and person at the counter allow.
    kinds: frozenset[str] = frozenset()
    #: Who stands at the counter, when the partner has named its people.
    staff_id: UUID | None = None
    #: The scan (`CardCheck.id`) that this belongs to.
    scan_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something cannot be done here and now, and what to do about it."""

    code: str
    words: _StrOrPromise
    remedy: _StrOrPromise = ""


@dataclass(frozen=True, slots=True)
class Applies:
    """One thing that a member has here: done by one tap, unless it is refused."""

    #: Which kind of thing, as in `Here.kinds`.
    kind: str
    #: Names the thing within its kind: the number or id of a booking, a coupon, a right.
    key: str
    title: str
    title_en: str
    detail: _StrOrPromise
    act: What
    #: Every reason against it; empty when it can be done at once.
    refused: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words for whoever stands at the counter."""

    words: _StrOrPromise
    #: It had been done by this very scan before: a doubled tap, nothing happened twice.
    again: bool = False
