"""Receipts of gateways: signed or by a secret path; forged, doubled, reordered and late ones do no harm."""

from __future__ import annotations

import itertools
import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from nuanxin.kernel.secrets import PersonKey
from nuanxin.messages.actions import send_text, settle_sent
from nuanxin.messages.actions.choices import remember_weixin
from nuanxin.messages.models import TextMessage
from nuanxin.messages.rules.receipts import signature
from nuanxin.messages.tasks import deliver_texts
from tests.factories.members import make_member, worker_of
from tests.factories.notices import make_text
from tests.factories.organizations import make_tree
from tests.messages.servers import WeixinServer

pytestmark = pytest.mark.django_db
KEY = "a-long-secret-of-the-gateway"


@pytest.fixture(autouse=True)
def key(settings: Any) -> None:
    settings.NUANXIN_RECEIPT_KEY = KEY


def _signed(told: Any, *, key: str = KEY, age: int = 0, body: bytes | None = None) -> Any:
    content = json.dumps(told).encode()
    stamp = str(int(timezone.now().timestamp()) - age)
    headers = {"X-Nuanxin-Timestamp": stamp, "X-Nuanxin-Signature": signature(key, stamp, content)}
    return Client().post("/receipts/", body or content, content_type="application/json", headers=headers)


def _text(**changes: Any) -> TextMessage:
    values: dict[str, Any] = {"state": "sent", "attempts": 1}
    return make_text(**(values | changes))


def _state(message: TextMessage) -> str:
    return TextMessage.objects.get(pk=message.pk).state


def test_a_signed_receipt_is_taken_once() -> None:
    message = _text()
    told = {"id": str(message.pk), "state": "delivered"}
    assert _signed(told).json() == {"code": 0, "msg": "ok", "read": 1, "new": 1}
    moment = TextMessage.objects.get(pk=message.pk).receipt_at
    assert moment is not None
    for _ in range(3):
        assert _signed([told, told]).json()["new"] == 0
    assert (TextMessage.objects.get(pk=message.pk).receipt_at, _state(message)) == (moment, "delivered")


def test_a_gateway_that_cannot_sign_knows_a_secret_path() -> None:
    message = _text()
    told = [{"out_id": str(message.pk), "success": True, "report_time": "2026-11-23 10:00:00"}]
    good = Client().post(f"/receipts/{KEY}/", json.dumps(told), content_type="application/json")
    assert (good.status_code, good.json()["code"], _state(message)) == (200, 0, "delivered")


def test_forged_receipts_are_not_even_told_that_there_is_something_here(settings: Any) -> None:
    message = _text()
    told = {"id": str(message.pk), "state": "failed"}
    body = json.dumps(told)
    assert _signed(told, key="another").status_code == 404
    assert _signed(told, age=301).status_code == 404
    assert _signed(told, age=-301).status_code == 404
    changed = json.dumps({"id": str(message.pk), "state": "read"}).encode()
    assert _signed(told, body=changed).status_code == 404
    assert Client().post("/receipts/", body, content_type="application/json").status_code == 404
    assert Client().post(f"/receipts/{KEY[:-1]}/", body, content_type="application/json").status_code == 404
    odd = {"X-Nuanxin-Timestamp": "１２", "X-Nuanxin-Signature": "é"}
    assert Client().post("/receipts/", body, content_type="application/json", headers=odd).status_code == 404
    settings.NUANXIN_RECEIPT_KEY = ""
    assert _signed(told, key="").status_code == 404
    assert _state(message) == "sent"


@pytest.mark.parametrize("body", ["", "nonsense", "[" * 100_000, '"a"', "7", "null", "[[]]", '[{"id": 7}]', "\xff"])
def test_what_cannot_be_read_harms_nothing(body: str) -> None:
    message = _text()
    content = body.encode("latin-1")
    answer = Client().post(f"/receipts/{KEY}/", content, content_type="application/json")
    assert answer.status_code in {200, 400}
    many = Client().post(f"/receipts/{KEY}/", json.dumps([{}] * 501), content_type="application/json")
    assert many.status_code == 413
    assert _state(message) == "sent"


@pytest.mark.parametrize("order", list(itertools.permutations(["delivered", "read", "failed"])))
def test_in_whatever_order_receipts_come_the_better_news_stands(order: tuple[str, ...]) -> None:
    message = _text()
    for state in order:
        _signed({"id": str(message.pk), "state": state})
        _signed({"id": str(message.pk), "state": state})
    assert _state(message) == "read"


def test_a_receipt_that_is_quicker_than_the_gateways_own_answer_stands() -> None:
    message = _text(state="queued")
    _signed({"id": str(message.pk), "state": "failed"})
    assert _state(message) == "queued"
    _signed({"id": str(message.pk), "state": "delivered"})
    settle_sent([message], now=timezone.now())
    row = TextMessage.objects.get(pk=message.pk)
    assert (row.state, row.sent_at is not None, bytes(row.sealed_text)) == ("delivered", True, b"")


def test_nobody_is_told_of_a_text_that_was_never_tried_or_is_not_there() -> None:
    message = _text(state="queued", attempts=0)
    answers = [{"id": str(message.pk), "state": "delivered"}, {"id": str(uuid4()), "state": "delivered"}]
    assert _signed(answers).json()["new"] == 0
    assert _state(message) == "queued"


def test_what_failed_on_its_way_goes_by_the_next_way_once(weixin: WeixinServer, capsys: Any) -> None:
    member = make_member(union=make_tree().couriers)
    actor = worker_of(member)
    remember_weixin(account_id=actor.account_id, openid="openid-1", now=timezone.now())  # type: ignore[arg-type]
    phone = PersonKey(member.worker.sealed_key).unseal(member.worker.sealed_phone)
    send_text(phone=phone, template="membership.suspended", values={"reason": "x"}, now=timezone.now())
    deliver_texts(0)
    message = TextMessage.objects.get()
    told = {"id": str(message.pk), "state": "failed", "error": "空号"}
    assert [_signed(told).json()["new"] for _ in range(3)] == [1, 0, 0]
    deliver_texts(0)
    assert sorted(TextMessage.objects.values_list("channel", "state", "last_error")) == [
        ("sms", "failed", "空号"),
        ("weixin", "sent", ""),
    ]
    assert len(weixin.messages) == 1
