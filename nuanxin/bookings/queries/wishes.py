"""Everybody who wants a place of an offer, in order, and whose limit still lets them have one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from nuanxin.bookings.models import Session, Waiting
from nuanxin.bookings.rules.allocation import Applicant
from nuanxin.bookings.rules.judging import day_of
from nuanxin.bookings.rules.limits import free_slot, period_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from nuanxin.bookings.rules.terms import Terms


@dataclass(frozen=True, slots=True)
class Wished:
    """One person's wish: which session, of which shares, for how many."""

    worker_id: UUID
    session_id: UUID | None
    shares: tuple[UUID, ...]
    caps: tuple[UUID, ...]
    seats: int
    union_path: str

    def applicant(self) -> Applicant:
        """Return the wish as the allocation takes it, known by the person."""
        return Applicant(self.worker_id, self.session_id, frozenset(self.shares), self.caps, self.seats)


def wishes(offer_id: UUID, *, state: str) -> list[Wished]:
    """Return who is listed in a state: most points first, then who came first."""
    rows = (
        Waiting.objects.filter(offer=offer_id, state=state)
        .order_by("-score", "joined_at", "pk")
        .values_list("worker_id", "session_id", "shares", "caps", "seats", "union_path")
    )
    return [
        Wished(worker, session, tuple(shares), tuple(caps), seats, path)
        for worker, session, shares, caps, seats, path in rows
    ]


#: An array is one parameter, however many people there are; a statement takes 65,535.
_USED = """
SELECT worker_id, nth FROM bookings_booking
 WHERE worker_id = ANY(%s::uuid[]) AND limit_kind = %s AND period = %s AND nth IS NOT NULL
"""


def free_slots(terms: Terms, workers: Collection[UUID], now: datetime) -> dict[UUID, tuple[str, int]]:
    """Return for each person the period and which of the allowed ones a booking would be; others are not in it.

    The period is that of the first session: sessions of one offer lie in one period where a limit is to mean anything.
    """
    if not terms.limit_count:
        return {}
    first = Session.objects.filter(offer=terms.id).order_by("starts_at").values_list("starts_at", flat=True).first()
    period = period_of(terms.limit_period, day_of(first, now))
    used: dict[UUID, set[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_USED, [list(workers), terms.limit_kind, period])
        rows = cursor.fetchall()
    for worker, nth in rows:
        used.setdefault(worker, set()).add(nth)
    found = {}
    for worker in workers:
        nth = free_slot(used.get(worker, set()), terms.limit_count)
        if nth is not None:
            found[worker] = (period, nth)
    return found
