"""Doors at the desk: the list, one door, keys, shutting, links; and entering somebody at the counter."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from nuanxin.insight.actions import count_step, fold_doors
from nuanxin.members.models import Application
from nuanxin.organizations.models import Door
from tests.factories import NOW, TODAY
from tests.factories.access import make_post, sign_in
from tests.factories.members import make_fields
from tests.factories.organizations import Tree
from tests.factories.texts import code_sent_to

APP: dict[str, Any] = {
    "code": "city_app", "name": "市民云", "name_en": "City app", "kind": "gov_app", "opened_on": "2026-01-01",
}  # fmt: skip


@pytest.fixture
def desk(tree: Tree, client: Client) -> Client:
    sign_in(client, make_post(role="administrator", union=tree.city).account)
    return client


@pytest.mark.parametrize(("language", "words"), [("zh-hans", ("渠道类型", "至今已入会")), ("en", ("Kind of door",))])
def test_a_door_from_beginning_to_end(tree: Tree, desk: Client, language: str, words: tuple[str, ...]) -> None:
    headers = {"accept-language": language}
    made = desk.post("/desk/doors/new/", APP | {"union": tree.city.code}, headers=headers)
    assert (made.status_code, made["Location"]) == (302, "/desk/doors/at/city_app/")
    count_step(door="city_app", union_code=tree.couriers.code, opened=1, now=NOW)
    fold_doors()
    listed = desk.get("/desk/doors/", headers=headers).content.decode()
    assert all(word in listed for word in words)
    page = desk.get("/desk/doors/at/city_app/", {"since": f"{TODAY}", "until": f"{TODAY}"}, headers=headers)
    assert f"/u/{tree.city.code}?d=city_app" in page.content.decode()
    secret = desk.post("/desk/doors/at/city_app/secret/", headers=headers)
    assert secret["Cache-Control"] == "no-store"
    assert Door.objects.get(pk="city_app").is_keyed
    assert desk.post("/desk/doors/at/city_app/key/", {"public_key": "no key"}, headers=headers).status_code == 422
    desk.post("/desk/doors/at/city_app/switch/", headers=headers)
    assert Door.objects.get(pk="city_app").closed_on is not None
    assert desk.get("/desk/doors/at/city_app/code.png").content[:4] == b"\x89PNG"
    assert desk.get("/desk/doors/at/city_app/poster.pdf").content[:4] == b"%PDF"


def test_bad_input_keeps_what_was_typed(tree: Tree, desk: Client) -> None:
    for bad in ({"code": "Bad Code"}, {"kind": "chimney"}, {"name": ""}, {"union": "没有的工会"}):
        answer = desk.post("/desk/doors/new/", APP | {"union": tree.city.code} | bad)
        assert answer.status_code == 422
        assert "City app" in answer.content.decode()
    assert not Door.objects.filter(pk="city_app").exists()
    page = desk.get("/desk/doors/", {"since": "2026-11-30", "until": "2026-11-01"})
    assert page.status_code == 200
    assert desk.get("/desk/doors/at/nothing/").status_code == 404


def test_somebody_is_entered_at_the_counter(tree: Tree, desk: Client) -> None:
    raw = make_fields()
    typed = {
        **{name: raw[name] for name in ("name", "id_number", "phone", "occupation_group")},
        "id_kind": "resident_id", "region_code": raw["region_code"], "union": tree.couriers.code, "door": "counter",
        "processing": "on", "identity": "on", "pledge": "on",
    }  # fmt: skip
    refused = desk.post("/desk/doors/counter/", {key: value for key, value in typed.items() if key != "identity"})
    assert refused.status_code == 422
    assert raw["name"] in refused.content.decode()
    first = desk.post("/desk/doors/counter/", typed)
    assert first.status_code == 302
    assert desk.post(first["Location"], {"code": "000000"}).status_code == 422
    done = desk.post(first["Location"], {"code": code_sent_to(raw["phone"])})
    assert (done.status_code, done["Location"]) == (302, "/desk/doors/counter/")
    application = Application.objects.get()
    assert (application.state, application.door_id) == ("submitted", "counter")
    assert application.number in desk.get("/desk/doors/counter/").content.decode()
