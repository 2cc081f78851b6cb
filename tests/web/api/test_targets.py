"""Yearly targets for machines: what was promised, what was counted, and for whom to see."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from nuanxin.kernel.clock import local_day
from nuanxin.web.api import schemas_targets
from tests.factories.access import make_client, make_post, make_token
from tests.factories.catalog import make_delivery, make_service, make_target
from tests.factories.members import make_member
from tests.factories.organizations import Tree
from tests.web.api.conftest import Caller
from tests.web.api.test_schema import keeps_to

TODAY = local_day(timezone.now())


def _target(tree: Tree) -> None:
    service = make_service(union=tree.city, name_en="Check-up")
    make_target(
        union=tree.city, service=service, amount=4, unit="person", year=TODAY.year, due_on=date(TODAY.year, 12, 31)
    )
    for _ in range(2):
        make_delivery(service, make_member(union=tree.couriers), day=TODAY)


def test_the_list_of_a_year_with_what_was_counted(tree: Tree) -> None:
    _target(tree)
    caller = Caller(make_client(scopes=["tallies.read"])[1])
    page = caller.get("/targets", union=tree.city.code, year=TODAY.year).json()
    keeps_to(schemas_targets.TargetPage, page)
    (item,) = page["items"]
    keeps_to(schemas_targets.TargetOut, item)
    assert (item["done"], item["target"], item["percent"], item["yuan"]) == (2, 4, 50.0, "360.00")
    assert caller.get("/targets", union=tree.city.code, year=TODAY.year - 1).json()["items"] == []
    assert caller.get("/targets").json()["union"] == tree.city.code


def test_who_may_and_what_is_refused(tree: Tree, nobody: Caller) -> None:
    _target(tree)
    assert nobody.get("/targets").status_code == 401
    assert Caller(make_client(scopes=["cards.verify"])[1]).get("/targets").status_code == 403
    leader = Caller(make_token(post=make_post(role="leader", union=tree.city))[1])
    assert leader.get("/targets").json()["items"][0]["done"] == 2
    assert leader.get("/targets", union=tree.nation.code).status_code == 404
    assert leader.get("/targets", year="soon").status_code == 422
    elsewhere = Caller(make_token(post=make_post(role="leader", union=tree.township))[1])
    assert elsewhere.get("/targets").status_code == 404
