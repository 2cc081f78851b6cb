"""Funnels: steps gathered once each, what became of applications, medians; of unions in reach only."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from nuanxin.insight.actions import count_step, fold_doors, recount_doors
from nuanxin.insight.models import DoorDay, DoorDelta
from nuanxin.insight.queries import door_funnels
from nuanxin.insight.rules import median_of
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.ids import first_id
from nuanxin.kernel.refusals import NotAllowed
from tests.factories import NOW
from tests.factories.access import actor_for, make_post, make_roles
from tests.factories.members import make_application, make_worker
from tests.factories.organizations import Tree, make_tree

TODAY = local_day(NOW)


@pytest.fixture
def tree(db: None) -> Tree:
    make_roles()
    return make_tree()


@pytest.mark.parametrize(
    ("counts", "median"),
    [({}, None), ({3: 1}, 3), ({1: 1, 9: 1}, 1), ({1: 1, 2: 1, 9: 1}, 2), ({0: 5, 100: 4}, 0), ({0: 4, 100: 5}, 100)],
)
def test_medians_of_counts(counts: dict[int, int], median: int | None) -> None:
    assert median_of(Counter(counts)) == median


def _steps(tree: Tree) -> None:
    for union, times in ((tree.couriers.code, 3), ("", 2)):
        for _time in range(times):
            count_step(door="poster", union_code=union, opened=1, now=NOW)
    count_step(door="poster", union_code=tree.couriers.code, started=1, now=NOW)


def test_steps_are_gathered_once_each(tree: Tree) -> None:
    _steps(tree)
    assert [fold_doors(limit=4), fold_doors(limit=4), fold_doors()] == [4, 2, 0]
    assert DoorDelta.objects.count() == 0
    days = {row.union_code: (row.opened, row.started) for row in DoorDay.objects.all()}
    assert days == {tree.couriers.code: (3, 1), "": (2, 0)}


def _sent(tree: Tree, minutes: int | None, *, fill: int = 2, **more: Any) -> None:
    confirmed = NOW - timedelta(hours=5)
    approved: dict[str, Any] = {} if minutes is None else {"closed_at": confirmed + timedelta(minutes=minutes)}
    state = "submitted" if minutes is None else "approved"
    application = make_application(union=tree.couriers, door="poster", state=state, **approved, **more)
    type(application).objects.filter(pk=application.pk).update(
        id=first_id(confirmed - timedelta(minutes=fill)),
        scanned_union=tree.couriers,
        opened_at=confirmed - timedelta(minutes=fill),
        confirmed_at=confirmed,
    )


def test_what_became_of_applications_is_counted_anew(tree: Tree) -> None:
    worker = make_worker()
    for at, minutes in enumerate((10, 30, 130)):
        _sent(tree, minutes, fill=at + 1, worker=worker)
    _sent(tree, None, fill=9)
    assert recount_doors(since=TODAY - timedelta(days=1), until=TODAY) == 1
    assert recount_doors(since=TODAY - timedelta(days=1), until=TODAY) == 0
    row = DoorDay.objects.get()
    assert (row.sent, row.admitted) == (4, 3)
    assert row.fills == {"1": 1, "2": 1, "3": 1, "9": 1}
    assert row.waits == {"10": 1, "30": 1, "130": 1}
    _steps(tree)
    fold_doors()
    row.refresh_from_db()
    assert (row.opened, row.sent) == (3, 4)


def test_funnels_tell_of_unions_in_reach_only(tree: Tree, django_assert_num_queries: Any) -> None:
    _steps(tree)
    _sent(tree, 30, worker=make_worker())
    fold_doors()
    recount_doors(since=TODAY, until=TODAY)
    everywhere = actor_for(make_post(role="leader", union=tree.nation))
    with django_assert_num_queries(2):
        found = door_funnels(everywhere, now=NOW)
    poster = found.doors["poster"]
    assert (poster.opened, poster.started, poster.sent, poster.admitted) == (5, 1, 1, 1)
    assert (poster.fill_minutes, poster.wait_minutes) == (2, 30)
    assert [(step.numerator, step.denominator) for step in poster.steps] == [(1, 5), (1, 1), (1, 1)]
    by_union = door_funnels(everywhere, door="poster", now=NOW).unions
    assert [(each.code, each.funnel.opened) for each in by_union] == [(tree.couriers.code, 3), ("", 2)]
    near = actor_for(make_post(role="leader", union=tree.county))
    assert door_funnels(near, now=NOW).doors["poster"].opened == 3
    far = actor_for(make_post(role="leader", union=tree.pool))
    assert door_funnels(far, now=NOW).doors == {}
    with pytest.raises(NotAllowed):
        door_funnels(actor_for(make_post(role="auditor", union=tree.nation)), now=NOW)
