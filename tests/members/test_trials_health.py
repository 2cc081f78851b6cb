"""The health of the rules: by table over the small tree, by hypothesis against routing itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from nuanxin.access.models import Absence
from nuanxin.members.queries.trials.health import Health, rules_health
from nuanxin.members.rules.routing import Applicant, covering_rule, route, step_of
from nuanxin.members.rules.trials.health import (
    CATCHING,
    asked_by_itself,
    caught_places,
    collisions,
    survey,
    zones_of,
)
from nuanxin.organizations.models import AdmissionRule, Coverage, Enterprise, Union
from nuanxin.organizations.rules.atlas import Atlas
from nuanxin.organizations.states import EmployerScope, UnionKind, UnionLevel
from nuanxin.regions.models import Region
from tests.factories import NOW, TODAY
from tests.factories.access import make_account, make_post
from tests.factories.members import make_application
from tests.factories.organizations import Tree, make_admission_rule, make_enterprise, make_tree, make_union
from tests.members.test_routing import CITY, COMMUNITY, COURIERS, NATION, POOL, TOWNSHIP, rule, trees, union
from tests.web.api.rows import written

if TYPE_CHECKING:
    from nuanxin.organizations.rules.facts import Candidates

VILLAGES = {"371502001": 2, "371502002": 2, "371503001": 1}
COUNTIES = {"371502": "3715", "371503": "3715"}
TRADES = ("courier", "truck_driver", "other")
PLATFORMS = ("", "meituan", "didi")


def _atlas(*unions: Any) -> Atlas:
    return Atlas((NATION, CITY, *unions), cities=dict.fromkeys([*COUNTIES, *VILLAGES, "371502001001"], "3715"))


def _codes() -> list[str]:
    """Return one code for every village, and for the townships and counties themselves."""
    villages = [f"{township}{number:03}" for township, count in VILLAGES.items() for number in range(1, count + 1)]
    return [*COUNTIES, *VILLAGES, *villages]


def test_zones_cut_an_area_by_what_stands_there() -> None:
    places = {"", "37", "3715", "371502", "371502001", "371502001001", "11", "110101"}
    assert [(zone.code, zone.villages) for zone in zones_of(places, VILLAGES, COUNTIES)] == [
        ("371502", 2),
        ("371502001", 1),
        ("371502001001", 1),
        ("371503", 1),
    ]
    assert [(zone.code, zone.villages) for zone in zones_of({"371502001001"}, VILLAGES, COUNTIES)] == [
        ("371502", 3),
        ("371502001001", 1),
        ("371503", 1),
    ]


@given(trees())
def test_a_living_rule_decides_somewhere_and_a_dead_one_nowhere(facts: Candidates) -> None:
    """The survey asks once for each zone; here every place, trade and platform is asked one by one."""
    atlas = Atlas(facts.unions)
    atlas.cities.update(dict.fromkeys(_codes(), "3715"))
    zones = zones_of(atlas.places, VILLAGES, COUNTIES)
    atlas.cities.update(dict.fromkeys((zone.code for zone in zones), "3715"))
    found = survey(atlas, zones, TRADES)
    living, caught = set(), set()
    for code in _codes():
        for trade in TRADES:
            for platform in PLATFORMS:
                applicant = Applicant(trade, code, platform)
                candidates = atlas.candidates(code, platform=platform)
                chosen = route(applicant, candidates)
                decided = covering_rule(chosen.union, applicant, candidates)
                if chosen.steps[-1].rule in CATCHING:
                    caught.add(trade)
                elif decided:
                    living.add(decided.id)
    assert living <= found.living
    dead = {
        each.id
        for union in facts.unions
        for each in union.admission
        if each.id not in found.living and asked_by_itself(union, each)
    }
    assert not dead & living
    assert set(found.beaten) <= dead


@given(trees())
def test_who_wins_a_collision_is_whom_routing_prefers(facts: Candidates) -> None:
    for clash in collisions(facts.unions, below="/"):
        area = clash.areas[0].ljust(12, "1")
        applicant = Applicant(
            clash.groups[0] if clash.groups else "courier", area, clash.platforms[0] if clash.platforms else "meituan"
        )
        both = Atlas([NATION, clash.winner, clash.loser], cities={area: "3715"})
        assert both.candidates(area, platform=applicant.platform)
        chosen = route(applicant, both.candidates(area, platform=applicant.platform))
        assert chosen.union.id == clash.winner.id
        assert covering_rule(clash.loser, applicant, both.candidates(area, platform=applicant.platform))


@pytest.mark.parametrize(
    ("kind", "level", "region", "step"),
    [
        (UnionKind.PLATFORM, UnionLevel.CITY, "3715", "platform_union"),
        (UnionKind.INDUSTRY, UnionLevel.COUNTY, "371502", "industry_federation"),
        (UnionKind.NEW_EMPLOYMENT, UnionLevel.CITY, "3715", "industry_federation"),
        (UnionKind.VILLAGE, UnionLevel.VILLAGE, "371502001001", "village_union"),
        (UnionKind.FLEXIBLE, UnionLevel.TOWNSHIP, "371502001", "township_union"),
        (UnionKind.FEDERATION, UnionLevel.TOWNSHIP, "371502001", "township_union"),
        (UnionKind.FLEXIBLE, UnionLevel.COUNTY, "371502", ""),
        (UnionKind.CHAIN, UnionLevel.CITY, "3715", ""),
        (UnionKind.ENTERPRISE, UnionLevel.BASIC, "371502001", ""),
        (UnionKind.POOL, UnionLevel.CITY, "3715", ""),
        (UnionKind.FEDERATION, UnionLevel.COUNTY, "371502", ""),
    ],
)
def test_where_routing_asks_a_union_by_itself(kind: str, level: str, region: str, step: str) -> None:
    assert step_of(kind=kind, level=level, region_code=region) == step
    asked = union("A", kind, region, rule("A", EmployerScope.ANY), level=level)
    place = region.ljust(12, "0")
    chosen = route(Applicant("courier", place, "meituan"), Atlas([NATION, asked], cities={place: "3715"}).candidates(
        place, platform="meituan"
    ))  # fmt: skip
    assert (chosen.steps[-1].rule if chosen.steps[-1].rule not in CATCHING else "") == step


@pytest.mark.parametrize(
    ("unions", "caught"),
    [
        ((POOL,), {"371502": (4, 4, "pool"), "371503": (1, 1, "pool")}),
        ((), {"371502": (4, 4, "above"), "371503": (1, 1, "above")}),
        ((POOL, TOWNSHIP), {"371502": (2, 2, "pool"), "371503": (1, 1, "pool")}),
        ((POOL, COMMUNITY), {"371502": (3, 3, "pool"), "371503": (1, 1, "pool")}),
        ((POOL, COURIERS), {"371502": (0, 4, "pool"), "371503": (1, 1, "pool")}),
        ((POOL, TOWNSHIP, COURIERS), {"371502": (0, 2, "pool"), "371503": (1, 1, "pool")}),
    ],
)
def test_places_left_to_the_pool(unions: tuple[Any, ...], caught: dict[str, Any]) -> None:
    """For each county: in how many villages couriers and truck drivers have only the pool."""
    atlas = _atlas(*unions)
    zones = zones_of(atlas.places, VILLAGES, COUNTIES)
    rows = caught_places(survey(atlas, zones, TRADES), zones, VILLAGES, size=6)
    assert {
        row.code: (row.groups.get("courier", 0), row.groups.get("truck_driver", 0), row.step) for row in rows
    } == caught
    assert {row.code: row.villages for row in rows} == {code: {"371502": 4, "371503": 1}[code] for code in caught}


@pytest.fixture
def tree(db: None) -> Tree:
    made = make_tree()
    for township, count in VILLAGES.items():
        for number in range(1, count + 1):
            code = f"{township}{number:03}"
            if township != "371502002":
                Region.objects.get_or_create(
                    code=code, defaults={"name": f"{code}村", "level": 5, "city_code": "3715", "name_pinyin": "x"}
                )
    return made


def _health(union: Union) -> Health:
    return rules_health(union, now=NOW)


def _dead(union: Union) -> list[tuple[str, str, str]]:
    return [(row.reason, row.union.code, row.by[1].code if row.by else "") for row in _health(union).dead]


def test_the_small_tree_is_healthy_but_for_its_reviewers_and_one_county(tree: Tree) -> None:
    found = _health(tree.city)
    assert (found.dead, found.collisions) == ([], [])
    assert {row.code: "courier" in row.groups for row in found.caught} == {"371502002": False, "371503001": True}
    assert {row.union.code for row in found.unreviewed} == {
        tree.couriers.code,
        tree.township.code,
        tree.village.code,
        tree.pool.code,
    }


def test_every_reason_for_which_a_rule_never_decides(tree: Tree) -> None:
    industry: dict[str, Any] = {"parent": tree.county, "kind": UnionKind.INDUSTRY, "admits": EmployerScope.ANY}
    beaten = make_union(**industry, code="ZZZZZZZZ", groups=["courier"])
    chain = make_union(parent=tree.county, kind=UnionKind.CHAIN, admits=EmployerScope.ANY)
    away = make_union(**industry, regions=["371503"], groups=["truck_driver"])
    closed = make_union(**industry, groups=["truck_driver"], closed_at=NOW)
    empty = make_union(parent=tree.county, kind=UnionKind.ENTERPRISE, admits=EmployerScope.COVERED)
    full = make_union(parent=tree.county, kind=UnionKind.ENTERPRISE, admits=EmployerScope.COVERED)
    make_enterprise(union=full)
    shut = make_enterprise(union=closed)
    gone = make_enterprise(union=full, closed_at=NOW)
    make_admission_rule(union=tree.village, valid_until=TODAY)
    make_admission_rule(union=tree.couriers, valid_from=TODAY + timedelta(days=1), groups=["courier"])
    assert sorted(_dead(tree.city)) == sorted(
        [
            ("shadowed", beaten.code, tree.couriers.code),
            ("poster_only", chain.code, ""),
            ("poster_only", away.code, ""),
            ("no_employer", empty.code, ""),
            ("union_closed", closed.code, ""),
            ("union_closed", closed.code, ""),
            ("enterprise_closed", full.code, ""),
            ("over", tree.village.code, ""),
        ]
    )
    coverages = {row.coverage.enterprise_id for row in _health(tree.city).dead if row.coverage}
    assert coverages == {shut.pk, gone.pk}
    assert _dead(tree.pool) == []


def test_a_coverage_that_is_over(tree: Tree) -> None:
    firm: Enterprise = make_enterprise(union=tree.township)
    Coverage.objects.filter(enterprise=firm).update(valid_until=TODAY)
    assert [(row.reason, row.coverage.enterprise_id if row.coverage else None) for row in _health(tree.city).dead] == [
        ("over", firm.pk)
    ]


def test_a_rule_that_lives_in_one_village_is_alive(tree: Tree) -> None:
    """The township's union is left only what the village's does not take."""
    make_union(parent=tree.county, kind=UnionKind.FLEXIBLE, region="371502002", admits=EmployerScope.UNCOVERED)
    AdmissionRule.objects.filter(union=tree.village).update(occupation_groups=["truck_driver"])
    assert _dead(tree.city) == []


def test_collisions_name_who_loses(tree: Tree) -> None:
    twin = make_union(
        parent=tree.county,
        kind=UnionKind.INDUSTRY,
        code="AAAAAAAA",
        admits=EmployerScope.ANY,
        groups=["courier", "truck_driver"],
        regions=["371502001"],
    )
    make_union(parent=tree.city, kind=UnionKind.INDUSTRY, admits=EmployerScope.ANY, groups=["courier"])
    found = _health(tree.county).collisions
    assert [(each.winner.code, each.loser.code, each.groups, each.areas) for each in found] == [
        (twin.code, tree.couriers.code, ("courier",), ("371502001",))
    ]
    assert _health(tree.township).collisions == []


def _unreviewed(union: Union) -> dict[str, tuple[int, int, str]]:
    return {
        row.union.code: (row.waiting, row.received, row.above.code if row.above else "")
        for row in _health(union).unreviewed
    }


def test_absent_people_count_as_absent_unless_somebody_acts_for_them(tree: Tree) -> None:
    AdmissionRule.objects.exclude(union=tree.couriers).delete()
    for _ in range(2):
        make_application(union=tree.couriers)
    make_application(union=tree.couriers, state="refused", started_at=NOW - timedelta(days=3))
    assert _unreviewed(tree.couriers) == {tree.couriers.code: (2, 3, "")}
    make_post(union=tree.city)
    assert _unreviewed(tree.couriers) == {tree.couriers.code: (2, 3, tree.city.code)}
    post = make_post(union=tree.couriers)
    make_post(union=tree.couriers, role="leader")
    assert _unreviewed(tree.couriers) == {}
    away = Absence.objects.create(post=post, starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(days=1))
    assert _unreviewed(tree.couriers) == {tree.couriers.code: (2, 3, tree.city.code)}
    away.delegate = make_account()
    away.save()
    assert _unreviewed(tree.couriers) == {}
    away.delete()
    post.account.is_active = False
    post.account.save()
    assert _unreviewed(tree.couriers) == {tree.couriers.code: (2, 3, tree.city.code)}


def test_the_survey_is_a_dozen_statements_and_writes_nothing(tree: Tree, django_assert_max_num_queries: Any) -> None:
    for number in range(6):
        make_union(parent=tree.county, kind=UnionKind.INDUSTRY, admits=EmployerScope.ANY, groups=["courier"])
        make_enterprise(union=tree.township, name=f"第{number}家")
    before = written()
    with django_assert_max_num_queries(13):
        assert _health(tree.city).collisions
    assert written() == before
