"""Policies as insurers write them: which column is which, and what one row says. Pure.

A row is read as far as it goes. What cannot be read stays empty, and is a difference like any other: the row is kept.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.rules.insurance import MOST_AMOUNT, amount
from nuanxin.kernel.documents import RESIDENT_ID, kinds_of
from nuanxin.kernel.identifiers import to_18
from nuanxin.kernel.refusals import Invalid, Refusal
from nuanxin.kernel.text import compact, person_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from django.utils.functional import _StrOrPromise

#: Beside the number of a group's policy a file may hold the number of each person's own: that one counts.
_OWN_NUMBER: Final = frozenset({"分单号", "凭证号", "个人凭证号", "个单号", "保险凭证号"})
#: Columns of the roll and of what comes back: field → title in our files, and how insurers call it.
COLUMNS: Final[dict[str, tuple[_StrOrPromise, tuple[str, ...]]]] = {
    "ref": (_("Line of the roll"), ("序号", "名册序号", "行号", "编号", "lineoftheroll", "line", "ref")),
    "policy_number": (
        _("Policy number"),
        ("保单号", "保单号码", "保险单号", *sorted(_OWN_NUMBER), "policynumber", "policyno", "policy"),
    ),
    "name": (
        _("Full name"),
        ("姓名", "被保险人", "被保险人姓名", "被保人", "被保人姓名", "fullname", "name", "insured"),
    ),
    "id_kind": (_("Kind of document"), ("证件类型", "证件种类", "kindofdocument", "idtype")),
    "id_number": (
        _("ID number"),
        ("证件号码", "证件号", "身份证号", "身份证号码", "被保险人证件号码", "被保人证件号", "idnumber", "idno"),
    ),
    "phone": (_("Mobile number"), ("手机号", "手机号码", "联系电话", "电话", "mobilenumber", "phone")),
    "cover_from": (_("Cover from"), ("保险起期", "起保日期", "生效日期", "保障起期", "起期", "coverfrom", "from")),
    "cover_until": (_("Cover until"), ("保险止期", "终保日期", "终止日期", "保障止期", "止期", "coveruntil", "until")),
    "sum_insured": (_("Sum insured"), ("保额", "保险金额", "总保额", "suminsured", "sum")),
}
NEEDED: Final = ("policy_number", "name", "id_number", "cover_from", "cover_until", "sum_insured")
ROLL: Final = ("ref", "name", "id_kind", "id_number", "phone", "cover_from", "cover_until", "sum_insured")
_KNOWN: Final = {name: key for key, (_title, names) in COLUMNS.items() for name in names}
_DAY: Final = re.compile(r"([0-9]{4})\D?([0-9]{1,2})\D?([0-9]{1,2})(?:日.*|[ T].*)?")
_AROUND: Final = re.compile(r"\s*([年月日/.\-])\s*")
#: Days since the end of 1899, as tables count them: 1954 to 2173.
_SERIAL: Final = re.compile(r"[2-9][0-9]{4}(?:\.[0-9]+)?")
_SERIAL_FROM: Final = date(1899, 12, 30)
_ROUNDED: Final = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+[0-9]+")
_TEN_THOUSAND: Final = 10_000


@dataclass(frozen=True, slots=True)
class Said:
    """What one row says; None or empty where it cannot be read."""

    policy_number: str
    name: str
    id_kind: str
    id_number: str
    ref: int | None
    cover_from: date | None
    cover_until: date | None
    sum_insured: Decimal | None

    @property
    def is_readable(self) -> bool:
        """Tell whether it names a policy and somebody."""
        return bool(self.policy_number and (self.id_number or self.ref))


def recognize(headers: Sequence[str]) -> dict[str, int]:
    """Return field → number of its column, by the titles.

    :raises Invalid: what is needed to compare has no column.
    """
    found: dict[str, int] = {}
    for place, title in enumerate(map(_plain, headers)):
        key = _KNOWN.get(title)
        if key and (key not in found or (title in _OWN_NUMBER and _plain(headers[found[key]]) not in _OWN_NUMBER)):
            found[key] = place
    missing = [str(COLUMNS[key][0]) for key in NEEDED if key not in found]
    if missing:
        raise Invalid(
            "columns_missing",
            _("These columns are not in the file: %(columns)s. Please keep the titles of the roll.")
            % {"columns": "、".join(missing)},
            field="file",
        )
    return found


def _plain(title: str) -> str:
    return re.sub(r"[\s()*:_\-]", "", unicodedata.normalize("NFKC", title)).lower()


def is_header(cells: Sequence[str]) -> bool:
    """Answer whether a row holds titles."""
    known = {_KNOWN.get(_plain(cell)) for cell in cells}
    return {"policy_number", "name"} <= known


def read_cells(cells: Sequence[str], columns: Mapping[str, int]) -> Said:
    """Return what a row of a file says."""
    return read_policy({key: cells[place] if place < len(cells) else "" for key, place in columns.items()})


def read_policy(given: Mapping[str, Any]) -> Said:
    """Return what a policy says, given as texts by field."""
    kind, number = _document(str(given.get("id_number") or ""))
    return Said(
        policy_number=compact_number(str(given.get("policy_number") or "")),
        name=_name(given.get("name")),
        id_kind=kind,
        id_number=number,
        ref=_ref(given.get("ref")),
        cover_from=read_day(given.get("cover_from")),
        cover_until=read_day(given.get("cover_until")),
        sum_insured=_sum(given.get("sum_insured")),
    )


def compact_number(value: str) -> str:
    """Return a policy's number as it is compared: plain letters and digits, no white space.

    What no number can be is empty; also a number of which a table has kept fifteen digits only (3.7E+17).
    """
    text = "".join(unicodedata.normalize("NFKC", value).split()).lstrip("'")
    return text if len(text) <= 60 and text.isprintable() and not _ROUNDED.fullmatch(text) else ""


def _name(value: object) -> str:
    try:
        return person_name(str(value or ""))
    except Refusal:
        return ""


def _document(value: str) -> tuple[str, str]:
    number = compact(value.strip().removeprefix("'")).upper()
    if len(number) == 15 and number.isdigit():
        number = to_18(number)
    kind, regular = next(kinds_of(number), (RESIDENT_ID, number))
    return kind, regular[:40] if regular.isprintable() else ""


def _ref(value: object) -> int | None:
    text = str(value or "").strip().removesuffix(".0")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 and int(text) else None


def read_day(value: object) -> date | None:
    """Return a day written as 2026-12-01, 2026年12月1日, 20261201, or as a serial number of a table; the hour goes."""
    text = _AROUND.sub(r"\1", unicodedata.normalize("NFKC", str(value or "")).strip().lstrip("'"))
    try:
        if _SERIAL.fullmatch(text):
            return _SERIAL_FROM + timedelta(days=int(float(text)))
        found = _DAY.fullmatch(text)
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _sum(value: object) -> Decimal | None:
    """Return a sum written as 100000, 100,000.00, ￥100000元, or 10万."""
    text = unicodedata.normalize("NFKC", str(value or "")).strip().removesuffix("元").strip()
    times = _TEN_THOUSAND if text.endswith("万") else 1
    if "." in text:
        text = text.removesuffix("万").rstrip("0").rstrip(".")
    try:
        found = amount(text.removesuffix("万"), field="sum_insured") * times
    except Invalid:
        return None
    return found if found <= MOST_AMOUNT else None
