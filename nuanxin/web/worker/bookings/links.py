"""Where offers and remedies lead to: the one place to name a page of one's own for a kind of offer, or for a draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse

from nuanxin.bookings.queries.draws import has_draw
from nuanxin.bookings.states import OfferState, Way

if TYPE_CHECKING:
    from nuanxin.bookings.models import Offer

#: Kind of offer → name of the page, given the offer's number, that shows it instead of the ordinary one.
PAGES: Final[dict[str, str]] = {"coupon": "worker:coupon_offer"}
#: Code of a reason → name of the page where its remedy begins.
_WAYS_OUT: Final = {
    "not_a_member": "worker:join",
    "ended": "worker:join",
    "other_union": "worker:move",
    "other_group": "worker:rights",
    "other_region": "worker:rights",
    "not_proved": "worker:proof",
    "phone_not_proved": "worker:phone",
    "limit_reached": "worker:bookings",
    "not_offered": "worker:offers",
    "closed": "worker:offers",
    "cancelled": "worker:offers",
}


def offer_address(offer: Offer) -> str:
    """Return the page of an offer; of one whose places the union gives, that of what one has."""
    if offer.state == OfferState.KEPT:
        return reverse("worker:coupons")
    return reverse(PAGES.get(offer.kind, "worker:offer"), args=[offer.number])


def draw_address(offer: Offer) -> str:
    """Return the page of an offer's draw; nothing where none was announced."""
    if offer.way != Way.LOTTERY or not has_draw(offer):
        return ""
    return reverse("open:draw", args=[offer.number])


def way_out(reasons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add to reasons the page where the remedy begins, where it begins on this phone."""
    return [each | {"url": reverse(_WAYS_OUT[each["code"]]) if each["code"] in _WAYS_OUT else ""} for each in reasons]
