"""Entering doors, switching them off and on, and keys: who may, and what is refused with nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.kernel.secrets import unseal
from nuanxin.organizations.actions import close_door, give_secret, save_door, take_public_key
from nuanxin.organizations.models import Door
from nuanxin.organizations.queries import doors_in_reach, is_open
from nuanxin.records.models import AuditEntry
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for, make_post, make_roles
from tests.factories.organizations import Tree, make_tree

APP: dict[str, Any] = {
    "code": "city_app",
    "name": "市民云",
    "name_en": "City app",
    "opened_on": TODAY,
    "kind": "gov_app",
}


@pytest.fixture
def tree(db: None) -> Tree:
    make_roles()
    return make_tree()


def _organizer(tree: Tree, where: str = "city") -> Any:
    return actor_for(make_post(role="organizer", union=getattr(tree, where)))


def test_a_union_has_doors_of_its_own(tree: Tree) -> None:
    city, county = _organizer(tree), _organizer(tree, "county")
    door = save_door(actor=city, **APP, union_code=tree.city.code, now=NOW)
    assert (door.union, door.kind, door.is_keyed) == (tree.city, "gov_app", False)
    save_door(actor=city, **APP | {"name": "市民云2"}, union_code=tree.city.code, now=NOW)
    assert Door.objects.get(pk="city_app").name == "市民云2"
    assert "city_app" in {each.code for each in doors_in_reach(city, "organizations.view")}
    assert "city_app" not in {each.code for each in doors_in_reach(county, "organizations.view")}
    assert "h5" in {each.code for each in doors_in_reach(county, "organizations.view")}


def test_off_and_on(tree: Tree) -> None:
    city = _organizer(tree)
    save_door(actor=city, **APP, union_code=tree.city.code, now=NOW)
    close_door(actor=city, code="city_app", on=TODAY, now=NOW)
    assert not is_open(Door.objects.get(pk="city_app"), TODAY)
    close_door(actor=city, code="city_app", on=None, now=NOW)
    assert is_open(Door.objects.get(pk="city_app"), TODAY)
    assert not is_open(Door.objects.get(pk="city_app"), date(2020, 1, 1))


def test_one_key_at_a_time(tree: Tree) -> None:
    city = _organizer(tree)
    save_door(actor=city, **APP, union_code=tree.city.code, now=NOW)
    secret = give_secret(actor=city, code="city_app", now=NOW)
    assert unseal(Door.objects.get(pk="city_app").sealed_secret) == secret
    point = "Ax" + "A" * 42
    with pytest.raises(Invalid):
        take_public_key(actor=city, code="city_app", public_key=point[:10], now=NOW)
    assert Door.objects.get(pk="city_app").is_keyed
    take_public_key(actor=city, code="city_app", public_key="", now=NOW)
    assert not Door.objects.get(pk="city_app").is_keyed
    assert secret not in "".join(str(entry.detail) for entry in AuditEntry.objects.all())


def _elsewhere(tree: Tree) -> None:
    save_door(actor=_organizer(tree, "county"), **APP, union_code=tree.city.code, now=NOW)


def _for_all(tree: Tree) -> None:
    save_door(actor=_organizer(tree), **APP, now=NOW)


def _bad_code(tree: Tree) -> None:
    save_door(actor=_organizer(tree), **APP | {"code": "City App"}, union_code=tree.city.code, now=NOW)


def _bad_kind(tree: Tree) -> None:
    save_door(actor=_organizer(tree), **APP | {"kind": "chimney"}, union_code=tree.city.code, now=NOW)


def _others_code(tree: Tree) -> None:
    save_door(actor=_organizer(tree), **APP | {"code": "h5"}, union_code=tree.city.code, now=NOW)


def _shut_anothers(tree: Tree) -> None:
    close_door(actor=_organizer(tree), code="h5", on=TODAY, now=NOW)


def _shut_nothing(tree: Tree) -> None:
    close_door(actor=_organizer(tree), code="nothing", on=TODAY, now=NOW)


def _key_of_a_poster(tree: Tree) -> None:
    give_secret(actor=actor_for(make_post(role="administrator", union=tree.nation)), code="poster", now=NOW)


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (_elsewhere, NotFound),
        (_for_all, NotFound),
        (_bad_code, Invalid),
        (_bad_kind, Invalid),
        (_others_code, Conflict),
        (_shut_anothers, NotFound),
        (_shut_nothing, NotFound),
        (_key_of_a_poster, Conflict),
    ],
)
def test_refusals_change_nothing(tree: Tree, act: Callable[[Tree], None], refusal: type[Exception]) -> None:
    before = list(Door.objects.order_by("code").values())
    with pytest.raises(refusal):
        act(tree)
    assert list(Door.objects.order_by("code").values()) == before
    assert not AuditEntry.objects.filter(action__startswith="organizations.door").exists()
