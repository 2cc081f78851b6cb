"""Reminders: on the evening before, and in the morning, of what was booked."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings

from nuanxin.activities.rules.recuperation import INSIDE, OUTSIDE
from nuanxin.bookings.actions.telling import clock
from nuanxin.bookings.models import Booking
from nuanxin.bookings.states import BookingState
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.secrets import PersonKey
from nuanxin.messages.actions import send_text

if TYPE_CHECKING:
    from datetime import date

#: Kinds of offers whose people this floor reminds.
REMINDED: Final = ("check_up", INSIDE, OUTSIDE)
_EVENING: Final = (time(18), time(20))
_MORNING: Final = (time(6, 30), time(8, 30))


def remind(*, now: datetime) -> int:
    """Remind whoever has something booked for tomorrow, in the evening, or for today, in the morning.

    Told once each, however often this is asked; at night nothing leaves the house (quiet hours). Returns how many
    bookings were looked at.
    """
    hour, today = now.astimezone(ZONE).time(), local_day(now)
    if _EVENING[0] <= hour < _EVENING[1]:
        return _remind(today + timedelta(days=1), "evening", now)
    if _MORNING[0] <= hour < _MORNING[1]:
        return _remind(today, "morning", now)
    return 0


def _remind(day: date, when: str, now: datetime) -> int:
    begins = datetime.combine(day, time(), tzinfo=ZONE)
    rows = Booking.objects.filter(
        state=BookingState.BOOKED,
        offer__kind__in=REMINDED,
        session__starts_at__gte=max(begins, now),
        session__starts_at__lt=begins + timedelta(days=1),
    )
    count = 0
    for booking in rows.select_related("offer", "session", "worker").order_by("pk").iterator(chunk_size=500):
        session = booking.session
        if session is None or not booking.worker.sealed_phone:
            continue
        send_text(
            phone=PersonKey(booking.worker.sealed_key).unseal(booking.worker.sealed_phone),
            template="booking.reminder",
            values={
                "name": booking.offer.name,
                "when": clock(session.starts_at),
                "place": session.place,
                "link": f"{settings.NUANXIN_BASE_URL}/bookings/",
            },
            fact=f"remind:{booking.pk}:{day}:{when}",
            union_id=booking.offer.union_id,
            now=now,
        )
        count += 1
    return count
