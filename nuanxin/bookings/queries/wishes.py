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
SELECT worker_id, period, nth FROM bookings_booking
 WHERE worker_id = ANY(%s::uuid[]) AND limit_kind = %s AND period = ANY(%s) AND nth IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Slots:
    """Where a booking would count for each person's limit: each session in its period."""

    #: Session → period; without sessions, that of today.
    periods: dict[UUID | None, str]
    #: Period → person → which of the allowed ones it would be; who has had all of them is not in it.
    free: dict[str, dict[UUID, int]]

    def of(self, worker: UUID, session: UUID | None) -> tuple[str, int | None]:
        """Return the period in which a place at a session counts, and as which of the allowed ones."""
        if not self.free:
            return "", None
        period = self.periods[session]
        return period, self.free[period][worker]

    def closed(self, workers: Collection[UUID]) -> dict[UUID, set[UUID | None]]:
        """Return for whom which sessions lie in a period whose limit is used up."""
        found: dict[UUID, set[UUID | None]] = {}
        for period, free in self.free.items():
            sessions = {session for session, each in self.periods.items() if each == period}
            for worker in workers:
                if worker not in free:
                    found.setdefault(worker, set()).update(sessions)
        return found


def free_slots(terms: Terms, workers: Collection[UUID], now: datetime) -> Slots:
    """Return where a place of each session would count for each person; two statements."""
    if not terms.limit_count:
        return Slots({}, {})
    rows = Session.objects.filter(offer=terms.id).values_list("pk", "starts_at")
    periods: dict[UUID | None, str] = {
        session: period_of(terms.limit_period, day_of(starts_at, now)) for session, starts_at in rows
    }
    periods[None] = period_of(terms.limit_period, day_of(None, now))
    used: dict[tuple[str, UUID], set[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_USED, [list(workers), terms.limit_kind, sorted(set(periods.values()))])
        for worker, period, nth in cursor.fetchall():
            used.setdefault((period, worker), set()).add(nth)
    free: dict[str, dict[UUID, int]] = {}
    for period in set(periods.values()):
        slots = ((worker, free_slot(used.get((period, worker), ()), terms.limit_count)) for worker in workers)
        free[period] = {worker: nth for worker, nth in slots if nth is not None}
    return Slots(periods, free)
