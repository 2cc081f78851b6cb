"""Tallies are exact at every moment: appended, half folded, folded, carried, loaded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nuanxin.access.actors import system
from nuanxin.insight.actions import carry_tallies, fold, load_tallies
from nuanxin.insight.models import TallyDay, TallyDelta, TallyTotal
from nuanxin.insight.queries import dashboard, region_scope, tallies, union_scope
from nuanxin.insight.rules import Share, Sums
from nuanxin.organizations.models import Union
from tests.factories import NOW, TODAY
from tests.factories.insight import announce_fact, where
from tests.factories.organizations import Tree, make_tree

if TYPE_CHECKING:
    from nuanxin.members.actions.events import Where

pytestmark = pytest.mark.django_db
MEASURES = {"apply": (1, 0, 0, 0), "admit": (0, 1, 0, 1), "refuse": (0, 0, 1, 0), "approve": (0, 0, 0, 0)}
MEASURES |= {"suspend": (0, 0, 0, -1), "resume": (0, 0, 0, 1)}
DAYS = [TODAY, TODAY - timedelta(days=1), TODAY - timedelta(days=29), TODAY - timedelta(days=45)]
PLACES = ["couriers", "township", "village", "pool", "county"]
REGIONS = ["371502001001", "371502001002", "371503001", "110101001001", "3715"]

FACTS = st.tuples(
    st.sampled_from(sorted(MEASURES)),
    st.sampled_from(PLACES),
    st.sampled_from(REGIONS),
    st.sampled_from(["courier", "truck_driver"]),
    st.sampled_from(["h5", "counter"]),
    st.sampled_from(DAYS),
)
STEPS = st.lists(st.one_of(FACTS, st.integers(1, 5)), max_size=25)


@dataclass(frozen=True)
class Moved:
    """A union moved."""

    old_path: str
    new_path: str


def _move(union: Union, parent: Union) -> None:
    """Move a union and all below it, as the tree's own action does, and carry its tallies."""
    old, new = union.path, f"{parent.path}{union.code}/"
    for each in Union.objects.filter(path__startswith=old):
        parent_id = parent.pk if each.pk == union.pk else each.parent_id
        Union.objects.filter(pk=each.pk).update(path=new + each.path[len(old) :], parent_id=parent_id)
    carry_tallies(Moved(old, new))


def _expected(facts: list[tuple[str, Where]], paths: dict[str, str]) -> dict[tuple[str, str, date], Counter[str]]:
    """Count by hand: (scope, slice, day) → measures, each fact under the path its union has at the end."""
    found: dict[tuple[str, str, date], Counter[str]] = {}
    for act, place in facts:
        code = place.union_path.strip("/").split("/")[-1]
        scopes = [f"u:{each}" for each in paths[code].strip("/").split("/")]
        scopes += [f"r:{place.region_code[:n]}" for n in (0, 2, 4, 6, 9, 12) if n <= len(place.region_code)]
        for scope in scopes:
            for cut in ("", f"g:{place.group_code}", f"d:{place.door_code}"):
                measures = dict(zip(("applications", "admissions", "refusals", "active"), MEASURES[act], strict=True))
                found.setdefault((scope, cut, place.day), Counter()).update(measures)
    return found


def _read(scope: str, by: str) -> list[tuple[str, int, int, int, int]]:
    kind, code = scope.split(":")
    asked: dict[str, Any] = {"union": code} if kind == "u" else {"region": code}
    table = tallies(system(), now=NOW, by=by, since=TODAY - timedelta(days=60), **asked)
    return [(row.key, row.applications, row.admissions, row.refusals, row.active) for row in table.rows]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, moved=st.sampled_from([None, "couriers", "township"]))
def test_every_reading_is_what_counting_by_hand_gives(db: None, steps: list[Any], moved: str | None) -> None:
    """Whatever was appended, whenever folds ran between, and even when a union moved before the last fold."""
    for model in (TallyDelta, TallyDay, TallyTotal):
        model.objects.all().delete()
    tree = _tree()
    facts = []
    for step in steps:
        if isinstance(step, int):
            fold(limit=step)
            continue
        act, union, region, group, door, day = step
        place = where(getattr(tree, union), region=region, group=group, door=door, day=day)
        announce_fact(act, place)
        facts.append((act, place))
    if moved:
        _move(Union.objects.get(pk=getattr(tree, moved).pk), tree.new_employment)
    paths = dict(Union.objects.values_list("code", "path"))
    counted = _expected(facts, paths)
    scopes = sorted({scope for scope, _cut, _day in counted})
    for folded in (False, True):
        if folded:
            fold()
            assert TallyDelta.objects.count() == 0
        for scope in scopes:
            _same(scope, counted)
    stored = {
        (row.scope, row.slice, row.day): (row.applications, row.admissions, row.refusals, row.active)
        for row in TallyDay.objects.all()
        if any((row.applications, row.admissions, row.refusals, row.active))
    }
    wanted = {key: _four(value) for key, value in counted.items() if any(value.values())}
    assert stored == wanted
    if moved:
        _move(Union.objects.get(pk=getattr(tree, moved).pk), Union.objects.get(pk=getattr(tree, moved).parent_id))


def _four(value: Counter[str]) -> tuple[int, int, int, int]:
    return value["applications"], value["admissions"], value["refusals"], value["active"]


def _same(scope: str, counted: dict[tuple[str, str, date], Counter[str]]) -> None:
    days = {day: value for (each, cut, day), value in counted.items() if each == scope and cut == ""}
    active = 0
    by_hand = []
    for back in range(60, -1, -1):
        day = TODAY - timedelta(days=back)
        row = _four(days.get(day, Counter()))
        active += row[3]
        by_hand.append((str(day), *row[:3], active))
    assert _read(scope, "day") == [(*row,) for row in by_hand]
    for by, letter in (("group", "g"), ("door", "d")):
        cuts: dict[str, Counter[str]] = {}
        for (each, cut, _day), value in counted.items():
            if each == scope and cut.startswith(f"{letter}:"):
                total = cuts.setdefault(cut[2:], Counter())
                total.update(value)
        read = sorted(row for row in _read(scope, by) if any(row[1:]))
        assert read == sorted((key, *_four(value)) for key, value in cuts.items() if any(value.values()))


_trees: list[Tree] = []


def _tree() -> Tree:
    if not Union.objects.filter(code="LCSZGH00").exists():
        _trees[:] = [make_tree()]
    return _trees[0]


def test_children_and_breakdowns_add_up_to_the_scope(django_assert_num_queries: Any) -> None:
    tree = make_tree()
    for union, times in ((tree.couriers, 5), (tree.village, 3), (tree.county, 2), (tree.pool, 1)):
        for _ in range(times):
            announce_fact("apply", where(union))
            announce_fact("admit", where(union))
    announce_fact("refuse", where(tree.couriers))
    fold(limit=7)
    scope = union_scope(system(), tree.county.code)
    with django_assert_num_queries(4):
        found = dashboard(system(), scope, now=NOW)
    assert found.ever == Sums(10, 10, 1, 10)
    assert found.sums == found.today == Sums(10, 10, 1, 10)
    assert found.before == Sums()
    assert found.sums.approval == Share(10, 11)
    assert [(row.code, row.active, row.sums.refusals) for row in found.children] == [
        (tree.couriers.code, 5, 1),
        (tree.township.code, 3, 0),
    ]
    assert found.own_active == 2
    assert [(cut.code, cut.active, cut.of_active.percent) for cut in found.groups] == [("courier", 10, 100.0)]
    assert len(found.trend) == 365
    assert found.trend[-1].active == 10
    assert found.trend[-2].active == 0


def test_a_region_that_only_fills_its_level_gives_way_to_what_is_below() -> None:
    tree = make_tree()
    announce_fact("admit", where(tree.pool, region="110101001001"))
    found = dashboard(system(), region_scope(system(), "11"), now=NOW)
    assert [(row.code, row.active) for row in found.children] == [("110101", 1)]
    fold()
    assert [(row.code, row.active) for row in dashboard(system(), region_scope(system(), "11"), now=NOW).children] == [
        ("110101", 1)
    ]


def test_a_load_equals_the_same_acts_one_by_one() -> None:
    tree = make_tree()
    facts = [("admit", where(tree.village, day=DAYS[n % 4], region=REGIONS[n % 4])) for n in range(12)]
    facts += [("apply", replace(place, group_code="truck_driver")) for _act, place in facts]
    for act, place in facts:
        announce_fact(act, place)
    fold()
    one_by_one = _stored()
    TallyDay.objects.all().delete()
    TallyTotal.objects.all().delete()
    rows = [(p.day, p.union_path, p.region_code, p.group_code, p.door_code, *MEASURES[act]) for act, p in facts]
    assert load_tallies(rows[:10]) == 10
    assert load_tallies(rows[10:]) == 14
    assert _stored() == one_by_one
    assert one_by_one


def _stored() -> list[list[Any]]:
    return [
        sorted(map(str, model.objects.values_list(*fields, "applications", "admissions", "refusals", "active")))
        for model, fields in ((TallyDay, ("scope", "slice", "day")), (TallyTotal, ("scope", "slice")))
    ]
