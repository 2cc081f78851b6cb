"""Coupons through the doors: the till's two requests and what they cost, the counter's page, the phone's line."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nuanxin.access.actions import revoke_device
from nuanxin.access.actors import actor_of_key, system
from nuanxin.access.models import PartnerDevice
from nuanxin.benefits.models import LineEntry, Redemption
from nuanxin.bookings.models import Booking
from nuanxin.kernel.remember import forget
from nuanxin.members.actions.cards import issue_code
from nuanxin.web.counter.devices import COOKIE
from nuanxin.wiring import connect
from tests.factories.access import make_client
from tests.factories.coupons import make_coupon_kind, make_issue
from tests.factories.members import make_member
from tests.factories.organizations import Tree, make_tree
from tests.factories.partners import make_counter, make_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> Tree:
    connect()
    forget("benefits.line.")
    return make_tree()


@pytest.fixture
def shop(tree: Tree) -> Any:
    return make_place(union=tree.city, name="东关便利店")


@pytest.fixture
def member(tree: Tree) -> Any:
    return make_member(union=tree.couriers, name="王小芳", with_account=True)


def kind_of(tree: Tree, shop: Any, **fields: Any) -> Any:
    today = timezone.localdate()
    return make_coupon_kind(
        union=tree.city,
        places=[(shop.partner, None)],
        **({"valid_from": today - timedelta(days=3), "until": today + timedelta(days=30)} | fields),
    )


def issue_of(kind: Any, **fields: Any) -> Any:
    now = timezone.now()
    return make_issue(kind, **({"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(days=3)} | fields))


def give(member: Any, issue: Any) -> Booking:
    pool = issue.offer.pools.get()
    pool.taken += 1
    pool.save()
    return Booking.objects.create(
        number=f"C{pool.taken:09d}", offer=issue.offer, pool=pool, worker=member.worker, booked_at=timezone.now()
    )


def code_of(member: Any) -> str:
    now = timezone.now()
    return issue_code(actor=actor_of_key(make_client()[1], now), number=member.number, now=now).code


def post(client: Client, path: str, key: str, **body: Any) -> Any:
    return client.post(
        f"/api/v1/{path}", body, content_type="application/json", headers={"authorization": f"Bearer {key}"}
    )


def test_a_till_redeems_by_two_requests(tree: Tree, shop: Any, member: Any, client: Client) -> None:
    coupon = give(member, issue_of(kind_of(tree, shop)))
    device, key = make_counter(shop)
    code = code_of(member)
    with CaptureQueriesContext(connection) as scanning:
        found = post(client, "scans", key, code=code).json()
    [thing] = found["applies"]
    assert (thing["kind"], thing["key"], thing["act"], thing["refused"]) == ("coupon", str(coupon.pk), "redeem", [])
    with CaptureQueriesContext(connection) as redeeming:
        done = post(client, "redemptions", key, scan=found["scan"], coupon=thing["key"])
    assert (done.status_code, done.json()["face"], done.json()["again"]) == (200, "1.99", False)
    assert post(client, "redemptions", key, scan=found["scan"], coupon=thing["key"]).json()["again"] is True
    assert Redemption.objects.count() == 1
    statements = [len([each for each in asked if "SAVEPOINT" not in each["sql"]]) for asked in (scanning, redeeming)]
    assert statements[0] <= 10, scanning.captured_queries
    assert statements[1] <= 9, redeeming.captured_queries
    elsewhere = make_counter(make_place(union=tree.city))[1]
    told = post(client, "scans", elsewhere, code=code_of(member)).json()
    refused = post(client, "redemptions", elsewhere, scan=told["scan"], coupon=thing["key"])
    assert (refused.status_code, refused.json()["code"]) == (409, "coupon_used")
    assert post(client, "redemptions", elsewhere, scan=found["scan"], coupon=thing["key"]).status_code == 404
    revoke_device(actor=system(), device=PartnerDevice.objects.get(pk=device.pk), now=timezone.now())
    assert post(client, "redemptions", key, scan=found["scan"], coupon=thing["key"]).status_code == 401


def test_the_counters_page_redeems_by_one_tap(tree: Tree, shop: Any, member: Any) -> None:
    give(member, issue_of(kind_of(tree, shop)))
    counter = Client()
    counter.cookies[COOKIE] = make_counter(shop)[1]
    page = counter.post("/counter/", {"code": code_of(member)}).content.decode()
    assert "清凉券" in page
    address = re.search(r"/counter/scans/[0-9a-f-]{36}/act/", page)
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', page.replace("\n", " ")) or re.search(
        r'value="([0-9a-f-]{36})"', page
    )
    assert address
    assert key
    done = counter.post(address.group(), {"kind": "coupon", "key": key.group(1)})
    assert done.status_code == 200
    assert "1.99" in done.content.decode()
    assert Redemption.objects.get().state == "redeemed"


def test_a_phone_stands_in_line_and_takes_one(tree: Tree, shop: Any, member: Any, client: Client) -> None:
    issue = issue_of(kind_of(tree, shop), stock=1, has_line=True)
    number = issue.offer.number
    assert client.get(f"/coupons/{number}/").status_code == 200
    assert client.post(f"/coupons/{number}/join/").status_code == 302  # to the sign-in
    client.force_login(member.worker.account)
    assert client.post(f"/coupons/{number}/take/").status_code == 409
    assert client.post(f"/offers/{number}/book/")["Location"].endswith(f"/coupons/{number}/")
    assert client.post(f"/coupons/{number}/join/").status_code == 302
    assert client.post(f"/coupons/{number}/join/").status_code == 302
    assert LineEntry.objects.count() == 1
    forget("benefits.line.")
    page = client.get(f"/coupons/{number}/").content.decode()
    assert 'data-stage="turn"' in page
    assert client.post(f"/coupons/{number}/take/")["Location"].endswith("/coupons/")
    assert client.post(f"/coupons/{number}/take/").status_code in (302, 409)
    assert Booking.objects.filter(offer=issue.offer).count() == 1
    assert "清凉券" in client.get("/coupons/").content.decode()
    told = client.get(f"/coupons/{number}/now/").json()
    assert set(told) == {"now", "opens", "drawn", "early", "late", "seed", "pace", "stock", "left", "over"}
    assert client.get("/coupons/NOTHING/").status_code == 404


def test_machines_do_not_pass_the_line(tree: Tree, shop: Any, member: Any, client: Client) -> None:
    issue = issue_of(kind_of(tree, shop), has_line=True)
    _client, key = make_client()
    refused = client.post(
        f"/api/v1/offers/{issue.offer_id}/bookings",
        {"member_number": member.number},
        content_type="application/json",
        headers={"authorization": f"Bearer {key}", "idempotency-key": "one"},
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "not_in_line")
    assert not Booking.objects.exists()
