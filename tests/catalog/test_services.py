"""Services and targets: entered and changed by whom they belong to; progress is only ever counted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from nuanxin.access.actors import Actor
from nuanxin.catalog.actions import TargetFields, drop_target, end_service, save_service, save_target
from nuanxin.catalog.actions.seed import seed_catalog_lists
from nuanxin.catalog.models import Budget, Service, Target
from nuanxin.catalog.queries.targets import targets_of
from nuanxin.catalog.rules.targets import progress_of
from nuanxin.catalog.states import Standing
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal
from nuanxin.records.models import AuditEntry
from tests.catalog.test_deliveries import cadre
from tests.factories import NOW, TODAY
from tests.factories.catalog import make_delivery, make_service, make_target
from tests.factories.members import make_member
from tests.factories.organizations import Tree, make_tree

YEAR = TODAY.year
pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> Tree:
    seed_catalog_lists()
    return make_tree()


def _save(actor: Actor, union_code: str, **changes: Any) -> Service:
    typed: dict[str, Any] = {
        "code": "check_up",
        "union_code": union_code,
        "area": "health",
        "texts": {"name": "体检"},
        "way": "book",
        "checks": [{"check": "member"}],
        "starts_on": date(YEAR, 1, 1),
        "is_new": True,
        "now": NOW,
    }
    return save_service(actor=actor, **typed | changes)


def test_a_service_is_entered_changed_and_ended(tree: Tree) -> None:
    actor = cadre(tree.city)
    _save(actor, tree.city.code, budget=Decimal(1000))
    changed = _save(
        actor, "", is_new=False, texts={"name": "流动体检", "phone": "12351"}, way="call", budget=Decimal(2000)
    )
    assert (changed.name, changed.way, Budget.objects.get().amount) == ("流动体检", "call", Decimal(2000))
    assert end_service(actor=actor, code="check_up", ends_on=TODAY, now=NOW).ends_on == TODAY
    actions = AuditEntry.objects.filter(action__startswith="catalog.").values_list("action", flat=True)
    assert sorted(actions) == ["catalog.service_changed", "catalog.service_ended", "catalog.service_entered"]


def test_a_service_that_cannot_be_is_refused_with_every_field(tree: Tree) -> None:
    actor = cadre(tree.city)
    with pytest.raises(Invalid) as refused:
        _save(
            actor,
            tree.city.code,
            texts={"name": "", "summary": "长" * 301},
            way="fax",
            ends_on=date(YEAR - 1, 1, 1),
            cost_each=Decimal(-1),
        )
    assert {error.field for error in refused.value.errors} == {"name", "summary", "way", "ends_on", "cost_each"}
    for changes in ({"code": "X y"}, {"area": "nowhere"}, {"checks": [{"check": "rich"}]}, {"budget": Decimal("Inf")}):
        with pytest.raises(Invalid):
            _save(actor, tree.city.code, **changes)
    assert not Service.objects.exists()


def test_services_belong_to_their_union(tree: Tree) -> None:
    _save(cadre(tree.city), tree.city.code)
    cases: list[tuple[Actor, dict[str, Any], type[Refusal]]] = [
        (cadre(tree.township), {"is_new": False}, NotFound),
        (cadre(tree.couriers), {"is_new": False}, NotFound),
        (cadre(tree.city, "leader"), {"is_new": False}, NotAllowed),
        (cadre(tree.city), {}, Conflict),
        (cadre(tree.county), {"code": "other", "union_code": tree.city.code}, NotFound),
    ]
    for actor, changes, refusal in cases:
        with pytest.raises(refusal):
            _save(actor, changes.pop("union_code", tree.city.code), texts={"name": "别的"}, **changes)
    assert Service.objects.get().name == "体检"


def test_the_area_stays_once_somebody_was_counted_in_it(tree: Tree) -> None:
    service = make_service(union=tree.city)
    make_delivery(service, make_member(union=tree.couriers))
    with pytest.raises(Conflict):
        _save(cadre(tree.city), "", code=service.code, is_new=False, area="culture")
    service.refresh_from_db()
    assert service.area_id == "health"


def _target(actor: Actor, *, union_code: str = "", target_id: Any = None, **changes: Any) -> Target:
    typed: dict[str, Any] = {
        "year": YEAR,
        "number": 1,
        "heading": "check_up",
        "name": "体检",
        "unit": "person",
        "amount": 2,
        "owner": "权益部",
        "due_on": date(YEAR, 12, 31),
    }
    fields = TargetFields(**typed | changes)
    return save_target(actor=actor, fields=fields, target_id=target_id, union_code=union_code, now=NOW)


def test_progress_is_counted_from_deliveries_in_its_unit(tree: Tree) -> None:
    service, actor = make_service(union=tree.city), cadre(tree.city)
    one, two = make_member(union=tree.couriers), make_member(union=tree.township, group="truck_driver")
    for number, changes in enumerate(
        (
            {"unit": "person", "service": service.code},
            {"unit": "time", "area": "health"},
            {"unit": "yuan"},
            {"unit": "person", "group": "truck_driver"},
            {"unit": "enterprise"},
        ),
        start=1,
    ):
        _target(actor, union_code=tree.city.code, number=number, amount=400, **changes)
    for member in (one, one, two):
        make_delivery(service, member)
    lines = targets_of(tree.city, YEAR, now=NOW)
    assert [line.progress.done for line in lines] == [2, 3, 540, 1, 0]
    assert [line.progress.standing for line in lines][2] == Standing.DONE


def test_a_target_is_set_changed_and_dropped_by_its_union(tree: Tree) -> None:
    actor = cadre(tree.city)
    target = _target(actor, union_code=tree.city.code)
    assert _target(actor, target_id=target.pk, amount=5).amount == 5
    with pytest.raises(Conflict):
        _target(actor, union_code=tree.city.code)
    for changes in (
        {"amount": 0},
        {"unit": "tons"},
        {"due_on": date(YEAR + 1, 1, 1)},
        {"service": make_service(union=tree.city).code, "area": "health"},
        {"heading": "none"},
        {"name": " "},
    ):
        with pytest.raises(Invalid):
            _target(actor, union_code=tree.city.code, number=7, **changes)
    for stranger, refusal in ((cadre(tree.township), NotFound), (cadre(tree.city, "leader"), NotAllowed)):
        with pytest.raises(refusal):
            drop_target(actor=stranger, target_id=target.pk, now=NOW)
    assert [each.target.pk for each in targets_of(tree.city, YEAR, now=NOW)] == [target.pk]
    drop_target(actor=actor, target_id=target.pk, now=NOW)
    assert targets_of(tree.city, YEAR, now=NOW) == []
    assert _target(actor, union_code=tree.city.code).number == 1


@pytest.mark.parametrize(
    ("done", "today", "standing"),
    [
        (100, date(2026, 1, 1), Standing.DONE),
        (99, date(2027, 1, 1), Standing.OVERDUE),
        (39, date(2026, 7, 2), Standing.BEHIND),
        (40, date(2026, 7, 2), Standing.AHEAD),
        (0, date(2026, 1, 20), Standing.AHEAD),
        (0, date(2025, 12, 1), Standing.AHEAD),
    ],
)
def test_standing_follows_the_calendar(done: int, today: date, standing: str) -> None:
    assert progress_of(done, 100, year=2026, due_on=date(2026, 12, 31), today=today).standing == standing


def test_nothing_is_reached_before_it_is() -> None:
    assert progress_of(9_999_999, 10_000_000, year=2026, due_on=date(2026, 12, 31), today=TODAY).percent == 99.9


def test_a_target_of_somebody_else_is_not_seen(tree: Tree) -> None:
    target = make_target(union=tree.city)
    with pytest.raises(NotFound):
        _target(cadre(tree.township), target_id=target.pk, amount=1)
    target.refresh_from_db()
    assert target.amount == 10
