"""Whoever came was served: written as a delivery, once, in the transaction of the arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.access.actors import system
from nuanxin.bookings.models import Offer, Session
from nuanxin.catalog.actions import deliver
from nuanxin.kernel.clock import local_day

if TYPE_CHECKING:
    from nuanxin.activities.actions.events import ArrivalStood
    from nuanxin.bookings.actions.events import CheckedIn


def deliver_check_in(event: CheckedIn) -> None:
    """Write that somebody got what was booked, where the offer names a service of the catalog."""
    service = Offer.objects.values_list("service", flat=True).filter(pk=event.offer_id).first()
    if not service:
        return
    session = Session.objects.filter(pk=event.session_id).first() if event.session_id else None
    deliver(
        actor=system(),
        service=service,
        worker_id=event.worker_id,
        source_kind="booking",
        source_id=str(event.booking_id),
        place=session.place if session else "",
        place_en=session.place_en if session else "",
        now=event.at,
        day=local_day(event.at),
    )


def deliver_arrival(event: ArrivalStood) -> None:
    """Write that somebody was served at the bus, as a cadre decided."""
    if event.service:
        deliver(
            actor=system(),
            service=event.service,
            worker_id=event.worker_id,
            source_kind="arrival",
            source_id=str(event.arrival_id),
            place=event.place,
            place_en=event.place_en,
            now=event.at,
            day=local_day(event.at),
        )
