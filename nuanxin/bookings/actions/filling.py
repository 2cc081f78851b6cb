"""A place that is free goes to whoever waits for it: the first in line who may have it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from nuanxin.bookings.actions.events import Booked
from nuanxin.bookings.actions.granting import Clash, give, insert_judged, lock_pools, take
from nuanxin.bookings.actions.telling import tell_booked, tell_offered
from nuanxin.bookings.models import Booking, Session, Waiting
from nuanxin.bookings.queries.terms import terms_now
from nuanxin.bookings.queries.wanted import wanted_places
from nuanxin.bookings.rules.judging import day_of
from nuanxin.bookings.rules.limits import free_slot, period_of
from nuanxin.bookings.states import (
    GIVING,
    LIVE,
    BookingState,
    SessionState,
    ShareKind,
    WaitingState,
)
from nuanxin.kernel.events import announce
from nuanxin.kernel.ids import random_letters

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.bookings.rules.terms import PoolNow, ShareTerms, Terms

_LIVE = ", ".join(f"'{state}'" for state in LIVE)
#: The first in line for a pool. Whoever is just leaving, or has the limit used up, or whose group has had its most, is
#: passed over; so is somebody with more companions than there are places.
_NEXT = f"""
SELECT q.id, q.worker_id, q.seats, q.caps, q.union_path
  FROM bookings_waiting q
 WHERE q.offer_id = %(offer)s AND q.state = 'waiting' AND (q.session_id IS NULL OR q.session_id = %(session)s)
   AND %(share)s = ANY(q.shares) AND q.seats <= %(free)s AND q.id <> ALL(%(passed)s)
   AND NOT EXISTS (SELECT 1 FROM bookings_booking b
                    WHERE b.offer_id = q.offer_id AND b.worker_id = q.worker_id AND b.state IN ({_LIVE}))
   AND NOT EXISTS (SELECT 1 FROM bookings_pool c WHERE c.id = ANY(q.caps) AND c.taken + q.seats > c.capacity)
   AND (%(limit)s = 0 OR %(limit)s > (
         SELECT count(*) FROM bookings_booking b
          WHERE b.worker_id = q.worker_id AND b.limit_kind = %(kind)s AND b.period = %(period)s AND b.nth IS NOT NULL))
 ORDER BY q.score DESC, q.joined_at, q.id LIMIT 1 FOR NO KEY UPDATE OF q SKIP LOCKED
"""


@transaction.atomic
def fill(*, offer_id: UUID, session_id: UUID | None, now: datetime, everywhere: bool = False) -> int:
    """Keep every free place for the first in line who may have it, and tell them; return how many.

    :param everywhere: of all sessions, not of one.
    """
    state, terms = terms_now(offer_id)
    if state not in GIVING:
        return 0
    pools = lock_pools(offer_id, session_id, everywhere=everywhere)
    wanted = wanted_places(offer_id)
    if not wanted:
        return 0
    sessions = Session.objects.in_bulk({pool.session_id for pool in pools if pool.session_id})
    count = 0
    for share in terms.shares:
        if share.kind in {ShareKind.MOST, ShareKind.WALK_IN} or (share.opens_at and share.opens_at > now):
            continue
        for pool in pools:
            if pool.share_id == share.id and pool.free > 0 and wanted & {(pool.session_id, share.id), (None, share.id)}:
                session = sessions.get(pool.session_id) if pool.session_id else None
                if session is None or (session.state == SessionState.PLANNED and session.starts_at > now):
                    count += _fill_pool(terms, share, pool, session, now)
    return count


def _fill_pool(terms: Terms, share: ShareTerms, pool: PoolNow, session: Session | None, now: datetime) -> int:
    starts_at = session.starts_at if session else None
    period = period_of(terms.limit_period, day_of(starts_at, now)) if terms.limit_count else ""
    free, count, passed = pool.free, 0, list[Any]()
    while free > 0:
        found = _next(terms, share, pool, free, period, passed)
        if found is None:
            return count
        waiting_id, worker_id, seats, caps, union_path = found
        passed.append(waiting_id)
        if not take(dict.fromkeys((pool.id, *caps), seats)):
            continue
        booking = _booking(terms, pool, worker_id, seats, caps, union_path, period, starts_at, now)
        try:
            insert_judged(booking)
        except Clash:
            give(dict.fromkeys((pool.id, *caps), seats))
            continue
        _note(terms, waiting_id, booking, now)
        free -= seats
        count += 1
    return count


def _next(
    terms: Terms, share: ShareTerms, pool: PoolNow, free: int, period: str, passed: list[Any]
) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            _NEXT,
            {
                "offer": terms.id,
                "session": pool.session_id,
                "share": share.id,
                "free": free,
                "limit": terms.limit_count,
                "kind": terms.limit_kind,
                "period": period,
                "passed": passed,
            },
        )
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


def _booking(
    terms: Terms,
    pool: PoolNow,
    worker_id: UUID,
    seats: int,
    caps: list[UUID],
    union_path: str,
    period: str,
    starts_at: datetime | None,
    now: datetime,
) -> Booking:
    until = now + timedelta(minutes=terms.offer_minutes) if terms.offer_minutes else None
    if until is not None and starts_at is not None:
        until = min(until, starts_at)
    nth = None
    if terms.limit_count:
        used = Booking.objects.filter(
            worker=worker_id, limit_kind=terms.limit_kind, period=period, nth__isnull=False
        ).values_list("nth", flat=True)
        nth = free_slot({each for each in used if each is not None}, terms.limit_count)
    return Booking(
        number=random_letters(10),
        offer_id=terms.id,
        session_id=pool.session_id,
        pool_id=pool.id,
        caps=list(caps),
        worker_id=worker_id,
        turn=terms.turn(period),
        union_path=union_path,
        state=BookingState.HELD if until else BookingState.BOOKED,
        seats=seats,
        limit_kind=terms.limit_kind if terms.limit_count else "",
        period=period,
        nth=nth,
        booked_at=now,
        hold_until=until,
    )


def _note(terms: Terms, waiting_id: UUID, booking: Booking, now: datetime) -> None:
    row = Waiting.objects.filter(pk=waiting_id, state=WaitingState.WAITING)
    if booking.state == BookingState.HELD:
        row.update(state=WaitingState.OFFERED, booking=booking, offered_until=booking.hold_until)
        tell_offered(booking, now=now)
        return
    row.update(state=WaitingState.TAKEN, booking=booking, ended_at=now)
    announce(Booked(booking.pk, booking.offer_id, booking.session_id, booking.worker_id, terms.kind, now))
    tell_booked(booking, now=now)
