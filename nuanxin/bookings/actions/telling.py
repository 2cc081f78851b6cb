"""Telling a member about a place: by the member's own ways, in the transaction of the act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from nuanxin.bookings.models import Offer, Session
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.models import Worker
from nuanxin.messages.actions import send_text

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.bookings.models import Booking

#: Where a member finds the own bookings.
_PAGE = "/bookings/"


def tell(booking: Booking, template: str, *, now: datetime, reason: str = "", fact: str = "") -> None:
    """Tell a member about a booking: `booking.<template>`; whoever has no phone now is not told.

    :param fact: names the fact, where it may be told again: then it is told once.
    """
    worker = Worker.objects.only("sealed_key", "sealed_phone").get(pk=booking.worker_id)
    if not worker.sealed_phone:
        return
    offer = Offer.objects.only("name", "union_id").get(pk=booking.offer_id)
    session = Session.objects.filter(pk=booking.session_id).first() if booking.session_id else None
    send_text(
        phone=PersonKey(worker.sealed_key).unseal(worker.sealed_phone),
        template=f"booking.{template}",
        values={
            "name": offer.name,
            "when": clock(session.starts_at) if session else "",
            "place": session.place if session else "",
            "until": clock(booking.hold_until),
            "reason": reason,
            "link": f"{settings.NUANXIN_BASE_URL}{_PAGE}",
        },
        union_id=offer.union_id,
        fact=fact,
        now=now,
    )


def tell_booked(booking: Booking, *, now: datetime, fact: str = "") -> None:
    """Tell a member of a place that somebody else asked for, or that priority or a draw gave."""
    tell(booking, "booked_session" if booking.session_id else "booked", now=now, fact=fact)


def tell_offered(booking: Booking, *, now: datetime) -> None:
    """Tell somebody who waits that a place is kept, and until when."""
    tell(booking, "offered", now=now)


def clock(moment: datetime | None) -> str:
    """Return a moment as it is told: local, to the minute."""
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}" if moment else ""
