"""Telling a member about a place: by the member's own ways, in the transaction of the act."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from django.conf import settings

from nuanxin.bookings.models import Offer, Session
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.models import Worker
from nuanxin.messages.actions import Telling, send_text, send_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from nuanxin.bookings.models import Booking, Waiting

#: Where a member finds the own bookings.
_PAGE = "/bookings/"
#: People of whom is read in one go.
_AT_ONCE = 1000


def tell(
    booking: Booking, template: str, *, now: datetime, reason: str = "", fact: str = "", to: UUID | None = None
) -> None:
    """Tell a member about a booking: `booking.<template>`; whoever has no phone now is not told.

    :param fact: names the fact, where it may be told again: then it is told once.
    :param to: the person who is told, where that is not whose record it was booked with.
    """
    worker = Worker.objects.only("sealed_key", "sealed_phone").get(pk=to or booking.worker_id)
    if not worker.sealed_phone:
        return
    offer = Offer.objects.only("name", "union_id").get(pk=booking.offer_id)
    session = Session.objects.filter(pk=booking.session_id).first() if booking.session_id else None
    send_text(
        phone=PersonKey(worker.sealed_key).unseal(worker.sealed_phone),
        template=f"booking.{template}",
        values=_values(offer, session, booking.hold_until, reason),
        union_id=offer.union_id,
        fact=fact,
        now=now,
    )


def tell_all(rows: Iterable[Booking | Waiting], template: str, *, now: datetime, reason: str) -> None:
    """Tell many people one thing about what they booked or waited for; a few statements for each thousand."""
    rest = iter(rows)
    while some := list(islice(rest, _AT_ONCE)):
        send_texts(_tellings(some, template, now, reason), template=f"booking.{template}", now=now)


def _tellings(rows: list[Booking | Waiting], template: str, now: datetime, reason: str) -> Iterator[Telling]:
    people = Worker.objects.only("sealed_key", "sealed_phone").in_bulk({row.worker_id for row in rows})
    offers = Offer.objects.only("name", "union_id").in_bulk({row.offer_id for row in rows})
    sessions = Session.objects.in_bulk({row.session_id for row in rows if row.session_id})
    for row in rows:
        worker, offer = people[row.worker_id], offers[row.offer_id]
        if not worker.sealed_phone:
            continue
        session = sessions.get(row.session_id) if row.session_id else None
        yield Telling(
            phone=PersonKey(worker.sealed_key).unseal(worker.sealed_phone),
            values=_values(offer, session, getattr(row, "hold_until", None), reason),
            fact=f"{template} {row.pk} {now.isoformat()}",
            union_id=offer.union_id,
        )


def _values(offer: Offer, session: Session | None, until: datetime | None, reason: str) -> dict[str, Any]:
    return {
        "name": offer.name,
        "when": clock(session.starts_at) if session else "",
        "place": session.place if session else "",
        "until": clock(until),
        "reason": reason,
        "link": f"{settings.NUANXIN_BASE_URL}{_PAGE}",
    }


def tell_booked(booking: Booking, *, now: datetime, fact: str = "") -> None:
    """Tell a member of a place that somebody else asked for, or that priority or a draw gave."""
    tell(booking, "booked_session" if booking.session_id else "booked", now=now, fact=fact)


def tell_offered(booking: Booking, *, now: datetime) -> None:
    """Tell somebody who waits that a place is kept, and until when."""
    tell(booking, "offered", now=now)


def clock(moment: datetime | None) -> str:
    """Return a moment as it is told: local, to the minute."""
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}" if moment else ""
