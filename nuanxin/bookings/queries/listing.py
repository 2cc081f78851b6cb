"""Offers and sessions page by page, for machines and for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from nuanxin.bookings.models import Booking, Offer, Session
from nuanxin.bookings.states import SHOWN, SessionState, ShareKind
from nuanxin.kernel.refusals import Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class OfferPage:
    """Some offers, newest first, and where the next page begins."""

    items: Sequence[Offer]
    next: str | None


@dataclass(frozen=True, slots=True)
class SessionPage:
    """Some sessions by time, and where the next page begins."""

    items: Sequence[Session]
    next: str | None


def offers_page(*, now: datetime, kind: str = "", after: str = "", most: int = 50) -> OfferPage:
    """Return what is shown to people and not over yet, newest first.

    :raises Invalid: a cursor that was never given.
    """
    rows = Offer.objects.filter(Q(closes_at__gt=now) | Q(sessions__ends_at__gt=now), state__in=SHOWN).distinct()
    if kind:
        rows = rows.filter(kind=kind)
    if after:
        rows = rows.filter(pk__lt=_key(after))
    items = list(rows.select_related("union").order_by("-pk")[: most + 1])
    return OfferPage(items[:most], str(items[most - 1].pk) if len(items) > most else None)


def sessions_page(*, offer_id: UUID, now: datetime, after: str = "", most: int = 50) -> SessionPage:
    """Return the sessions ahead of an offer that people see, each with `free`: places left that are not walk-in ones.

    :raises NotFound: no such offer; :raises Invalid: a cursor that was never given.
    """
    if not Offer.objects.filter(pk=offer_id, state__in=SHOWN).exists():
        raise NotFound
    rows = Session.objects.filter(offer=offer_id, state=SessionState.PLANNED, starts_at__gt=now)
    if after:
        last = rows.model.objects.filter(pk=_key(after), offer=offer_id).first()
        if last is None:
            raise Invalid("bad_cursor", _("This cursor was never given."), field="cursor")
        rows = rows.filter(Q(starts_at__gt=last.starts_at) | Q(starts_at=last.starts_at, pk__gt=last.pk))
    left = Sum(
        F("pools__capacity") - F("pools__taken"), filter=~Q(pools__share__kind__in=(ShareKind.WALK_IN, ShareKind.MOST))
    )
    items = list(rows.annotate(free=Coalesce(left, 0)).order_by("starts_at", "pk")[: most + 1])
    return SessionPage(items[:most], str(items[most - 1].pk) if len(items) > most else None)


def _key(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError:
        raise Invalid("bad_cursor", _("This cursor was never given."), field="cursor") from None


def booking_with_offer(booking_id: UUID) -> Booking:
    """Return a booking with what is told of it; the caller has asked who may. :raises NotFound: there is none."""
    found = Booking.objects.select_related("offer__union", "session").filter(pk=booking_id).first()
    if found is None:
        raise NotFound
    return found
