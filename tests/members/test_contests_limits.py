"""Limits: reminded of before they end, noted when they pass, and listed by union."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from nuanxin.access.actors import Actor, anonymous
from nuanxin.kernel.clock import ZONE, WorkingCalendar, local_day
from nuanxin.kernel.refusals import Invalid, NotAllowed
from nuanxin.members.actions.clockwork import escalate_overdue
from nuanxin.members.actions.contests import contest_application
from nuanxin.members.actions.reminders import escalate_contests, note_overdue_at_the_top, remind
from nuanxin.members.actions.review import decide
from nuanxin.members.models import Application, Contest, Lapse
from nuanxin.members.queries.lapses import UnionLapses, lapses, lapses_of, period_of
from nuanxin.messages.models import Notice
from nuanxin.organizations.queries.rules import forget_rules
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.members import make_application
from tests.factories.organizations import Tree, make_dated_rule
from tests.members.statements import statements


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment in the last week of November 2026, which begins with the 23rd."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "close"),
    [
        (at(24, 9), at(23, 17, 30)),
        (at(24, 17, 30), at(24, 17, 30)),
        (at(24, 23), at(24, 17, 30)),
        (at(22, 12), at(20, 17, 30)),
        (at(23, 9), at(20, 17, 30)),
    ],
)
def test_the_last_close_that_has_passed(moment: datetime, close: datetime) -> None:
    assert WorkingCalendar().closed_by(moment) == close


def told(reviewer: Actor) -> list[str]:
    return [
        notice.template for notice in Notice.objects.filter(account_id=reviewer.account_id or "").order_by("created_at")
    ]


def test_reviewers_are_reminded_once_when_the_last_working_day_begins(tree: Tree) -> None:
    reviewer = actor_for("reviewer", union=tree.couriers)
    application = make_application(union=tree.couriers, due_at=at(25, 17, 30))
    assert remind(now=at(24, 17, 29)) == 0
    assert [remind(now=at(24, 17, 30)), remind(now=at(24, 17, 31)), remind(now=at(25, 9))] == [1, 0, 0]
    notice = Notice.objects.get(account_id=reviewer.account_id or "")
    assert (notice.values["number"], notice.link) == (application.number, f"/desk/review/{application.number}/")
    # A new limit is a new reminder.
    Application.objects.filter(pk=application.pk).update(due_at=at(26, 17, 30))
    assert remind(now=at(25, 18)) == 1


def test_where_nobody_reviews_the_nearest_above_is_reminded(tree: Tree) -> None:
    county = actor_for("reviewer", union=tree.county)
    make_application(union=tree.couriers, due_at=at(25, 17, 30))
    remind(now=at(24, 18))
    assert told(county) == ["application.waiting"]


@pytest.mark.parametrize(("days", "reminded"), [(0, 0), (1, 0), (2, 1)])
def test_how_early_is_a_dated_rule(tree: Tree, days: int, reminded: int) -> None:
    make_dated_rule(name="members.remind_days", value=days, union=tree.county)
    forget_rules()
    actor_for("reviewer", union=tree.couriers)
    make_application(union=tree.couriers, due_at=at(26, 17, 30))
    assert remind(now=at(24, 18)) == reminded


def test_of_what_is_late_decided_or_returned_nobody_is_reminded(tree: Tree) -> None:
    reviewer = actor_for("reviewer", union=tree.couriers)
    make_application(union=tree.couriers, due_at=at(24, 17, 30))
    make_application(union=tree.couriers, state="returned", due_at=at(25, 17, 30))
    make_application(union=tree.couriers, state="refused")
    assert (remind(now=at(24, 18)), told(reviewer)) == (0, [])


def test_a_contest_is_reminded_of_too(tree: Tree) -> None:
    county = actor_for("reviewer", union=tree.county)
    application = make_application(union=tree.couriers, due_at=NOW + timedelta(days=60))
    contest_application(actor=anonymous(), application=application, kind="routing", words="我不在这里工作", now=NOW)
    limit = Contest.objects.get().due_at
    before = limit - timedelta(days=3)
    assert remind(now=before) == 1
    assert told(county).count("contest.waiting") == 2


def test_a_limit_that_passes_is_noted_once_also_at_the_top(tree: Tree) -> None:
    make_application(union=tree.couriers, due_at=NOW - timedelta(minutes=1))
    make_application(union=tree.nation, due_at=NOW - timedelta(minutes=1))
    assert (escalate_overdue(now=NOW), escalate_overdue(now=NOW)) == (1, 0)
    assert (note_overdue_at_the_top(now=NOW), note_overdue_at_the_top(now=NOW)) == (1, 0)
    assert sorted(Lapse.objects.values_list("union__code", flat=True)) == sorted([tree.couriers.code, tree.nation.code])


def worst_first(tree: Tree, viewer: Actor) -> dict[str, UnionLapses]:
    now = timezone.now()
    return {each.code: each for each in lapses(viewer, period_of(None, None, now=now), now=now)}


def test_the_list_counts_each_union_s_own(tree: Tree) -> None:
    """Four came to the couriers: one let pass, one decided after two hours, one after four, one still waits."""
    now = timezone.now()
    city = actor_for("administrator", union=tree.city, now=now)
    reviewer = actor_for("reviewer", union=tree.couriers)
    for hours in (2, 4):
        application = make_application(union=tree.couriers, started_at=now - timedelta(hours=9))
        when = now + timedelta(hours=hours - 9)
        decide(actor=reviewer, number=application.number, decision="refuse", reason="未能核实工作", now=when)
    waiting = make_application(union=tree.couriers, started_at=now - timedelta(hours=5), due_at=now + timedelta(days=1))
    late = make_application(union=tree.couriers, started_at=now - timedelta(hours=9), due_at=now - timedelta(minutes=1))
    assert escalate_overdue(now=now) == 1
    found = worst_first(tree, city)
    couriers, county = found[tree.couriers.code], found[tree.county.code]
    assert next(iter(found)) == tree.couriers.code
    assert (couriers.late, couriers.had, couriers.median, couriers.oldest) == (
        1,
        4,
        timedelta(hours=3),
        waiting.confirmed_at,
    )
    assert (county.late, county.had, county.median, county.oldest) == (0, 1, None, now)
    period = period_of(None, None, now=now)
    assert [row.application_id for row in lapses_of(city, tree.couriers, period)] == [late.pk]


def test_a_contest_that_was_let_pass_counts_at_the_union_that_was_to_decide(tree: Tree) -> None:
    now = timezone.now()
    actor_for("reviewer", union=tree.county, now=now)
    actor_for("reviewer", union=tree.city, now=now)
    application = make_application(union=tree.couriers, started_at=now, due_at=now + timedelta(days=60))
    made = contest_application(actor=anonymous(), application=application, kind="routing", words="不在本区", now=now)
    escalate_contests(now=made.due_at + timedelta(minutes=1))
    found = worst_first(tree, actor_for("administrator", union=tree.city, now=now))
    assert [(code, found[code].late, found[code].had) for code in (tree.county.code, tree.city.code)] == [
        (tree.county.code, 1, 1),
        (tree.city.code, 0, 1),
    ]


def test_the_list_ends_at_ones_reach_and_needs_the_permission(tree: Tree) -> None:
    now = timezone.now()
    make_application(union=tree.couriers, started_at=now, due_at=now - timedelta(minutes=1))
    make_application(union=tree.pool, started_at=now, due_at=now - timedelta(minutes=1))
    leader = actor_for("leader", union=tree.county, now=now)
    assert set(worst_first(tree, leader)) == {tree.couriers.code}
    with pytest.raises(NotAllowed):
        lapses(actor_for("auditor", union=tree.county, now=now), period_of(None, None, now=now), now=now)


def test_one_statement_however_many(tree: Tree) -> None:
    now = timezone.now()
    leader = actor_for("leader", union=tree.city, now=now)
    for union in (tree.couriers, tree.village, tree.pool, tree.township):
        make_application(union=union, started_at=now)
    with statements(1):
        lapses(leader, period_of(None, None, now=now), now=now)


@pytest.mark.parametrize(
    ("since", "until", "code"), [(-1, -2, "bad_period"), (-92, 0, "long_period"), (-91, 0, None), (0, 0, None)]
)
def test_periods(since: int, until: int, code: str | None) -> None:
    today = local_day(NOW)
    days: Any = [today + timedelta(days=each) for each in (since, until)]
    if code is None:
        assert period_of(*days, now=NOW).since == days[0]
        return
    with pytest.raises(Invalid) as refused:
        period_of(*days, now=NOW)
    assert refused.value.code == code
