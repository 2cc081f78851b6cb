"""What one join costs the database: statements a request, transaction control left out."""

from __future__ import annotations

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
