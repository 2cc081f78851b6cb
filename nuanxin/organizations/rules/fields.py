"""What is typed about a union or an enterprise, made regular and judged all at once."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.identifiers import parse_credit_code
from nuanxin.kernel.refusals import FieldError, Invalid, Refusal
from nuanxin.kernel.text import check_text
from nuanxin.regions.rules.pinyin import read_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

_PHONES: Final = re.compile(r"[0-9+()#转\-、,;/ ]{3,30}")


def pinyin_of(name: str) -> str:
    """Return full pinyin and initials of a name, as searches compare them."""
    full, initials = read_name("".join(char for char in name if char.isalnum()).lower())
    return f"{full} {initials}"[:400]


def read_union_fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a union that are its own to say, or refuse with every error there is.

    :raises Invalid: no name, a credit code that is no union's (they begin with 8: 81 for basic unions, 89 for others;
        GB 32100-2015), a phone that is none, a founding date that is none.
    """
    reader = _Reader(raw)
    fields = {
        "name": reader.take("name", lambda: needed(raw.get("name"), field="name", most=120)),
        "name_en": reader.text("name_en", 200),
        "credit_code": reader.take("credit_code", lambda: _union_code(raw.get("credit_code"))),
        "contact": reader.text("contact", 60),
        "contact_phone": reader.take("contact_phone", lambda: phone(raw.get("contact_phone"))),
        "address": reader.text("address", 200),
        "working_hours": reader.text("working_hours", 100),
        "founded_on": reader.take("founded_on", lambda: day(raw.get("founded_on"), field="founded_on")),
    }
    reader.finish()
    return fields | {"pinyin": pinyin_of(str(fields["name"]))}


def read_enterprise_fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an enterprise, or refuse with every error there is.

    :raises Invalid: no name, a wrong credit code or a union's, a headcount that is no number, a phone that is none.
    """
    reader = _Reader(raw)
    fields = {
        "name": reader.take("name", lambda: needed(raw.get("name"), field="name", most=120)),
        "credit_code": reader.take("credit_code", lambda: _employer_code(raw.get("credit_code"))),
        "headcount": reader.take("headcount", lambda: whole(raw.get("headcount"), field="headcount")),
        "contact": reader.text("contact", 60),
        "contact_phone": reader.take("contact_phone", lambda: phone(raw.get("contact_phone"))),
    }
    reader.finish()
    return fields | {"pinyin": pinyin_of(str(fields["name"]))}


class _Reader:
    """Read field by field and keep every error."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self.errors: list[FieldError] = []

    def take(self, field: str, read: Callable[[], T]) -> T | str:
        """Return what `read` gives, or an empty text and keep the error."""
        try:
            return read()
        except Refusal as refusal:
            self.errors.extend(refusal.errors or [FieldError(field, refusal.code, refusal.message)])
            return ""

    def text(self, field: str, most: int) -> str:
        """Return an optional text on one line."""
        return self.take(field, lambda: one_line(self.raw.get(field), field=field, most=most))

    def finish(self) -> None:
        """Refuse when there was any error."""
        if self.errors:
            raise Invalid(self.errors[0].code, _("Some fields need another look."), errors=self.errors)


def one_line(value: object, *, field: str, most: int) -> str:
    """Return an optional text on one line, or refuse it."""
    return " ".join(check_text("" if value is None else value, field=field, most=most).split())


def needed(value: object, *, field: str, most: int) -> str:
    """Return a text that must not be empty, or refuse it."""
    text = one_line(value, field=field, most=most)
    if not text:
        raise Invalid("missing", _("Please fill this in."), field=field)
    return text


def phone(value: object, *, field: str = "contact_phone") -> str:
    """Return an optional public phone number: a landline with extension, several of them, or a mobile."""
    text = one_line(value, field=field, most=30)
    if text and not _PHONES.fullmatch(text):
        raise Invalid("bad_phone", _("A phone number has digits only, such as 0635-8240000."), field=field)
    return text


def day(value: object, *, field: str) -> date | None:
    """Return an optional day, from a date or a text such as 2026-11-21 or 2026年11月21日."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", compact_keep(value, field=field))
    try:
        return date(*(int(part) for part in found.groups())) if found else _no_day(field)
    except ValueError:
        return _no_day(field)


def compact_keep(value: object, *, field: str) -> str:
    """Return a short text without white space."""
    return "".join(check_text(value, field=field, most=30).split())


def _no_day(field: str) -> date:
    raise Invalid("bad_date", _("Please write the date as 2026-11-21."), field=field)


def whole(value: object, *, field: str, least: int = 0, most: int = 10_000_000) -> int | None:
    """Return an optional whole number within bounds."""
    if value is None or value == "":
        return None
    text = (
        str(int(value))
        if isinstance(value, float) and value.is_integer()
        else unicodedata.normalize("NFKC", str(value)[:40]).strip()
    )
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise Invalid("bad_number", _("Please write a whole number."), field=field)
    return int(text)


def _union_code(value: object) -> str:
    if not value:
        return ""
    code = parse_credit_code(value, field="credit_code")
    if code[:2] not in {"81", "89"}:
        raise Invalid(
            "not_a_union_code", _("A union's credit code begins with 81 (basic unions) or 89."), field="credit_code"
        )
    return code


def _employer_code(value: object) -> str:
    if not value:
        return ""
    code = parse_credit_code(value, field="credit_code")
    if code[0] == "8":
        raise Invalid(
            "a_union_code", _("This is the credit code of a union. Please write the employer's."), field="credit_code"
        )
    return code
