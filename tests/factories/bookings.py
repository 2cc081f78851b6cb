"""Offers with places, straight through the actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from nuanxin.access.actors import system
from nuanxin.bookings.actions.offers import Draft, announce_offer, make_offer
from nuanxin.bookings.actions.places import EVERYBODY, SessionDraft, ShareDraft, divide_places
from nuanxin.bookings.models import Offer, Session
from tests.factories import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nuanxin.organizations.models import Union


def make_open_offer(
    *,
    union: Union,
    places: int = 0,
    sessions: Sequence[SessionDraft] = (),
    shares: Sequence[ShareDraft] = (EVERYBODY,),
    announced: bool = True,
    **fields: Any,
) -> Offer:
    """Make an offer that is open at NOW, for a week."""
    values: dict[str, Any] = {
        "kind": "check_up",
        "name": "新就业形态劳动者免费体检",
        "name_en": "Free check-up",
        "opens_at": NOW - timedelta(hours=1),
        "closes_at": NOW + timedelta(days=7),
    } | fields
    offer = make_offer(actor=system(), union=union, draft=Draft(**values), now=NOW)
    if not sessions and not places:
        places = 10
    divide_places(actor=system(), offer=offer, shares=shares, sessions=sessions, places=places, now=NOW)
    return announce_offer(actor=system(), offer=offer, now=NOW) if announced else offer


def a_session(
    *, places: int = 10, starts_at: datetime = NOW + timedelta(days=10), hours: float = 1, place: str = "东昌府区总工会"
) -> SessionDraft:
    """Describe a session of an hour, ten days from now."""
    return SessionDraft(starts_at, starts_at + timedelta(hours=hours), places, place)


def sessions_of(offer: Offer) -> list[Session]:
    """Return an offer's sessions by time."""
    return list(offer.sessions.order_by("starts_at", "pk"))
