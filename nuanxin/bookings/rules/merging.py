"""Two records turn out to be one person: which of their places stand, and which count for which limit. Pure.

What has happened stands: somebody who came, or did not. Of what lies ahead the earlier stands, and the later is given
back where the person would have two of one offer, or more than the limit allows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nuanxin.bookings.states import COMING, LIVE, WaitingState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Place:
    """A booking of one of the two.

    :param dropped: of the record that is dropped.
    :param limit: kind and period in which it counts; none: it does not.
    :param allowed: how many its offer allows there.
    """

    id: UUID
    offer: UUID
    state: str
    booked_at: datetime
    dropped: bool
    limit: tuple[str, str] | None = None
    nth: int | None = None
    allowed: int = 0


@dataclass(frozen=True, slots=True)
class Joined:
    """What becomes of them.

    :param twice: given back, for the person has another place of the same offer.
    :param over: given back, for the person has had as many of the kind as are allowed.
    :param stays: came to the same offer with both records: stays with the dropped one, as it happened.
    :param nth: which of the allowed ones each place is that goes over to the kept record.
    """

    twice: tuple[UUID, ...]
    over: tuple[UUID, ...]
    stays: frozenset[UUID]
    nth: dict[UUID, int | None]


def join_places(places: Iterable[Place]) -> Joined:
    """Decide about the places of two records of one person."""
    offers: set[UUID] = set()
    count: dict[tuple[str, str], int] = defaultdict(int)
    twice, over, stays, kept = list[Place](), list[Place](), set[Place](), list[Place]()
    for each in sorted(places, key=_first):
        if each.state in LIVE and each.offer in offers:
            (twice.append if each.state in COMING else stays.add)(each)
            continue
        if each.limit is not None and each.state in COMING and count[each.limit] >= each.allowed:
            over.append(each)
            continue
        if each.state in LIVE:
            offers.add(each.offer)
        if each.limit is not None:
            count[each.limit] += 1
        kept.append(each)
    return Joined(
        tuple(each.id for each in twice),
        tuple(each.id for each in over),
        frozenset(each.id for each in stays),
        _numbered(kept),
    )


def _first(place: Place) -> tuple[bool, bool, datetime, UUID]:
    """Order by what stands: first what has happened, with the kept record before the other; then what is earlier."""
    ahead = place.state in COMING
    return ahead, place.dropped and not ahead, place.booked_at, place.id


def _numbered(kept: Collection[Place]) -> dict[UUID, int | None]:
    """Number what goes over so that no two are the same one; what has a number already keeps it where it can."""
    used: dict[tuple[str, str], set[int]] = defaultdict(set)
    for each in kept:
        if not each.dropped and each.limit is not None and each.nth is not None:
            used[each.limit].add(each.nth)
    found: dict[UUID, int | None] = {}
    for each in kept:
        if not each.dropped:
            continue
        nth = each.nth
        if each.limit is not None and nth is not None:
            taken = used[each.limit]
            while nth in taken:
                nth = 1 if nth == each.nth and 1 not in taken else nth + 1
            taken.add(nth)
        found[each.id] = nth
    return found


@dataclass(frozen=True, slots=True)
class Wish:
    """A row of a list of one of the two."""

    id: UUID
    offer: UUID
    state: str
    joined_at: datetime


def wishes_too_many(wishes: Iterable[Wish], booked: Collection[UUID]) -> list[UUID]:
    """Return the wishes that end: the person has a place there, or stands in the same line with the other record.

    :param booked: offers of which the person has a place ahead, or has had one.
    """
    lined: set[UUID] = set()
    ended = []
    for each in sorted(wishes, key=lambda each: (each.state != WaitingState.OFFERED, each.joined_at, each.id)):
        if each.offer in lined or (each.offer in booked and each.state != WaitingState.OFFERED):
            ended.append(each.id)
        lined.add(each.offer)
    return ended
