"""Text messages reach the gateway once, notices are told once, and neither stays longer than needed."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from nuanxin.access.actors import worker_actor
from nuanxin.kernel.ids import new_id
from nuanxin.messages.actions import TRIES, claim, mark_read, notify, send_text
from nuanxin.messages.models import Notice, TextMessage
from nuanxin.messages.queries import inbox, unread_count
from nuanxin.messages.rules import SENTENCES, sentence
from nuanxin.messages.tasks import deliver_texts
from nuanxin.records.actions.erasing import forget_aged
from tests.factories import NOW
from tests.factories.access import make_account

PHONE = "15412340001"


class _Gateway(HTTPServer):
    status = 200
    refused: frozenset[str] | set[str] = frozenset()

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.heard: list[dict[str, Any]] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        heard = json.loads(body)
        self.server.heard.append(heard)
        self.send_response(500 if heard["to"] in self.server.refused else self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named so above
        """Say nothing."""


@pytest.fixture
def gateway(settings: Any) -> Iterator[_Gateway]:
    server = _Gateway()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.NUANXIN_SMS_URL = f"json://127.0.0.1:{server.server_port}/sms?:to={{phone}}"
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def _send(**changes: Any) -> TextMessage:
    values: dict[str, Any] = {"phone": PHONE, "template": "code.sign_in", "values": {"code": "042137"}, "now": NOW}
    return send_text(**(values | changes))


@pytest.mark.django_db
def test_the_console_shows_the_whole_code_and_masks_the_number(capsys: pytest.CaptureFixture[str]) -> None:
    _send(language="en", now=timezone.now())
    deliver_texts(0)
    assert capsys.readouterr().out.startswith("[SMS] 154****0001 042137 is your code to sign in.")
    deliver_texts(0)
    assert capsys.readouterr().out == ""


@pytest.mark.django_db
def test_number_and_text_are_sealed_in_the_outbox_and_gone_once_sent(gateway: _Gateway) -> None:
    _send(now=timezone.now())
    row = TextMessage.objects.get()
    assert b"042137" not in bytes(row.sealed_text)
    assert PHONE.encode() not in bytes(row.sealed_address)
    deliver_texts(0)
    row.refresh_from_db()
    assert (row.state, bytes(row.sealed_address), bytes(row.sealed_text)) == ("sent", b"", b"")
    assert [(heard["to"], "042137" in heard["message"]) for heard in gateway.heard] == [(PHONE, True)]


def _let_time_pass() -> None:
    TextMessage.objects.update(try_at=NOW - timedelta(days=1))


@pytest.mark.django_db
def test_a_gateway_that_fails_is_tried_five_times_and_then_given_up(gateway: _Gateway) -> None:
    gateway.status = 500
    message = _send(now=timezone.now())
    for _ in range(TRIES + 2):
        deliver_texts(0)
        _let_time_pass()
    message.refresh_from_db()
    assert (message.state, message.attempts, bytes(message.sealed_text)) == ("failed", TRIES, b"")
    assert len(gateway.heard) == TRIES


@pytest.mark.django_db
def test_a_failed_try_waits_and_is_followed_by_one_that_succeeds(gateway: _Gateway) -> None:
    gateway.status = 503
    message = _send(now=timezone.now())
    deliver_texts(0)
    deliver_texts(0)
    assert len(gateway.heard) == 1
    gateway.status = 200
    _let_time_pass()
    deliver_texts(0)
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("sent", 2)


@pytest.mark.django_db
def test_one_that_fails_does_not_hold_up_the_others(gateway: _Gateway) -> None:
    _send(now=timezone.now())
    _send(now=timezone.now(), phone="15412340002")
    gateway.refused = {PHONE}
    deliver_texts(0)
    assert sorted(TextMessage.objects.values_list("state", flat=True)) == ["queued", "sent"]


@pytest.mark.django_db
def test_the_message_is_queued_in_the_transaction_of_the_fact() -> None:
    with transaction.atomic():
        _send()
        transaction.set_rollback(True)
    assert not TextMessage.objects.exists()


@pytest.mark.django_db
def test_a_message_in_hand_is_in_nobody_elses_hand_until_its_pause_is_over() -> None:
    _send()
    assert len(claim(now=NOW, most=10)) == 1
    assert claim(now=NOW, most=10) == []
    assert len(claim(now=NOW + timedelta(seconds=21), most=10)) == 1


class _Every(dict[str, Any]):
    """Fill every placeholder with itself."""

    def __missing__(self, name: str) -> str:
        return f"%({name})s"


@pytest.mark.parametrize("template", SENTENCES)
def test_every_sentence_fills_in_both_languages(template: str) -> None:
    values = {word: f"<{word}>" for word in re.findall(r"%\((\w+)\)s", sentence(template, _Every()))}
    for language in ("zh-hans", "en"):
        assert "%(" not in sentence(template, values, language)


@pytest.mark.django_db
def test_a_fact_is_told_once_and_read_by_its_own_account_only() -> None:
    account, other = make_account(), make_account()
    values = {"role": "审核员", "union": "聊城市总工会"}
    tell: dict[str, Any] = {
        "account_id": account.pk,
        "template": "post.granted",
        "values": values,
        "fact": "granted:1",
        "now": NOW,
    }
    assert notify(**tell) is True
    assert notify(**tell) is False
    actor, stranger = worker_actor(account, new_id()), worker_actor(other, new_id())
    assert [("聊城市总工会" in told.text, told.is_read) for told in inbox(actor)] == [(True, False)]
    assert inbox(stranger) == []
    notice = Notice.objects.get()
    assert mark_read(actor=stranger, notice_id=notice.pk, now=NOW) == 0
    assert unread_count(actor) == 1
    assert mark_read(actor=actor, notice_id=notice.pk, now=NOW) == 1
    assert unread_count(actor) == 0


@pytest.mark.django_db
def test_old_texts_are_forgotten() -> None:
    _send(now=NOW - timedelta(days=91))
    kept = _send(now=NOW)
    assert forget_aged(now=NOW, codes=["texts"]) == {"texts": 1}
    assert TextMessage.objects.get().pk == kept.pk
