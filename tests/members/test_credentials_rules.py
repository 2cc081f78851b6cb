"""The offline code, alone: known answers that the browser's script also gives, and no sign that may be changed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.signing import PublicKey
from nuanxin.members.rules.credentials import (
    ALPHABET,
    MINUTES,
    Judgment,
    Malformed,
    OfflineCode,
    Seen,
    day_number,
    decode,
    encode,
    expires_at,
    judge_signatures,
    judge_time,
    pack,
    settle,
    surname_bytes,
    unpack,
)
from nuanxin.members.rules.reports import listed_by
from nuanxin.members.states import CardAnswer
from tests.members.offline_vectors import AT, FILE

VECTORS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
BUNDLE: dict[str, Any] = json.loads(decode(VECTORS["bundle"]["bundle"]))
KEYS = {int(name): PublicKey.read(decode(key)) for name, key in BUNDLE["keys"].items()}


def judge(code: OfflineCode, *, now: datetime, listed: CardAnswer | None = None, seen: Seen | None = None) -> Judgment:
    """Judge as an offline counter does, in its order."""
    refused = judge_signatures(code, KEYS)
    return refused or settle(judge_time(code, now), listed=listed, seen=seen, now=now)


def listed(handle: bytes) -> CardAnswer | None:
    for answer in (CardAnswer.ENDED, CardAnswer.REVOKED, CardAnswer.SUSPENDED):
        handles = decode(BUNDLE[answer.value])
        if handle in {handles[place : place + 6] for place in range(0, len(handles), 6)}:
            return answer
    return None


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_known_answers(case: dict[str, Any]) -> None:
    now = datetime.fromisoformat(case["now"])
    seen = case.get("seen")
    before = Seen(now - timedelta(seconds=seen["seconds_ago"]), here=seen["here"]) if seen else None
    if case["answer"] == "unknown":
        with pytest.raises(Malformed):
            unpack(case["code"])
        return
    code = unpack(case["code"])
    found = judge(code, now=now, listed=listed(code.handle), seen=before)
    assert found.answer.value == case["answer"]
    if "minutes" in case:
        assert found.skew == case["minutes"]


def test_the_vectors_fit_together() -> None:
    told, code = VECTORS["told"], unpack(VECTORS["code"])
    assert len(VECTORS["code"]) == 260
    assert set(VECTORS["code"]) <= set(ALPHABET)
    assert (code.key_id, code.day, code.minute, code.badge) == (7, told["day"], told["minute"], told["badge"])
    assert (code.handle.hex(), code.surname.decode()) == (told["handle"], "王")
    assert code.signed[3:] + code.issuer_signature == decode(VECTORS["head"])
    assert PublicKey.read(code.device_key).whole() == decode(VECTORS["device"]["public_whole"])
    signed = b"NX2B" + decode(VECTORS["bundle"]["bundle"])
    assert KEYS[7].verifies(decode(VECTORS["bundle"]["signature"]), signed)
    assert day_number(AT.date()) == told["day"]


@given(st.integers(0, 255), st.integers(0, 8191), st.integers(0, MINUTES - 1), st.binary(min_size=171, max_size=171))
def test_packing_goes_round(key_id: int, day: int, minute: int, rest: bytes) -> None:
    code = OfflineCode(key_id, day, minute, rest[:6], rest[6], rest[7:10], rest[10:43], rest[43:107], rest[107:])
    text = pack(code)
    assert len(text) == 260
    assert unpack(text) == code
    assert unpack(f" {text.rstrip()}\n") == code
    assert unpack(text.lower()) == code


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 259), st.sampled_from(ALPHABET))
def test_no_sign_may_be_changed(place: int, sign: str) -> None:
    whole = VECTORS["code"]
    changed = whole[:place] + sign + whole[place + 1 :]
    if changed == whole:
        return
    try:
        code = unpack(changed)
    except Malformed:
        return
    answer = judge(code, now=AT).answer
    assert answer in {CardAnswer.FORGED, CardAnswer.UNKNOWN_KEY}


@given(st.text(max_size=300))
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    for tried in (text, f"NX2:{text}"):
        try:
            assert len(pack(unpack(tried))) == 260
        except Malformed:
            continue


@given(st.binary(max_size=80))
def test_base64url_goes_round(value: bytes) -> None:
    assert decode(encode(value)) == value
    assert "=" not in encode(value)


@pytest.mark.parametrize("text", ["+/+/", "密", "A", "AA\n", "\x00", "a=b"])
def test_what_is_no_base64url(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        decode(text)


def test_surnames_fit_or_are_blank() -> None:
    for name, told in [("王小芳", "王"), ("欧阳娜", "欧"), ("Ann", "A\0\0"), ("𠮷野", "\0\0\0"), ("", "\0\0\0")]:
        assert surname_bytes(name) == told.encode()


def test_a_credential_is_good_for_one_day_and_the_tolerance() -> None:
    assert day_number(datetime(2026, 1, 1).date()) == 0
    assert expires_at(0) == datetime(2026, 1, 2, 0, 1, 30, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("act", "is_revoked", "answer"),
    [
        ("admitted", False, "valid"),
        ("resumed", False, "valid"),
        (None, False, "valid"),
        ("suspended", False, "suspended"),
        ("suspended", True, "revoked"),
        ("admitted", True, "revoked"),
        ("ended", True, "ended"),
    ],
)
def test_what_the_registry_said_then(act: str | None, is_revoked: bool, answer: str) -> None:
    assert listed_by(act, is_revoked=is_revoked).value == answer
