"""Stays of unions in reach, and their departures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from nuanxin.access.states import Permission
from nuanxin.activities.models import Companion, Recuperation
from nuanxin.activities.rules.recuperation import INSIDE, OUTSIDE
from nuanxin.bookings.models import Booking, Pool
from nuanxin.bookings.states import COMING, BookingState
from nuanxin.kernel.refusals import NotFound
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.models import Worker

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.bookings.models import Session
    from nuanxin.kernel.actor import Actor


def visible_stays(actor: Actor) -> QuerySet[Recuperation]:
    """Return what unions in reach offer."""
    within = Q(pk__in=[])
    for path in actor.reach(Permission.VIEW_BOOKINGS):
        within |= Q(offer__union__path__startswith=path)
    return Recuperation.objects.filter(within).select_related("offer__union")


def get_stay(actor: Actor, number: str) -> Recuperation:
    """Return one by the number of its offer. :raises NotFound: none in reach."""
    found = visible_stays(actor).filter(offer__number=number).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Departure:
    """One departure with its places."""

    session: Session
    capacity: int
    taken: int


def departures_of(stay: Recuperation) -> list[Departure]:
    """Return the departures of a stay by day. One statement."""
    pools = Pool.objects.filter(offer=stay.offer_id, session__isnull=False).select_related("session")
    found: dict[UUID, Departure] = {}
    for pool in pools.order_by("session__starts_at", "pk"):
        assert pool.session is not None
        known = found.get(pool.session.pk, Departure(pool.session, 0, 0))
        found[pool.session.pk] = Departure(pool.session, known.capacity + pool.capacity, known.taken + pool.taken)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Traveler:
    """Somebody who goes along on a departure: a member, or a member's companion, who has a relation to the member."""

    booking: Booking
    name: str
    relation: str = ""
    is_companion: bool = False


def bookings_of_stay(stay: Recuperation, *, session: UUID | None = None) -> QuerySet[Booking]:
    """Return who has a place for certain on a stay, or on one departure; the caller has fetched the stay."""
    rows = Booking.objects.filter(offer=stay.offer_id, state__in=(BookingState.BOOKED, BookingState.CHECKED_IN))
    if session is not None:
        rows = rows.filter(session=session)
    return rows.select_related("worker", "session")


def named_companions(bookings: Sequence[Booking]) -> dict[UUID, int]:
    """Return how many companions are named, by booking; those of whom none is are left out."""
    rows = Companion.objects.filter(booking__in=[each.pk for each in bookings]).order_by().values("booking")
    return {row["booking"]: row["count"] for row in rows.annotate(count=Count("pk"))}


def travelers_of(bookings: Sequence[Booking]) -> list[Traveler]:
    """Return everybody by name, companions after their member; only for what is written down. Two statements.

    A place that was booked for somebody whom nobody has named yet is a traveler without a name.
    """
    sealed: dict[UUID, list[Companion]] = {}
    for row in Companion.objects.filter(booking__in=[each.pk for each in bookings]).order_by("booking", "nth"):
        sealed.setdefault(row.booking_id, []).append(row)
    found = []
    for booking in bookings:
        found.append(Traveler(booking, booking.worker.name))
        key = PersonKey(booking.worker.sealed_key)
        rows = sealed.get(booking.pk, [])
        found += [Traveler(booking, key.unseal(row.sealed_name), key.unseal(row.sealed_relation), True) for row in rows]
        found += [Traveler(booking, "", "", True) for _nth in range(booking.seats - 1 - len(rows))]
    return found


@dataclass(frozen=True, slots=True)
class OwnStay:
    """A member's place on a stay, with what it is."""

    booking: Booking
    stay: Recuperation
    named: int


def own_stays(worker_id: UUID) -> list[OwnStay]:
    """Return a member's places on stays that lie ahead, by day."""
    rows = Booking.objects.filter(worker=worker_id, state__in=COMING, offer__kind__in=(INSIDE, OUTSIDE))
    bookings = list(rows.select_related("offer", "session").order_by("session__starts_at", "pk"))
    stays = {each.offer_id: each for each in Recuperation.objects.filter(offer__in=[row.offer_id for row in bookings])}
    named = named_companions(bookings)
    return [OwnStay(row, stays[row.offer_id], named.get(row.pk, 0)) for row in bookings if row.offer_id in stays]


def get_own_stay(worker_id: UUID, booking_id: UUID) -> OwnStay:
    """Return one of a member's own places ahead. :raises NotFound: somebody else's, or none."""
    found = next((each for each in own_stays(worker_id) if each.booking.pk == booking_id), None)
    if found is None:
        raise NotFound
    return found


def own_companions(worker_id: UUID, booking_id: UUID) -> list[tuple[str, str]]:
    """Return name and relation of whoever comes along, to the member who named them."""
    rows = list(Companion.objects.filter(booking=booking_id, booking__worker=worker_id).order_by("nth"))
    if not rows:
        return []
    key = PersonKey(Worker.objects.only("sealed_key").get(pk=worker_id).sealed_key)
    return [(key.unseal(row.sealed_name), key.unseal(row.sealed_relation)) for row in rows]
