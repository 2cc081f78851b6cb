"""The waiting list: joining, leaving, and applying where priority decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from nuanxin.bookings.actions.granting import constraint_of, lock_pools
from nuanxin.bookings.actions.outcomes import Outcome, is_listed, key_reused, refused
from nuanxin.bookings.models import Booking, Waiting
from nuanxin.bookings.queries.weights import weights_for
from nuanxin.bookings.rules.judging import judge
from nuanxin.bookings.rules.priority import score
from nuanxin.bookings.states import LISTED, WAITING_MOVES, Answer, WaitingState
from nuanxin.kernel.refusals import NotFound
from nuanxin.kernel.states import move
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from nuanxin.bookings.actions.outcomes import Wish
    from nuanxin.bookings.rules.judging import Verdict
    from nuanxin.bookings.rules.terms import Standing, Terms
    from nuanxin.kernel.actor import Actor


@transaction.atomic
def wait(
    *, actor: Actor, terms: Terms, session: UUID | None, look: Callable[[], Standing], wish: Wish, now: datetime
) -> Outcome | None:
    """Put a person on the waiting list, unless a place has come free meanwhile: then None. Part of `book`.

    The pools are locked first and looked at again, so that a place given back at this moment is either seen here, or
    given back by somebody who sees this person wait.
    """
    lock_pools(terms.id, session)
    standing = look()
    verdict = judge(terms, standing, now=now, seats=wish.seats)
    if verdict.failed:
        return refused(verdict.failed)
    if verdict.own is not None or verdict.choices:
        return None
    return _list(actor, terms, session, standing, verdict, wish, now, state=WaitingState.WAITING)


@transaction.atomic
def apply(
    *,
    actor: Actor,
    terms: Terms,
    session: UUID | None,
    standing: Standing,
    verdict: Verdict,
    wish: Wish,
    now: datetime,
) -> Outcome:
    """Take up an application for an offer whose places priority gives. Part of `book`.

    The points are worked out by the rule in force today and kept, ground by ground, for the person to read.
    """
    return _list(actor, terms, session, standing, verdict, wish, now, state=WaitingState.APPLIED)


def _list(
    actor: Actor,
    terms: Terms,
    session: UUID | None,
    standing: Standing,
    verdict: Verdict,
    wish: Wish,
    now: datetime,
    *,
    state: str,
) -> Outcome:
    if standing.waiting is not None:
        return is_listed(standing.waiting)
    points: list[tuple[str, int]] = []
    if state == WaitingState.APPLIED:
        weights = weights_for(terms.union_path, standing.facts.today)
        points = score(standing.facts, kind=terms.kind, weights=weights)
    row = Waiting(
        offer_id=terms.id,
        session_id=session,
        worker_id=standing.worker_id,
        union_path=standing.facts.union_path,
        seats=wish.seats,
        shares=list(verdict.shares),
        caps=list(verdict.caps),
        score=sum(each for _ground, each in points),
        points=[{"for": ground, "points": each} for ground, each in points],
        said=dict(wish.said or {}),
        joined_at=now,
        state=state,
        request_digest=wish.request or None,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if constraint_of(error) == "waiting_request_once":
            raise key_reused() from error
        if constraint_of(error) != "waiting_once_per_person":
            raise
        row = Waiting.objects.get(offer=terms.id, worker=standing.worker_id, state__in=LISTED)
    else:
        record(actor, f"bookings.{state}", row, now=now, union_path=terms.union_path)
    answer = Answer.ENTERED if row.state == WaitingState.APPLIED else Answer.WAITING
    return Outcome(answer, waiting_id=row.pk, until=row.offered_until)


def take_off_list(waiting_id: UUID, booking: Booking) -> None:
    """Note that somebody who waited has a place now. Part of the act that gave it."""
    Waiting.objects.filter(pk=waiting_id, state__in=(WaitingState.APPLIED, WaitingState.WAITING)).update(
        state=WaitingState.TAKEN, booking=booking, ended_at=booking.booked_at
    )


@transaction.atomic
def leave_waiting(*, actor: Actor, waiting_id: UUID, now: datetime) -> Waiting:
    """Leave the list, or take an application back. Whoever has been offered a place cancels that booking instead.

    :raises NotFound: not the actor's own.
    :raises Moved: a place was offered meanwhile, or the list is over.
    """
    row = Waiting.objects.select_related("offer__union").filter(pk=waiting_id).first()
    if row is None or (actor.worker_id != row.worker_id and actor.kind != "system"):
        raise NotFound
    table = {**WAITING_MOVES, WaitingState.OFFERED: frozenset[str]()}
    move(row, table, WaitingState.LEFT, ended_at=now)
    record(actor, "bookings.left", row, now=now, union_path=row.offer.union.path)
    return row
