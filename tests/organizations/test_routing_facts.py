"""What routing is given to choose from."""

from __future__ import annotations

from datetime import date

import pytest

from nuanxin.kernel.refusals import Invalid
from nuanxin.organizations.actions.seed import GROUPS, RULES, seed_code_lists
from nuanxin.organizations.models import DatedRule, GroupListing, OccupationGroup, Union
from nuanxin.organizations.queries.routing import candidates_for
from nuanxin.organizations.states import EmployerScope, UnionKind
from tests.factories import NOW, TODAY
from tests.factories.organizations import make_admission_rule, make_enterprise, make_tree, make_union

pytestmark = pytest.mark.django_db


def _codes(**wanted: object) -> set[str]:
    parameters = {"region_code": "371502001001", "group_code": "courier", "on": TODAY} | wanted
    return {union.code for union in candidates_for(**parameters).unions}  # type: ignore[arg-type]


def test_seed_twice_changes_nothing_and_keeps_what_was_edited() -> None:
    seed_code_lists(NOW)
    OccupationGroup.objects.filter(code="courier").update(name="快递小哥")
    seed_code_lists(NOW)
    assert OccupationGroup.objects.count() == len(GROUPS)
    assert OccupationGroup.objects.get(code="courier").name == "快递小哥"
    assert DatedRule.objects.count() == len(RULES)
    listed: dict[str, set[str]] = {code: set() for code in ("eight_2018", "nine_liaocheng", "four_2021")}
    for set_code, group in GroupListing.objects.values_list("occupation_set_id", "group_id"):
        listed[set_code].add(group)
    assert {code: len(groups) for code, groups in listed.items()} == {
        "eight_2018": 8,
        "nine_liaocheng": 9,
        "four_2021": 4,
    }
    assert list(Union.objects.values_list("code", "path")) == [("CN000000", "/CN000000/")]


def test_everything_of_the_area_comes_in_two_statements(django_assert_num_queries: object) -> None:
    tree = make_tree()
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = candidates_for(region_code="371502001001", group_code="courier", on=TODAY)
    assert found.city_code == "3715"
    # The federation of new-employment workers has no admission rule: it admits nobody directly.
    assert [union.code for union in found.unions] == [
        tree.nation.code,
        tree.province.code,
        tree.city.code,
        tree.pool.code,
        tree.couriers.code,
        tree.county.code,
        tree.township.code,
        tree.village.code,
    ]
    couriers = next(union for union in found.unions if union.id == tree.couriers.pk)
    assert [rule.occupation_groups for rule in couriers.admission] == [("courier",)]


def test_other_villages_and_counties_are_not_in_sight() -> None:
    tree = make_tree()
    assert tree.village.code not in _codes(region_code="371502002004")
    assert tree.township.code not in _codes(region_code="371502002004")
    assert tree.couriers.code not in _codes(region_code="371503001")
    assert _codes(region_code="110101001001") == {"CN000000"}


def test_a_municipality_is_its_own_city() -> None:
    make_tree()
    beijing = make_union(region="11", name="北京市总工会")
    pool = make_union(parent=beijing, kind=UnionKind.POOL, admits=EmployerScope.ANY)
    found = candidates_for(region_code="110101001001", group_code="courier", on=TODAY)
    assert found.city_code == "11"
    assert {union.code for union in found.unions} == {"CN000000", beijing.code, pool.code}


def test_the_employers_union_comes_from_anywhere() -> None:
    tree = make_tree()
    union = make_union(parent=tree.county, kind=UnionKind.ENTERPRISE, region="371502002")
    employer = make_enterprise(union=union, platforms=("sf",))
    found = candidates_for(region_code="371503001", group_code="courier", employer_id=employer.pk, on=TODAY)
    assert found.employer is not None
    assert (found.employer.name, found.employer.covered_by) == (employer.name, union.pk)
    assert union.pk in {each.id for each in found.unions}
    assert union.code not in _codes()
    before = candidates_for(
        region_code="371503001", group_code="courier", employer_id=employer.pk, on=date(2025, 12, 31)
    )
    assert before.employer is not None
    assert before.employer.covered_by is None


def test_platform_unions_only_of_the_platform() -> None:
    tree = make_tree()
    riders = make_union(
        parent=tree.city, kind=UnionKind.PLATFORM, admits=EmployerScope.ANY, platforms=["meituan", "eleme"]
    )
    assert riders.code in _codes(platform="eleme")
    assert riders.code not in _codes(platform="sf")
    assert riders.code not in _codes()
    partner = make_enterprise(platforms=("meituan",))
    assert riders.code in _codes(employer_id=partner.pk)


def test_a_scanned_union_comes_from_anywhere_unless_it_is_closed() -> None:
    tree = make_tree()
    away = candidates_for(region_code="371503", group_code="courier", scanned_code=tree.village.code, on=TODAY)
    assert away.scanned == tree.village.pk
    assert tree.village.code in {union.code for union in away.unions}
    closed = make_union(parent=tree.city, kind=UnionKind.INDUSTRY, closed_at=NOW, admits=EmployerScope.ANY)
    found = candidates_for(region_code="371502", group_code="courier", scanned_code=closed.code, on=TODAY)
    assert found.scanned is None
    assert closed.code not in {union.code for union in found.unions}


def test_a_closed_union_covers_nobody() -> None:
    tree = make_tree()
    closed = make_union(parent=tree.county, kind=UnionKind.ENTERPRISE, closed_at=NOW)
    employer = make_enterprise(union=closed)
    found = candidates_for(region_code="371502", group_code="courier", employer_id=employer.pk, on=TODAY)
    assert found.employer is not None
    assert found.employer.covered_by is None


def test_rules_count_from_their_first_day_to_the_day_before_the_end() -> None:
    tree = make_tree()
    chain = make_union(parent=tree.city, kind=UnionKind.CHAIN)
    make_admission_rule(union=chain, valid_from=date(2026, 11, 1), valid_until=date(2026, 12, 1))
    assert chain.code not in _codes(on=date(2026, 10, 31))
    assert chain.code in _codes(on=date(2026, 11, 1))
    assert chain.code in _codes(on=date(2026, 11, 30))
    assert chain.code not in _codes(on=date(2026, 12, 1))


def test_a_union_elsewhere_may_admit_for_this_region() -> None:
    make_tree()
    neighbor = make_union(region="371503", kind=UnionKind.JOINT, admits=EmployerScope.ANY, regions=["371502001"])
    assert neighbor.code in _codes()
    assert neighbor.code not in _codes(region_code="371502002004")


@pytest.mark.parametrize("code", ["", "99", "37150", "abc", "371502001999"])
def test_an_unknown_region_is_refused(code: str) -> None:
    make_tree()
    with pytest.raises(Invalid) as refusal:
        candidates_for(region_code=code, group_code="courier", on=TODAY)
    assert refusal.value.code == "unknown_region"
