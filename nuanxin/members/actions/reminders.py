"""What the clock does about limits: reminds before they end, and takes note of unions that let them pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from nuanxin.access.actors import system
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.rows import insert, update
from nuanxin.members.actions.contests import lock_application
from nuanxin.members.actions.review import write_act
from nuanxin.members.actions.settle import limit
from nuanxin.members.actions.telling import tell_of_contest, tell_reviewers
from nuanxin.members.models import Application, Contest, Lapse
from nuanxin.members.queries.contests import barred_accounts, decider_above, reviewers_of
from nuanxin.members.states import WAITING, Act, ContestState
from nuanxin.organizations.models import Union
from nuanxin.organizations.queries.rules import dated_rule
from nuanxin.organizations.rules.parameters import PARAMETERS
from nuanxin.records.queries import working_calendar

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

RULE = "members.remind_days"
#: Reminders of one union at a time; the rest a minute later.
MOST = 500


def remind(*, now: datetime) -> int:
    """Remind the reviewers of each union of limits that end soon, once for each limit; return how many limits.

    Soon is the last working day, or as many as the dated rule for the union says; 0 is never.
    """
    horizon = _horizon(PARAMETERS[RULE].most, now)
    waiting = Application.objects.filter(state__in=WAITING, due_at__lte=horizon, due_at__gt=now)
    open_ones = Contest.objects.filter(state=ContestState.OPEN, due_at__lte=horizon, due_at__gt=now)
    unions = set(waiting.exclude(reminded_for=F("due_at")).values_list("union", flat=True).distinct())
    unions |= set(open_ones.exclude(reminded_for=F("due_at")).values_list("union", flat=True).distinct())
    return sum(_remind(union, now) for union in Union.objects.filter(pk__in=unions).order_by("pk"))


def _horizon(days: int, now: datetime) -> datetime:
    """Return until when a limit ends whose last working days have begun: they begin at the close of the one before."""
    calendar = working_calendar()
    return calendar.due(calendar.closed_by(now), days)


@transaction.atomic
def _remind(union: Union, now: datetime) -> int:
    days = int(dated_rule(RULE, union=union, on=local_day(now)).value)
    if not days:
        return 0
    until = _horizon(days, now)
    people = reviewers_of(union, now=now)
    return _of_applications(union, people, until, now) + _of_contests(union, people, until, now)


def _of_applications(union: Union, people: set[UUID], until: datetime, now: datetime) -> int:
    rows = Application.objects.select_for_update(skip_locked=True, no_key=True).filter(
        union=union, state__in=WAITING, due_at__lte=until, due_at__gt=now
    )
    soon = list(rows.exclude(reminded_for=F("due_at")).order_by("due_at", "pk").only("number", "due_at")[:MOST])
    Application.objects.filter(pk__in=[each.pk for each in soon]).update(reminded_for=F("due_at"))
    for each in soon:
        tell_reviewers(
            people,
            "application.waiting",
            number=each.number,
            due=each.due_at,
            fact=f"waiting:{each.pk}:{each.due_at:%Y%m%d%H%M}",
            link=f"/desk/review/{each.number}/",
            union_id=union.pk,
            now=now,
        )
    return len(soon)


def _of_contests(union: Union, people: set[UUID], until: datetime, now: datetime) -> int:
    rows = Contest.objects.select_for_update(of=("self",), skip_locked=True, no_key=True).filter(
        union=union, state=ContestState.OPEN, due_at__lte=until, due_at__gt=now
    )
    rows = rows.exclude(reminded_for=F("due_at")).select_related("application").order_by("due_at", "pk")
    soon = list(rows[:MOST])
    Contest.objects.filter(pk__in=[each.pk for each in soon]).update(reminded_for=F("due_at"))
    for each in soon:
        tell_reviewers(
            people,
            "contest.waiting",
            number=each.application.number,
            due=each.due_at,
            fact=f"contest:{each.pk}:{each.due_at:%Y%m%d%H%M}",
            link=f"/desk/review/contests/{each.pk}/",
            union_id=union.pk,
            now=now,
        )
    return len(soon)


def escalate_contests(*, now: datetime, most: int = MOST) -> int:
    """Move contests whose limit has passed to the next union above that can decide; return how many moved.

    At the top they stay, and that the limit passed is noted once.
    """
    noted = Lapse.objects.filter(contest=OuterRef("pk"), limit_at=OuterRef("due_at"))
    overdue = Contest.objects.filter(~Exists(noted), state=ContestState.OPEN, due_at__lt=now)
    return sum(_escalate(pk, now) for pk in overdue.order_by("due_at", "pk").values_list("pk", flat=True)[:most])


@transaction.atomic
def _escalate(pk: UUID, now: datetime) -> bool:
    application = lock_application(Contest.objects.values_list("application_id", flat=True).get(pk=pk))
    contest = Contest.objects.select_related("union").get(pk=pk)
    if contest.state != ContestState.OPEN or contest.due_at >= now:
        return False
    contest.application, union = application, contest.union
    barred = barred_accounts(application)
    upper = decider_above(union, barred=barred, now=now)
    Lapse.objects.bulk_create([_lapse(application, union, contest.due_at, now, contest)], ignore_conflicts=True)
    if upper is None:
        return False
    due = limit(upper, "members.contest_answer_days", now)
    update(contest, met={"state": ContestState.OPEN}, changes={"union": upper, "due_at": due})
    contest.union, contest.due_at = upper, due
    write_act(
        system(),
        application,
        Act.CONTEST_ESCALATED,
        union,
        to_union=upper,
        basis="members.contest_answer_days",
        now=now,
    )
    tell_of_contest(contest, "escalated", union_name=upper.name, due=due, now=now)
    tell_reviewers(
        reviewers_of(upper, barred=barred, now=now),
        "contest.waiting",
        number=application.number,
        due=due,
        fact=f"contest:{contest.pk}:{upper.code}",
        link=f"/desk/review/contests/{contest.pk}/",
        union_id=upper.pk,
        now=now,
    )
    return True


def note_lapse(application: Application, union: Union, *, limit_at: datetime, now: datetime) -> None:
    """Note that a union let the limit of an application pass. Part of the transaction that moves it up."""
    insert(_lapse(application, union, limit_at, now))


def note_overdue_at_the_top(*, now: datetime, most: int = MOST) -> int:
    """Note, once for each limit, which applications are late where nobody stands above; return how many were new."""
    noted = Lapse.objects.filter(application=OuterRef("pk"), contest=None, limit_at=OuterRef("due_at"))
    late = Application.objects.filter(~Exists(noted), state__in=WAITING, due_at__lt=now, union__parent=None)
    rows = [
        _lapse(each, each.union, each.due_at, now)
        for each in late.select_related("union").order_by("due_at", "pk")[:most]
        if each.union and each.due_at
    ]
    return len(Lapse.objects.bulk_create(rows, ignore_conflicts=True))


def _lapse(
    application: Application, union: Union, limit_at: datetime, now: datetime, contest: Contest | None = None
) -> Lapse:
    return Lapse(at=now, application=application, contest=contest, union=union, limit_at=limit_at)
