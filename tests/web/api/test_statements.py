"""What one join costs the database: statements a request, transaction control left out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nuanxin.members.models import CardCheck, CardCode
from tests.factories.access import make_client, make_device
from tests.factories.members import make_member
from tests.factories.organizations import Tree
from tests.members.statements import statements
from tests.web.api.conftest import Caller, body_of

APPLY, APPROVE, CARD_CODE = 11, 11, 3


def test_a_join_takes_25_statements(tree: Tree, machine: Caller, reviewer: Caller) -> None:
    machine.apply(body_of(door="gov_app"))  # code lists and rules are remembered for seconds
    with statements(APPLY):
        number = machine.apply(body_of(door="gov_app")).json()["number"]
    with statements(APPROVE):
        done = reviewer.post(f"/applications/{number}/decision", {"decision": "approve"})
    with statements(CARD_CODE):
        issued = machine.post(f"/members/{done.json()['member_number']}/card-codes")
    assert issued.status_code == 201
    assert APPLY + APPROVE + CARD_CODE == 25


def test_looking_and_listing_take_two(tree: Tree, machine: Caller, reviewer: Caller) -> None:
    for _ in range(5):
        number = machine.apply(body_of(door="gov_app")).json()["number"]
    with statements(2):  # the key, the application
        assert reviewer.get(f"/applications/{number}").status_code == 200
    with statements(2):  # the key, the page
        assert len(machine.get("/applications").json()["items"]) == 5


def _code(machine: Caller, tree: Tree) -> str:
    number = make_member(union=tree.couriers).number
    return str(machine.post(f"/members/{number}/card-codes").json()["code"])


@pytest.mark.parametrize("kind", ["client", "device"])
def test_checking_a_card_takes_one(tree: Tree, machine: Caller, kind: str) -> None:
    holder, key = make_client(scopes=["cards.verify"]) if kind == "client" else make_device(union=tree.city)
    code, at_counter = _code(machine, tree), Caller(key)
    with statements(1):  # whose key it is, the use, what stands behind it, and the question
        assert at_counter.post("/cards/verify", {"code": code}).json()["answer"] == "valid"
    with statements(3):  # why it could not be used, and the question by itself
        assert at_counter.post("/cards/verify", {"code": code}).json()["answer"] == "used"
    assert list(CardCheck.objects.order_by("at").values_list("source_id", "account_id", "answer")) == [
        (holder.pk, None, "valid"),
        (holder.pk, None, "used"),
    ]


def test_who_may_not_check_cards_uses_up_no_code(tree: Tree, machine: Caller, reviewer: Caller) -> None:
    code = _code(machine, tree)
    revoked, was = make_client(scopes=["cards.verify"])
    type(revoked).objects.filter(pk=revoked.pk).update(revoked_at=datetime(2026, 1, 1, tzinfo=UTC))
    lost, held = make_device(union=tree.city)
    type(lost).objects.filter(pk=lost.pk).update(revoked_at=datetime(2026, 1, 1, tzinfo=UTC))
    narrow = make_client(scopes=["members.read"])[1]
    answers = [(was, 401), (held, 401), ("nxc_unknown", 401), ("", 401), (narrow, 403), (reviewer.key, 403)]
    for key, status in answers:
        for body in ({"code": code}, {"code": "12"}):
            assert Caller(key).post("/cards/verify", body).status_code == status, (key, body)
    for key in (was, held, "nxc_unknown"):
        for told in ({}, b"{", {"code": 7}):
            assert Caller(key).post("/cards/verify", told).status_code == 401, "what was wrong is told to the known"
    assert (CardCheck.objects.count(), CardCode.objects.get().used_at) == (0, None)
