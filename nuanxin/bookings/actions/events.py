"""What this floor announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class _OfBooking:
    """Something happened to a booking."""

    booking_id: UUID
    offer_id: UUID
    session_id: UUID | None
    worker_id: UUID
    #: Code of the package above whose offer it is.
    kind: str
    at: datetime


class Booked(_OfBooking):
    """Somebody has a place for certain."""


class BookingCancelled(_OfBooking):
    """A place was given back, or was not confirmed in time."""


class CheckedIn(_OfBooking):
    """Somebody came."""


class NoShow(_OfBooking):
    """Somebody did not come."""


@dataclass(frozen=True, slots=True)
class OfferClosed:
    """Nobody may ask for places of an offer any more."""

    offer_id: UUID
    kind: str
    way: str
    at: datetime
