"""What a phone may keep: marked by the server, another person's never, and forgotten when one signs out."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from nuanxin.web.counter.devices import COOKIE
from nuanxin.web.kit.offline import COUNTER_COOKIE, mark
from tests.factories.access import make_account, make_device, make_post, sign_in
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree, make_tree
from tests.web.worker.conftest import signed_in

if TYPE_CHECKING:
    from nuanxin.members.models import Membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> Tree:
    return make_tree()


@pytest.fixture
def membership(tree: Tree) -> Membership:
    made = make_member(union=tree.couriers, name="王小芳", phone="15400009999")
    worker_of(made)
    return made


@pytest.fixture
def member(membership: Membership, client: Client) -> Client:
    return signed_in(client, "15400009999")


def test_the_service_worker_knows_the_addresses_and_loads_our_script_alone(client: Client) -> None:
    response = client.get("/sw.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert "no-store" in response["Cache-Control"] or "no-cache" in response["Cache-Control"]
    text = response.content.decode()
    known = json.loads(re.findall(r"self\.nuanxin = (\{.*\});", text)[0])
    assert known["instead"] == {"/card/code/": "/card/offline/"}
    assert "/desk/" in known["leave"]
    assert known["leaving"] == ["/sign-out/", "/sign-in/"]
    (script,) = re.findall(r"importScripts\(\"([^\"]+)\"\)", text)
    assert script.startswith("/static/service-worker")
    assert finders.find("service-worker.js")


def test_marked_pages_say_so_and_whose_they_are(member: Client, membership: Membership) -> None:
    for path in ("/", "/card/", "/card/offline/"):
        response = member.get(path)
        assert response["X-Nuanxin-Keep"] == "offline", path
        assert response["X-Nuanxin-Person"] == mark("worker", membership.worker_id)
    for path in ("/card/code/", "/me/", "/me/export/", "/card/lost/"):
        assert "X-Nuanxin-Keep" not in member.get(path), path
    assert "X-Nuanxin-Keep" not in member.get("/card/", headers={"HX-Request": "true"})
    assert Client().get("/offline/")["X-Nuanxin-Keep"] == "offline"
    assert "X-Nuanxin-Keep" not in Client().get("/")
    assert str(membership.worker_id) not in mark("worker", membership.worker_id)


def test_the_mark_of_the_card_changes_with_the_card(member: Client, membership: Membership) -> None:
    def card() -> str:
        found: str = re.findall(r'data-person="(card:[0-9a-f]+)"', member.get("/card/offline/").content.decode())[0]
        return found

    before = card()
    assert card() == before
    lost = member.post("/card/lost/")
    assert lost["Clear-Site-Data"] == '"storage"'
    assert card() != before


def test_signing_out_clears_the_phone_but_not_a_counter(member: Client, tree: Tree) -> None:
    assert member.post("/sign-out/")["Clear-Site-Data"] == '"storage"'
    key = make_device(union=tree.city)[1]
    counter = Client()
    counter.cookies[COOKIE] = key
    page = counter.get("/counter/")
    assert page["X-Nuanxin-Person"].startswith("counter:")
    assert page.cookies[COUNTER_COOKIE].value == "1"
    assert "Clear-Site-Data" not in counter.post("/sign-out/"), "its unsent checks would be lost"


def test_the_desk_is_never_kept(tree: Tree, client: Client) -> None:
    account = make_account(username="kept")
    make_post(account=account, role="administrator", union=tree.city)
    sign_in(client, account)
    for path in ("/desk/", "/desk/people/", "/desk/review/"):
        response = client.get(path)
        assert "X-Nuanxin-Keep" not in response, path
        assert b"data-service-worker" not in response.content


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "没有网络"), ("en", "There is no network")])
def test_the_offline_page_reads_in_the_readers_language(client: Client, language: str, word: str) -> None:
    client.cookies["language"] = language
    client.cookies["nuanxin_elder"] = "1"
    page = client.get("/offline/").content.decode()
    assert word in page
    assert 'class="elder"' in page


def test_a_phone_may_put_the_card_on_its_home_screen(client: Client) -> None:
    told = client.get("/manifest.webmanifest").json()
    assert (told["start_url"], told["display"]) == ("/card/", "standalone")


def test_every_answer_of_an_offline_counter_has_a_face(tree: Tree, client: Client) -> None:
    client.cookies[COOKIE] = make_device(union=tree.city)[1]
    page = client.get("/counter/").content.decode()
    for answer in (
        *("valid", "suspended", "ended", "revoked", "stale", "clock", "expired", "forged", "unknown_key", "replayed"),
        *("unknown", "valid_old", "needs_network", "not_ready"),
    ):
        assert f'<template data-face="{answer}"' in page, answer
