"""Calendars to subscribe to: a member's own by a secret link, a union's and an area's by open ones."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from nuanxin.activities.models import CalendarFeed, Event
from nuanxin.activities.rules.calendars import Entry
from nuanxin.bookings.models import Booking, Session
from nuanxin.bookings.states import SHOWN, BookingState, OfferState, SessionState
from nuanxin.kernel.refusals import NotFound, NotSignedIn
from nuanxin.kernel.secrets import digest

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Union

#: How long what is over stays in a calendar, and entries of one calendar at most.
_KEPT: Final = timedelta(days=60)
_MOST: Final = 1000
_MINE: Final = (BookingState.HELD, BookingState.BOOKED, BookingState.CHECKED_IN, BookingState.CANCELLED)


def token_digest(token: str) -> bytes:
    """Return the blind index of a calendar's secret."""
    return digest("calendar", token)


def live_feed(actor: Actor) -> CalendarFeed | None:
    """Return the link that the signed-in worker has, if any; its secret was shown once.

    :raises NotSignedIn: no worker is signed in.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    return CalendarFeed.objects.filter(worker=actor.worker_id, revoked_at=None).first()


def feed_by_token(token: str, *, now: datetime) -> CalendarFeed:
    """Return the link with a secret, and note that a calendar asked for it.

    :raises NotFound: unknown, or shut.
    """
    found = CalendarFeed.objects.filter(token_digest=token_digest(token), revoked_at=None).first()
    if found is None:
        raise NotFound
    CalendarFeed.objects.filter(pk=found.pk).update(used_at=now)
    return found


def own_entries(feed: CalendarFeed, *, now: datetime) -> list[Entry]:
    """Return what a member has booked, with what was given back or cancelled of late, so that calendars drop it."""
    rows = Booking.objects.filter(worker=feed.worker_id, state__in=_MINE, session__ends_at__gt=now - _KEPT)
    found = rows.select_related("offer", "session").order_by("session__starts_at", "pk")[:_MOST]
    return [
        _entry(
            f"booking-{each.pk}",
            each.offer.name,
            each.session,
            changed_at=each.ended_at or each.booked_at,
            path=f"/bookings/{each.number}/",
            cancelled=each.state == BookingState.CANCELLED or each.offer.state == OfferState.CANCELLED,
        )
        for each in found
        if each.session is not None
    ]


def union_entries(union: Union, *, now: datetime) -> list[Entry]:
    """Return the announced events of a union and of every one below it."""
    return _entries(Event.objects.filter(offer__union__path__startswith=union.path), now)


def area_entries(code: str, *, now: datetime) -> list[Entry]:
    """Return the announced events in an area, such as a city: by the place of each, else by the union's."""
    here = Q(offer__sessions__region__code__startswith=code)
    return _entries(Event.objects.filter(here | Q(offer__union__region__code__startswith=code)).distinct(), now)


def _entries(events: QuerySet[Event], now: datetime) -> list[Entry]:
    shown = events.filter(offer__state__in=(*SHOWN, OfferState.ENDED, OfferState.CANCELLED))
    found = shown.filter(offer__sessions__ends_at__gt=now - _KEPT).select_related("offer").order_by("-pk")[:_MOST]
    rows = {event.offer_id: event for event in found}
    entries = []
    for session in Session.objects.filter(offer__in=list(rows)).order_by("starts_at", "pk"):
        event = rows[session.offer_id]
        entries.append(
            _entry(
                f"event-{event.pk}",
                event.offer.name,
                session,
                changed_at=event.offer.created_at,
                path=f"/offers/{event.offer.number}/",
                cancelled=event.offer.state == OfferState.CANCELLED,
            )
        )
    return entries


def _entry(uid: str, name: str, session: Session, *, changed_at: datetime, path: str, cancelled: bool) -> Entry:
    return Entry(
        uid=uid,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        summary=name,
        changed_at=changed_at,
        place=session.place,
        about=_("Show your member code at the door."),
        url=f"{settings.NUANXIN_BASE_URL}{path}",
        is_cancelled=cancelled or session.state == SessionState.CANCELLED,
    )
