"""Who may see numbers of which union and region; outsiders cannot tell whether a union exists."""

from __future__ import annotations

from typing import Any

import pytest

from nuanxin.access.actors import anonymous, system
from nuanxin.insight.queries import region_scope, scope_in_reach, tallies, union_scope
from nuanxin.insight.rules import period_of
from nuanxin.kernel.refusals import Invalid, NotFound
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for
from tests.factories.insight import announce_fact, where
from tests.factories.organizations import make_tree

pytestmark = pytest.mark.django_db


def test_a_leader_sees_own_union_and_what_is_below_and_nothing_else() -> None:
    tree = make_tree()
    leader = actor_for("leader", union=tree.county)
    scope = union_scope(leader, tree.couriers.code)
    assert [(crumb.code, crumb.open) for crumb in scope.crumbs] == [
        (tree.nation.code, False),
        (tree.province.code, False),
        (tree.city.code, False),
        (tree.county.code, True),
    ]
    assert union_scope(leader, tree.county.code).twin.code == "371502"  # type: ignore[union-attr]
    for code in (tree.city.code, tree.pool.code, "NOSUCH00", ""):
        with pytest.raises(NotFound):
            union_scope(leader, code)
    assert scope_in_reach(leader) == tree.county.code


def test_regions_in_reach_are_those_the_unions_answer_for() -> None:
    tree = make_tree()
    leader = actor_for("leader", union=tree.county)
    assert region_scope(leader, "371502").twin.code == tree.county.code  # type: ignore[union-attr]
    assert [crumb.open for crumb in region_scope(leader, "371502001001").crumbs] == [False, False, False, True, True]
    for code in ("", "37", "3715", "371503", "110101", "371502999", "x", "37150\u0662"):
        with pytest.raises(NotFound):
            region_scope(leader, code)
    assert region_scope(actor_for("leader", union=tree.nation), "").code == ""
    assert region_scope(system(), "").code == ""


@pytest.mark.parametrize("role", ["auditor", "hr"])
def test_a_post_without_the_permission_sees_nothing(role: str) -> None:
    tree = make_tree()
    actor = actor_for(role, union=tree.county)
    with pytest.raises(NotFound):
        union_scope(actor, tree.county.code)
    with pytest.raises(NotFound):
        region_scope(actor, "371502")
    assert scope_in_reach(actor) is None
    with pytest.raises(NotFound):
        union_scope(anonymous(), tree.county.code)


def test_what_a_machine_asks_for_is_answered_in_pages(django_assert_num_queries: Any) -> None:
    tree = make_tree()
    announce_fact("admit", where(tree.pool))
    announce_fact("admit", where(tree.couriers))
    with django_assert_num_queries(3):
        table = tallies(system(), now=NOW, union=tree.city.code, by="children", limit=2)
    assert table.total.active == 2
    assert len(table.rows) == 2
    rest = tallies(system(), now=NOW, union=tree.city.code, by="children", limit=2, after=table.next_after)
    assert rest.next_after is None
    assert sorted(row.active for row in (*table.rows, *rest.rows)) == [0, 1, 1]
    with django_assert_num_queries(3):
        assert [row.key for row in tallies(system(), now=NOW, region="", by="door").rows] == ["h5"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "one_scope"),
        ({"union": "A", "region": "37"}, "one_scope"),
        ({"region": "", "by": "member"}, "bad_cut"),
        ({"region": "", "since": TODAY, "until": TODAY.replace(day=1)}, "period_reversed"),
        ({"region": "", "until": TODAY.replace(year=2027)}, "period_in_future"),
        ({"region": "", "since": TODAY.replace(year=2025), "until": TODAY.replace(day=22)}, None),
        ({"region": "", "since": TODAY.replace(year=2025)}, None),
        ({"region": "", "since": TODAY.replace(year=2025, day=21)}, "period_too_long"),
    ],
)
def test_questions_that_make_no_sense_are_refused(asked: dict[str, Any], code: str | None) -> None:
    make_tree()
    if code is None:
        assert tallies(system(), now=NOW, **asked).rows
        return
    with pytest.raises(Invalid) as refused:
        tallies(system(), now=NOW, **asked)
    assert refused.value.code == code


def test_the_period_before_is_as_long_and_ends_where_this_one_begins() -> None:
    period = period_of(None, None, today=TODAY)
    assert (period.days, period.before.days) == (30, 30)
    assert (period.since - period.before.until).days == 1
    assert (period.until - period.trend_since).days == 364
