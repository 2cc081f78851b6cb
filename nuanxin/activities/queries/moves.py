"""What becomes of everybody when a day of the bus goes to another day: told before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Sum

from nuanxin.activities.models import BusDay, BusWindow, MovedBooking
from nuanxin.activities.states.bus import DayState
from nuanxin.bookings.models import Booking
from nuanxin.bookings.states import COMING, SessionState
from nuanxin.kernel.clock import local_day

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class MovedWindow:
    """One time as it was and as it would be, with how many people booked it."""

    was_from: datetime
    was_until: datetime
    is_from: datetime
    is_until: datetime
    people: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A day's move: its times, who moves, and what stands in the way."""

    to: date
    windows: tuple[MovedWindow, ...]
    people: int
    #: Site at which the bus stands that day already; empty: nowhere.
    elsewhere: str
    in_the_past: bool
    #: People who have something else booked on the new day.
    busy: int

    @property
    def is_possible(self) -> bool:
        """Answer whether it can be done."""
        return bool(self.windows) and not self.elsewhere and not self.in_the_past


def windows_left(bus_day: BusDay, now: datetime) -> QuerySet[BusWindow]:
    """Return what is left of a day: windows that are not over, and were not cancelled."""
    return BusWindow.objects.filter(bus_day=bus_day, session__ends_at__gt=now, session__state=SessionState.PLANNED)


def plan_of_move(bus_day: BusDay, to: date, now: datetime) -> Plan:
    """Return what moving a day would do. Nothing is changed."""
    rows = windows_left(bus_day, now).select_related("session").order_by("session__starts_at", "pk")
    sessions = [row.session for row in rows]
    ahead = Booking.objects.filter(session__in=sessions, state__in=COMING)
    counts: dict[UUID | None, int] = dict(ahead.values_list("session").annotate(Sum("seats")).order_by())
    shift = timedelta(days=(to - bus_day.day).days)
    at = BusDay.objects.filter(route=bus_day.route_id, day=to, state=DayState.PLANNED).exclude(pk=bus_day.pk)
    others = Booking.objects.filter(worker__in=ahead.values("worker"), state__in=COMING).exclude(session__in=sessions)
    begins = datetime.combine(to, datetime.min.time(), tzinfo=now.tzinfo)
    return Plan(
        to=to,
        windows=tuple(
            MovedWindow(each.starts_at, each.ends_at, each.starts_at + shift, each.ends_at + shift,
                        counts.get(each.pk, 0))
            for each in sessions
        ),
        people=ahead.count(),
        elsewhere=at.values_list("site__name", flat=True).first() or "",
        in_the_past=to <= local_day(now) or to == bus_day.day,
        busy=others.filter(session__starts_at__gte=begins, session__starts_at__lt=begins + timedelta(days=1))
        .values("worker")
        .distinct()
        .count(),
    )  # fmt: skip


def moved_of(worker_id: UUID, now: datetime) -> QuerySet[MovedBooking]:
    """Return a member's bookings whose time was moved and that are still ahead, with the days they were moved from."""
    rows = MovedBooking.objects.filter(
        booking__worker=worker_id, booking__state__in=COMING, booking__session__starts_at__gt=now
    )
    found = rows.select_related("booking__offer", "booking__session", "bus_day").prefetch_related("bus_day__moved_from")
    return found.order_by("booking__session__starts_at", "pk")
