"""Coupons through the doors: the till's two requests and what they cost, the counter's page, the phone's line."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nuanxin.access.actions import add_staff, revoke_device
from nuanxin.access.actors import actor_of_key, system
from nuanxin.access.models import PartnerDevice
from nuanxin.benefits.models import CouponClash, CouponGift, CouponKind, LineEntry, Redemption
from nuanxin.bookings.models import Booking
from nuanxin.kernel.remember import forget
from nuanxin.members.actions.cards import issue_code
from nuanxin.web.counter.devices import COOKIE
from nuanxin.wiring import connect
from tests.factories.access import make_account, make_client, make_post, sign_in
from tests.factories.coupons import make_coupon_kind, make_issue
from tests.factories.credentials import make_credentials
from tests.factories.members import make_member, worker_of
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
    assert statements[0] <= 4, scanning.captured_queries
    assert statements[1] <= 5, redeeming.captured_queries
    elsewhere = make_counter(make_place(union=tree.city))[1]
    told = post(client, "scans", elsewhere, code=code_of(member)).json()
    refused = post(client, "redemptions", elsewhere, scan=told["scan"], coupon=thing["key"])
    assert (refused.status_code, refused.json()["code"]) == (409, "coupon_used")
    assert post(client, "redemptions", elsewhere, scan=found["scan"], coupon=thing["key"]).status_code == 404
    revoke_device(actor=system(), device=PartnerDevice.objects.get(pk=device.pk), now=timezone.now())
    assert post(client, "redemptions", key, scan=found["scan"], coupon=thing["key"]).status_code == 401


def test_a_till_says_who_stands_there(tree: Tree, shop: Any, member: Any, client: Client) -> None:
    coupon = give(member, issue_of(kind_of(tree, shop)))
    key = make_counter(shop)[1]
    person, _pin = add_staff(actor=system(), partner=shop.partner, name="孙丽", now=timezone.now())
    found = post(client, "scans", key, code=code_of(member), person=str(person.pk)).json()
    asked = {"scan": found["scan"], "coupon": str(coupon.pk)}
    without = post(client, "redemptions", key, **asked)
    assert (without.status_code, without.json()["code"]) == (409, "counter_needs_staff")
    assert post(client, "redemptions", key, **asked, person=str(uuid4())).status_code == 409
    assert not Redemption.objects.exists()
    assert post(client, "redemptions", key, **asked, person=str(person.pk)).status_code == 200
    assert Redemption.objects.get().staff_id == person.pk


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


def test_a_counter_tells_late_as_of_then_and_in_the_order_it_was_done(tree: Tree, shop: Any) -> None:
    """The day's limit is for who came first; where a partner has named its people, somebody stands there."""
    kind = kind_of(tree, shop, offline_limit=1)
    issue, now = issue_of(kind), timezone.now()
    members = [make_member(union=tree.couriers, with_account=True) for _number in range(2)]
    for member in members:
        give(member, issue)
    Booking.objects.update(booked_at=now - timedelta(hours=1))
    _person, pin = add_staff(actor=system(), partner=shop.partner, name="孙丽", now=now)
    counter = Client()
    counter.cookies[COOKIE] = make_counter(shop)[1]
    counter.post("/counter/people/", {"pin": pin})
    told = []
    for member, minutes in zip(members, (5, 10), strict=True):
        at = now - timedelta(minutes=minutes)
        (held,) = make_credentials(worker_of(member), now=at)
        check = {"id": str(uuid4()), "at": at.isoformat(), "code": held.code_at(at), "answer": "valid"}
        told.append(check | {"coupon": str(kind.pk)})
    done = counter.post("/counter/checks/", {"checks": told}, content_type="application/json").json()
    assert [each["why"] for each in done["coupons"]] == ["limit"]
    assert Redemption.objects.get().worker_id == members[1].worker_id
    page = counter.get("/counter/coupons/").content.decode()
    assert "待处理" in page
    assert CouponClash.objects.get().worker_id == members[0].worker_id


@pytest.mark.full
def test_the_desk_keeps_some_back_gives_one_and_takes_it_back(tree: Tree, shop: Any, member: Any) -> None:
    kind, account, cadre = kind_of(tree, shop), make_account(), Client()
    make_post(account=account, role="services", union=tree.city)
    sign_in(cadre, account)
    assert cadre.post(f"/desk/coupons/{kind.pk}/keep/", {"stock": "3", "limit_period": "year"}).status_code == 302
    form = cadre.get(f"/desk/coupons/give/?kind={kind.pk}").content.decode()
    assert "（剩3张）" in form.replace("(", "（").replace(")", "）")
    assert f"/desk/coupons/give/?member={member.number}" in cadre.get(f"/desk/people/{member.number}/").content.decode()
    typed = {"kind": str(kind.pk), "member": member.number, "reason": "感谢您救助老人"}
    assert cadre.post("/desk/coupons/give/", typed | {"member": "1"}).status_code == 422
    given = cadre.post("/desk/coupons/give/", typed)
    assert given["Location"] == f"/desk/coupons/{kind.pk}/gifts/"
    listed = cadre.get(given["Location"] + "?q=" + member.number).content.decode()
    assert "感谢您救助老人" in listed
    assert member.number in listed
    phone = Client()
    phone.force_login(member.worker.account)
    assert "感谢您救助老人" in phone.get("/coupons/").content.decode()
    gift = CouponGift.objects.get()
    assert phone.get(f"/bookings/{gift.coupon.number}/").status_code == 200
    assert cadre.post(f"/desk/coupons/gifts/{gift.pk}/back/", {"reason": "发错了"}).status_code == 302
    assert "工会取消" in cadre.get(given["Location"]).content.decode()


def test_a_kind_is_redeemed_at_single_places_and_keeps_what_the_form_cannot_offer(tree: Tree, shop: Any) -> None:
    second = make_place(union=tree.city, partner=shop.partner, name="西关便利店")
    above = make_place(union=tree.province)
    kind, account, cadre = kind_of(tree, shop), make_account(), Client()
    kind.places.all().delete()
    for place in (shop, above):
        kind.places.create(partner=place.partner, place=place)
    make_post(account=account, role="services", union=tree.city)
    sign_in(cadre, account)
    page = cadre.get(f"/desk/coupons/{kind.pk}/edit/").content.decode()
    chosen = re.findall(r'name="partners" value="([0-9a-f-]{36})"[^>]*checked', page.replace("\n", " "))
    assert chosen == [str(shop.pk)]
    fields = {"name": "清凉券", "face": "1.99", "least_spend": "2", "cost": "1.99"}
    days = {"valid_from": f"{kind.valid_from}", "until": f"{kind.valid_until - timedelta(days=1)}"}
    sent = cadre.post(f"/desk/coupons/{kind.pk}/edit/", fields | days | {"partners": [str(second.pk)]})
    assert sent.status_code == 302
    found = CouponKind.objects.get(pk=kind.pk).places
    assert set(found.values_list("place", flat=True)) == {second.pk, above.pk}


def test_a_clash_is_decided_at_the_desk(tree: Tree, shop: Any) -> None:
    kind, account, cadre = kind_of(tree, shop), make_account(), Client()
    now = timezone.now()
    clash = CouponClash.objects.create(
        pk=uuid4(), kind=kind, partner=shop.partner, place=shop, device_id=uuid4(), at=now, told_at=now, why="unknown"
    )
    make_post(account=account, role="services", union=tree.city)
    sign_in(cadre, account)
    assert f"/desk/coupons/clashes/{clash.pk}/pay/" in cadre.get("/desk/?tab=coupons").content.decode()
    page = cadre.get("/desk/coupons/clashes/?state=open").content.decode()
    assert f"/desk/coupons/clashes/{clash.pk}/pay/" in page
    assert "1.99" in cadre.get(f"/desk/coupons/clashes/{clash.pk}/pay/").content.decode()
    assert cadre.get(f"/desk/coupons/clashes/{clash.pk}/burn/").status_code == 404
    assert cadre.post(f"/desk/coupons/clashes/{clash.pk}/drop/", {"reason": ""}).status_code == 422
    assert cadre.post(f"/desk/coupons/clashes/{clash.pk}/drop/", {"reason": "查无此码"}).status_code == 302
    page = cadre.get("/desk/coupons/clashes/").content.decode()
    assert "查无此码" in page
    assert CouponClash.objects.get().state == "unpaid"
