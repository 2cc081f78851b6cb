"""At the door of an event: whoever shows a code and has a place is in; others get one while there are any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.bookings.actions.arriving import check_in
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.outcomes import Wish
from nuanxin.bookings.models import Booking
from nuanxin.bookings.states import LIVE
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.text import check_text
from nuanxin.members.actions.ceremonies import bearer_of

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.activities.models import Event
    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Membership


@dataclass(frozen=True, slots=True)
class LetIn:
    """Who came in, and whether the place was given only now."""

    membership: Membership
    booking: Booking
    at_the_door: bool


@transaction.atomic
def let_in(*, actor: Actor, event: Event, code: object, now: datetime) -> LetIn:
    """Let the bearer of a scanned member's code into an event. It counts as delivered by the check-in.

    :raises NotAllowed: without `bookings.check_in` there.
    :raises Invalid: no code of a card, or one that is old or used.
    :raises AlreadyIn: was let in before; says when.
    :raises Conflict: too early or over; or no place, and why none can be given.
    """
    actor.require(Permission.CHECK_IN, at=event.offer.union)
    membership = bearer_of(check_text(code, field="code", most=300), now)
    rows = Booking.objects.filter(offer=event.offer_id, worker=membership.worker_id, state__in=LIVE)
    booking = rows.order_by("-pk").first()
    at_the_door = booking is None
    if booking is None:
        booking = _given_now(actor, event, membership, now)
    came = check_in(actor=actor, booking_id=booking.pk, now=now)
    return LetIn(membership, came, at_the_door)


def _given_now(actor: Actor, event: Event, membership: Membership, now: datetime) -> Booking:
    session = event.offer.sessions.order_by("pk").first()
    if session is None:
        raise Invalid("no_session", _("This event has no time and place."), field="code")
    outcome = book(
        actor=actor,
        offer=event.offer_id,
        session=session.pk,
        worker=membership.worker_id,
        now=now,
        wish=Wish(walk_in=True),
    )
    found = Booking.objects.filter(offer=event.offer_id, worker=membership.worker_id, state__in=LIVE).first()
    if found is None:
        words = "；".join(str(each.words) for each in outcome.reasons) or str(_("No place is left."))
        raise Conflict("no_place", words)
    return found
