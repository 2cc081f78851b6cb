"""The door of licensing systems: signed, fresh, once; whoever is unknown learns nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from nuanxin.formation.models import Invitation, PermitMessage, PermitSource
from nuanxin.kernel.signing import PrivateKey
from nuanxin.organizations.models import Enterprise
from tests.factories import NOW
from tests.factories.formation import make_source, permit_of, qualification_of, signed
from tests.factories.organizations import Tree
from tests.threads import at_once


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests arrive at NOW."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def source(tree: Tree) -> PermitSource:
    return make_source(union=tree.city)


def send(given: dict[str, Any], **headers: str) -> Any:
    client = Client(raise_request_exception=False)
    return client.post(
        "/api/v1/permits",
        given["body"],
        content_type="application/json",
        headers={"Accept-Language": "en"} | given["headers"] | headers,
    )


def test_a_signed_message_is_taken(source: PermitSource) -> None:
    answer = send(signed(source, permit_of() | {"id": "A-1"}))
    assert (answer.status_code, answer.json()["id"], answer.json()["state"]) == (202, "A-1", "done")
    assert Invitation.objects.count() == 1


def test_a_system_may_sign_with_its_own_key(tree: Tree) -> None:
    key = PrivateKey.new()
    source = make_source(union=tree.city, key=key)
    assert send(signed(source, permit_of(), key=key)).status_code == 202
    assert send(signed(source, permit_of(), key=PrivateKey.new())).status_code == 401
    assert send(signed(source, permit_of())).status_code == 401  # agreed on another way of signing
    assert PermitMessage.objects.count() == 1


def _changed(given: dict[str, Any], name: str, value: str) -> dict[str, Any]:
    return given | {"headers": given["headers"] | {name: value}}


def test_what_is_not_signed_by_a_known_key_is_refused(source: PermitSource, tree: Tree) -> None:
    given = signed(source, permit_of())
    other = make_source(union=tree.city, key=PrivateKey.new())
    wrong = [
        given | {"headers": {}},
        given | {"body": given["body"].replace(b"371502001", b"371502002")},
        _changed(given, "X-Nuanxin-Key", "01999999-0000-7000-8000-000000000000"),
        _changed(given, "X-Nuanxin-Key", "nobody"),
        _changed(given, "X-Nuanxin-Key", str(other.pk)),
        _changed(given, "X-Nuanxin-Timestamp", str(int(NOW.timestamp()) + 1)),
        _changed(given, "X-Nuanxin-Signature", "hmac-sha256=" + "0" * 64),
        _changed(given, "X-Nuanxin-Signature", "none="),
        _changed(given, "X-Nuanxin-Signature", ""),
    ]
    for each in wrong:
        answer = send(each)
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
    assert not PermitMessage.objects.exists()
    assert not Enterprise.objects.exists()


def test_an_unsigned_body_is_not_judged(source: PermitSource) -> None:
    assert send({"body": b"{", "headers": {}}).status_code == 401


def test_a_revoked_client_is_shut_out_at_once(source: PermitSource) -> None:
    source.client.revoked_at = NOW
    source.client.save()
    assert send(signed(source, permit_of())).json()["code"] == "bad_signature"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_message_from_another_time_is_refused(source: PermitSource, minutes: int) -> None:
    answer = send(signed(source, permit_of(), at=NOW + timedelta(minutes=minutes)))
    assert (answer.status_code, answer.json()["code"]) == (401, "clock")
    assert not PermitMessage.objects.exists()


@pytest.mark.parametrize("minutes", [-4, 4])
def test_clocks_may_be_a_little_apart(source: PermitSource, minutes: int) -> None:
    assert send(signed(source, permit_of(), at=NOW + timedelta(minutes=minutes))).status_code == 202


def test_the_same_again_gets_the_same_answer_and_another_body_is_refused(source: PermitSource) -> None:
    body = permit_of()
    first = send(signed(source, body))
    again = send(signed(source, dict(reversed(body.items())), at=NOW + timedelta(seconds=30)))
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    changed = send(signed(source, body | {"kind": "permit_reviewed"}))
    assert (changed.status_code, changed.json()["code"]) == (409, "message_id_reused")
    assert (PermitMessage.objects.count(), Invitation.objects.count()) == (1, 1)


def test_messages_out_of_order_come_to_the_same(source: PermitSource) -> None:
    body = permit_of(headcount=10)
    earlier = body | {"id": "one"}
    later = body | {"id": "two", "kind": "permit_reviewed", "at": body["at"] + timedelta(minutes=1)}
    for each in (later, earlier, later, earlier):
        assert send(signed(source, each)).status_code == 202
    assert {row.external_id: row.fate for row in PermitMessage.objects.all()} == {"one": "overtaken", "two": "invited"}
    assert Invitation.objects.count() == 1


def test_an_unknown_place_is_kept_and_said(source: PermitSource) -> None:
    answer = send(signed(source, permit_of(region_code="371599")))
    assert (answer.status_code, answer.json()["state"]) == (202, "failed")
    assert answer.json()["problems"][0]["field"] == "enterprise.region_code"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"[]", ""),
        (b"{", ""),
        (b'{"id":"x"}', "kind"),
        (b'{"id":"x","kind":5,"at":"2026-11-23T10:00:00+08:00","permit":{"number":"1"}}', "kind"),
    ],
)  # fmt: skip
def test_a_signed_body_that_is_no_message_is_refused(source: PermitSource, body: bytes, field: str) -> None:
    answer = send(signed(source, body))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert field in {each["field"] for each in answer.json()["errors"]} | {""}
    assert not PermitMessage.objects.exists()


def test_the_answer_does_not_say_who_is_a_member(source: PermitSource) -> None:
    told = send(signed(source, qualification_of())).json()
    assert set(told) == {"id", "state", "received_at", "problems"}


@pytest.mark.django_db(transaction=True)
def test_sent_by_many_at_once_it_is_carried_out_once(tree: Tree) -> None:
    source = make_source(union=tree.city)
    body = permit_of()
    pairs = [signed(source, body)] * 4 + [signed(source, body | {"id": f"other-{n}"}) for n in range(4)]

    answers = at_once(lambda number: send(pairs[number]).status_code, times=len(pairs))
    assert set(answers) == {202}
    assert (Enterprise.objects.count(), Invitation.objects.count(), PermitMessage.objects.count()) == (1, 1, 5)
    assert PermitMessage.objects.filter(fate="invited").count() == 1


def test_moments_are_read_with_their_offset(source: PermitSource) -> None:
    body = permit_of() | {"at": "2026-11-23T01:00:00Z"}
    assert send(signed(source, body)).status_code == 202
    assert PermitMessage.objects.get().occurred_at == datetime.fromisoformat("2026-11-23T09:00:00+08:00")
