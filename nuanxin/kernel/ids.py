"""Ids and public numbers."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from uuid import UUID

import uuid_utils

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> UUID:
    """Return a UUIDv7: made by the application, ordered by time, so that indexes stay dense."""
    return UUID(int=uuid_utils.uuid7().int)


def first_id(moment: datetime) -> UUID:
    """Return the smallest id that could have been made at a moment, not before 1970: ids are UUIDv7."""
    return UUID(int=(max(0, int(moment.timestamp() * 1000)) << 80) | (7 << 76) | (2 << 62))


def random_digits(count: int) -> str:
    """Return `count` unpredictable decimal digits."""
    return "".join(secrets.choice("0123456789") for _ in range(count))


def random_letters(count: int) -> str:
    """Return `count` unpredictable Crockford base-32 characters (no I, L, O, U)."""
    return "".join(_CROCKFORD[byte & 31] for byte in secrets.token_bytes(count))


def luhn_digit(digits: str) -> str:
    """Return the Luhn check digit (ISO/IEC 7812-1, annex B) for a string of digits."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def luhn_ok(digits: str) -> bool:
    """Answer whether the last digit is the Luhn digit of the others."""
    return digits.isascii() and digits.isdigit() and len(digits) > 1 and luhn_digit(digits[:-1]) == digits[-1]


def member_number(city_code: str) -> str:
    """Return a new 14-digit member number: city (4, padded with zeros), nine random digits, Luhn digit.

    Random, so that it tells neither how many members there are nor who joined when; no national coding rule is known.
    """
    head = city_code.ljust(4, "0")[:4] + random_digits(9)
    return head + luhn_digit(head)


def application_number(on: date) -> str:
    """Return a new application number: the day (8) and eight random letters and digits."""
    return f"{on:%Y%m%d}{random_letters(8)}"


def secret_token() -> str:
    """Return a URL-safe secret of 192 bits."""
    return secrets.token_urlsafe(24)
