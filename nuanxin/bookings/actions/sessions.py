"""Sessions that take place at another time or place, or not at all: in one act, everybody told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.bookings.actions.ending import end_all
from nuanxin.bookings.actions.granting import lock_pools
from nuanxin.bookings.actions.telling import tell
from nuanxin.bookings.models import Booking, Session, Waiting
from nuanxin.bookings.queries.terms import forget_terms
from nuanxin.bookings.states import COMING, LISTED, EndReason, SessionState, WaitingState
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.text import check_text
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor


@transaction.atomic
def reschedule_session(
    *,
    actor: Actor,
    session: Session,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    now: datetime,
    place: str | None = None,
) -> int:
    """Let a session take place at another time, or elsewhere: every booking stays, everybody is told; return how many.

    :param place: where to; none: where it was.
    :raises Conflict: it was cancelled, or is over.
    :raises Invalid: no reason, or a time that has passed.
    """
    actor.require(Permission.EDIT_OFFERS, at=session.offer.union)
    reason = _reason(reason)
    if ends_at <= starts_at or starts_at <= now:
        raise Invalid("bad_time", _("Please choose a time ahead, with its end after its start."), field="starts_at")
    changes: dict[str, Any] = {"starts_at": starts_at, "ends_at": ends_at}
    if place is not None:
        changes["place"] = check_text(place, field="place", most=120)
    still = Session.objects.filter(pk=session.pk, state=SessionState.PLANNED, ends_at__gt=now)
    if not still.update(**changes):
        raise Conflict("session_over", _("This session was cancelled, or is over."))
    before = session.starts_at
    for name, value in changes.items():
        setattr(session, name, value)
    record(
        actor,
        "bookings.session_moved",
        session,
        now=now,
        union_path=session.offer.union.path,
        number=session.offer.number,
        before=before.isoformat(),
        after=starts_at.isoformat(),
    )
    forget_terms(session.offer_id)
    ahead = list(Booking.objects.filter(session=session, state__in=COMING).order_by("pk"))
    for booking in ahead:
        tell(booking, "moved", now=now, reason=reason)
    return len(ahead)


@transaction.atomic
def cancel_session(*, actor: Actor, session: Session, reason: str, now: datetime) -> int:
    """Cancel a session with every booking ahead, and tell everybody why; return how many.

    :raises Conflict: it was cancelled before, or is over.
    :raises Invalid: no reason.
    """
    actor.require(Permission.EDIT_OFFERS, at=session.offer.union)
    reason = _reason(reason)
    lock_pools(session.offer_id, session.pk)
    still = Session.objects.filter(pk=session.pk, state=SessionState.PLANNED, ends_at__gt=now)
    if not still.update(state=SessionState.CANCELLED):
        raise Conflict("session_over", _("This session was cancelled, or is over."))
    session.state = SessionState.CANCELLED
    record(
        actor,
        "bookings.session_cancelled",
        session,
        now=now,
        union_path=session.offer.union.path,
        number=session.offer.number,
    )
    forget_terms(session.offer_id)
    ahead = Booking.objects.filter(session=session, state__in=COMING).select_related("offer").order_by("pk")
    count = end_all(actor=actor, bookings=list(ahead), why=EndReason.SESSION, now=now, reason=reason)
    Waiting.objects.filter(session=session, state__in=LISTED).update(
        state=WaitingState.CLOSED, offered_until=None, ended_at=now
    )
    return count


def _reason(reason: str) -> str:
    text = check_text(reason, field="reason", most=200)
    if not text:
        raise Invalid("missing", _("Please say why: everybody who booked is told."), field="reason")
    return text
