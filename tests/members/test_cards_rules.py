"""Codes as they are typed, and what they are answered."""

from __future__ import annotations

import pytest

from nuanxin.kernel.refusals import Invalid
from nuanxin.members.rules.cards import (
    CodeState,
    answer_to,
    group_digits,
    is_static,
    new_code,
    new_static_code,
    parse_code,
    qr_payload,
    surname_of,
)


@pytest.mark.parametrize(
    "typed",
    [
        "1234567890",
        " 123 456 7890 ",
        "123-456-7890",
        "１２３４５６７８９０",
        "１２３　４５６　７８９０",
        "NX1:1234567890",
        "nx1:1234567890",
        "https://nuanxin.example/counter/?code=1234567890",
        "https://nuanxin.example/c/1234567890",
        "https://nuanxin.example/c/1234567890/",
    ],
)
def test_ten_digits_in_every_form(typed: str) -> None:
    assert parse_code(typed) == "1234567890"


def test_a_printed_code_in_every_form() -> None:
    code = new_static_code()
    assert is_static(code)
    assert not is_static(new_code())
    wide = "".join(chr(ord(char) + 0xFEE0) for char in code)
    misread = code.replace("0", "o").replace("1", "l")
    for typed in (code, code.lower(), group_digits(code), qr_payload(code), wide, misread):
        assert parse_code(typed) == code


def test_one_wrong_character_of_a_printed_code_is_seen() -> None:
    code = new_static_code()
    for place in range(16):
        for char in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
            if char != code[place]:
                with pytest.raises(Invalid) as refused:
                    parse_code(code[:place] + char + code[place + 1 :])
                assert refused.value.code == "bad_code_check"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (None, "wrong_type"),
        ("", "missing"),
        ("  ", "missing"),
        ("12345", "bad_code"),
        ("123456789012", "bad_code"),
        ("٠١٢٣٤٥٦٧٨٩A", "bad_code"),
        ("http://[broken", "bad_code"),
        ("9" * 5000, "too_long"),
        ("12345\u202e67890", "bad_characters"),
    ],
)
def test_what_is_no_code(typed: object, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_code(typed)
    assert refused.value.code == code


def test_digits_in_groups() -> None:
    assert group_digits("1234567890") == "123 456 7890"
    assert group_digits("ABCDEFGHJKMNPQRS") == "ABCD EFGH JKMN PQRS"


@pytest.mark.parametrize(
    ("standing", "answer"),
    [
        (None, "unknown"),
        (CodeState("active", is_revoked=False), "valid"),
        (CodeState("suspended", is_revoked=False), "suspended"),
        (CodeState("ended", is_revoked=False), "ended"),
        (CodeState("ended", is_revoked=True), "ended"),
        (CodeState("active", is_revoked=True), "revoked"),
        (CodeState("suspended", is_revoked=True), "revoked"),
        (CodeState("active", is_revoked=False, is_used=True, is_expired=True), "used"),
        (CodeState("active", is_revoked=True, is_expired=True), "expired"),
    ],
)
def test_answers(standing: CodeState | None, answer: str) -> None:
    assert answer_to(standing) == answer


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王小芳", "王**"),
        ("王芳", "王*"),
        ("欧阳修", "欧阳*"),
        ("欧阳", "欧*"),
        ("诸葛孔明", "诸葛**"),
        ("阿依古丽·买买提", "阿**"),
        ("John Smith", "J**"),
        ("王", "王*"),
        ("", ""),
    ],
)
def test_surnames(name: str, shown: str) -> None:
    assert surname_of(name) == shown
