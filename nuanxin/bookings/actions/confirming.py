"""Taking a place that is kept: an own hold, or one that was offered to somebody who waited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission, Scope
from nuanxin.bookings.actions.events import Booked
from nuanxin.bookings.models import Booking, Waiting
from nuanxin.bookings.states import BOOKING_MOVES, BookingState, WaitingState
from nuanxin.kernel.events import announce
from nuanxin.kernel.refusals import Conflict, NotFound
from nuanxin.kernel.states import move
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor


class HoldOver(Conflict):
    """The time in which a kept place could be confirmed is over."""

    def __init__(self) -> None:
        super().__init__("hold_over", _("The place was kept until its time ran out. Ask again: there may be another."))


@transaction.atomic
def confirm(*, actor: Actor, booking_id: UUID, now: datetime) -> Booking:
    """Take a place that is kept. Confirming again changes nothing.

    :raises NotFound: not the actor's own, and no cadre or machine that books for members.
    :raises HoldOver: its time ran out; :raises Moved: it was cancelled meanwhile.
    """
    booking = Booking.objects.select_related("offer__union").filter(pk=booking_id).first()
    if booking is None:
        raise NotFound
    _check_may_confirm(actor, booking)
    if booking.state == BookingState.BOOKED:
        return booking
    if booking.state == BookingState.EXPIRED or (booking.hold_until is not None and booking.hold_until <= now):
        raise HoldOver
    move(booking, {str(BookingState.HELD): BOOKING_MOVES[BookingState.HELD]}, BookingState.BOOKED, hold_until=None)
    Waiting.objects.filter(booking=booking, state=WaitingState.OFFERED).update(
        state=WaitingState.TAKEN, offered_until=None, ended_at=now
    )
    record(actor, "bookings.confirmed", booking, now=now, union_path=booking.offer.union.path, number=booking.number)
    announce(Booked(booking.pk, booking.offer_id, booking.session_id, booking.worker_id, booking.offer.kind, now))
    return booking


def _check_may_confirm(actor: Actor, booking: Booking) -> None:
    if actor.kind == "worker":
        if actor.worker_id != booking.worker_id:
            raise NotFound
    elif actor.kind == "client":
        actor.require_scope(Scope.BOOK)
    else:
        path = booking.offer.union.path
        actor.require(Permission.BOOK, at=path if actor.may(Permission.BOOK, at=path) else booking.union_path or path)


def accept_waiting(*, actor: Actor, waiting_id: UUID, now: datetime) -> Booking:
    """Take the place that was offered to somebody who waited. As `confirm`.

    :raises Conflict: no place is offered now.
    """
    row = Waiting.objects.filter(pk=waiting_id).first()
    if row is None or (actor.kind == "worker" and actor.worker_id != row.worker_id):
        raise NotFound
    if row.booking_id is None or row.state not in (WaitingState.OFFERED, WaitingState.TAKEN):
        raise (
            HoldOver
            if row.state == WaitingState.EXPIRED
            else Conflict("not_offered", _("No place is kept for you at the moment."))
        )
    return confirm(actor=actor, booking_id=row.booking_id, now=now)
