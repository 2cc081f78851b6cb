"""Stays of unions in reach, and their departures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from nuanxin.access.states import Permission
from nuanxin.activities.models import Companion, Recuperation
from nuanxin.bookings.models import Pool
from nuanxin.kernel.refusals import NotFound

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


def stay_of(offer_id: UUID) -> Recuperation | None:
    """Return the stay that an offer is about, if it is about one."""
    return Recuperation.objects.filter(offer=offer_id).first()


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


def companions_of(booking_id: UUID) -> list[Companion]:
    """Return who comes along with a booking; the caller has made sure whose it is."""
    return list(Companion.objects.filter(booking=booking_id).order_by("nth"))
