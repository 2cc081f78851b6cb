"""Entering a lottery: a wish with a random ticket, as long as the list is not frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.bookings.actions.granting import constraint_of
from nuanxin.bookings.actions.outcomes import Outcome, is_listed, key_reused
from nuanxin.bookings.models import Entry, Waiting
from nuanxin.bookings.rules.draws import TICKET_LENGTH
from nuanxin.bookings.rules.judging import judge
from nuanxin.bookings.states import LISTED, Answer, DrawState, WaitingState
from nuanxin.kernel.ids import random_letters
from nuanxin.kernel.refusals import Conflict
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.bookings.actions.outcomes import Wish
    from nuanxin.bookings.rules.terms import Standing, Terms
    from nuanxin.kernel.actor import Actor

#: Whoever enters holds the draw's row against its list being frozen, and not against others who enter.
_HOLD = "SELECT id, state FROM bookings_draw WHERE offer_id = %s FOR SHARE"


@transaction.atomic
def enter(
    *, actor: Actor, terms: Terms, session: UUID | None, standing: Standing, wish: Wish, now: datetime
) -> Outcome:
    """Take part in the draw of an offer, once; entering again gives the same ticket. Part of `book`.

    `book` has asked for permission and every check: what a ticket may win is what the person may have at this hour.

    :raises Conflict: no draw was announced for this offer, or its list is frozen.
    """
    if standing.waiting is not None:
        return is_listed(standing.waiting)
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [terms.id])
        found = cursor.fetchone()
    if found is None:
        raise Conflict("no_draw", _("No draw has been announced for this yet. Please come back later."))
    draw_id, state = found
    if state != DrawState.ANNOUNCED:
        raise Conflict("list_frozen", _("Entries are over: the list of tickets is published and stands."))
    verdict = judge(terms, standing, now=now, seats=wish.seats)
    row = Waiting(
        offer_id=terms.id,
        session_id=session,
        worker_id=standing.worker_id,
        union_path=standing.facts.union_path,
        seats=wish.seats,
        shares=list(verdict.shares),
        caps=list(verdict.caps),
        said=dict(wish.said or {}),
        joined_at=now,
        state=WaitingState.APPLIED,
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
        listed = Waiting.objects.get(offer=terms.id, worker=standing.worker_id, state__in=LISTED)
        return Outcome(Answer.ENTERED, waiting_id=listed.pk)
    Entry(draw_id=draw_id, waiting=row, ticket=random_letters(TICKET_LENGTH)).save(force_insert=True)
    record(actor, "bookings.entered", row, now=now, union_path=terms.union_path)
    return Outcome(Answer.ENTERED, waiting_id=row.pk)
