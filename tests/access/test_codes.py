"""Codes by text message: what is sent, how often, and that each is used once, also when two use it at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections, transaction

from nuanxin.access.actions import check_code, send_code
from nuanxin.access.models import PhoneCode
from nuanxin.access.states import CodePurpose
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.refusals import Invalid, Refusal, TooMany
from nuanxin.kernel.secrets import unseal
from nuanxin.messages.models import TextMessage
from tests.factories import NOW

PHONE = "15412340001"
SIGN_IN = CodePurpose.SIGN_IN


def sent_code(*, phone: str = PHONE, now: datetime = NOW, **more: object) -> str:
    """Send a code and read it where only the outbox holds it."""
    send_code(purpose=SIGN_IN, phone=phone, now=now, language="en", **more)  # type: ignore[arg-type]
    return unseal(TextMessage.objects.order_by("-created_at", "-pk")[0].sealed_text)[:6]


def try_code(code: object, *, now: datetime = NOW, phone: str = PHONE, **more: object) -> str:
    """Try a code; return `right`, or the code of the refusal."""
    try:
        check_code(purpose=SIGN_IN, phone=phone, code=code, now=now, **more)  # type: ignore[arg-type]
    except Refusal as refusal:
        return refusal.code
    return "right"


@pytest.mark.django_db
def test_a_code_is_used_once_however_it_is_typed() -> None:
    code = sent_code()
    assert try_code(f" {code[:3]} {code[3:]}".translate({ord(d): ord("０") + int(d) for d in "0123456789"})) == "right"
    assert try_code(code) == "code_expired"


@pytest.mark.django_db
@pytest.mark.parametrize("bad", ["", "abcdef", "1", "\ud800", "\0", None, 5, "9" * 5_000_000])
def test_what_is_no_code_is_a_wrong_code(bad: object) -> None:
    sent_code()
    assert try_code(bad) == "code_wrong"


@pytest.mark.django_db
def test_a_code_counts_for_its_phone_purpose_and_subject_only() -> None:
    subject = new_id()
    code = sent_code(subject_id=subject)
    assert try_code(code) == "code_expired"
    assert try_code(code, phone="15412340002", subject_id=subject) == "code_expired"
    assert try_code(code, subject_id=new_id()) == "code_expired"
    with pytest.raises(Invalid, match="code_expired"):
        check_code(purpose=CodePurpose.APPLICATION, phone=PHONE, code=code, subject_id=subject, now=NOW)
    assert try_code(code, subject_id=subject) == "right"


@pytest.mark.django_db
def test_a_code_dies_after_five_minutes_or_when_a_newer_one_is_sent() -> None:
    code = sent_code()
    assert try_code(code, now=NOW + timedelta(minutes=5)) == "code_expired"
    newer = sent_code(now=NOW + timedelta(minutes=2))
    assert newer == code or try_code(code, now=NOW + timedelta(minutes=2)) == "code_wrong"
    assert try_code(newer, now=NOW + timedelta(minutes=6, seconds=59)) == "right"


@pytest.mark.django_db
def test_after_five_wrong_guesses_the_right_code_is_refused_too() -> None:
    code = sent_code()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert [try_code(wrong) for _ in range(5)] == ["code_wrong"] * 5
    assert try_code(code) == "code_expired"
    assert PhoneCode.objects.get().used_at is None


@pytest.mark.django_db
def test_a_phone_gets_one_code_a_minute_five_an_hour_and_ten_a_day() -> None:
    def send(seconds: float) -> str:
        try:
            send_code(purpose=SIGN_IN, phone=PHONE, now=NOW + timedelta(seconds=seconds))
        except TooMany as refusal:
            return f"{refusal.code} {refusal.retry_after}"
        return "sent"

    assert [send(0), send(59)] == ["sent", "too_many_codes_minute 1"]
    assert [send(60 * n) for n in range(1, 6)] == ["sent"] * 4 + ["too_many_codes_hour 3300"]
    assert [send(3600 + 60 * n) for n in range(5)] == ["sent"] * 5
    assert send(2 * 3600 + 60).startswith("too_many_codes_day")
    assert send(24 * 3600) == "sent"
    assert TextMessage.objects.count() == 11
    assert try_code("0", phone="15412340009") == "code_expired"


@pytest.mark.django_db
def test_neither_phone_nor_code_is_held_in_the_clear() -> None:
    code = sent_code()
    row = PhoneCode.objects.get()
    assert PHONE.encode() not in bytes(row.phone_digest) + bytes(row.code_digest)
    assert code.encode() not in bytes(row.code_digest)


@pytest.mark.django_db(transaction=True)
def test_a_guess_inside_a_transaction_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        check_code(purpose=SIGN_IN, phone=PHONE, code="000000", now=NOW)


def _at_once(work: Callable[[], str], *, times: int) -> list[str]:
    """Do the work in several threads that start together."""
    gate, results, lock = threading.Barrier(times), list[str](), threading.Lock()

    def run() -> None:
        try:
            connection.ensure_connection()
            gate.wait(10)
            result = work()
            with lock:
                results.append(result)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(results)


@pytest.mark.django_db(transaction=True)
def test_one_code_typed_twice_at_once_lets_one_in() -> None:
    code = sent_code()
    results = _at_once(lambda: try_code(code), times=4)
    assert results.count("right") == 1
    assert len(results) == 4


@pytest.mark.django_db(transaction=True)
def test_control_looking_before_using_would_let_several_in() -> None:
    code = sent_code()
    looked = threading.Barrier(2)

    def look_then_use() -> str:
        row = PhoneCode.objects.get(used_at=None)
        looked.wait(10)
        PhoneCode.objects.filter(pk=row.pk).update(used_at=NOW)
        return "right"

    assert _at_once(look_then_use, times=2) == ["right", "right"]
    assert try_code(code) == "code_expired"


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_all_counted() -> None:
    code = sent_code()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    results = _at_once(lambda: try_code(wrong), times=8)
    assert (results.count("code_wrong"), results.count("code_expired")) == (5, 3)


@pytest.mark.django_db(transaction=True)
def test_one_phone_asked_for_at_once_gets_one_code() -> None:
    def send() -> str:
        try:
            send_code(purpose=SIGN_IN, phone=PHONE, now=NOW)
        except TooMany:
            return "refused"
        return "sent"

    assert _at_once(send, times=4).count("sent") == 1
    assert TextMessage.objects.count() == 1
