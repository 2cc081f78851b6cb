"""What is offered, who may have it and why not, booking and giving back: `/offers`, `/bookings`."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from nuanxin.benefits.actions.line import NotInLine
from nuanxin.benefits.queries.line import is_lined
from nuanxin.bookings.actions.booking import book, book_for_member, eligibility
from nuanxin.bookings.actions.ending import cancel
from nuanxin.bookings.actions.outcomes import Outcome, Wish
from nuanxin.bookings.models import Booking, Offer
from nuanxin.bookings.queries.draws import ticket_of
from nuanxin.bookings.queries.listing import booking_with_offer, offers_page, sessions_page
from nuanxin.bookings.rules.eligibility import Failed
from nuanxin.bookings.rules.eligibility import described as in_words
from nuanxin.bookings.states import Answer, BookingState, Way
from nuanxin.kernel.refusals import Invalid, NotFound, NotSignedIn
from nuanxin.web.api.described import described
from nuanxin.web.api.schemas import PageSize, Text
from nuanxin.web.api.schemas_bookings import (
    BookingIn,
    BookingOut,
    EligibilityOut,
    OfferPage,
    OutcomeOut,
    SessionPage,
)
from nuanxin.web.api.words import answer, is_english, moment, named
from nuanxin.web.kit.requests import Request

router = Router(tags=["bookings"])
_LONGEST_KEY = 200
_WHO = "the member; machine with bookings.write, naming the member; cadre who books for members there"


_BOOK = described(
    "Ask for a place",
    200,
    OutcomeOut,
    who=_WHO,
    problems=(400, 401, 403, 404, 409, 413, 422),
    example="outcome",
)
#: Read from the request as it is: the interface's own reading of headers costs as much as judging the wish.
_BOOK["openapi_extra"] |= {
    "parameters": [
        {
            "in": "header",
            "name": "Idempotency-Key",
            "required": True,
            "schema": {"title": "Idempotency-Key", "type": "string", "minLength": 1, "maxLength": _LONGEST_KEY},
        }
    ]
}


@router.post("/offers/{offer_id}/bookings", **_BOOK)
def book_place(request: Request, offer_id: UUID, body: BookingIn) -> HttpResponse:
    """Book a place, join the waiting list, or enter; or hear every reason why not.

    Sent again with the same Idempotency-Key, the first answer comes again, also after the place was given back.
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if not 0 < len(key) <= _LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Invalid("bad_idempotency_key", _("A key has 1 to 200 printable characters."), field="Idempotency-Key")
    if is_lined(offer_id):
        raise NotInLine
    said = None if body.employer_check_up is None else {"employer_check_up": body.employer_check_up}
    asked: dict[str, Any] = {"offer": offer_id, "session": body.session, "now": request.now}
    if body.member_number is not None:
        whose = request.holder.key if request.holder else str(request.actor.source_id or request.actor.account_id)
        wish = Wish(seats=body.seats, said=said, request=_digest(whose, key))
        outcome = book_for_member(actor=request.holder or request.actor, number=body.member_number, wish=wish, **asked)
    else:
        worker = request.actor.worker_id
        if worker is None:
            raise (
                NotSignedIn
                if request.actor.kind == "anonymous"
                else Invalid("missing", _("Please name the member."), field="member_number")
            )
        wish = Wish(seats=body.seats, said=said, request=_digest(str(worker), key))
        outcome = book(actor=request.actor, worker=worker, wish=wish, **asked)
    return answer(_outcome(outcome))


@router.get(
    "/offers",
    **described("List what is offered", 200, OfferPage, who="anybody", problems=(400, 401, 422), example="offer_page"),
)
def list_offers(
    request: Request, kind: Text | None = None, cursor: Text | None = None, limit: PageSize = 50
) -> HttpResponse:
    """Return what is offered and not over yet, newest first."""
    page = offers_page(now=request.now, kind=kind or "", after=cursor or "", most=limit)
    return answer({"items": [_offer(each) for each in page.items], "next": page.next})


@router.get(
    "/offers/{offer_id}/sessions",
    **described(
        "List the sessions of an offer",
        200,
        SessionPage,
        who="anybody",
        problems=(400, 401, 404, 422),
        example="session_page",
    ),
)
def list_sessions(request: Request, offer_id: UUID, cursor: Text | None = None, limit: PageSize = 50) -> HttpResponse:
    """Return the sessions ahead by time, with the places that are left now."""
    page = sessions_page(offer_id=offer_id, now=request.now, after=cursor or "", most=limit)
    items = [
        {
            "id": str(each.pk),
            "starts_at": moment(each.starts_at),
            "ends_at": moment(each.ends_at),
            "place": (each.place_en if is_english() else "") or each.place,
            "free": each.free,  # type: ignore[attr-defined] # counted by the query
        }
        for each in page.items
    ]
    return answer({"items": items, "next": page.next})


@router.get(
    "/offers/{offer_id}/eligibility",
    **described(
        "Ask who may have a place, and why not",
        200,
        EligibilityOut,
        who=_WHO,
        problems=(400, 401, 403, 404, 422),
        example="eligibility",
    ),
)
def offer_eligibility(
    request: Request, offer_id: UUID, member_number: Text | None = None, session: UUID | None = None
) -> HttpResponse:
    """Return every check that the member fails, each with its remedy, and what asking now would give."""
    terms, _standing, verdict = eligibility(
        actor=request.actor, offer=offer_id, session=session, number=member_number or "", now=request.now
    )
    if verdict.failed:
        outcome = Answer.REFUSED
    elif terms.way != Way.FIRST_COME:
        outcome = Answer.ENTERED
    elif verdict.own is not None or verdict.choices:
        outcome = Answer.BOOKED
    else:
        outcome = Answer.WAITING if terms.waits else Answer.REFUSED
    return answer(
        {
            "eligible": not verdict.failed,
            "failed": [_reason(each) for each in verdict.failed],
            "outcome": outcome.value,
            "full": [] if verdict.failed or terms.way != Way.FIRST_COME else [_reason(each) for each in verdict.full],
        }
    )


def _digest(whose: str, key: str) -> bytes:
    return sha256(f"{whose}\0{key}".encode()).digest()[:20]


@router.post(
    "/bookings/{booking_id}/cancel",
    **described(
        "Give a place back",
        200,
        BookingOut,
        who="the member; machine with bookings.write; cadre who books for members there",
        problems=(400, 401, 403, 404, 409, 422),
        example="booking",
    ),
)
def cancel_booking(request: Request, booking_id: UUID) -> HttpResponse:
    """Give a place back; it goes to who waits longest. Asked again, nothing changes."""
    if request.actor.kind == "anonymous":
        raise NotSignedIn
    if request.actor.kind == "device":
        raise NotFound
    cancel(actor=request.actor, booking_id=booking_id, now=request.now)
    return answer(_booking(booking_with_offer(booking_id)))


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "id": str(offer.pk),
        "number": offer.number,
        "kind": offer.kind,
        "name": (offer.name_en if is_english() else "") or offer.name,
        "union": named(offer.union.code, offer.union.name, offer.union.name_en),
        "service": offer.service or None,
        "way": offer.way,
        "state": offer.state,
        "opens_at": moment(offer.opens_at),
        "closes_at": moment(offer.closes_at),
        "waits": offer.waits,
        "most_seats": offer.most_seats,
        "who": [str(in_words(check)) for check in offer.checks],
    }


def _reason(failed: Failed) -> dict[str, Any]:
    return {
        "code": failed.code,
        "message": str(failed.words),
        "remedy": str(failed.remedy),
        "until": _until(failed.until),
    }


def _until(until: date | datetime | None) -> str | None:
    return moment(until) if isinstance(until, datetime) else str(until) if until else None


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "outcome": outcome.answer.value,
        "message": str(outcome.answer.label),
        "booking": str(outcome.booking_id) if outcome.booking_id else None,
        "number": outcome.number or None,
        "until": moment(outcome.until),
        "waiting": str(outcome.waiting_id) if outcome.waiting_id else None,
        "ticket": ticket_of(outcome.waiting_id) or None
        if outcome.answer == Answer.ENTERED and outcome.waiting_id
        else None,
        "reasons": [_reason(each) for each in outcome.reasons],
    }


def _booking(booking: Booking) -> dict[str, Any]:
    return {
        "id": str(booking.pk),
        "number": booking.number,
        "offer": str(booking.offer_id),
        "session": str(booking.session_id) if booking.session_id else None,
        "state": booking.state,
        "state_name": str(BookingState(booking.state).label),
        "seats": booking.seats,
        "starts_at": moment(booking.session.starts_at) if booking.session else None,
        "ended_at": moment(booking.ended_at),
    }
