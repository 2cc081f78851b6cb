"""Stays of unions in reach, and their departures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from nuanxin.access.states import Permission
from nuanxin.activities.models import Companion, Recuperation
from nuanxin.activities.rules.recuperation import INSIDE, OUTSIDE
from nuanxin.bookings.models import Booking, Pool
from nuanxin.bookings.states import COMING
from nuanxin.kernel.refusals import NotFound
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.models import Worker

if TYPE_CHECKING:
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
    named: dict[UUID, int] = {}
    for booking_id in Companion.objects.filter(booking__in=bookings).values_list("booking", flat=True):
        named[booking_id] = named.get(booking_id, 0) + 1
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
