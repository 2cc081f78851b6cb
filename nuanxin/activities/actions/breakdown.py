"""The bus breaks down: a whole day goes to another one in one act. Nobody is lost, and nobody is to blame."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actors import system
from nuanxin.access.states import Permission
from nuanxin.activities.models import BusDay, BusDevice, BusWindow, MovedBooking
from nuanxin.activities.queries.moves import windows_left
from nuanxin.activities.states.bus import DayState
from nuanxin.bookings.actions.ending import end_booking
from nuanxin.bookings.actions.sessions import reschedule_session
from nuanxin.bookings.models import Booking
from nuanxin.bookings.states import COMING, BookingState, EndReason
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.kernel.states import Moved
from nuanxin.kernel.text import check_text
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import date

    from nuanxin.kernel.actor import Actor

#: Whoever did not come at the new time is let go before the engine would write that down as no-show (24 hours).
_EXCUSED_AFTER = timedelta(hours=23)


@transaction.atomic
def move_day(*, actor: Actor, bus_day: BusDay, to: date, reason: str, now: datetime) -> BusDay:
    """Move what is left of a day of the bus to another day: each window at its hour, every booking with it.

    Everybody who booked is told, keeps the place, and may give it back until it begins.

    :raises NotFound, NotAllowed: out of reach, or no permission.
    :raises Invalid: no reason, or a day that is not ahead.
    :raises Conflict: the bus is elsewhere that day, the day was moved before, or nothing is left of it.
    """
    union = bus_day.route.offer.union
    actor.require(Permission.EDIT_OFFERS, at=union)
    words = check_text(reason, field="reason", most=200)
    if not words:
        raise Invalid("missing", _("Please say why: everybody who booked is told."), field="reason")
    if to <= local_day(now) or to == bus_day.day:
        raise Invalid("day_passed", _("Please choose another day, from tomorrow on."), field="day")
    old = BusDay.objects.select_for_update(no_key=True).filter(pk=bus_day.pk, state=DayState.PLANNED).first()
    if old is None:
        raise Conflict("moved_before", _("This day was moved before."))
    windows = list(windows_left(old, now).select_related("session__offer__union").order_by("session__starts_at", "pk"))
    if not windows:
        raise Conflict("day_over", _("Nothing is left of this day: it is over."))
    new = _stand_there(old, to)
    count = sum(_move_window(actor, row, new, words, now) for row in windows)
    # The scanners stay known at the old day, too: what they have not told yet is taken.
    known = BusDevice.objects.filter(bus_day=old).order_by("letter")
    BusDevice.objects.bulk_create(BusDevice(bus_day=new, device_id=row.device_id, letter=row.letter) for row in known)
    BusDay.objects.filter(pk=old.pk).update(state=DayState.MOVED, moved_to=new, moved_at=now, reason=words)
    record(actor, "activities.day_moved", old, now=now, union_path=union.path, day=f"{old.day}", to=f"{to}",
           people=count)  # fmt: skip
    return new


def _stand_there(old: BusDay, to: date) -> BusDay:
    new = BusDay(route_id=old.route_id, site_id=old.site_id, day=to)
    try:
        with transaction.atomic():
            new.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("bus_elsewhere", _("The bus stands somewhere else that day. Please choose another.")) from error
    return new


def _move_window(actor: Actor, row: BusWindow, new: BusDay, reason: str, now: datetime) -> int:
    session = row.session
    was_at = session.starts_at
    ahead = list(Booking.objects.filter(session=session, state__in=COMING).order_by("pk"))
    reschedule_session(
        actor=actor,
        session=session,
        starts_at=_on(new.day, session.starts_at),
        ends_at=_on(new.day, session.ends_at),
        reason=reason,
        now=now,
    )
    BusWindow.objects.filter(pk=row.pk).update(bus_day=new)
    for booking in ahead:
        MovedBooking.objects.update_or_create(
            booking=booking,
            defaults={"bus_day": new, "was_at": was_at, "moved_at": now, "given_back_at": None},
        )
    return len(ahead)


def _on(day: date, moment: datetime) -> datetime:
    return datetime.combine(day, moment.astimezone(ZONE).time(), tzinfo=ZONE)


@transaction.atomic
def give_back(*, actor: Actor, booking_id: UUID, now: datetime) -> Booking:
    """Give back a place whose time was moved, until it begins: no hours before, no no-show, the year's one stays free.

    Given back before, nothing changes.

    :raises NotFound: not the member's own, or never moved.
    :raises Conflict: it has begun; :raises Moved: came, or cancelled meanwhile.
    """
    moved = MovedBooking.objects.select_related("booking__offer__union", "booking__session").filter(
        booking=booking_id
    ).first()  # fmt: skip
    if moved is None or actor.kind != "worker" or actor.worker_id != moved.booking.worker_id:
        raise NotFound
    booking = moved.booking
    if booking.state == BookingState.CANCELLED:
        return booking
    if booking.session is None or booking.session.starts_at <= now:
        raise Conflict("begun", _("This time has begun. If you could not come, nothing is held against you."))
    end_booking(actor=actor, booking=booking, why=EndReason.MOVED, now=now)
    MovedBooking.objects.filter(pk=moved.pk).update(given_back_at=now)
    return booking


def excuse_moved(*, now: datetime, most: int = 1000) -> int:
    """Let those go who did not come to a time that was moved: it counts neither as used nor as no-show."""
    due = MovedBooking.objects.filter(
        booking__state=BookingState.BOOKED, booking__session__ends_at__lte=now - _EXCUSED_AFTER
    )
    count = 0
    for row in due.select_related("booking__offer__union").order_by("pk")[:most]:
        try:
            end_booking(actor=system(), booking=row.booking, why=EndReason.MOVED, now=now)
        except Moved:
            continue
        MovedBooking.objects.filter(pk=row.pk).update(given_back_at=now)
        count += 1
    return count
