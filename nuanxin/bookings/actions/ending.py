"""Giving places back: by the member, by a union, by the clock; what is free then goes to who waits."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission, Scope
from nuanxin.bookings.actions.events import BookingCancelled
from nuanxin.bookings.actions.filling import fill
from nuanxin.bookings.actions.granting import give, lock_pools
from nuanxin.bookings.actions.telling import tell, tell_all
from nuanxin.bookings.models import Booking, Waiting
from nuanxin.bookings.rules.judging import may_cancel
from nuanxin.bookings.states import BOOKING_MOVES, COMING, BookingState, EndReason, WaitingState
from nuanxin.kernel.events import announce
from nuanxin.kernel.refusals import Conflict, NotFound
from nuanxin.kernel.states import Moved, move
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor


class TooLate(Conflict):
    """A place can no longer be given back by the member."""

    def __init__(self) -> None:
        super().__init__("too_late", _("It is too late to cancel here. If you cannot come, call your union: 12351."))


@transaction.atomic
def cancel(*, actor: Actor, booking_id: UUID, now: datetime, reason: str = "") -> Booking:
    """Give a place back, and keep it for the first in line. Cancelling again changes nothing.

    By the member until the offer's hour; by a machine that books for members, the same; by a cadre of the offer's or
    the member's union until the person has come, and then the member is told.

    :param reason: a cadre's, for the member to read.
    :raises NotFound: no such booking, or somebody else's.
    :raises TooLate: for the member; :raises Moved: the person has come, or did not.
    """
    booking = Booking.objects.select_related("offer__union", "session").filter(pk=booking_id).first()
    if booking is None:
        raise NotFound
    by_member = _check_may_cancel(actor, booking)
    if booking.state in (BookingState.CANCELLED, BookingState.EXPIRED):
        return booking
    starts_at = booking.session.starts_at if booking.session else None
    if (
        by_member
        and booking.state != BookingState.HELD
        and not may_cancel(
            cancel_until_hours=booking.offer.cancel_until_hours,
            session_starts_at=starts_at,
            closes_at=booking.offer.closes_at,
            now=now,
        )
    ):
        raise TooLate
    why = EndReason.OWN if by_member else EndReason.DESK
    end_booking(actor=actor, booking=booking, why=why, now=now)
    if not by_member:
        tell(booking, "cancelled", now=now, reason=reason or str(why.label))
    return booking


def _check_may_cancel(actor: Actor, booking: Booking) -> bool:
    """Answer whether the member, or a machine in the member's name, asks. :raises NotFound: neither, and no cadre."""
    if actor.kind == "worker":
        if actor.worker_id != booking.worker_id:
            raise NotFound
        return True
    if actor.kind == "client":
        actor.require_scope(Scope.BOOK)
        return True
    path = booking.offer.union.path
    if not actor.may(Permission.BOOK, at=path) and booking.union_path:
        path = booking.union_path
    actor.require(Permission.BOOK, at=path)
    return False


@transaction.atomic
def end_booking(
    *, actor: Actor, booking: Booking, why: EndReason, now: datetime, state: str = BookingState.CANCELLED
) -> None:
    """End a booking that lies ahead, give its places back, and fill them. Part of what asks who may.

    :raises Moved: it is not ahead any more.
    """
    lock_pools(booking.offer_id, booking.session_id)
    move(
        booking,
        {**BOOKING_MOVES, BookingState.NO_SHOW: frozenset(), BookingState.CHECKED_IN: frozenset()},
        state,
        ended_at=now,
        end_reason=why,
        hold_until=None,
        nth=None,
    )
    give(dict.fromkeys((booking.pool_id, *booking.caps), booking.seats))
    expired = state == BookingState.EXPIRED
    Waiting.objects.filter(booking=booking, state=WaitingState.OFFERED).update(
        state=WaitingState.EXPIRED if expired else WaitingState.LEFT, offered_until=None, ended_at=now
    )
    record(
        actor,
        f"bookings.{state}",
        booking,
        now=now,
        union_path=booking.offer.union.path,
        number=booking.number,
        why=str(why.value),
    )
    announce(
        BookingCancelled(booking.pk, booking.offer_id, booking.session_id, booking.worker_id, booking.offer.kind, now)
    )
    fill(offer_id=booking.offer_id, session_id=booking.session_id, now=now)


def expire_holds(*, actor: Actor, now: datetime, most: int = 500) -> int:
    """End holds and offered places whose time ran out, each by itself, and offer them on; return how many."""
    due = Booking.objects.filter(state=BookingState.HELD, hold_until__lte=now).order_by("hold_until", "pk")
    return sum(_expire(actor, booking, now) for booking in due.select_related("offer__union")[:most])


def _expire(actor: Actor, booking: Booking, now: datetime) -> bool:
    try:
        with transaction.atomic():
            end_booking(actor=actor, booking=booking, why=EndReason.UNCONFIRMED, now=now, state=BookingState.EXPIRED)
            tell(booking, "expired", now=now)
    except Moved:
        return False
    return True


@transaction.atomic
def end_all(*, bookings: QuerySet[Booking], why: EndReason, now: datetime, reason: str) -> int:
    """Cancel bookings together, such as those of a session that is cancelled; nobody takes the places over.

    The caller has made sure that nothing can be booked there any more, and holds the pools' locks. A few statements,
    however many there are.
    """
    ahead = bookings.filter(state__in=COMING).select_related("offer").select_for_update(of=("self",), no_key=True)
    ended = list(ahead.order_by("pk"))
    keys = [booking.pk for booking in ended]
    Booking.objects.filter(pk__in=keys).update(
        state=BookingState.CANCELLED, ended_at=now, end_reason=why, hold_until=None, nth=None
    )
    places: Counter[UUID] = Counter()
    for booking in ended:
        places.update(dict.fromkeys((booking.pool_id, *booking.caps), booking.seats))
    give(places)
    Waiting.objects.filter(booking__in=keys, state=WaitingState.OFFERED).update(
        state=WaitingState.CLOSED, offered_until=None, ended_at=now
    )
    for booking in ended:
        announce(
            BookingCancelled(
                booking.pk, booking.offer_id, booking.session_id, booking.worker_id, booking.offer.kind, now
            )
        )
    tell_all(ended, "cancelled", now=now, reason=reason)
    return len(ended)


@transaction.atomic
def close_lists(*, rows: QuerySet[Waiting], now: datetime, reason: str) -> int:
    """Take everybody off a list that leads to nothing any more, and tell them why; return how many.

    Whoever is offered a place at this moment is not among them: that place is taken, given back or expires.
    """
    listed = rows.filter(state__in=(WaitingState.APPLIED, WaitingState.WAITING)).select_for_update(
        of=("self",), no_key=True
    )
    closed = list(listed.order_by("pk"))
    Waiting.objects.filter(pk__in=[row.pk for row in closed]).update(
        state=WaitingState.CLOSED, offered_until=None, ended_at=now
    )
    tell_all(closed, "off_list", now=now, reason=reason)
    return len(closed)
