"""Using up what a booking gives, where that is done by a package above: a coupon over a partner's counter.

Each is one conditional UPDATE inside the transaction of the act above, which asks who may, and announces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.bookings.models import Booking
from nuanxin.bookings.states import BookingState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


def use_up(*, booking_id: UUID, at: datetime) -> bool:
    """Mark a booking as used, if it stands; answer whether it did: of two that use it at once only one does."""
    standing = Booking.objects.filter(pk=booking_id, state=BookingState.BOOKED)
    return bool(standing.update(state=BookingState.CHECKED_IN, checked_in_at=at))


def give_use_back(*, booking_id: UUID) -> bool:
    """Let a used booking stand again; answer whether it had been used. Its place in the pool stays the person's."""
    used = Booking.objects.filter(pk=booking_id, state=BookingState.CHECKED_IN)
    return bool(used.update(state=BookingState.BOOKED, checked_in_at=None))
