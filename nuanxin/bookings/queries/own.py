"""A member's own bookings, and what the member waits for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nuanxin.bookings.models import Booking, Waiting
from nuanxin.bookings.rules.judging import cancel_until
from nuanxin.bookings.states import COMING, LISTED, BookingState
from nuanxin.kernel.refusals import NotFound, NotSignedIn

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor

#: Most bookings of one page.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Own:
    """Everything a member has booked, and waits for."""

    coming: list[Booking]
    past: list[Booking]
    ended: list[Booking]
    waiting: list[Waiting]


def own_bookings(actor: Actor, *, now: datetime) -> Own:
    """Return what the signed-in member has booked; what comes next first. Two statements.

    :raises NotSignedIn: no worker is signed in.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    rows = Booking.objects.filter(worker=actor.worker_id).select_related("offer__union", "session", "pool__share")
    found = list(rows.order_by("-pk")[:_MOST])
    coming = [each for each in found if _is_ahead(each, now)]
    ended = [each for each in found if each.state in (BookingState.CANCELLED, BookingState.EXPIRED)]
    past = [each for each in found if each not in coming and each not in ended]
    coming.sort(key=lambda each: each.session.starts_at if each.session else each.offer.closes_at)
    waiting = Waiting.objects.filter(worker=actor.worker_id, state__in=LISTED).select_related("offer", "session")
    return Own(coming, past, ended, list(waiting.order_by("joined_at", "pk")))


def _is_ahead(booking: Booking, now: datetime) -> bool:
    return booking.state in COMING and (booking.session is None or booking.session.ends_at > now)


def own_booking(actor: Actor, number: str) -> Booking:
    """Return one booking of the signed-in member.

    :raises NotSignedIn: no worker is signed in; :raises NotFound: no such booking, or somebody else's.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    rows = Booking.objects.select_related("offer__union", "session", "pool__share")
    found = rows.filter(number=number, worker=actor.worker_id).first()
    if found is None:
        raise NotFound
    return found


def own_waiting(actor: Actor, pk: UUID) -> Waiting:
    """Return what the signed-in member waits for. :raises NotSignedIn, NotFound: as `own_booking`."""
    if actor.worker_id is None:
        raise NotSignedIn
    rows = Waiting.objects.select_related("offer__union", "session", "booking")
    found = rows.filter(pk=pk, worker=actor.worker_id).first()
    if found is None:
        raise NotFound
    return found


def latest_booking(actor: Actor, offer_id: UUID) -> Booking | None:
    """Return the signed-in member's last booking of an offer, however it ended."""
    return Booking.objects.filter(worker=actor.worker_id, offer=offer_id).order_by("-pk").first()


def last_moment(booking: Booking) -> datetime:
    """Return until when a member may give a booking back."""
    starts_at = booking.session.starts_at if booking.session else None
    return cancel_until(booking.offer.cancel_until_hours, starts_at, booking.offer.closes_at)
