"""Offers and bookings through the machine interface."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nuanxin.access.actors import system
from nuanxin.access.states import Scope
from nuanxin.bookings.actions.draws import announce_draw
from nuanxin.bookings.models import Booking, Entry, Offer, Pool
from nuanxin.kernel.ids import new_id
from nuanxin.members.models import Membership
from nuanxin.web.kit.sessions import PHONE_CODE
from nuanxin.wiring import connect
from tests.factories.access import make_client, make_device, make_post, make_token
from tests.factories.bookings import make_open_offer
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree, make_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(db: None, settings: Any) -> Tree:
    connect()
    return make_tree()


@pytest.fixture
def machine(tree: Tree) -> str:
    return make_client(scopes=[Scope.BOOK])[1]


def make_offer(tree: Tree, **fields: Any) -> Offer:
    """Make an offer that is open at this very moment: doors ask the clock."""
    now = timezone.now()
    hours = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(days=1)}
    return make_open_offer(union=tree.city, **hours | fields)


def ask(key: str, offer: Offer, member: Membership | None, *, once: str | None = None, **body: Any) -> Any:
    content = body | ({"member_number": member.number} if member else {})
    headers: dict[str, Any] = {"HTTP_AUTHORIZATION": f"Bearer {key}"} if key else {}
    return Client().post(
        f"/api/v1/offers/{offer.pk}/bookings",
        content,
        content_type="application/json",
        HTTP_IDEMPOTENCY_KEY=once or str(new_id()),
        HTTP_ACCEPT_LANGUAGE="en",
        **headers,
    )


def test_a_machine_books_for_a_member_and_gives_back(tree: Tree, machine: str) -> None:
    offer, member = make_offer(tree, places=1), make_member(union=tree.couriers)
    first = ask(machine, offer, member, once="one")
    assert (first.status_code, first.json()["outcome"]) == (200, "booked")
    assert ask(machine, offer, member, once="one").json() == first.json()
    other = ask(machine, offer, make_member(union=tree.couriers)).json()
    assert (other["outcome"], [reason["code"] for reason in other["reasons"]]) == ("refused", ["sold_out"])
    assert other["reasons"][0]["remedy"]
    address = f"/api/v1/bookings/{first.json()['booking']}/cancel"
    given_back = Client().post(address, HTTP_AUTHORIZATION=f"Bearer {machine}")
    assert (given_back.status_code, given_back.json()["state"]) == (200, "cancelled")
    assert Pool.objects.get().taken == 0
    assert ask(machine, offer, member, once="one").json()["booking"] == first.json()["booking"]
    assert Booking.objects.count() == 1


def test_a_grant_takes_two_statements_the_key_included_and_a_refusal_one(tree: Tree, machine: str) -> None:
    offer, member = make_offer(tree, places=1), make_member(union=tree.couriers)
    other = make_member(union=tree.couriers)
    ask(machine, offer, make_member(union=tree.couriers, state="suspended"))

    def statements(member: Membership) -> int:
        with CaptureQueriesContext(connection) as seen:
            ask(machine, offer, member)
        return len([each for each in seen.captured_queries if "SAVEPOINT" not in each["sql"]])

    assert (statements(member), statements(other)) == (2, 1)


def test_every_failed_check_is_told_with_its_remedy(tree: Tree, machine: str) -> None:
    checks = [
        {"check": "member"},
        {"check": "group", "groups": ["truck_driver"]},
        {"check": "assurance", "least": "seen"},
    ]
    offer, member = make_offer(tree, checks=checks), make_member(union=tree.couriers)
    found = Client().get(
        f"/api/v1/offers/{offer.pk}/eligibility",
        {"member_number": member.number},
        HTTP_AUTHORIZATION=f"Bearer {machine}",
    )
    told = found.json()
    assert (told["eligible"], told["outcome"]) == (False, "refused")
    assert [reason["code"] for reason in told["failed"]] == ["other_group", "not_proved"]
    assert all(reason["remedy"] for reason in told["failed"])
    assert not Booking.objects.exists()


def test_everybody_sees_what_is_offered(tree: Tree) -> None:
    make_offer(tree, announced=False)
    offers = [make_offer(tree, name=f"第{number}期") for number in range(3)]
    page = Client().get("/api/v1/offers", {"limit": 2}).json()
    rest = Client().get("/api/v1/offers", {"limit": 2, "cursor": page["next"]}).json()
    assert [each["name"] for each in (*page["items"], *rest["items"])] == ["第2期", "第1期", "第0期"]
    assert (rest["next"], page["items"][0]["id"]) == (None, str(offers[2].pk))
    assert Client().get("/api/v1/offers", {"cursor": "x"}).status_code == 422


def test_who_may_not_book_is_told_so(tree: Tree, machine: str) -> None:
    offer, member = make_offer(tree), make_member(union=tree.couriers)
    narrow = make_client(scopes=[Scope.READ_TALLIES])[1]
    clerk = make_token(post=make_post(role="services", union=tree.city))[1]
    reviewer = make_token(post=make_post(role="reviewer", union=tree.city))[1]
    assert ask("", offer, member).status_code == 401
    assert ask("nxc_unknown", offer, member).status_code == 401
    assert ask(narrow, offer, member).status_code == 403
    assert ask(reviewer, offer, member).status_code == 403
    assert ask(make_device(union=tree.city)[1], offer, member).status_code == 403
    assert not Booking.objects.exists()
    assert ask(clerk, offer, member).json()["outcome"] == "booked"
    booking = Booking.objects.get()
    for key, status in ((narrow, 403), (reviewer, 403), ("", 401)):
        headers: dict[str, Any] = {"HTTP_AUTHORIZATION": f"Bearer {key}"} if key else {}
        assert Client().post(f"/api/v1/bookings/{booking.pk}/cancel", **headers).status_code == status
    booking.refresh_from_db()
    assert booking.state == "booked"


@pytest.mark.parametrize(
    ("body", "code"),
    [({"seats": 0}, "out_of_range"), ({"session": "x"}, "wrong_type"), ({}, "missing")],
)
def test_bad_wishes_are_refused_by_field(tree: Tree, machine: str, body: dict[str, Any], code: str) -> None:
    offer = make_offer(tree)
    answer = ask(machine, offer, make_member(union=tree.couriers) if body else None, **body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == code
    assert ask(machine, offer, make_member(union=tree.couriers), once="ä").status_code == 422


def test_a_worker_books_for_oneself_with_the_session(tree: Tree) -> None:
    offer, member = make_offer(tree), make_member(union=tree.couriers)
    worker_of(member)
    assert member.worker.account
    client = Client()
    client.force_login(member.worker.account, backend=PHONE_CODE)
    answer = client.post(
        f"/api/v1/offers/{offer.pk}/bookings", {}, content_type="application/json", HTTP_IDEMPOTENCY_KEY="a"
    )
    assert answer.json()["outcome"] == "booked"
    stranger = make_member(union=tree.couriers)
    answer = client.post(
        f"/api/v1/offers/{offer.pk}/bookings",
        {"member_number": stranger.number},
        content_type="application/json",
        HTTP_IDEMPOTENCY_KEY="b",
    )
    assert answer.status_code == 404


def test_an_entry_into_a_draw_carries_its_ticket(tree: Tree, machine: str) -> None:
    offer, member = make_offer(tree, way="lottery"), make_member(union=tree.couriers)
    announce_draw(
        actor=system(),
        offer=offer,
        source="上证综合指数收盘点位",
        source_link="https://www.sse.example/index",
        value_at=offer.closes_at + timedelta(hours=1),
        now=timezone.now(),
    )
    first = ask(machine, offer, member).json()
    entry = Entry.objects.select_related("waiting").get()
    assert (first["outcome"], first["ticket"], first["waiting"]) == ("entered", entry.ticket, str(entry.waiting.pk))
    assert ask(machine, offer, member).json() == first
