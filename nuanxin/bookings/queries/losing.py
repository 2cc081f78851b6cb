"""Who would lose a place if a pool became smaller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nuanxin.bookings.models import Booking
from nuanxin.bookings.states import SEATED, ShareKind
from nuanxin.kernel.identifiers import mask_name

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.bookings.models import Pool


@dataclass(frozen=True, slots=True)
class Loser:
    """One booking that would go: the last ones first."""

    booking_id: UUID
    number: str
    name: str
    booked_at: datetime


def who_would_lose(pool: Pool, capacity: int) -> list[Loser]:
    """Return the bookings that would go if a pool had so many places: those that came last, names masked."""
    counted = Booking.objects.filter(state__in=SEATED, offer=pool.offer_id)
    at_most = pool.share.kind == ShareKind.MOST
    counted = counted.filter(caps__contains=[pool.pk]) if at_most else counted.filter(pool=pool)
    taken = list(counted.select_related("worker").order_by("-booked_at", "-pk"))
    left = sum(booking.seats for booking in taken)
    losers = []
    for booking in taken:
        if left <= capacity:
            break
        left -= booking.seats
        losers.append(Loser(booking.pk, booking.number, mask_name(booking.worker.name), booking.booked_at))
    return losers
