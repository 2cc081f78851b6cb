"""What the scripts of the offline card are answered: JSON only, to whom it belongs, refusals in words."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.signing import PrivateKey, PublicKey, signing_keys
from nuanxin.members.models import Card, CardCheck, Credential, Membership
from nuanxin.members.rules.credentials import DAYS_AHEAD, PER_DAY, day_number, decode, encode
from nuanxin.web.counter.devices import COOKIE
from nuanxin.web.kit.sessions import PHONE_CODE
from tests.factories.access import make_device
from tests.factories.credentials import Held, make_credentials
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree, make_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> Tree:
    return make_tree()


@pytest.fixture
def member(tree: Tree) -> Membership:
    return make_member(union=tree.couriers)


@pytest.fixture
def phone(member: Membership) -> Client:
    worker_of(member)
    client = Client()
    assert member.worker.account is not None
    client.force_login(member.worker.account, backend=PHONE_CODE)
    return client


@pytest.fixture
def counter(tree: Tree) -> Client:
    client = Client()
    client.cookies[COOKIE] = make_device(union=tree.city)[1]
    return client


def send(client: Client, path: str, body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def told(response: Any) -> dict[str, Any]:
    assert response["Cache-Control"] == "no-store"
    found: dict[str, Any] = json.loads(response.content)
    return found


def test_a_phone_asks_makes_keys_and_shows_a_code(phone: Client, counter: Client) -> None:
    today = day_number(local_day(timezone.now()))
    asked = told(phone.get("/card/credentials/"))
    assert (asked["day"], asked["wanted"][str(today)], len(asked["wanted"])) == (today, PER_DAY, DAYS_AHEAD)
    assert asked["keys"] == [signing_keys().current(timezone.now()).key_id]
    assert datetime.fromisoformat(asked["now"]).tzinfo is not None
    private = PrivateKey.new()
    key = {"day": today, "key": encode(private.public().whole())}
    given = told(send(phone, "/card/credentials/", {"keys": [key]}))["credentials"]
    assert [(one["day"], one["key"]) for one in given] == [(today, key["key"])]
    held = Held(private, decode(given[0]["head"]))
    page = counter.post("/counter/", {"code": held.code_at(timezone.now())}).content.decode()
    assert 'data-answer="valid"' in page
    assert "王**" in page


def test_a_phone_says_what_it_still_has(phone: Client) -> None:
    today = day_number(local_day(timezone.now()))
    asked = told(phone.get("/card/credentials/", {"held": f"{today}:6,{today + 1}:2,x:1,3:y,,"}))
    assert list(asked["wanted"].values()) == [0, PER_DAY - 2, PER_DAY, PER_DAY]


def test_refusals_are_words_and_no_pages(tree: Tree, phone: Client, member: Membership) -> None:
    assert told(Client().get("/card/credentials/"))["code"] == "not_signed_in"
    for body in ("{", "[]", "[" * 100_000, '{"keys": 5}', "null", b"\xff"):
        response = send(phone, "/card/credentials/", body)
        assert response.status_code == 422
        assert told(response)["detail"]
    Membership.objects.update(state="suspended")
    response = phone.get("/card/credentials/")
    assert (response.status_code, told(response)["code"]) == (409, "card_not_active")
    assert not Credential.objects.exists()


def test_a_counter_takes_a_bundle_and_reports(counter: Client, member: Membership) -> None:
    now = timezone.now()
    (held,) = make_credentials(worker_of(member), now=now)
    found = told(counter.get("/counter/bundle/"))
    content = decode(found["bundle"])
    bundle = json.loads(content)
    key = PublicKey.read(decode(bundle["keys"][str(found["key_id"])]))
    assert key.verifies(decode(found["signature"]), b"NX2B" + content)
    zipped = counter.get("/counter/bundle/", headers={"accept-encoding": "gzip"})
    assert json.loads(gzip.decompress(zipped.content))["bundle"]
    sent = {"id": str(uuid4()), "at": now.isoformat(), "code": held.code_at(now), "answer": "valid"}
    done = told(send(counter, "/counter/checks/", {"checks": [sent, {"id": "no"}]}))
    assert done == {"taken": [sent["id"]], "refused": ["no"], "clashes": [], "coupons": []}
    Membership.objects.update(state="ended", ended_on=now.date())
    assert CardCheck.objects.get().told == "valid"


def test_a_clash_comes_back_in_words(tree: Tree, counter: Client, member: Membership) -> None:
    now = timezone.now()
    (held,) = make_credentials(worker_of(member), now=now)
    other = Client()
    other.cookies[COOKIE] = make_device(union=tree.city)[1]
    sent = {"at": now.isoformat(), "code": held.code_at(now), "answer": "valid"}
    send(other, "/counter/checks/", {"checks": [sent | {"id": str(uuid4())}]})
    (clash,) = told(send(counter, "/counter/checks/", {"checks": [sent | {"id": str(uuid4())}]}))["clashes"]
    assert (clash["told"], clash["answer"]) == ("valid", "used")
    assert clash["word"]


def test_the_member_sees_what_a_counter_told_without_a_network(
    counter: Client, phone: Client, member: Membership
) -> None:
    now = timezone.now()
    first, second = make_credentials(worker_of(member), now=now, count=2)
    sent = {"at": now.isoformat(), "answer": "valid"}
    reports = [sent | {"id": str(uuid4()), "code": held.code_at(now)} for held in (first, second)]
    send(counter, "/counter/checks/", {"checks": reports[:1]})
    page = phone.get("/me/checks/").content.decode()
    assert "窗口没有联网时核验" in page
    assert "当时窗口看到的是" not in page
    Card.objects.update(revoked_at=now)
    send(counter, "/counter/checks/", {"checks": reports[1:]})
    page = phone.get("/me/checks/").content.decode()
    assert "当时窗口看到的是：有效会员" in page


def test_no_counter_no_bundle(client: Client, phone: Client) -> None:
    for browser in (client, phone):
        assert browser.get("/counter/bundle/").status_code == 401
        assert send(browser, "/counter/checks/", {"checks": []}).status_code == 401
    client.cookies[COOKIE] = "nxd_nothing"
    assert told(client.get("/counter/bundle/"))["code"] == "bad_key"


def test_forms_of_other_sites_are_refused(tree: Tree, member: Membership) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies[COOKIE] = make_device(union=tree.city)[1]
    assert send(strict, "/counter/checks/", {"checks": []}).status_code == 403
