"""The main job through the machine door: apply, be routed, be approved, hold a card, have it checked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from nuanxin.members.models import Application, CardCode, Membership
from nuanxin.organizations.models import Door
from nuanxin.records.models import IdempotencyKey
from nuanxin.records.tasks import forget
from tests.factories.access import make_client, make_post, make_token, sign_in
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree
from tests.factories.texts import code_sent_to
from tests.web.api.conftest import Caller, body_of


def test_apply_decide_card_verify(tree: Tree, machine: Caller, reviewer: Caller, counter: Caller) -> None:
    sent = machine.apply(body_of(door="gov_app"))
    assert sent.status_code == 201, sent.content
    told = sent.json()
    assert (told["state"], told["union"], told["door"]) == (
        "submitted",
        {"code": tree.couriers.code, "name": tree.couriers.name_en or tree.couriers.name},
        "gov_app",
    )
    assert [step["rule"] for step in told["reasons"]] == ["no_employer", "industry_federation"]
    assert all(step["text"] for step in told["reasons"])
    assert told["due_at"].endswith("T17:30:00+08:00")
    number = told["number"]

    done = reviewer.post(f"/applications/{number}/decision", {"decision": "approve"})
    assert done.status_code == 200, done.content
    member = done.json()["member_number"]
    assert (done.json()["state"], member) == ("approved", Membership.objects.get().number)
    assert machine.get(f"/applications/{number}").json()["member_number"] == member

    issued = machine.post(f"/members/{member}/card-codes")
    assert issued.status_code == 201, issued.content
    checked = counter.post("/cards/verify", {"code": issued.json()["code"]})
    assert checked.status_code == 200, checked.content
    assert (checked.json()["answer"], checked.json()["surname"]) == ("valid", "王**")
    assert counter.post("/cards/verify", {"code": issued.json()["code"]}).json()["answer"] == "used"
    standing = machine.get(f"/members/{member}").json()
    assert (standing["state"], standing["name"], standing["union"]["code"]) == ("active", "王*芳", tree.couriers.code)


def test_the_public_proves_the_phone_first(tree: Tree, nobody: Caller, reviewer: Caller) -> None:
    body = body_of()
    sent = nobody.apply(body)
    assert sent.status_code == 201, sent.content
    told = sent.json()
    assert (told["state"], told["union"], told["reasons"], told["due_at"], told["progress"]) == (
        "unconfirmed",
        None,
        [],
        None,
        None,
    )
    number = told["number"]
    assert reviewer.get(f"/applications/{number}").status_code == 404
    wrong = nobody.post(f"/applications/{number}/confirm", {"code": "000000"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "code")
    done = nobody.post(f"/applications/{number}/confirm", {"code": code_sent_to(body["phone"])})
    assert done.status_code == 200, done.content
    assert (done.json()["state"], done.json()["union"]["code"]) == ("submitted", tree.couriers.code)
    token = done.json()["progress"].rsplit("/", 1)[1]
    assert nobody.get(f"/applications/{number}", token=token).json()["state"] == "submitted"
    assert nobody.get(f"/applications/{number}").status_code == 401
    assert nobody.get(f"/applications/{number}", token="x" * 32).status_code == 404
    assert nobody.get("/applications/2026112300000000", token=token).status_code == 404
    gone = nobody.client.post(f"/api/v1/applications/{number}/withdraw?token={token}")
    assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")


def test_the_public_answer_is_the_same_for_a_member(tree: Tree, nobody: Caller) -> None:
    body = body_of()
    make_member(union=tree.township, id_number=body["id_number"], phone=body["phone"])
    known, unknown = nobody.apply(body), nobody.apply(body_of())
    assert (known.status_code, known.json().keys()) == (unknown.status_code, unknown.json().keys())
    same = {name for name in known.json() if name not in {"number", "started_at"}}
    assert {name: known.json()[name] for name in same} == {name: unknown.json()[name] for name in same}


def test_a_known_member_is_told_what_to_do(tree: Tree, machine: Caller) -> None:
    body = body_of(door="gov_app")
    make_member(union=tree.township, id_number=body["id_number"], phone=body["phone"])
    refused = machine.apply(body)
    assert (refused.status_code, refused.json()["code"]) == (409, "already_member")
    assert "transfer" in refused.json()["detail"]
    assert Application.objects.count() == 0


def test_sent_again_the_same_answer_comes_again(tree: Tree, machine: Caller, reviewer: Caller, nobody: Caller) -> None:
    body = body_of(door="gov_app")
    first = machine.apply(body, key="a")
    reviewer.post(f"/applications/{first.json()['number']}/decision", {"decision": "approve"})
    again = machine.apply(body, key="a")
    assert (again.status_code, again.content) == (201, first.content)
    assert Application.objects.count() == 1
    other = machine.apply(body_of(door="gov_app"), key="a")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert machine.apply(body, key="b").json()["code"] == "already_member"
    public = body_of()
    assert nobody.apply(public, key="a").status_code == 201
    assert nobody.apply(public, key="a").status_code == 201
    assert Application.objects.count() == 2


def test_first_answers_are_forgotten_after_two_days(tree: Tree, machine: Caller) -> None:
    machine.apply(body_of(door="gov_app"), key="old")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(days=2, minutes=1))
    machine.apply(body_of(door="gov_app"), key="new")
    forget(0)
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]


@pytest.mark.parametrize("key", ["", "k" * 201, "ключ", "a\x07b"])
def test_a_bad_idempotency_key_is_named(tree: Tree, machine: Caller, key: str) -> None:
    given = {"Idempotency-Key": key.encode().decode("latin-1")}
    refused = machine.post("/applications", body_of(door="gov_app"), headers=given)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert machine.post("/applications", body_of(door="gov_app")).status_code == 422
    assert Application.objects.count() == 0


def test_one_person_one_application(tree: Tree, machine: Caller) -> None:
    body = body_of(door="gov_app")
    numbers = {machine.apply(body).json()["number"] for _ in range(3)}
    assert len(numbers) == 1
    other = machine.apply(body | {"phone": body_of()["phone"]})
    assert (other.status_code, other.json()["code"]) == (409, "already_applied")


def test_a_partner_machine_has_its_own_door_only(tree: Tree, machine: Caller) -> None:
    refused = machine.apply(body_of(door="h5"))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "not_your_door")
    without = body_of()
    del without["door"]
    assert machine.apply(without).json()["door"] == "gov_app"


def test_a_general_machine_names_the_door_it_serves(tree: Tree) -> None:
    own = Door.objects.create(code="api-city", name="市", name_en="City", opened_on="2026-01-01")
    Door.objects.create(code="api-other", name="他", name_en="Other", opened_on="2026-01-01")
    caller = Caller(make_client(door=own)[1])
    sent = caller.apply(body_of(door="gov_app"))
    assert (sent.status_code, sent.json()["door"]) == (201, "gov_app")
    assert caller.get(f"/applications/{sent.json()['number']}").status_code == 200
    assert caller.apply(body_of(door="api-other")).status_code == 422


def test_a_machine_that_proves_no_phones_waits_for_the_code(tree: Tree) -> None:
    door = Door.objects.get(pk="gov_app")
    caller = Caller(make_client(door=door, scopes=["applications.create"])[1])
    assert caller.apply(body_of(door="gov_app")).json()["state"] == "unconfirmed"
    blind = Caller(make_client(door=door, scopes=["cards.verify"])[1])
    assert blind.apply(body_of(door="gov_app")).status_code == 403


def test_two_reviewers_one_decision(tree: Tree, machine: Caller, reviewer: Caller) -> None:
    second = Caller(make_token(post=make_post(role="reviewer", union=tree.couriers))[1])
    number = machine.apply(body_of(door="gov_app")).json()["number"]
    assert reviewer.post(f"/applications/{number}/decision", {"decision": "approve"}).status_code == 200
    late = second.post(f"/applications/{number}/decision", {"decision": "refuse", "reason": "材料不全"})
    assert (late.status_code, late.json()["code"]) == (409, "already_decided")
    assert "王敏" in late.json()["detail"]


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"decision": "accept"}, "accepted"),
        ({"decision": "refuse", "reason": "不属于本工会"}, "refused"),
        ({"decision": "return", "reason": "请补充单位名称"}, "returned"),
    ],
)
def test_every_decision(tree: Tree, machine: Caller, reviewer: Caller, body: dict[str, Any], state: str) -> None:
    number = machine.apply(body_of(door="gov_app")).json()["number"]
    done = reviewer.post(f"/applications/{number}/decision", body)
    assert (done.status_code, done.json()["state"]) == (200, state)


def test_passing_on_names_the_union(tree: Tree, machine: Caller, reviewer: Caller) -> None:
    number = machine.apply(body_of(door="gov_app")).json()["number"]
    body = {"decision": "pass_on", "reason": "住在古楼街道", "to_union": tree.township.code}
    done = reviewer.post(f"/applications/{number}/decision", body).json()
    assert (done["state"], done["union"]["code"], done["reasons"][-1]["rule"]) == (
        "submitted",
        tree.township.code,
        "passed_on",
    )


def test_lists_come_in_pages(tree: Tree, machine: Caller, reviewer: Caller) -> None:
    numbers = [machine.apply(body_of(door="gov_app")).json()["number"] for _ in range(3)]
    first = reviewer.get("/applications", union=tree.city.code, state="submitted", limit=2).json()
    rest = reviewer.get("/applications", union=tree.city.code, limit=2, cursor=first["next"]).json()
    assert [row["number"] for row in first["items"] + rest["items"]] == numbers[::-1]
    assert rest["next"] is None
    assert first["items"][0]["name"] == "王*芳"
    assert [row["number"] for row in machine.get("/applications").json()["items"]] == numbers[::-1]
    assert reviewer.get("/applications", state="approved").json()["items"] == []
    assert reviewer.get("/applications", union="NOSUCH00").status_code == 404
    assert reviewer.get("/applications", union=tree.nation.code).status_code == 404
    assert reviewer.get("/applications", cursor="zzz").json()["code"] == "bad_cursor"
    assert reviewer.get("/applications", state="eaten").status_code == 422


def test_another_unions_cadre_and_another_machine_see_404(tree: Tree, machine: Caller) -> None:
    number = machine.apply(body_of(door="gov_app")).json()["number"]
    stranger = Caller(make_token(post=make_post(role="reviewer", union=tree.township))[1])
    assert stranger.get(f"/applications/{number}").status_code == 404
    assert stranger.post(f"/applications/{number}/decision", {"decision": "approve"}).status_code == 404
    assert Caller(make_client(door=Door.objects.get(pk="counter"))[1]).get(f"/applications/{number}").status_code == 404
    assert Application.objects.get().state == "submitted"


def test_a_member_asks_for_a_code_and_a_cadre_never(tree: Tree, reviewer: Caller) -> None:
    member, other = make_member(union=tree.couriers), make_member(union=tree.couriers)
    worker_of(member)
    caller = Caller()
    sign_in(caller.client, member.worker.account)  # type: ignore[arg-type]
    assert caller.post(f"/members/{member.number}/card-codes").status_code == 201
    assert caller.get(f"/members/{member.number}").status_code == 200
    assert caller.post(f"/members/{other.number}/card-codes").status_code == 404
    assert reviewer.post(f"/members/{member.number}/card-codes").status_code == 403
    assert Caller().post(f"/members/{member.number}/card-codes").status_code == 401
    assert CardCode.objects.count() == 1
