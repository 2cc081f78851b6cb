"""Transfers and reported expulsions at the desk: lists, answers, asking for a member, acts on the member's page."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from nuanxin.members.actions.endings import expel
from nuanxin.members.actions.transfers import request_transfer
from nuanxin.members.models import Filing, Membership, TransferRequest
from nuanxin.members.queries.transfers import Work
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for, make_post, sign_in
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree, make_tree
from tests.members.moves_scene import make_beijing, standing

if TYPE_CHECKING:
    from nuanxin.organizations.models import Union

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> Tree:
    return make_tree()


def desk_of(union: Union, role: str = "reviewer") -> Client:
    client = Client()
    sign_in(client, make_post(role=role, union=union).account)
    return client


def asked(tree: Tree) -> tuple[Membership, TransferRequest, Union]:
    beijing, member = make_beijing(tree), make_member(union=tree.township)
    request = request_transfer(
        actor=worker_of(member),
        membership=Membership.objects.select_related("union", "worker").get(pk=member.pk),
        to_union=beijing,
        started_by="worker",
        work=Work("110101001001"),
        now=NOW,
    )
    return member, request, beijing


def test_a_request_waits_at_both_desks_and_is_answered(tree: Tree) -> None:
    member, request, beijing = asked(tree)
    here, there = desk_of(tree.township), desk_of(beijing)
    for client in (here, there):
        page = client.get("/desk/transfers/").content.decode()
        assert "王*芳" in page
        assert "王小芳" not in page
    address = f"/desk/transfers/{request.pk}/"
    assert there.post(address, {"side": "new", "agrees": "no", "reason": ""}).status_code == 422
    assert there.post(address, {"side": "old", "agrees": "yes"}).status_code == 422
    assert there.post(address, {"side": "new", "agrees": "yes"}).status_code == 302
    assert "王*芳" not in there.get("/desk/transfers/").content.decode()
    assert here.post(address, {"side": "old", "agrees": "yes"}).status_code == 302
    assert standing(member)[1] == beijing.name
    assert "王*芳" in there.get("/desk/transfers/?state=closed").content.decode()
    assert there.get("/desk/transfers/excel?state=any").status_code == 200
    assert "会籍经历" in there.get(f"/desk/people/{member.number}/").content.decode()


def test_a_cadre_asks_for_a_member_by_the_number_on_the_card(tree: Tree) -> None:
    member = make_member(union=tree.township)
    client = desk_of(tree.couriers)
    given = {"number": member.number, "union": tree.couriers.code, "reason": "已在本区送快递"}
    for wrong in ({"number": "37150000000000"}, {"union": tree.township.code}, {"reason": "不"}):
        assert client.post("/desk/transfers/ask/", given | wrong).status_code == 422
    assert client.post("/desk/transfers/ask/", given).status_code == 302
    assert standing(member)[1] == tree.couriers.name


def test_a_cadre_sends_a_member_on_from_the_members_page(tree: Tree) -> None:
    member, beijing = make_member(union=tree.township), make_beijing(tree)
    client = desk_of(tree.township)
    address = f"/desk/people/{member.number}/transfer/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"union": beijing.code, "reason": "本人已到北京工作"}).status_code == 302
    assert TransferRequest.objects.get().state == "requested"


def test_standing_changes_on_the_members_page(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    client, base = desk_of(tree.county, "registrar"), f"/desk/people/{member.number}"
    page = client.get(f"{base}/").content.decode()
    assert all(f"{base}/{verb}/" in page for verb in ("retain", "warn", "expel", "end"))
    assert client.post(f"{base}/retain/", {"retain_reason": "retired"}).status_code == 422
    assert client.post(f"{base}/retain/", {"retain_reason": "retired", "evidence": "退休证"}).status_code == 302
    assert standing(member) == ("retained", tree.couriers.name, "retired")
    page = client.get(f"{base}/").content.decode()
    assert f"{base}/return/" in page
    assert f"{base}/warn/" not in page
    assert client.post(f"{base}/return/", {"evidence": "返聘合同"}).status_code == 302
    assert client.post(f"{base}/warn/", {"reason": "六个月未缴会费"}).status_code == 302
    last = {"reason": "仍不参加", "evidence": "存根", "decided_by": "委员会"}
    assert client.post(f"{base}/end-warned/", last).status_code == 422
    Membership.objects.update(warned_until=TODAY - timedelta(days=1000))
    assert client.post(f"{base}/end-warned/", last).status_code == 302
    assert standing(member)[0] == "ended"


def test_a_reported_expulsion_is_noted(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    expel(
        actor=actor_for("registrar", union=tree.couriers),
        number=member.number,
        reason="触犯刑律",
        evidence="判决书",
        decided_by="工会委员会",
        now=NOW,
    )
    client, filing = desk_of(tree.county, "registrar"), Filing.objects.get()
    assert "王*芳" in client.get("/desk/transfers/filings/").content.decode()
    assert "工会委员会" in client.get(f"/desk/transfers/filings/{filing.pk}/").content.decode()
    assert client.post(f"/desk/transfers/filings/{filing.pk}/", {"remark": "已备案"}).status_code == 302
    assert "王*芳" not in client.get("/desk/transfers/filings/").content.decode()
    assert client.get("/desk/transfers/filings/excel?state=any").status_code == 200
