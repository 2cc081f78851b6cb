"""Doors on the phone: which one counts, what a shut one shows, and what an app has signed, once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from nuanxin.insight.models import DoorDelta
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.remember import forget
from nuanxin.kernel.secrets import seal
from nuanxin.members.models import Application
from nuanxin.organizations.models import Door
from nuanxin.organizations.rules.launches import sign_with_secret
from tests.factories.members import make_fields
from tests.factories.organizations import Tree
from tests.web.worker.test_join import AGREED, fill_in

SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQ"


@pytest.fixture
def app_door(tree: Tree) -> Door:
    return Door.objects.create(
        code="city_app", kind="gov_app", name="市民云", name_en="City app", union=tree.city, opened_on="2026-01-01",
        sealed_secret=seal(SECRET),
    )  # fmt: skip


def _launch(door: str = "city_app", *, secret: str = SECRET, at: float = 0, **changed: str) -> str:
    values = {
        "name": "王小芳",
        "phone": "13800001234",
        "time": str(int(timezone.now().timestamp() + at)),
        "nonce": "n" * 20,
    }
    signed = values | {"sign": sign_with_secret(secret, door, values)}
    return f"/d/{door}?{urlencode(signed | changed)}"


def _steps() -> list[tuple[str, str, int, int]]:
    return list(DoorDelta.objects.order_by("pk").values_list("door_code", "union_code", "opened", "started"))


def _send(browser: Client) -> Application:
    fill_in(browser, make_fields())
    assert browser.post("/join/send/", AGREED).status_code == 302
    return Application.objects.latest("started_at")


@pytest.mark.parametrize(
    ("address", "door", "scanned"),
    [("/join/", "h5", False), ("/u/{code}", "poster", True), ("/u/{code}?d=wechat", "wechat", True),
     ("/d/wechat", "wechat", False), ("/u/{code}?d=nothing", "poster", True), ("/u/{code}?d=counter", "poster", True)],
)  # fmt: skip
def test_each_application_knows_its_door(tree: Tree, client: Client, address: str, door: str, scanned: bool) -> None:
    code = tree.couriers.code
    assert client.get(address.format(code=code)).status_code in {200, 302}
    client.get("/join/")
    application = _send(client)
    assert (application.door_id, application.scanned_union_id) == (door, tree.couriers.pk if scanned else None)
    assert application.opened_at is not None
    assert application.opened_at <= application.started_at
    at = code if scanned else ""
    assert _steps() == [(door, at, 1, 0), (door, at, 0, 1)]


def test_a_page_opened_again_is_counted_once(tree: Tree, client: Client) -> None:
    for _time in range(3):
        client.get("/join/")
    client.head("/d/wechat")
    assert _steps() == [("h5", "", 1, 0)]


def test_the_first_page_costs_one_statement_more_and_the_sending_none(
    tree: Tree, client: Client, django_assert_num_queries: Any
) -> None:
    Client().get("/join/")
    with django_assert_num_queries(1):
        client.get("/join/")
    with django_assert_num_queries(0):
        client.get("/join/")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_shut_door_says_so_and_leads_on(tree: Tree, client: Client, language: str) -> None:
    Door.objects.filter(pk__in=["wechat", "poster"]).update(closed_on=local_day(timezone.now()))
    forget()
    headers = {"accept-language": language}
    for address in ("/d/wechat", f"/u/{tree.couriers.code}?d=wechat", f"/u/{tree.couriers.code}"):
        answer = client.get(address, headers=headers)
        assert answer.status_code == 410
        assert 'href="/join/"' in answer.content.decode()
    assert ("这个渠道已关闭" in answer.content.decode()) == (language == "zh-hans")
    assert _steps() == []
    assert client.get("/d/nothing").status_code == 404
    assert client.get("/d/counter").status_code == 404


def test_whoever_began_before_a_door_was_shut_may_finish(tree: Tree, client: Client) -> None:
    client.get("/d/wechat")
    Door.objects.filter(pk="wechat").update(closed_on=local_day(timezone.now()))
    forget()
    assert _send(client).door_id == "h5"


def test_with_all_doors_shut_the_form_is_shut_too(tree: Tree, client: Client) -> None:
    Door.objects.update(closed_on=local_day(timezone.now()))
    forget()
    answer = client.get("/join/")
    assert answer.status_code == 410
    assert "12351" in answer.content.decode()


def test_what_an_app_has_signed_is_filled_in_once(app_door: Door, client: Client) -> None:
    address = _launch()
    answer = client.get(address)
    assert (answer.status_code, answer["Location"]) == (302, "/join/")
    page = client.get("/join/").content.decode()
    assert "王小芳" in page
    assert "13800001234" in page
    other = Client()
    replayed = other.get(address)
    assert replayed.status_code == 422
    assert "王小芳" not in other.get("/join/").content.decode()
    assert _send(client).door_id == "city_app"


@pytest.mark.parametrize(
    "address",
    [
        lambda: _launch(secret="b3RoZXItb3RoZXItb3RoZXI"),
        lambda: _launch(phone="13900000000"),
        lambda: _launch(at=-301),
        lambda: _launch(at=301),
        lambda: _launch(nonce="x"),
        lambda: _launch("wechat"),
    ],
)
def test_what_is_not_believed_fills_in_nothing_and_stops_nobody(app_door: Door, client: Client, address: Any) -> None:
    answer = client.get(address())
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'href="/join/"' in page
    assert "王小芳" not in client.get("/join/").content.decode()


def test_a_forged_launch_does_not_use_up_the_word_of_a_true_one(app_door: Door, client: Client) -> None:
    true = _launch()
    assert client.get(true.replace("13800001234", "13900001234")).status_code == 422
    assert client.get(true).status_code == 302


def test_a_launch_wipes_what_another_person_typed_before(app_door: Door, client: Client) -> None:
    before = make_fields(name="李四")
    fill_in(client, before)
    client.get(_launch())
    page = client.get("/join/").content.decode()
    assert "李四" not in page
    assert before["id_number"] not in page
