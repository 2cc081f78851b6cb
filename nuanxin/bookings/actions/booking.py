"""Asking for a place: one read that knows everything, one statement that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from nuanxin.access.actors import Actor as ConcreteActor
from nuanxin.access.actors import Keyholder
from nuanxin.access.states import Permission, Scope
from nuanxin.bookings.actions.entering import enter
from nuanxin.bookings.actions.events import Booked
from nuanxin.bookings.actions.granting import Clash, grant
from nuanxin.bookings.actions.outcomes import Outcome, Wish, has_place, is_listed, key_reused, refused
from nuanxin.bookings.actions.telling import tell_booked
from nuanxin.bookings.actions.waiting import apply, take_off_list, wait
from nuanxin.bookings.models import Booking
from nuanxin.bookings.queries.standing import standing_of, standing_of_key
from nuanxin.bookings.queries.terms import terms_of
from nuanxin.bookings.rules.judging import hold_of, judge
from nuanxin.bookings.states import LISTED, Answer, BookingState, OfferState, Way
from nuanxin.kernel.events import announce, heard_within
from nuanxin.kernel.ids import random_letters
from nuanxin.kernel.refusals import Busy, NotAllowed, NotFound, NotSignedIn
from nuanxin.records.actions import entry_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from nuanxin.bookings.rules.judging import Verdict
    from nuanxin.bookings.rules.terms import Standing, Terms
    from nuanxin.kernel.actor import Actor

#: How often it is looked again when others were quicker in the very moment.
_TRIES = 8


def book(
    *, actor: Actor, offer: UUID, session: UUID | None, worker: UUID, now: datetime, wish: Wish | None = None
) -> Outcome:
    """Ask for a place for a person: the member, the union of the offer or of the member, or a machine that may.

    Two statements for a place, one for a refusal. Whoever has a place or is listed hears that again.

    :param session: its id; none for an offer without sessions.
    :raises NotFound: no such offer, session or person, or somebody else's business.
    :raises NotAllowed: a post or key that does not book for members.
    :raises Conflict: the Idempotency-Key was used for a different request.
    """
    asked, terms = wish or Wish(), terms_of(offer)
    if actor.kind == "worker" and actor.worker_id != worker:
        raise NotFound

    def look() -> Standing:
        return standing_of(
            offer_id=offer,
            session_id=session,
            worker_id=worker,
            now=now,
            said=asked.said,
            request=asked.request,
            counted=terms.counted,
        )

    return _book(actor, terms, look, session, asked, now)


def book_for_member(
    *,
    actor: Actor | Keyholder,
    offer: UUID,
    session: UUID | None,
    number: str,
    now: datetime,
    wish: Wish | None = None,
) -> Outcome:
    """Ask for a place for the member with a number. As `book`; the statement that looks also finds out whose key asks.

    :param actor: who asks, or a key that nobody has looked up yet.
    """
    asked = wish or Wish()
    terms = terms_of(offer)

    wanted: dict[str, Any] = {
        "offer_id": offer,
        "session_id": session,
        "number": number,
        "now": now,
        "said": asked.said,
        "request": asked.request,
        "counted": terms.counted,
    }

    def look() -> Standing:
        return standing_of(**wanted)

    if not isinstance(actor, Keyholder):
        return _book(actor, terms, look, session, asked, now)
    first = standing_of_key(actor, **wanted)
    if first is None:
        return _book(actor.actor(), terms, look, session, asked, now)
    machine = ConcreteActor(kind="client", source_id=first.source_id, scopes=frozenset({Scope.BOOK}))
    return _book(machine, terms, look, session, asked, now, first)


def _book(
    actor: Actor,
    terms: Terms,
    look: Callable[[], Standing],
    session: UUID | None,
    wish: Wish,
    now: datetime,
    first: Standing | None = None,
) -> Outcome:
    for _try in range(_TRIES):
        standing, first = first or look(), None
        _check_may_book(actor, terms, standing, wish)
        verdict = judge(terms, standing, now=now, seats=wish.seats, walk_in=wish.walk_in)
        answered = _without_a_place(actor, terms, session, standing, verdict, wish, now)
        if answered is not None:
            return answered
        if not verdict.choices:
            listed = wait(actor=actor, terms=terms, session=session, look=look, wish=wish, now=now)
            if listed is not None:
                return listed
            continue
        try:
            done = _grant(actor, terms, standing, verdict, session, wish, now)
        except Clash as clash:
            if str(clash) == "booking_request_once":
                raise key_reused() from clash
            continue
        if done is not None:
            return done
    raise Busy("busy", _("Very many people are asking at this moment. Please try again."))


def _without_a_place(
    actor: Actor,
    terms: Terms,
    session: UUID | None,
    standing: Standing,
    verdict: Verdict,
    wish: Wish,
    now: datetime,
) -> Outcome | None:
    """Return the answer where no place is taken now: known, refused, listed, or not given first come."""
    known = _known(terms, session, standing, verdict)
    if known is not None:
        return known
    if verdict.failed:
        return refused(verdict.failed)
    if standing.offer_state != OfferState.DRAWN and terms.way != Way.FIRST_COME:
        if standing.waiting is not None:
            return is_listed(standing.waiting)
        if terms.way == Way.LOTTERY:
            return enter(actor=actor, terms=terms, session=session, standing=standing, wish=wish, now=now)
        return apply(actor=actor, terms=terms, session=session, standing=standing, verdict=verdict, wish=wish, now=now)
    if verdict.choices:
        return None
    if standing.waiting is not None:
        return is_listed(standing.waiting)
    return None if terms.waits and not wish.walk_in else refused(verdict.full)


def _known(terms: Terms, session: UUID | None, standing: Standing, verdict: Verdict) -> Outcome | None:
    """Return the answer that this very request, or this person's place, has already."""
    repeated = next((each for each in standing.bookings if each.is_repeated), None)
    if repeated is not None:
        if (repeated.offer_id, repeated.session_id) != (terms.id, session):
            raise key_reused()
        return has_place(repeated)
    if standing.waiting is not None and standing.waiting.state not in LISTED:
        return is_listed(standing.waiting)
    return has_place(verdict.own) if verdict.own is not None else None


def eligibility(
    *, actor: Actor, offer: UUID, session: UUID | None, number: str = "", now: datetime, wish: Wish | None = None
) -> tuple[Terms, Standing, Verdict]:
    """Tell what would become of a wish, every reason included; nothing is changed. One statement.

    :param number: the member; without one the worker who asks.
    :raises NotSignedIn, NotFound, NotAllowed: as `book`.
    """
    asked, terms = wish or Wish(), terms_of(offer)
    if not number and actor.worker_id is None:
        raise NotSignedIn if actor.kind == "anonymous" else NotFound
    standing = standing_of(
        offer_id=offer,
        session_id=session,
        worker_id=None if number else actor.worker_id,
        number=number,
        now=now,
        said=asked.said,
        counted=terms.counted,
        everywhere=session is None,
    )
    _check_may_book(actor, terms, standing, asked)
    return terms, standing, judge(terms, standing, now=now, seats=asked.seats)


def _check_may_book(actor: Actor, terms: Terms, standing: Standing, wish: Wish) -> None:
    if actor.kind == "worker":
        if actor.worker_id != standing.worker_id:
            raise NotFound
        if wish.walk_in:
            raise NotAllowed(Permission.CHECK_IN)
    elif actor.kind == "client":
        actor.require_scope(Scope.BOOK)
        if wish.walk_in:
            raise NotAllowed(Permission.CHECK_IN)
    elif wish.walk_in:
        actor.require(Permission.CHECK_IN, at=terms.union_path)
    elif actor.may(Permission.BOOK, at=terms.union_path) or not standing.facts.union_path:
        actor.require(Permission.BOOK, at=terms.union_path)
    else:
        actor.require(Permission.BOOK, at=standing.facts.union_path)


def _grant(
    actor: Actor,
    terms: Terms,
    standing: Standing,
    verdict: Verdict,
    session: UUID | None,
    wish: Wish,
    now: datetime,
) -> Outcome | None:
    """Take a place of the first pool with room; None when it was taken meanwhile."""
    until = hold_of(terms, standing, now)
    booking = Booking(
        number=random_letters(10),
        offer_id=terms.id,
        session_id=session,
        pool_id=verdict.choices[0],
        caps=list(verdict.caps),
        worker_id=standing.worker_id,
        turn=terms.turn(verdict.period),
        union_path=standing.facts.union_path,
        state=BookingState.BOOKED if until is None else BookingState.HELD,
        seats=wish.seats,
        limit_kind=terms.limit_kind if terms.limit_count else "",
        period=verdict.period,
        nth=verdict.nth,
        booked_at=now,
        hold_until=until,
        request_digest=wish.request or None,
    )
    act = "bookings.booked" if until is None else "bookings.held"
    entry = entry_of(actor, act, booking, now=now, union_path=terms.union_path, number=booking.number)
    together = heard_within(Booked) or standing.waiting is not None
    if not grant(booking, entry, together=together, then=lambda: _follow(actor, terms, standing, booking, now)):
        return None
    if until is None:
        return Outcome(Answer.BOOKED, booking_id=booking.pk, number=booking.number)
    return Outcome(Answer.HELD, booking_id=booking.pk, number=booking.number, until=until)


def _follow(actor: Actor, terms: Terms, standing: Standing, booking: Booking, now: datetime) -> None:
    if standing.waiting is not None:
        take_off_list(standing.waiting.id, booking)
    if booking.state == BookingState.BOOKED:
        announce(Booked(booking.pk, booking.offer_id, booking.session_id, booking.worker_id, terms.kind, now))
        if actor.kind not in {"worker", "client", "device"}:  # who stands at a counter need not be told
            tell_booked(booking, now=now)
