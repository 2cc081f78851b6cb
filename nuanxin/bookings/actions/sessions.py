"""Sessions that take place at another time or place, or not at all: one or many in one act, everybody told."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.bookings.actions.ending import close_lists, end_all
from nuanxin.bookings.actions.granting import constraint_of, lock_pools
from nuanxin.bookings.actions.telling import tell_all
from nuanxin.bookings.models import Booking, Session, Waiting
from nuanxin.bookings.queries.terms import forget_terms
from nuanxin.bookings.rules.judging import day_of
from nuanxin.bookings.rules.limits import free_slot, period_of
from nuanxin.bookings.states import COMING, BookingState, EndReason, SessionState, WaitingState
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.text import check_text
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from nuanxin.bookings.models import Offer
    from nuanxin.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where a session takes place instead."""

    place: str
    place_en: str = ""


@transaction.atomic
def reschedule_session(
    *,
    actor: Actor,
    session: Session,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    now: datetime,
    elsewhere: Elsewhere | None = None,
) -> int:
    """Let a session take place at another time, or elsewhere: every booking stays, everybody is told; return how many.

    A booking counts for a limit in the period in which its session is now. Whoever has had as many there as are
    allowed keeps the place all the same, and it counts no more: it was not the member who moved it.

    :param elsewhere: where to; none: where it was.
    :raises Conflict: it was cancelled, or is over.
    :raises Invalid: no reason, or a time that has passed.
    """
    actor.require(Permission.EDIT_OFFERS, at=session.offer.union)
    reason = _reason(reason)
    if ends_at <= starts_at or starts_at <= now:
        raise Invalid("bad_time", _("Please choose a time ahead, with its end after its start."), field="starts_at")
    changes: dict[str, Any] = {"starts_at": starts_at, "ends_at": ends_at}
    if elsewhere is not None:
        changes["place"] = check_text(elsewhere.place, field="place", most=120)
        changes["place_en"] = check_text(elsewhere.place_en, field="place_en", most=200)
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
    _keep_before_it_begins(session)
    _count_in_its_period(session, ahead, now)
    tell_all(ahead, "moved", now=now, reason=reason)
    return len(ahead)


def _keep_before_it_begins(session: Session) -> None:
    """Let no place be kept longer than until the session begins."""
    held = Booking.objects.filter(session=session, state=BookingState.HELD, hold_until__gt=session.starts_at)
    keys = list(held.values_list("pk", flat=True))
    Waiting.objects.filter(booking__in=keys, state=WaitingState.OFFERED).update(offered_until=session.starts_at)
    held.update(hold_until=session.starts_at)


def _count_in_its_period(session: Session, bookings: Sequence[Booking], now: datetime) -> None:
    offer = session.offer
    if not offer.limit_count:
        return
    period = period_of(offer.limit_period, day_of(session.starts_at, now))
    moved = [booking for booking in bookings if booking.nth is not None and booking.period != period]
    used: dict[Any, set[int]] = defaultdict(set)
    rows = Booking.objects.filter(
        worker__in=[booking.worker_id for booking in moved],
        limit_kind=offer.limit_kind,
        period=period,
        nth__isnull=False,
    )
    for worker, nth in rows.values_list("worker_id", "nth"):
        used[worker].add(nth or 0)
    for booking in moved:
        row = Booking.objects.filter(pk=booking.pk, nth__isnull=False)
        try:
            with transaction.atomic():
                row.update(period=period, nth=free_slot(used[booking.worker_id], offer.limit_count))
        except IntegrityError as error:
            if constraint_of(error) != "booking_limit_per_person":
                raise
            row.update(period=period, nth=None)  # booked something else of the kind at this very moment


@transaction.atomic
def reschedule_sessions(
    *,
    actor: Actor,
    offer: Offer,
    sessions: Sequence[Session],
    later: timedelta,
    reason: str,
    now: datetime,
    elsewhere: Elsewhere | None = None,
) -> int:
    """Let several sessions of an offer take place so much later, or earlier, in one act: all, or none of them.

    :param later: by how much; negative: earlier.
    :returns: how many people were told. Refusals as `reschedule_session`.
    """
    actor.require(Permission.EDIT_OFFERS, at=offer.union)
    lock_pools(offer.pk, None, everywhere=True)
    return sum(
        reschedule_session(
            actor=actor,
            session=session,
            starts_at=session.starts_at + later,
            ends_at=session.ends_at + later,
            reason=reason,
            now=now,
            elsewhere=elsewhere,
        )
        for session in sorted(sessions, key=lambda session: session.pk)
    )


@transaction.atomic
def cancel_sessions(*, actor: Actor, offer: Offer, sessions: Sequence[Session], reason: str, now: datetime) -> int:
    """Cancel several sessions of an offer in one act: all, or none of them; return how many bookings ended.

    Refusals as `cancel_session`.
    """
    actor.require(Permission.EDIT_OFFERS, at=offer.union)
    lock_pools(offer.pk, None, everywhere=True)
    return sum(
        cancel_session(actor=actor, session=session, reason=reason, now=now)
        for session in sorted(sessions, key=lambda session: session.pk)
    )


@transaction.atomic
def cancel_session(*, actor: Actor, session: Session, reason: str, now: datetime) -> int:
    """Cancel a session with every booking ahead, and tell everybody why who booked or waits; return how many bookings.

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
    count = end_all(bookings=Booking.objects.filter(session=session), why=EndReason.SESSION, now=now, reason=reason)
    close_lists(rows=Waiting.objects.filter(session=session), now=now, reason=reason)
    return count


def _reason(reason: str) -> str:
    text = check_text(reason, field="reason", most=200)
    if not text:
        raise Invalid("missing", _("Please say why: everybody who booked is told."), field="reason")
    return text
