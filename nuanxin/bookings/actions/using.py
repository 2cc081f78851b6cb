"""Using up what a booking gives, where that is done by a package above: a coupon over a partner's counter.

Each is one conditional UPDATE inside the transaction of the act above, which asks who may, and announces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nuanxin.bookings.models import Booking
from nuanxin.bookings.states import BookingState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

_USE = f"""
UPDATE bookings_booking SET state = '{BookingState.CHECKED_IN.value}', checked_in_at = %s
 WHERE id = %s AND state = '{BookingState.BOOKED.value}' RETURNING id
"""


def using_up(*, booking_id: UUID, at: datetime) -> tuple[str, list[Any]]:
    """Return the UPDATE that marks a booking as used if it stands, with its values: a part of a larger statement.

    It returns the row's id when it did: of two that use it at once only one does, and what follows from it in the same
    statement happens once.
    """
    return _USE, [at, booking_id]


def give_use_back(*, booking_id: UUID) -> bool:
    """Let a used booking stand again; answer whether it had been used. Its place in the pool stays the person's."""
    used = Booking.objects.filter(pk=booking_id, state=BookingState.CHECKED_IN)
    return bool(used.update(state=BookingState.BOOKED, checked_in_at=None))
