"""The door of insurers: signed, fresh, each message once; then lists and policies are compared."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from nuanxin.access.models import ApiClient
from nuanxin.benefits.actions.insurance_working import work_on_returns
from nuanxin.benefits.models import InsuranceBatch, Policy, PolicyReturn
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.insurance import SECRET, fresh, frozen, make_batch, make_insurer, policies_of
from tests.factories.members import make_member
from tests.factories.organizations import Tree


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests arrive at NOW."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def batch(tree: Tree) -> InsuranceBatch:
    make_member(union=tree.couriers)
    make_member(union=tree.couriers, name="李强")
    actor = actor_for("services", union=tree.city)
    return frozen(actor, make_batch(union=tree.city, actor=actor))


def send(batch: InsuranceBatch, body: Any, *, secret: str = SECRET, key: str = "", at: Any = NOW) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    moment = str(int(at.timestamp()))
    signature = hmac.new(secret.encode(), moment.encode() + b"\n" + content, hashlib.sha256).hexdigest()
    return Client(raise_request_exception=False).post(
        f"/api/v1/insurance/{batch.number}/policies",
        content,
        content_type="application/json",
        headers={
            "X-Nuanxin-Key": key or str(batch.plan.insurer_id),
            "X-Nuanxin-Timestamp": moment,
            "X-Nuanxin-Signature": f"hmac-sha256={signature}",
        },
    )


def test_signed_policies_are_taken_once_and_compared_after_the_last(tree: Tree, batch: InsuranceBatch) -> None:
    policies = policies_of(actor_for("services", union=tree.city), batch)
    first = {"id": "one", "policies": policies[:1]}
    answers = [send(batch, first), send(batch, first)]
    assert [each.status_code for each in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert (answers[0].json()["rows"], answers[0].json()["number"]) == (1, 1)
    assert send(batch, {"id": "two", "policies": policies[1:], "last": True}).status_code == 202
    work_on_returns(batch.pk)
    assert (PolicyReturn.objects.count(), Policy.objects.count(), fresh(batch).state) == (2, 2, "settled")


def test_who_did_not_sign_is_refused_and_nothing_is_kept(tree: Tree, batch: InsuranceBatch) -> None:
    body = {"id": "one", "policies": policies_of(actor_for("services", union=tree.city), batch)}
    assert send(batch, body, secret="another").json()["code"] == "bad_signature"
    assert send(batch, body, key="x").status_code == 401
    assert send(batch, body, at=NOW - timedelta(minutes=6)).json()["code"] == "clock"
    assert send(batch, body, key=str(make_insurer().pk)).status_code == 404
    client = batch.plan.insurer.client
    assert client
    ApiClient.objects.filter(pk=client.pk).update(revoked_at=NOW)
    assert send(batch, body).status_code == 401
    assert not PolicyReturn.objects.exists()


def test_what_is_no_message_is_refused_with_its_fields(tree: Tree, batch: InsuranceBatch) -> None:
    policies = policies_of(actor_for("services", union=tree.city), batch)
    assert send(batch, b"{").status_code in (400, 422)
    assert send(batch, {"policies": []}).status_code == 422
    assert send(batch, {"id": "x", "policies": [{"name": "王"}]}).status_code == 422
    assert send(batch, {"id": "x", "policies": policies * 2501}).status_code == 422
    assert send(batch, {"id": "x", "policies": policies}).status_code == 202
    assert send(batch, {"id": "x", "policies": []}).json()["code"] == "message_id_reused"
    assert PolicyReturn.objects.count() == 1


def test_policies_for_a_list_that_nobody_took_are_refused(batch: InsuranceBatch) -> None:
    assert send(batch, {"id": "x", "policies": []}).status_code == 409
    assert not PolicyReturn.objects.exists()
