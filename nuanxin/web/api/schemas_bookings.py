"""What goes in and comes out around offers and bookings."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field

from nuanxin.web.api.schemas import Named, Text


class OfferOut(Schema):
    """Something scarce that is offered."""

    id: str
    number: str
    kind: str = Field(description="`check_up`, `recuperation`, `event`, `coupon`, `pack` …")
    name: str
    union: Named
    service: str | None
    way: str = Field(description="`first_come`, `priority` or `lottery`.")
    state: str
    opens_at: str
    closes_at: str
    waits: bool = Field(description="Whether there is a waiting list.")
    most_seats: int
    who: list[str] = Field(description="Who may take part, in words.")


class OfferPage(Schema):
    """Some offers, newest first."""

    items: list[OfferOut]
    next: str | None


class SessionOut(Schema):
    """One time and place of an offer."""

    id: str
    starts_at: str
    ends_at: str
    place: str
    free: int = Field(description="Places left, without those kept for people who come without a booking.")


class SessionPage(Schema):
    """Some sessions, by time."""

    items: list[SessionOut]
    next: str | None


class ReasonOut(Schema):
    """One reason against it, and what to do."""

    code: str
    message: str
    remedy: str
    until: str | None = Field(description="When it ends by itself, where it does: a day or a moment.")


class EligibilityOut(Schema):
    """What would become of a wish."""

    eligible: bool = Field(description="Whether this person may take part; `failed` says every reason why not.")
    failed: list[ReasonOut]
    outcome: str = Field(description="What asking now would give: `booked`, `waiting`, `entered` or `refused`.")
    full: list[ReasonOut] = Field(description="Why there is no place now, for somebody who may take part.")


class BookingIn(Schema):
    """A wish for a place."""

    member_number: Text | None = Field(None, description="The member; a worker asks for himself without it.")
    session: UUID | None = Field(None, description="Id of a session, where the offer has any.")
    seats: Annotated[int, Field(ge=1, le=20)] = Field(1, description="The member and companions.")
    employer_check_up: bool | None = Field(
        None, description="Stated by the member: gives points where priority decides."
    )


class OutcomeOut(Schema):
    """What became of a wish."""

    outcome: str = Field(description="`booked`, `held` (confirm it until `until`), `waiting`, `entered` or `refused`.")
    message: str
    booking: str | None = Field(description="Id of the booking, for `booked` and `held`.")
    number: str | None
    until: str | None
    waiting: str | None = Field(description="Id of the place on the list, for `waiting` and `entered`.")
    ticket: str | None = Field(description="Number in the draw, for `entered` into a lottery.")
    reasons: list[ReasonOut] = Field(description="Every reason, for `refused`.")


class BookingOut(Schema):
    """A booking."""

    id: str
    number: str
    offer: str
    session: str | None
    state: str
    state_name: str
    seats: int
    starts_at: str | None
    ended_at: str | None
