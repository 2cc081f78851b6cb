"""Giving all places of an offer at once: by priority, or in the order that a draw has made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from nuanxin.access.states import Permission
from nuanxin.bookings.actions.events import Booked
from nuanxin.bookings.actions.granting import lock_pools
from nuanxin.bookings.models import Booking, Waiting
from nuanxin.bookings.queries.terms import forget_terms, terms_now
from nuanxin.bookings.queries.wishes import Slots, Wished, free_slots, wishes
from nuanxin.bookings.rules.allocation import Place, allocate
from nuanxin.bookings.states import OFFER_MOVES, BookingState, OfferState, SessionState, ShareKind, WaitingState, Way
from nuanxin.kernel.events import announce, heard_within
from nuanxin.kernel.ids import new_id, random_letters
from nuanxin.kernel.refusals import Conflict
from nuanxin.kernel.states import move
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from nuanxin.bookings.models import Offer
    from nuanxin.bookings.rules.terms import PoolNow, Terms
    from nuanxin.kernel.actor import Actor

#: Name of the task that tells everybody afterwards.
TELL = "bookings.tell_allocated"


@dataclass(frozen=True, slots=True)
class Allocated:
    """What came of it."""

    applicants: int
    places: int
    booked: int
    waiting: int


@transaction.atomic
def allocate_by_priority(*, actor: Actor, offer: Offer, now: datetime) -> Allocated:
    """Give the places of a closed offer to its applicants by their points, share by share; once.

    Whoever gets none waits, best first, where the offer has a waiting list.

    :raises Conflict: not an offer that priority decides; :raises Moved: not closed yet, or given before.
    """
    actor.require(Permission.EDIT_OFFERS, at=offer.union)
    if offer.way != Way.PRIORITY:
        raise Conflict("not_by_priority", _("The places of this offer are not given by priority."))
    move(offer, OFFER_MOVES, OfferState.DRAWN)
    ranked = wishes(offer.pk, state=WaitingState.APPLIED)
    return place_ranked(actor=actor, offer=offer, ranked=ranked, now=now)


@transaction.atomic
def place_ranked(*, actor: Actor, offer: Offer, ranked: Sequence[Wished], now: datetime) -> Allocated:
    """Give an offer's free places to people in the order given, share by share. Part of what made that order.

    A few statements, however many people. Those of them who are on the offer's list leave it or wait on.
    """
    _state, terms = terms_now(offer.pk)
    pools = _open_pools(offer, now)
    kinds = {share.id: share.kind for share in terms.shares}
    people = [each.worker_id for each in ranked]
    slots = free_slots(terms, people, now)
    given = allocate(
        [
            Place(pool.id, pool.share_id, pool.session_id, pool.free)
            for pool in pools
            if kinds[pool.share_id] not in (ShareKind.MOST, ShareKind.WALK_IN)
        ],
        [share.id for share in terms.shares],
        [each.applicant() for each in ranked],
        {pool.id: pool.free for pool in pools if kinds[pool.share_id] == ShareKind.MOST},
        slots.closed(people),
    )
    bookings = _bookings(terms, pools, ranked, given, slots, now)
    _take_all(bookings)
    Booking.objects.bulk_create(bookings, batch_size=2000)
    left = _settle(offer, terms, bookings, now)
    forget_terms(offer.pk)
    made = Allocated(len(ranked), sum(pool.free for pool in pools), len(bookings), left)
    record(
        actor,
        "bookings.allocated",
        offer,
        now=now,
        union_path=offer.union.path,
        number=offer.number,
        applicants=made.applicants,
        booked=made.booked,
    )
    app.configure_task(TELL).defer(offer_id=str(offer.pk), at=now.isoformat())
    if heard_within(Booked):
        for booking in bookings:
            announce(Booked(booking.pk, offer.pk, booking.session_id, booking.worker_id, offer.kind, now))
    return made


def _open_pools(offer: Offer, now: datetime) -> list[PoolNow]:
    """Lock the pools; return those whose places can be given: of no session, or of one that lies ahead."""
    ahead = offer.sessions.filter(state=SessionState.PLANNED, starts_at__gt=now)
    planned = {None, *ahead.values_list("pk", flat=True)}
    return [pool for pool in lock_pools(offer.pk, None, everywhere=True) if pool.session_id in planned]


def _bookings(
    terms: Terms,
    pools: Sequence[PoolNow],
    ranked: Sequence[Wished],
    given: dict[UUID, UUID],
    slots: Slots,
    now: datetime,
) -> list[Booking]:
    session_of = {pool.id: pool.session_id for pool in pools}
    made = []
    for each in ranked:
        pool = given.get(each.worker_id)
        if pool is None:
            continue
        period, nth = slots.of(each.worker_id, session_of[pool])
        made.append(
            Booking(
                id=new_id(),
                number=random_letters(10),
                offer_id=terms.id,
                session_id=session_of[pool],
                pool_id=pool,
                caps=list(each.caps),
                worker_id=each.worker_id,
                union_path=each.union_path,
                state=BookingState.BOOKED,
                seats=each.seats,
                limit_kind=terms.limit_kind if terms.limit_count else "",
                period=period,
                nth=nth,
                booked_at=now,
            )
        )
    return made


#: Every pool by one conditional UPDATE; the pools were locked in key order before.
_TAKE_ALL = """
UPDATE bookings_pool p SET taken = p.taken + given.seats
  FROM unnest(%s::uuid[], %s::int[]) AS given (pool, seats)
 WHERE p.id = given.pool AND p.taken + given.seats <= p.capacity
"""


def _take_all(bookings: Sequence[Booking]) -> None:
    places: Counter[Any] = Counter()
    for booking in bookings:
        for pool in (booking.pool_id, *booking.caps):
            places[pool] += booking.seats
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_ALL, [list(places.keys()), list(places.values())])
        if cursor.rowcount != len(places):
            raise RuntimeError("Locked pools have fewer places than was read from them")


#: By the list of who got what: a join of two tables that were just filled is planned as if they were empty.
_SETTLE = """
UPDATE bookings_waiting q SET state = 'taken', booking_id = given.booking, ended_at = %s, offered_until = NULL
  FROM unnest(%s::uuid[], %s::uuid[]) AS given (worker, booking)
 WHERE q.worker_id = given.worker AND q.offer_id = %s AND q.state IN ('applied', 'waiting')
"""


def _settle(offer: Offer, terms: Terms, bookings: Sequence[Booking], now: datetime) -> int:
    """Take those off the list who have a place; let the others wait, or close the list; return how many wait."""
    with connection.cursor() as cursor:
        workers, keys = [each.worker_id for each in bookings], [each.pk for each in bookings]
        cursor.execute(_SETTLE, [now, workers, keys, offer.pk])
    others = Waiting.objects.filter(offer=offer, state=WaitingState.APPLIED)
    if terms.waits:
        return others.update(state=WaitingState.WAITING)
    others.update(state=WaitingState.CLOSED, ended_at=now)
    return 0
