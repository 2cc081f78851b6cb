"""Moving by machine: for a member by scope, as a cadre with a reason; history tells every stay."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from nuanxin.members.models import MembershipEntry
from tests.factories.access import make_client, make_post, make_token
from tests.factories.members import make_member
from tests.factories.organizations import Tree, make_tree
from tests.members.moves_scene import make_beijing, standing

if TYPE_CHECKING:
    from nuanxin.members.models import Membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> Tree:
    return make_tree()


def send(key: str, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = Client().post(
        "/api/v1/transfers",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"} if key else {},
    )
    return answer.status_code, answer.json()


def history(key: str, member: Membership) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {key}"}
    answer = Client().get(f"/api/v1/members/{member.number}/history", headers=headers)
    return answer.status_code, answer.json()


def test_a_machine_moves_a_member_and_reads_every_stay(tree: Tree) -> None:
    member, key = make_member(union=tree.township), make_client(scopes=("members.transfer", "members.read"))[1]
    body = {"member_number": member.number, "to_union_code": tree.couriers.code}
    status, moved = send(key, **body)
    assert (status, moved["state"], moved["to_union"]["code"], moved["due_at"]) == (
        201,
        "done",
        tree.couriers.code,
        None,
    )
    assert send(key, **body)[1]["code"] == "already_here"
    status, told = history(key, member)
    codes = [stay["union"]["code"] for stay in told["stays"]]
    assert (status, codes) == (200, [tree.township.code, tree.couriers.code])
    assert told["stays"][0]["until"] == told["stays"][1]["since"]
    assert [act["act"] for act in told["acts"]] == ["admitted", "transferred"]


def test_between_cities_the_answer_is_when_both_unions_answer(tree: Tree) -> None:
    member, beijing = make_member(union=tree.township), make_beijing(tree)
    key = make_client(scopes=("members.transfer",))[1]
    body = {"member_number": member.number, "to_union_code": beijing.code}
    assert send(key, **body)[1]["code"] == "not_admitting"
    assert send(key, **body, region_code="11")[1]["code"] == "unknown_region"
    status, asked = send(key, **body, region_code="110101001001")
    assert (status, asked["state"], bool(asked["due_at"])) == (201, "requested", True)
    assert send(key, **body, region_code="110101001001")[1]["code"] == "transfer_asked"


def test_who_may_not(tree: Tree) -> None:
    member, other = make_member(union=tree.township), make_post(role="reviewer", union=tree.village)
    body = {"member_number": member.number, "to_union_code": tree.couriers.code}
    cadre = make_token(post=make_post(role="reviewer", union=tree.couriers))[1]
    for key, status in (
        ("", 401),
        (make_client(scopes=("members.read",))[1], 403),
        (make_token(post=other)[1], 404),
        (cadre, 422),
    ):
        assert send(key, **body)[0] == status
    assert send(cadre, **body, reason="已在本区送快递")[0] == 201
    assert standing(member)[1] == tree.couriers.name
    assert MembershipEntry.objects.filter(act="transferred").count() == 1
