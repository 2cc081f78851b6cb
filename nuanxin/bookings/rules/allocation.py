"""Who gets a place when there are more people than places: one pass for each share, best first. Pure.

Within a share nobody with a higher priority stands behind somebody with a lower one: when a person was passed over, the
share had no place left that the person may have, and places only become fewer.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Place:
    """One pool with so many free places."""

    pool: UUID
    share: UUID
    session: UUID | None
    free: int


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody who wants a place: of one session, or of any; of the shares the person belongs to.

    :param caps: pools that count how many the person's group gets at most.
    """

    key: UUID
    session: UUID | None
    shares: frozenset[UUID]
    caps: tuple[UUID, ...] = ()
    seats: int = 1


def allocate(
    places: Iterable[Place],
    order: Sequence[UUID],
    ranked: Sequence[Applicant],
    caps: Mapping[UUID, int] | None = None,
    closed: Mapping[UUID, Collection[UUID | None]] | None = None,
) -> dict[UUID, UUID]:
    """Return who gets a place of which pool.

    :param order: the shares in the order in which they are filled.
    :param ranked: applicants, the first in line first.
    :param caps: places left in the pools that say how many a group gets at most.
    :param closed: key of the applicant → sessions in whose period the person's limit is used up.
    :returns: key of the applicant → pool.
    """
    left: dict[UUID, int] = {}
    session_of: dict[UUID, UUID | None] = {}
    shut = closed or {}
    of_share: dict[UUID, dict[UUID | None, list[UUID]]] = defaultdict(lambda: defaultdict(list))
    for place in places:
        left[place.pool] = place.free
        session_of[place.pool] = place.session
        of_share[place.share][place.session].append(place.pool)
    room = dict(caps or {})
    given: dict[UUID, UUID] = {}
    for share in order:
        here = of_share.get(share)
        if not here:
            continue
        anywhere = [pool for pools in here.values() for pool in pools]
        for each in ranked:
            if each.key in given or share not in each.shares:
                continue
            if any(room.get(cap, 0) < each.seats for cap in each.caps):
                continue
            pools = anywhere if each.session is None else here.get(each.session, ())
            barred = shut.get(each.key, ())
            pool = next((pool for pool in pools if left[pool] >= each.seats and session_of[pool] not in barred), None)
            if pool is None:
                continue
            left[pool] -= each.seats
            for cap in each.caps:
                room[cap] -= each.seats
            given[each.key] = pool
    return given
