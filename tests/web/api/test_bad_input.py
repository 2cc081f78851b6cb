"""Whatever is sent, the answer is a problem that can be understood, and nothing has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from nuanxin.web.api.gate import MOST_BYTES, gated
from nuanxin.web.kit.actors import ActorMiddleware
from tests.factories.access import sign_in
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree
from tests.web.api.conftest import Caller, body_of
from tests.web.api.rows import counted

_NESTED: Any = "x"
for _level in range(50):
    _NESTED = [_NESTED]
WRONG_TYPES: list[Any] = [7, True, 1.5, [], ["a"], {}, {"a": 1}, _NESTED]
#: What no text may hold.
UNREADABLE = ["王\x00芳", "王\ud800芳", "a\u202eb", "a\u200fb", "a\x1bb", "\ue000"]
TOO_LONG = ["王" * 501, "1" * 60_000]
#: What is a text, but no code, no number and no name.
NONSENSE = ["王😀", "<script>alert(1)</script>", "'; DROP TABLE members_worker; --", "%s%n{0}", "../../etc/passwd"]
NOTHING: list[Any] = [None, "", "   "]

APPLICATION = ("name", "id_kind", "id_number", "phone", "occupation_group", "region_code", "door", "consent_version")
OPTIONAL_CODES = ("employer_credit_code", "platform")
FREE = ("employer_name", "union_code")
#: What an empty value stands for here: the usual kind of ID, the machine's own door.
USUAL = {"id_kind": [None, "", "   "], "door": [None, "", "   "]}


def refused(answer: Any, before: dict[str, int]) -> dict[str, Any]:
    """Fail unless an answer is a problem of the sender's, well-formed, that changed nothing."""
    told = problem(answer)
    assert counted() == before
    return told


def problem(answer: Any) -> dict[str, Any]:
    """Fail unless an answer is a problem of the sender's, well-formed."""
    told: dict[str, Any] = answer.json()
    assert 400 <= answer.status_code < 500, (answer.status_code, told)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "code", "errors"} == set(told)
    assert (told["status"], bool(told["title"]), bool(told["detail"])) == (answer.status_code, True, True)
    return told


def tried(send: Callable[[dict[str, Any]], Any], body: dict[str, Any], field: str, values: list[Any]) -> None:
    before = counted()
    for value in values:
        told = problem(send(body | {field: value}))
        assert told["errors"], (field, value, told)
        assert told["errors"][0]["field"].split(".")[0] == field, (field, value, told)
        assert told["errors"][0]["message"], (field, value)
    assert counted() == before


@pytest.mark.parametrize("who", ["machine", "nobody"])
@pytest.mark.parametrize("field", APPLICATION)
def test_every_field_of_an_application(request: pytest.FixtureRequest, tree: Tree, field: str, who: str) -> None:
    caller: Caller = request.getfixturevalue(who)
    body = body_of(door="gov_app")
    values = WRONG_TYPES + UNREADABLE + TOO_LONG + NONSENSE + NOTHING
    usual = USUAL.get(field, [])
    if field == "door" and who == "nobody":
        usual = []
    tried(caller.apply, body, field, [value for value in values if value not in usual or value in WRONG_TYPES])
    if not usual:
        without = {name: value for name, value in body.items() if name != field}
        refused(caller.apply(without), counted())


@pytest.mark.parametrize("field", OPTIONAL_CODES + FREE)
def test_every_optional_field_of_an_application(tree: Tree, machine: Caller, field: str) -> None:
    nonsense = NONSENSE if field in OPTIONAL_CODES else []
    tried(machine.apply, body_of(door="gov_app"), field, WRONG_TYPES + UNREADABLE + TOO_LONG + nonsense)
    for value in [*NOTHING[:2], *(NONSENSE if field in FREE else [])]:
        assert machine.apply(body_of(door="gov_app", **{field: value})).status_code == 201


def test_consents_must_be_those_that_are_needed(tree: Tree, machine: Caller) -> None:
    before = counted()
    for value in (
        [],
        ["processing"],
        ["x" * 600],
        "processing",
        [7],
        {"processing": True},
        ["a"] * 11,
        ["identity\x00"],
    ):
        refused(machine.apply(body_of(door="gov_app", consents=value)), before)
    sent = machine.apply(body_of(door="gov_app", consents=["processing", "identity", "employer"]))
    assert (sent.status_code, counted()["members_consent"]) == (201, 3)


def test_a_consent_that_nobody_knows_is_refused(tree: Tree, machine: Caller) -> None:
    told = refused(machine.apply(body_of(door="gov_app", consents=["processing", "identity", "soul"])), counted())
    assert told["errors"][0]["field"] == "consents"


@pytest.mark.parametrize("field", ["occupation_group", "region_code", *OPTIONAL_CODES, *FREE])
def test_every_field_of_an_explanation(tree: Tree, nobody: Caller, field: str) -> None:
    values = WRONG_TYPES + UNREADABLE + TOO_LONG
    if field not in FREE:
        values = values + NONSENSE
    if field in {"occupation_group", "region_code"}:
        values = values + NOTHING
    body = {name: value for name, value in body_of().items() if name in {"occupation_group", "region_code"}}
    tried(lambda told: nobody.post("/routes/explain", told), body, field, values)
    assert nobody.post("/routes/explain", body).status_code == 200


@pytest.mark.parametrize("field", ["decision", "reason", "to_union"])
def test_every_field_of_a_decision(tree: Tree, machine: Caller, reviewer: Caller, field: str) -> None:
    number = machine.apply(body_of(door="gov_app")).json()["number"]
    body = {"decision": "pass_on", "reason": "住在别处的人", "to_union": tree.township.code}
    values = WRONG_TYPES + UNREADABLE + TOO_LONG + ([] if field == "reason" else NONSENSE)
    before = counted()
    for value in [*values, *NOTHING]:
        told = refused(reviewer.post(f"/applications/{number}/decision", body | {field: value}), before)
        assert told["code"] != "internal"
    assert machine.get(f"/applications/{number}").json()["state"] == "submitted"


def test_every_code_at_a_counter_and_every_code_of_a_phone(tree: Tree, counter: Caller, nobody: Caller) -> None:
    number = nobody.apply(body_of()).json()["number"]
    values = WRONG_TYPES + UNREADABLE + TOO_LONG + NONSENSE + NOTHING
    tried(lambda told: counter.post("/cards/verify", told), {}, "code", [*values, "123", "GLJD2026GLJD2026"])
    for value in values[:8] + UNREADABLE:
        refused(nobody.post(f"/applications/{number}/confirm", {"code": value}), counted())


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "invalid"),
        (b"{", 400, "bad_json"),
        (b"null", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b'"x"', 422, "invalid"),
        (b"\xff\xfe{}", 400, "bad_json"),
        (b"\x00", 400, "bad_json"),
        (b"[" * 60_000, 400, "bad_json"),
        (b'{"a":' * 12_000, 400, "bad_json"),
        (b'{"name": ' + b"9" * 5_000 + b"}", 400, "bad_json"),
        (b'{"name": NaN}', 422, "invalid"),
        (b" " * (MOST_BYTES + 1), 413, "too_large"),
        (b'{"name": "' + b"x" * 5 * 1024 * 1024 + b'"}', 413, "too_large"),
    ],
)
@pytest.mark.parametrize("path", ["/applications", "/routes/explain", "/cards/verify"])
def test_every_body(tree: Tree, counter: Caller, body: bytes, status: int, code: str, path: str) -> None:
    before = counted()
    told = refused(counter.post(path, body, headers={"Idempotency-Key": "a"}), before)
    assert (told["status"], told["code"]) == (status, code)


@pytest.mark.parametrize(
    "path",
    ["/members/%00", "/members/%ED%A0%80", "/applications/%E2%80%AE", "/unions/" + "A" * 600, "/regions?q=%00",
     "/regions?parent=abc", "/regions?parent=%27", "/regions?limit=0", "/regions?limit=x", "/regions?q=a&cursor=1",
     "/regions?parent=3715&cursor=%00", "/tallies", "/tallies?union=a&region=b", "/tallies?region=37&by=soul",
     "/tallies?region=37&from=x", "/tallies?region=37&cursor=!!", "/tallies?region=37&by=children&cursor=WzEsMl0",
     "/applications?state=%00", "/applications?cursor=zz", "/applications?cursor=" + "9" * 5000, "/nothing", "/",
     "/unions/%27%3B--", "/members/%C2%B2", "/applications/x/confirm/y", "/regions?q=" + "x" * 5000],
)  # fmt: skip
def test_every_address(tree: Tree, machine: Caller, path: str) -> None:
    before = counted()
    refused(machine.client.get(f"/api/v1{path}", headers=machine.headers()), before)


def test_full_width_and_spaces_are_mended(tree: Tree, machine: Caller) -> None:
    body = body_of(door="gov_app")
    wide = {ord(char): ord(char) + 0xFEE0 for char in "0123456789X"}
    typed = body | {
        "name": " 王 小　芳 ",
        "phone": f"+86 {body['phone'][:3]}-{body['phone'][3:]}".translate(wide),
        "id_number": " ".join(body["id_number"]).translate(wide),
    }
    first = machine.apply(typed).json()
    assert (machine.apply(body).json()["number"], first["state"]) == (first["number"], "submitted")


@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v2/meta", "/api/v1/nothing", "/api/x"])
def test_addresses_that_lead_nowhere(nobody: Caller, path: str) -> None:
    answer = nobody.client.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_methods_that_are_not_known(nobody: Caller, method: str) -> None:
    answer = getattr(nobody.client, method)("/api/v1/applications")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "POST"}


@pytest.mark.parametrize(
    "given", ["Bearer nxc_wrong", "Bearer nxt_", "Bearer x", "Bearer ", "Basic YTpi", "nxc_x", "Bearer nxd_\u00e9"]
)
def test_a_bad_key_is_refused_everywhere(nobody: Caller, given: str) -> None:
    before = counted()
    for path in ("/meta", "/regions", "/nothing", "/openapi.json"):
        answer = nobody.client.get(f"/api/v1{path}", headers={"Authorization": given})
        assert refused(answer, before)["code"] == "bad_key"
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_session_needs_its_token_to_change_anything(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    worker_of(member)
    caller = Caller()
    caller.client.handler.enforce_csrf_checks = True
    sign_in(caller.client, member.worker.account)  # type: ignore[arg-type]
    assert caller.get(f"/members/{member.number}").status_code == 200
    told = refused(caller.post(f"/members/{member.number}/card-codes"), counted())
    assert told["code"] == "csrf"


def test_one_try_too_many_says_when_to_come_back(tree: Tree, nobody: Caller) -> None:
    body = body_of()
    for _ in range(5):
        assert nobody.apply(body).status_code in {201, 429}
    answer = nobody.apply(body)
    refused(answer, counted())
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_problems_come_in_the_language_of_the_request(nobody: Caller) -> None:
    english = nobody.get("/nothing").json()
    chinese = Caller(language="zh-CN").get("/nothing").json()
    assert english["title"] == "Not found"
    assert any("一" <= char <= "鿿" for char in chinese["title"] + chinese["detail"])
    assert english["code"] == chinese["code"]


def test_a_bug_tells_nothing_of_itself(db: None, caplog: pytest.LogCaptureFixture) -> None:
    def broken(request: HttpRequest) -> HttpResponse:
        raise KeyError("secret table")

    answer = ActorMiddleware(gated(broken))(RequestFactory().get("/api/v1/x"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert b"secret" not in answer.content
    assert "secret table" in caplog.text
