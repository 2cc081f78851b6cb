"""Enterprises, who covers them and for whom they work."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from nuanxin.access.actors import anonymous, system
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, Refusal
from nuanxin.organizations.actions import (
    close_enterprise,
    cover_enterprise,
    create_enterprise,
    edit_enterprise,
    end_coverage,
    link_platform,
    register_contact,
    unlink_platform,
)
from nuanxin.organizations.models import Coverage, Enterprise
from nuanxin.organizations.queries import (
    find_employer,
    get_enterprise,
    list_enterprises,
    search_enterprises,
    visible_enterprises,
)
from nuanxin.organizations.states import UnionKind
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for
from tests.factories.organizations import make_enterprise, make_tree, make_union

pytestmark = pytest.mark.django_db
CODE = "91371500MA3C00001J"


def _coverages() -> list[tuple[Any, ...]]:
    return list(Coverage.objects.order_by("valid_from", "pk").values_list("union__code", "valid_from", "valid_until"))


def test_create_and_find_by_code() -> None:
    tree = make_tree()
    actor = actor_for("organizer", union=tree.county)
    fields = {"name": "聊城顺达快递有限公司", "region": "371502", "credit_code": CODE.lower()}
    firm = create_enterprise(actor=actor, fields=fields, now=NOW)
    assert find_employer(CODE) == firm
    with pytest.raises(Conflict) as taken:
        create_enterprise(actor=actor, fields=fields, now=NOW)
    assert taken.value.code == "credit_code_taken"
    with pytest.raises(NotFound):
        create_enterprise(actor=actor, fields={"name": "外区公司", "region": "371503"}, now=NOW)
    for bad in ({"region": ""}, {"name": " "}, {"credit_code": CODE[:-1] + "0"}, {"headcount": "many"}):
        with pytest.raises(Invalid):
            create_enterprise(actor=actor, fields={**fields, "credit_code": "", **bad}, now=NOW)
    assert Enterprise.objects.count() == 1


def test_one_union_at_a_time_and_history_stays() -> None:
    tree = make_tree()
    first = make_union(parent=tree.county, kind=UnionKind.ENTERPRISE)
    second = make_union(parent=tree.county, kind=UnionKind.JOINT, level="basic")
    firm = make_enterprise(union=first)
    cover_enterprise(actor=system(), enterprise=firm, union=second, basis="joint", on=TODAY, now=NOW)
    assert _coverages() == [(first.code, date(2026, 1, 1), TODAY), (second.code, TODAY, None)]
    cover_enterprise(actor=system(), enterprise=firm, union=first, on=TODAY, now=NOW)
    assert _coverages() == [(first.code, date(2026, 1, 1), TODAY), (first.code, TODAY, None)]
    before = _coverages()
    with pytest.raises(Invalid) as early:
        cover_enterprise(actor=system(), enterprise=firm, union=second, on=TODAY - timedelta(days=1), now=NOW)
    assert early.value.code == "before_coverage"
    for union in (tree.county, tree.pool):
        with pytest.raises(Invalid):
            cover_enterprise(actor=system(), enterprise=firm, union=union, on=TODAY, now=NOW)
    with pytest.raises(Invalid):
        end_coverage(actor=system(), enterprise=firm, on=TODAY, now=NOW)
    with pytest.raises(Conflict):
        close_enterprise(actor=system(), enterprise=firm, now=NOW)
    assert _coverages() == before
    end_coverage(actor=system(), enterprise=firm, on=TODAY + timedelta(days=1), now=NOW)
    assert _coverages()[-1] == (first.code, TODAY, TODAY + timedelta(days=1))
    with pytest.raises(Conflict):
        end_coverage(actor=system(), enterprise=firm, on=TODAY + timedelta(days=2), now=NOW)
    close_enterprise(actor=system(), enterprise=firm, now=NOW)
    assert find_employer(firm.credit_code) is None


def test_nobody_takes_an_employer_that_is_not_his() -> None:
    tree = make_tree()
    own = make_union(parent=tree.county, kind=UnionKind.ENTERPRISE)
    other = make_union(parent=tree.city, kind=UnionKind.ENTERPRISE, region="371503")
    firm = make_enterprise(union=own)
    before = _coverages()
    for actor, refusal in (
        (anonymous(), NotSignedIn),
        (actor_for("organizer", union=other), NotFound),
        (actor_for("reviewer", union=tree.city), NotAllowed),
    ):
        with pytest.raises(refusal):
            cover_enterprise(actor=actor, enterprise=firm, union=other, on=TODAY, now=NOW)
        with pytest.raises(refusal):
            edit_enterprise(actor=actor, enterprise=firm, fields={"name": "别的"}, now=NOW)
        with pytest.raises(refusal):
            link_platform(actor=actor, enterprise=firm, platform="sf", on=TODAY, now=NOW)
    assert _coverages() == before
    assert Enterprise.objects.get().name == firm.name


def test_platforms_from_day_to_day() -> None:
    make_tree()
    firm = make_enterprise()
    link_platform(actor=system(), enterprise=firm, platform="sf", on=TODAY, now=NOW)
    link_platform(actor=system(), enterprise=firm, platform="sf", on=TODAY, now=NOW)
    assert [link.platform_id for link in list_enterprises(system()).get().works_for] == ["sf"]  # type: ignore[attr-defined]
    with pytest.raises(Invalid):
        link_platform(actor=system(), enterprise=firm, platform="nobody", on=TODAY, now=NOW)
    unlink_platform(actor=system(), enterprise=firm, platform="sf", on=TODAY + timedelta(days=1), now=NOW)
    with pytest.raises(Conflict):
        unlink_platform(actor=system(), enterprise=firm, platform="sf", on=TODAY + timedelta(days=1), now=NOW)


def test_the_people_office_registers_its_contact_and_nothing_else() -> None:
    tree = make_tree()
    firm, neighbor = make_enterprise(), make_enterprise()
    actor = actor_for("hr", enterprise=firm)
    register_contact(actor=actor, enterprise=firm, contact="赵敏", contact_phone="0635-8240001", now=NOW)
    assert get_enterprise(actor, firm.pk).contact == "赵敏"
    with pytest.raises(NotFound):
        get_enterprise(actor, neighbor.pk)
    for work in (
        lambda: register_contact(actor=actor, enterprise=neighbor, contact="赵敏", contact_phone="1", now=NOW),
        lambda: edit_enterprise(actor=actor, enterprise=firm, fields={"name": "改名"}, now=NOW),
        lambda: cover_enterprise(actor=actor, enterprise=firm, union=tree.village, on=TODAY, now=NOW),
        lambda: register_contact(actor=actor, enterprise=firm, contact="", contact_phone="0635", now=NOW),
    ):
        with pytest.raises(Refusal):
            work()
    assert Enterprise.objects.get(pk=neighbor.pk).contact == ""


def test_sight_by_region_and_by_coverage() -> None:
    tree = make_tree()
    union = make_union(parent=tree.city, kind=UnionKind.ENTERPRISE, region="371503")
    here, there = make_enterprise(region="371502001"), make_enterprise(region="371503")
    covered = make_enterprise(region="371503", union=union)
    assert set(visible_enterprises(actor_for("leader", union=tree.county))) == {here}
    assert set(visible_enterprises(actor_for("leader", union=union))) == {covered}
    assert set(visible_enterprises(actor_for("leader", union=tree.city))) == {here, there, covered}
    assert set(visible_enterprises(actor_for("leader", union=tree.nation))) == {here, there, covered}
    assert set(visible_enterprises(anonymous())) == set()


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_costs_the_same_however_long(rows: int, django_assert_num_queries: Any) -> None:
    tree = make_tree()
    union = make_union(parent=tree.county, kind=UnionKind.JOINT, level="basic")
    for _each in range(rows):
        make_enterprise(union=union, platforms=("sf",))
    actor = actor_for("leader", union=tree.county)
    with django_assert_num_queries(4):
        found = list(list_enterprises(actor, region="3715", platform="sf", covered="yes"))
    assert len(found) == rows


@pytest.mark.parametrize("typed", ["顺达", "聊城顺达", "liaochengshunda", "lcsd", CODE, CODE.lower()])
def test_an_applicant_finds_the_employer(typed: str, django_assert_num_queries: Any) -> None:
    make_tree()
    firm = make_enterprise(name="聊城顺达快递有限公司", credit_code=CODE)
    make_enterprise(name="关门快递有限公司", closed_at=NOW)
    with django_assert_num_queries(1):
        found = search_enterprises(typed, near="371502001")
    assert [(hit.id, hit.name, hit.credit_code, hit.region_name) for hit in found] == [
        (firm.pk, firm.name, CODE, "东昌府区")
    ]


def test_beginnings_and_neighbors_come_first() -> None:
    make_tree()
    far = make_enterprise(name="顺风物流中心", region="110101")
    near = make_enterprise(name="顺风物流公司", region="371503")
    inside = make_enterprise(name="聊城顺风物流", region="371502")
    assert [hit.id for hit in search_enterprises("顺风", near="371502001")] == [near.pk, far.pk, inside.pk]
    assert len(search_enterprises("顺风", limit=2)) == 2
    for nothing in ("", " ", "s", "%", "_", "关门"):
        assert search_enterprises(nothing) == []
