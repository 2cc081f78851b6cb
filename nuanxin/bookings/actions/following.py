"""What becomes of places when two records turn out to be one person, or when a membership ends.

Whoever merges or ends tells it, and a task does this afterwards: by what the registry says then, however often.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from nuanxin.access.actors import system
from nuanxin.bookings.actions.ending import end_booking
from nuanxin.bookings.actions.telling import tell, tell_all
from nuanxin.bookings.actions.waiting import leave_waiting
from nuanxin.bookings.models import Booking, Waiting
from nuanxin.bookings.queries.following import carried_from, places_of, wishes_of, with_places
from nuanxin.bookings.rules.eligibility import passes
from nuanxin.bookings.rules.merging import join_places, wishes_too_many
from nuanxin.bookings.states import COMING, LIVE, EndReason, WaitingState
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound
from nuanxin.kernel.states import Moved
from nuanxin.members.models import Worker
from nuanxin.members.queries.facts import facts_of
from nuanxin.members.states import MembershipState
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from nuanxin.members.actions.events import MembersEnded, MembershipMoved, MergeUndone, PersonsMerged

#: Name of the task that follows a person.
FOLLOW = "bookings.follow_person"
#: What the audit calls a place, or a wish, that went over to the record that was kept.
CARRIED = "bookings.carried"


def hear_merge(event: PersonsMerged | MergeUndone) -> None:
    """Let the places of a record that was dropped, or taken up again, follow."""
    _defer(event.dropped_id)


def hear_move(event: MembershipMoved) -> None:
    """Let the places of somebody follow whose membership ended."""
    if event.membership.state == MembershipState.ENDED:
        _defer(event.membership.worker_id)


def hear_endings(event: MembersEnded) -> None:
    """Let the places of those follow whose memberships one act had begun and ended again."""
    for worker_id in with_places(event.memberships):
        _defer(worker_id)


def _defer(worker_id: UUID) -> None:
    app.configure_task(FOLLOW).defer(worker_id=str(worker_id))


def follow_person(*, worker_id: UUID, now: datetime) -> None:
    """Put a person's places where they belong by now: with the record that is kept, or with nobody.

    May be done again at any time, and after any act: what the registry says at this moment decides.
    """
    kept = Worker.objects.values_list("merged_into", flat=True).get(pk=worker_id)
    if kept is not None:
        _join(worker_id, kept, now)
        return
    _part(worker_id, now)
    _end_of_ended(worker_id, now)


def _join(dropped: UUID, kept: UUID, now: datetime) -> None:
    """Give what two records of one person cannot both have back, then carry the rest over."""
    joined = join_places(places_of(dropped, kept))
    once = _("You had two records here, and both had a place: the earlier one stands")
    most = _("You had two records here, and together they had more than each person may have: the earlier stands")
    for keys, reason in ((joined.twice, once), (joined.over, most)):
        for booking in Booking.objects.filter(pk__in=keys).select_related("offer__union").order_by("pk"):
            _end(booking, EndReason.MERGED, reason, now, to=kept)
    booked = Booking.objects.filter(worker__in=(dropped, kept), state__in=LIVE).values_list("offer", flat=True)
    for key in wishes_too_many(wishes_of(dropped, kept), set(booked)):
        _quietly(partial(leave_waiting, actor=system(), waiting_id=key, now=now))
    _carry(dropped, kept, joined.stays, joined.nth, now)


@transaction.atomic
def _carry(dropped: UUID, kept: UUID, stays: frozenset[UUID], nth: dict[UUID, int | None], now: datetime) -> None:
    """Let everything that is left go over, as it is; each is written down, so that it can come back."""
    bookings = Booking.objects.filter(worker=dropped).exclude(pk__in=stays).select_related("offer__union")
    for booking in bookings.select_for_update(of=("self",), no_key=True).order_by("pk"):
        new = nth.get(booking.pk, booking.nth)
        Booking.objects.filter(pk=booking.pk).update(worker=kept, nth=new)
        _note(CARRIED, booking, dropped, kept, now)
    waiting = Waiting.objects.filter(worker=dropped).select_related("offer__union")
    for row in waiting.select_for_update(of=("self",), no_key=True).order_by("pk"):
        Waiting.objects.filter(pk=row.pk).update(worker=kept)
        _note(CARRIED, row, dropped, kept, now)


@transaction.atomic
def _part(worker_id: UUID, now: datetime) -> None:
    """Bring back what a merge had carried over that was undone since; what was given back then stays given back."""
    bookings, waiting = carried_from(worker_id, CARRIED)
    Booking.objects.filter(pk__in=[row.pk for row in bookings]).update(worker=worker_id)
    Waiting.objects.filter(pk__in=[row.pk for row in waiting]).update(worker=worker_id)
    carried: list[Booking | Waiting] = [*bookings, *waiting]
    for row in carried:
        _note("bookings.brought_back", row, row.worker_id, worker_id, now)


def _note(act: str, row: Booking | Waiting, origin: UUID, to: UUID, now: datetime) -> None:
    path = row.offer.union.path
    record(system(), act, row, now=now, union_path=path, number=row.offer.number, origin=str(origin), to=str(to))


def _end_of_ended(worker_id: UUID, now: datetime) -> None:
    """Give back what is for members only and lies ahead, of somebody who is none any more; leave such lists."""
    facts = facts_of(worker_id, today=local_day(now))
    if facts.state not in ("", MembershipState.ENDED):
        return
    reason = _("It is for members, and your membership has ended")

    def is_for_members(row: Booking | Waiting) -> bool:
        return not passes([check for check in row.offer.checks if check["check"] == "member"], facts)

    bookings = Booking.objects.filter(worker=worker_id, state__in=COMING).select_related("offer__union", "session")
    for booking in bookings.order_by("pk"):
        begun = booking.session is not None and booking.session.starts_at <= now
        if not begun and is_for_members(booking):
            _end(booking, EndReason.MEMBERSHIP, reason, now)
    listed = Waiting.objects.filter(worker=worker_id, state__in=(WaitingState.APPLIED, WaitingState.WAITING))
    for row in listed.select_related("offer__union").order_by("pk"):
        if is_for_members(row):
            _quietly(partial(_leave, row, reason, now))


def _end(booking: Booking, why: EndReason, reason: str, now: datetime, *, to: UUID | None = None) -> None:
    with transaction.atomic():
        if _quietly(partial(end_booking, actor=system(), booking=booking, why=why, now=now)):
            tell(booking, "cancelled", now=now, reason=reason, to=to)


@transaction.atomic
def _leave(row: Waiting, reason: str, now: datetime) -> None:
    leave_waiting(actor=system(), waiting_id=row.pk, now=now)
    tell_all([row], "off_list", now=now, reason=reason)


def _quietly(work: Callable[[], object]) -> bool:
    """Do one thing by itself; answer whether it was still to be done."""
    try:
        work()
    except (Moved, NotFound):
        return False
    return True
