"""What the hour does by itself: opens, closes, releases, fills, ends. Each by itself, idempotent."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext as _

from nuanxin.access.actors import system
from nuanxin.bookings.actions.ending import close_lists
from nuanxin.bookings.actions.filling import fill
from nuanxin.bookings.actions.offers import begin_offer, close_offer, end_offer
from nuanxin.bookings.actions.pools import release_share
from nuanxin.bookings.actions.telling import tell_booked
from nuanxin.bookings.models import Booking, Offer, Share, Waiting
from nuanxin.bookings.queries.wanted import sessions_to_fill
from nuanxin.bookings.rules.arriving import NO_SHOW_AFTER
from nuanxin.bookings.states import GIVING, BookingState, OfferState, ShareKind, WaitingState
from nuanxin.kernel.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

#: People told in one go, between which the work may be taken up anew.
_AT_ONCE = 500


def turn_offers(*, now: datetime) -> int:
    """Open offers whose hour has come, close those whose last has passed, release shares; return how many.

    People are let in and turned away by the hour itself, to the microsecond; here the state follows.
    """
    count = 0
    for offer in _offers(state=OfferState.ANNOUNCED, opens_at__lte=now):
        count += _done(partial(begin_offer, actor=system(), offer=offer, now=now))
    for offer in _offers(state=OfferState.OPEN, closes_at__lte=now):
        count += _done(partial(close_offer, actor=system(), offer=offer, now=now))
    due = Share.objects.filter(
        releases_at__lte=now,
        released_at=None,
        kind__in=(ShareKind.RESERVED, ShareKind.WALK_IN),
        offer__state__in=GIVING,
    )
    for share in due.select_related("offer__union").order_by("pk"):
        count += _done(partial(release_share, actor=system(), share=share, now=now))
    return count


def _offers(**conditions: object) -> list[Offer]:
    return list(Offer.objects.filter(**conditions).select_related("union").order_by("pk"))


def _done(work: Callable[[], object]) -> bool:
    """Do one thing by itself; somebody who was quicker is no fault."""
    try:
        work()
    except Refusal:
        return False
    return True


def fill_free(*, now: datetime) -> int:
    """Offer free places that somebody may wait for: those of shares whose hour has come; return how many.

    Only sessions that somebody waits for are locked: in a rush the others go on undisturbed.
    """
    waits = Waiting.objects.filter(offer=OuterRef("pk"), state=WaitingState.WAITING)
    offers = Offer.objects.filter(Exists(waits), state__in=GIVING).order_by("pk").values_list("pk", flat=True)
    return sum(
        fill(offer_id=offer, session_id=session, now=now)
        for offer in offers
        for session in sessions_to_fill(offer, now)
    )


def close_past_lists(*, now: datetime) -> int:
    """Take those off the list who wait for a session that has begun, and tell them; return how many."""
    begun = Waiting.objects.filter(state=WaitingState.WAITING, session__starts_at__lte=now)
    return close_lists(rows=begun, now=now, reason=_("It has begun, and no place came free"))


def end_offers(*, now: datetime) -> int:
    """End offers whose last session was two days ago; return how many."""
    over = (
        Offer.objects.filter(state__in=(OfferState.CLOSED, OfferState.DRAWN))
        .annotate(last=Max("sessions__ends_at"))
        .filter(last__lte=now - NO_SHOW_AFTER - timedelta(days=1))
    )
    return sum(
        _done(partial(end_offer, actor=system(), offer=offer, now=now))
        for offer in over.select_related("union").order_by("pk")
    )


def tell_allocated(*, offer_id: UUID, at: datetime, now: datetime) -> int:
    """Tell everybody whom an allocation gave a place; return how many. May be done again: nobody is told twice."""
    bookings = Booking.objects.filter(offer=offer_id, booked_at=at, state=BookingState.BOOKED, group=None)
    count, last = 0, None
    while True:
        page = bookings.order_by("pk")
        some = list((page.filter(pk__gt=last) if last else page)[:_AT_ONCE])
        for booking in some:
            tell_booked(booking, now=now, fact=f"allocated {booking.pk}")
        count += len(some)
        if len(some) < _AT_ONCE:
            return count
        last = some[-1].pk
