"""The tree of unions: created, edited, moved, closed; what is refused changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from nuanxin.access.actors import anonymous, system
from nuanxin.kernel import events
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, Refusal
from nuanxin.organizations.actions import (
    UnionMoved,
    close_union,
    create_union,
    edit_union,
    move_union,
    plan_region,
    reopen_union,
    scaffold_region,
)
from nuanxin.organizations.models import AdmissionRule, Union
from nuanxin.organizations.queries import get_union, public_union, search_unions, tops_of, visible_unions
from nuanxin.organizations.states import UnionKind
from nuanxin.records.queries import entries_of
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.organizations import make_enterprise, make_tree, make_union, national
from tests.factories.regions import make_liaocheng_regions

pytestmark = pytest.mark.django_db


def _state() -> list[tuple[Any, ...]]:
    return list(Union.objects.order_by("code").values_list())


def _new(**fields: object) -> dict[str, Any]:
    return {
        "name": "振兴街道灵活就业人员联合工会",
        "kind": "flexible",
        "level": "township",
        "region": "371502002",
    } | fields


def test_create_gives_code_path_pinyin_rule_and_record() -> None:
    tree = make_tree()
    actor = actor_for("organizer", union=tree.city)
    union = create_union(actor=actor, parent=tree.county, fields=_new(), now=NOW)
    assert len(union.code) == 8
    assert union.path == f"{tree.county.path}{union.code}/"
    assert union.pinyin.endswith("zxjdlhjyrylhgh")
    assert [rule.employers for rule in AdmissionRule.objects.filter(union=union)] == ["uncovered"]
    entry = entries_of(union.pk).get()
    assert (entry.action, entry.union_path, entry.post_id) == ("organizations.union_created", union.path, actor.post_id)
    assert public_union(union.code.lower()).pk == union.pk


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": ""}, "missing"),
        ({"kind": "pool"}, "kind_not_at_level"),
        ({"region": "371503001"}, "region_outside_parent"),
        ({"region": "371502999"}, "unknown_region"),
        ({"kind": "federation", "level": "county", "region": "371502"}, "level_above_parent"),
    ],
)
def test_create_refuses_and_changes_nothing(fields: dict[str, str], code: str) -> None:
    tree = make_tree()
    before = _state()
    with pytest.raises(Invalid) as refusal:
        create_union(actor=system(), parent=tree.county, fields=_new(**fields), now=NOW)
    assert refusal.value.code == code
    assert _state() == before


def test_one_pool_and_one_federation_for_a_region() -> None:
    tree = make_tree()
    before = _state()
    with pytest.raises(Conflict) as pool:
        create_union(
            actor=system(),
            parent=tree.city,
            fields={"name": "又一个周转库", "kind": "pool", "level": "city", "region": "3715"},
            now=NOW,
        )
    with pytest.raises(Conflict) as federation:
        create_union(
            actor=system(),
            parent=tree.city,
            fields={"name": "又一个总工会", "kind": "federation", "level": "county", "region": "371502"},
            now=NOW,
        )
    assert (pool.value.code, federation.value.code) == ("one_pool_per_region", "one_federation_per_region")
    assert _state() == before


def test_who_may_not_is_refused_and_nothing_changes() -> None:
    tree = make_tree()
    before = _state()
    for actor, refusal in (
        (anonymous(), NotSignedIn),
        (actor_for("reviewer", union=tree.county), NotAllowed),
        (actor_for("organizer", union=tree.village), NotFound),
    ):
        with pytest.raises(refusal):
            create_union(actor=actor, parent=tree.county, fields=_new(), now=NOW)
        with pytest.raises(refusal):
            edit_union(actor=actor, union=tree.county, fields={"name": "别的"}, now=NOW)
        with pytest.raises(refusal):
            move_union(actor=actor, union=tree.couriers, parent=tree.county, now=NOW)
        with pytest.raises(refusal):
            close_union(actor=actor, union=tree.couriers, reason="撤销", now=NOW)
    assert _state() == before


def test_edit_records_only_what_changed() -> None:
    tree = make_tree()
    edit_union(actor=system(), union=tree.county, fields={"name": tree.county.name}, now=NOW)
    assert entries_of(tree.county.pk).count() == 0
    edit_union(actor=system(), union=tree.county, fields={"contact": "王敏", "contact_phone": "0635-8240000"}, now=NOW)
    assert entries_of(tree.county.pk).get().detail["fields"] == ["contact", "contact_phone"]
    assert Union.objects.get(pk=tree.county.pk).contact == "王敏"


def test_move_takes_everything_below_along_and_says_so() -> None:
    tree = make_tree()
    heard: list[UnionMoved] = []
    events.wire(within={UnionMoved: [heard.append]}, after={})
    old = tree.township.path
    other = make_union(parent=tree.county, kind=UnionKind.AREA, region="371502001")
    move_union(actor=system(), union=tree.township, parent=other, now=NOW)
    assert public_union(tree.township.code).path == f"{other.path}{tree.township.code}/"
    assert public_union(tree.village.code).path == f"{other.path}{tree.township.code}/{tree.village.code}/"
    assert [(event.old_path, event.new_path) for event in heard] == [(old, f"{other.path}{tree.township.code}/")]
    events.wire(within={}, after={})


@pytest.mark.parametrize(
    ("union", "parent", "code"),
    [
        ("township", "township", "under_itself"),
        ("township", "village", "under_itself"),
        ("county", "village", "under_itself"),
        ("couriers", "pool", "kind_not_under_parent"),
        ("city", "nation", None),
        ("nation", "city", "root_stays"),
    ],
)
def test_moves_that_make_no_tree(union: str, parent: str, code: str | None) -> None:
    tree = make_tree()
    before = _state()
    if code is None:
        move_union(actor=system(), union=getattr(tree, union), parent=getattr(tree, parent), now=NOW)
        assert _state() != before
        return
    with pytest.raises(Invalid) as refusal:
        move_union(actor=system(), union=getattr(tree, union), parent=getattr(tree, parent), now=NOW)
    assert refusal.value.code == code
    assert _state() == before


class AnyMoves(TestCase):
    """Whatever is moved where: paths stay prefixes, nobody gets lost, and a refusal changes nothing."""

    @settings(max_examples=25, deadline=None)
    @given(
        parents=st.lists(st.integers(0, 20), min_size=3, max_size=10),
        moves=st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), max_size=12),
    )
    def test_tree_stays_a_tree(self, parents: list[int], moves: list[tuple[int, int]]) -> None:
        make_liaocheng_regions()
        unions = [make_union(region="37", kind=UnionKind.NEW_EMPLOYMENT)]
        for parent in parents:
            unions.append(make_union(parent=unions[parent % len(unions)], kind=UnionKind.NEW_EMPLOYMENT))
        for moved, target in moves:
            union, parent_union = unions[moved % len(unions)], unions[target % len(unions)]
            before = _state()
            try:
                move_union(actor=system(), union=union, parent=parent_union, now=NOW)
            except Refusal:
                assert _state() == before
        rows = {row.pk: row for row in Union.objects.all()}
        for row in rows.values():
            above = rows[row.parent_id].path if row.parent_id else "/"
            assert row.path == f"{above}{row.code}/"
        assert len(rows) == len(unions) + 1


def test_close_refuses_while_something_depends_on_it() -> None:
    tree = make_tree()
    firm_union = make_union(parent=tree.county, kind=UnionKind.ENTERPRISE)
    make_enterprise(union=firm_union)
    before = _state()
    for union in (tree.county, tree.township, firm_union):
        with pytest.raises(Conflict) as refusal:
            close_union(actor=system(), union=union, reason="撤销", now=NOW)
        assert refusal.value.code == "union_in_use"
    with pytest.raises(Invalid):
        close_union(actor=system(), union=tree.village, reason=" ", now=NOW)
    assert _state() == before
    close_union(actor=system(), union=tree.village, reason="社区合并", now=NOW)
    with pytest.raises(NotFound):
        public_union(tree.village.code)
    with pytest.raises(Conflict):
        close_union(actor=system(), union=tree.village, reason="再撤一次", now=NOW)
    reopen_union(actor=system(), union=tree.village, now=NOW)
    assert public_union(tree.village.code).pk == tree.village.pk


def test_a_closed_unions_place_may_be_taken_and_then_it_stays_closed() -> None:
    tree = make_tree()
    close_union(actor=system(), union=tree.pool, reason="重建", now=NOW)
    fields = {"name": "新周转库", "kind": "pool", "level": "city", "region": "3715"}
    create_union(actor=system(), parent=tree.city, fields=fields, now=NOW)
    with pytest.raises(Conflict) as refusal:
        reopen_union(actor=system(), union=tree.pool, now=NOW)
    assert refusal.value.code == "one_pool_per_region"


def test_sight_is_the_subtree() -> None:
    tree = make_tree()
    actor = actor_for("reviewer", union=tree.county)
    assert {union.code for union in visible_unions(actor)} == {
        tree.county.code,
        tree.couriers.code,
        tree.township.code,
        tree.village.code,
    }
    assert get_union(actor, tree.village.code).pk == tree.village.pk
    for code in (tree.city.code, tree.pool.code, "NOSUCH00"):
        with pytest.raises(NotFound):
            get_union(actor, code)
    assert [union.code for union in tops_of(actor)] == [tree.county.code]
    assert list(visible_unions(anonymous())) == []


@pytest.mark.parametrize("text", ["灵活就业", "gulou", "gljdlh", "GLJDLH00", "古楼街道"])
def test_search_by_name_pinyin_initials_and_code(text: str) -> None:
    tree = make_tree()
    assert tree.township.code in {
        union.code for union in search_unions(actor_for("leader", union=tree.city), text=text)
    }
    assert list(search_unions(actor_for("leader", union=tree.pool), text=text)) == []


def test_an_empty_installation_gets_its_city_in_one_act() -> None:
    make_liaocheng_regions()
    actor = actor_for("administrator", union=national())
    plan = plan_region(region_code="3715", townships=True)
    assert [(row.name, row.kind) for row in plan[:5]] == [
        ("山东省总工会", "federation"),
        ("聊城市总工会", "federation"),
        ("聊城市新就业形态群体工会周转库", "pool"),
        ("东昌府区总工会", "federation"),
        ("茌平区总工会", "federation"),
    ]
    made = scaffold_region(actor=actor, region_code="3715", townships=True, now=NOW)
    assert [union.name for union in made] == [row.name for row in plan]
    assert scaffold_region(actor=actor, region_code="3715", townships=True, now=NOW) == []
    assert all(row.exists for row in plan_region(region_code="3715", townships=True))
    beijing = scaffold_region(actor=actor, region_code="11", now=NOW)
    assert [union.name for union in beijing] == ["北京市总工会", "北京市新就业形态群体工会周转库", "东城区总工会"]
    for bad in ("37", "371502", "1101"):
        with pytest.raises(Invalid):
            plan_region(region_code=bad)
