"""What the clock does to applications and transfers: escalate, lapse, settle, forget. One transaction each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from nuanxin.access.actors import system
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.states import Moved, move
from nuanxin.members.actions.contests import drop_contests
from nuanxin.members.actions.drafts import drop_applications
from nuanxin.members.actions.reminders import note_lapse
from nuanxin.members.actions.review import make_step, write_act
from nuanxin.members.actions.settle import limit
from nuanxin.members.actions.telling import tell_applicant
from nuanxin.members.actions.transfers import settle_silent
from nuanxin.members.models import Application, TransferRequest
from nuanxin.members.rules.limits import UNCONFIRMED_FOR
from nuanxin.members.states import APPLICATION_MOVES, WAITING, Act, ApplicationState, TransferState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


def escalate_overdue(*, now: datetime, most: int = 500) -> int:
    """Move applications whose limit has passed to the union above, which decides; return how many moved.

    An application at the root of the tree stays: nobody stands above.
    """
    overdue = Application.objects.filter(state__in=WAITING, due_at__lt=now, union__parent__isnull=False)
    return sum(_escalate(pk, now) for pk in overdue.order_by("due_at", "pk").values_list("pk", flat=True)[:most])


@transaction.atomic
def _escalate(pk: UUID, now: datetime) -> bool:
    application = Application.objects.select_related("union__parent").get(pk=pk)
    union = application.union
    upper = union.parent if union else None
    if union is None or upper is None or application.due_at is None or application.due_at >= now:
        return False
    late = application.due_at
    due = f"{late.astimezone(ZONE):%Y-%m-%d %H:%M}"
    try:
        move(
            application,
            APPLICATION_MOVES,
            ApplicationState.SUBMITTED,
            met={"union_id": union.pk},
            union=upper,
            reasons=[*application.reasons, make_step("escalated", union, upper, due=due)],
            came_at=now,
            due_at=limit(upper, "members.accept_days", now),
        )
    except Moved:
        return False
    note_lapse(application, union, limit_at=late, now=now)
    write_act(system(), application, Act.ESCALATED, union, to_union=upper, basis="members.accept_days", now=now)
    tell_applicant(application, Act.ESCALATED, union_name=upper.name, now=now)
    return True


def lapse_uncorrected(*, now: datetime, most: int = 500) -> int:
    """Close applications that were returned and not corrected in time; return how many."""
    overdue = Application.objects.filter(state=ApplicationState.RETURNED, due_at__lt=now)
    return sum(_lapse(pk, now) for pk in overdue.order_by("due_at", "pk").values_list("pk", flat=True)[:most])


@transaction.atomic
def _lapse(pk: UUID, now: datetime) -> bool:
    application = Application.objects.select_related("union").get(pk=pk)
    if application.union is None:
        return False
    try:
        move(application, APPLICATION_MOVES, ApplicationState.LAPSED, closed_at=now, due_at=None)
    except Moved:
        return False
    write_act(system(), application, Act.LAPSED, application.union, basis="members.correct_days", now=now)
    drop_contests(application, now=now)
    tell_applicant(application, Act.LAPSED, union_name=application.union.name, now=now)
    return True


@transaction.atomic
def drop_unconfirmed(*, now: datetime, most: int = 500) -> int:
    """Delete applications whose phone was not proved within a day: they were with no union."""
    stale = Application.objects.filter(state=ApplicationState.UNCONFIRMED, started_at__lt=now - UNCONFIRMED_FOR)
    return drop_applications(stale.order_by("started_at").values_list("pk", flat=True)[:most])


def settle_transfers(*, now: datetime, most: int = 500) -> int:
    """Close transfers whose limit has passed: silence is consent where the dated rule says so; return how many."""
    overdue = TransferRequest.objects.filter(state=TransferState.REQUESTED, due_at__lt=now)
    return sum(settle_silent(pk, now) for pk in overdue.order_by("due_at", "pk").values_list("pk", flat=True)[:most])
