"""The schema is kept in the repository, describes every operation, and answers keep to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nuanxin.web.api import schemas
from nuanxin.web.api.api import api
from nuanxin.web.kit.excel import CONTENT_TYPE
from tests.factories.members import make_member
from tests.factories.organizations import Tree
from tests.web.api.conftest import Caller, body_of

KEPT = Path(__file__).resolve().parents[3] / "docs" / "openapi.json"


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths = api.get_openapi_schema()["paths"]
    return [(path, method, told) for path, methods in paths.items() for method, told in methods.items()]


def test_the_kept_schema_is_the_schema() -> None:
    text = json.dumps(api.get_openapi_schema(), indent=1, ensure_ascii=False, sort_keys=True, default=str) + "\n"
    assert KEPT.read_text(encoding="utf-8") == text, "run bin/nuanxin openapi"


def test_the_schema_is_openapi_3_1_and_public(nobody: Caller) -> None:
    told = nobody.get("/openapi.json")
    assert (told.status_code, told.json()["openapi"]) == (200, "3.1.0")
    assert told.json() == json.loads(KEPT.read_text(encoding="utf-8"))


def test_every_promised_address_is_there() -> None:
    assert {(method, path.removeprefix("/api/v1")) for path, method, _ in operations()} >= {
        ("post", "/applications"),
        ("get", "/applications"),
        ("get", "/applications/{number}"),
        ("post", "/applications/{number}/confirm"),
        ("post", "/applications/{number}/decision"),
        ("post", "/applications/{number}/withdraw"),
        ("get", "/members/{number}"),
        ("post", "/members/{number}/card-codes"),
        ("post", "/cards/verify"),
        ("post", "/routes/explain"),
        ("get", "/unions/{code}"),
        ("get", "/regions"),
        ("get", "/tallies"),
        ("get", "/meta"),
    }


def test_every_operation_says_who_may_and_how_it_is_refused() -> None:
    for path, method, told in operations():
        where = f"{method} {path}"
        assert told["summary"], where
        assert told["description"], where
        assert told["x-who"], where
        assert told["security"], where
        good = [status for status in told["responses"] if status.startswith("2")]
        assert len(good) == 1, where
        content = told["responses"][good[0]]["content"]
        assert CONTENT_TYPE in content or content["application/json"]["examples"], where
        refused = {status for status in told["responses"] if status[0] in "45"}
        assert refused >= {"400", "401", "405", "500"}, where
        for status in refused:
            content = told["responses"][status]["content"]["application/problem+json"]
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}, where


def test_every_reference_in_the_schema_leads_somewhere() -> None:
    schema = json.dumps(api.get_openapi_schema())
    forms = api.get_openapi_schema()["components"]["schemas"]
    for piece in schema.split('"$ref": "#/components/schemas/')[1:]:
        assert piece.split('"')[0] in forms


def keeps_to(form: Any, content: dict[str, Any]) -> None:
    """Fail unless content is of a form, with all of its fields and no other."""
    form.model_validate(content)
    assert set(content) == set(form.model_fields)


def test_answers_keep_to_their_forms(tree: Tree, machine: Caller, reviewer: Caller, counter: Caller) -> None:
    sent = machine.apply(body_of(door="gov_app")).json()
    keeps_to(schemas.ApplicationOut, sent)
    for step in sent["reasons"]:
        keeps_to(schemas.ReasonOut, step)
    keeps_to(schemas.ApplicationPage, machine.get("/applications").json())
    number = sent["number"]
    keeps_to(schemas.ApplicationOut, reviewer.get(f"/applications/{number}").json())
    done = reviewer.post(f"/applications/{number}/decision", {"decision": "approve"}).json()
    keeps_to(schemas.ApplicationOut, done)
    keeps_to(schemas.MemberOut, machine.get(f"/members/{done['member_number']}").json())
    issued = machine.post(f"/members/{done['member_number']}/card-codes").json()
    keeps_to(schemas.CardCodeOut, issued)
    keeps_to(schemas.CheckedOut, counter.post("/cards/verify", {"code": issued["code"]}).json())
    keeps_to(schemas.CheckedOut, counter.post("/cards/verify", {"code": "0123456789"}).json())
    keeps_to(schemas.RouteOut, machine.post("/routes/explain", body_of()).json())
    keeps_to(schemas.UnionOut, machine.get(f"/unions/{tree.couriers.code}").json())
    keeps_to(schemas.MetaOut, machine.get("/meta").json())
    for query in ({"parent": "371502"}, {"q": "古城"}, {}):
        page = machine.get("/regions", **query).json()
        keeps_to(schemas.RegionPage, page)
        assert page["items"]
        keeps_to(schemas.RegionOut, page["items"][0])
    for by in ("day", "group", "door", "children"):
        page = reviewer.get("/tallies", union=tree.city.code, by=by).json()
        keeps_to(schemas.TallyPage, page)
        assert page["total"]["admissions"] == 1
    refused = machine.apply({}).json()
    keeps_to(schemas.Problem, refused)
    keeps_to(schemas.FieldProblem, refused["errors"][0])


def test_meta_names_the_groups_of_the_contract(nobody: Caller, machine: Caller) -> None:
    told = nobody.get("/meta").json()
    assert set(told["occupation_group_codes"]) >= {
        "courier",
        "food_delivery_rider",
        "ride_hailing_driver",
        "truck_driver",
        "domestic_worker",
        "care_worker",
        "mall_information_worker",
        "real_estate_agent",
        "security_guard",
        "other",
    }
    assert [row["code"] for row in told["doors"]] == told["door_codes"]
    assert (told["own_door"], machine.get("/meta").json()["own_door"]) == (None, "gov_app")


def test_regions_come_in_pages(nobody: Caller, tree: Tree) -> None:
    first = nobody.get("/regions", parent="371502002", limit=1).json()
    rest = nobody.get("/regions", parent="371502002", limit=1, cursor=first["next"]).json()
    assert [row["code"] for row in first["items"] + rest["items"]] == ["371502002004", "371502002005"]
    assert (first["next"], rest["next"]) == ("371502002004", None)
    assert (
        nobody.get("/regions", q="gcsq").json()["items"][0]["full_name"] == "山东省聊城市东昌府区古楼街道古城社区居委会"
    )


@pytest.mark.parametrize(("language", "name"), [("en", "Couriers"), ("zh-hans", "快递员")])
def test_names_come_in_the_language_of_the_request(tree: Tree, language: str, name: str) -> None:
    groups = {row["code"]: row["name"] for row in Caller(language=language).get("/meta").json()["occupation_groups"]}
    assert name.lower() in groups["courier"].lower() or groups["courier"].lower() in name.lower()


def test_a_member_number_of_nobody(tree: Tree, machine: Caller) -> None:
    make_member(union=tree.couriers)
    assert machine.get("/members/37151234567897").status_code == 404
