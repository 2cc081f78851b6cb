"""Coming, and not coming."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.bookings.actions.events import CheckedIn, NoShow
from nuanxin.bookings.actions.granting import constraint_of
from nuanxin.bookings.models import Booking
from nuanxin.bookings.rules.arriving import NO_SHOW_AFTER, check_window
from nuanxin.bookings.rules.judging import barred_from
from nuanxin.bookings.states import BOOKING_MOVES, BookingState, NoShowRule
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.events import announce
from nuanxin.kernel.refusals import Conflict, NotFound
from nuanxin.kernel.states import Moved, move
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor


class AlreadyIn(Conflict):
    """Somebody was checked in before: says when."""

    def __init__(self, at: datetime | None) -> None:
        when = f"{at.astimezone(ZONE):%H:%M}" if at else ""
        super().__init__("already_checked_in", _("Already checked in at %(when)s.") % {"when": when})
        self.at = at


@transaction.atomic
def check_in(
    *, actor: Actor, booking_id: UUID, now: datetime, at: datetime | None = None, any_hour: bool = False
) -> Booking:
    """Write down that a person has come; once.

    :param at: when the person came, where a device without network tells it later; now, otherwise.
    :param any_hour: somebody decided that the person was served, at whatever hour that was.
    :raises NotFound: no such booking, or out of reach; :raises NotAllowed: without the permission.
    :raises AlreadyIn: checked in before; :raises Moved: cancelled, or only held.
    :raises Conflict: too early, the session is over, the moment lies in the future, or has booked again since.
    """
    booking = Booking.objects.select_related("offer__union", "session").filter(pk=booking_id).first()
    if booking is None:
        raise NotFound
    actor.require(Permission.CHECK_IN, at=booking.offer.union.path)
    if booking.state == BookingState.CHECKED_IN:
        raise AlreadyIn(booking.checked_in_at)
    came = at or now
    session = booking.session
    check_window(
        came=came,
        now=now,
        starts_at=session.starts_at if session and not any_hour else None,
        ends_at=session.ends_at if session and not any_hour else None,
        early=timedelta(minutes=booking.offer.early_minutes),
    )
    try:
        # told of after having been noted as absent: the only move into what a person has one of
        with transaction.atomic() if booking.state == BookingState.NO_SHOW else nullcontext():
            move(booking, BOOKING_MOVES, BookingState.CHECKED_IN, checked_in_at=came, barred_until=None)
    except IntegrityError as error:
        if constraint_of(error) != "booking_once_per_person":
            raise
        raise Conflict("booked_again", _("This person has booked again since: check in that booking.")) from error
    except Moved as moved:
        if moved.current == BookingState.CHECKED_IN:
            raise AlreadyIn(Booking.objects.values_list("checked_in_at", flat=True).get(pk=booking.pk)) from moved
        raise
    record(actor, "bookings.checked_in", booking, now=now, union_path=booking.offer.union.path, number=booking.number)
    announce(CheckedIn(booking.pk, booking.offer_id, booking.session_id, booking.worker_id, booking.offer.kind, came))
    return booking


def mark_no_shows(*, actor: Actor, now: datetime, most: int = 20_000) -> int:
    """Write down who did not come to a session that ended a day ago, as each offer's rule says; return how many.

    A day, because devices without network tell of that day's people until then; whoever is told of later is checked
    in after all.
    """
    due = Booking.objects.filter(state=BookingState.BOOKED, session__ends_at__lte=now - NO_SHOW_AFTER)
    count = 0
    for booking in due.select_related("offer__union").order_by("pk")[:most]:
        count += _mark(actor, booking, now)
    return count


@transaction.atomic
def _mark(actor: Actor, booking: Booking, now: datetime) -> bool:
    offer = booking.offer
    changes: dict[str, Any] = {"barred_until": barred_from(offer.no_show, offer.bar_days, now)}
    if offer.no_show == NoShowRule.FREE:
        changes["nth"] = None
    try:
        move(booking, BOOKING_MOVES, BookingState.NO_SHOW, **changes)
    except Moved:
        return False
    record(actor, "bookings.no_show", booking, now=now, union_path=offer.union.path, number=booking.number)
    announce(NoShow(booking.pk, booking.offer_id, booking.session_id, booking.worker_id, offer.kind, now))
    return True
