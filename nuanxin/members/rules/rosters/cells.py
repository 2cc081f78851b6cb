"""One row of a roster: cells as they come out of Excel, made the raw fields that `check_fields` takes.

What can be mended without guessing is mended: full-width digits, spaces and dashes in numbers, a leading apostrophe,
`.0` at the end, small x, dates as numbers. What Excel destroyed is not guessed at but said, with how to mend it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import override

from nuanxin.kernel.identifiers import right_check_character
from nuanxin.kernel.refusals import Refusal
from nuanxin.kernel.tables.parts import serial_date
from nuanxin.kernel.text import compact
from nuanxin.members.rules.applicants import Fields, check_fields
from nuanxin.members.rules.rosters.columns import regular
from nuanxin.members.states import IdKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

#: Answers the code of a place, or a problem's code with a mark before it: `?unknown_region`.
Places = Callable[[str], str]
UNKNOWN_PLACE: Final = "?unknown_region"
AMBIGUOUS_PLACE: Final = "?ambiguous_region"

_SCIENTIFIC: Final = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{1,2}")
_ERRORS: Final = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
_SERIAL: Final = re.compile(r"[1-5][0-9]{4}(?:\.0+)?")
_LANDLINE: Final = re.compile(r"0[1-9][0-9]{1,2}[0-9]{7,8}")
_SEVERAL: Final = re.compile(r"[/、,;|，；]|\s{1,}|或")
_SEXES: Final = {
    "男": "M",
    "男性": "M",
    "M": "M",
    "MALE": "M",
    "1": "M",
    "女": "F",
    "女性": "F",
    "F": "F",
    "FEMALE": "F",
    "2": "F",
}
#: What else occupation groups and platforms are called, by code.
GROUP_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "courier": ("快递", "快递小哥", "快递配送员", "派件员", "收派员", "揽投员"),
    "food_delivery_rider": (
        "外卖",
        "外卖员",
        "外卖骑手",
        "外卖小哥",
        "骑手",
        "送餐员",
        "配送骑手",
        "网约配送员",
        "rider",
    ),
    "ride_hailing_driver": ("网约车", "网约车驾驶员", "专车司机", "快车司机"),
    "truck_driver": ("货车", "货运司机", "货车驾驶员", "卡车司机", "货运驾驶员"),
    "domestic_worker": ("家政", "家政人员", "家政工", "保洁", "保洁员", "月嫂", "保姆", "钟点工"),
    "care_worker": ("护工", "护理员", "养老护理员", "医院护工"),
    "mall_information_worker": ("信息员", "导购员"),
    "real_estate_agent": ("房产中介", "房产经纪人", "房地产经纪人", "中介员"),
    "security_guard": ("保安", "安保", "安保人员"),
    "other": ("其他", "其它"),
}
KIND_NAMES: Final[dict[str, tuple[str, ...]]] = {
    IdKind.RESIDENT_ID: ("身份证", "居民身份证", "二代身份证", "中国居民身份证", "idcard", "residentid"),
    IdKind.RESIDENCE_PERMIT: ("港澳台居民居住证", "居住证"),
    IdKind.HK_MACAO_PERMIT: ("港澳居民来往内地通行证", "港澳通行证", "回乡证", "港澳居民通行证"),
    IdKind.TAIWAN_PERMIT: ("台湾居民来往大陆通行证", "台胞证", "台湾居民通行证"),
    IdKind.FOREIGN_RESIDENT: ("外国人永久居留身份证", "外国人永久居留证", "永久居留身份证"),
}


@dataclass(frozen=True)
class Lists:
    """What the words of cells are looked up in, and what stands for cells that are empty."""

    groups: Mapping[str, str]
    platforms: Mapping[str, str]
    places: Places
    kinds: Mapping[str, str]
    #: Raw fields for every row that has none of its own: `occupation_group, region_code, employer_name, …`.
    defaults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps a row from being taken; `problems.explain` has its words."""

    field: str
    code: str


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as `check_fields` takes it, what stands beside it, and what was seen to be destroyed."""

    raw: dict[str, Any]
    job_number: str = ""
    group_name: str = ""
    problems: tuple[Problem, ...] = ()


def names_of(
    choices: Iterable[tuple[str, str, str]], more: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, str]:
    """Return codes by every name, in regular form.

    :param choices: code, Chinese and English name of each that may be chosen; `more` other names by code.
    """
    found: dict[str, str] = {}
    for code, *names in choices:
        for name in (code, *names, *(more or {}).get(code, ())):
            found.setdefault(regular(name), code)
    return found


def kind_names() -> dict[str, str]:
    """Return kinds of documents by every name in both languages."""
    rows = []
    for kind in IdKind:
        labels = []
        for language in ("zh-hans", "en"):
            with override(language):
                labels.append(str(kind.label))
        rows.append((kind.value, labels[0], labels[1]))
    return names_of(rows, KIND_NAMES)


def read_row(cells: Sequence[str], columns: Mapping[str, int], lists: Lists) -> RawRow:
    """Return the raw fields of one row, with what in it was destroyed.

    :param cells: texts of the row; `columns` which cell holds which field.
    """
    found = {key: cells[place].strip() for key, place in columns.items() if place < len(cells)}
    problems: list[Problem] = []
    for key, text in found.items():
        if text and text[0] in "'’#":
            found[key] = _unmarked(key, text, problems)
    raw: dict[str, Any] = dict(lists.defaults)
    raw["name"] = found.get("name", "")
    raw["id_kind"] = _named("id_kind", found.get("id_kind", ""), lists.kinds) if found.get("id_kind") else ""
    raw["id_number"] = _id_number(found.get("id_number", ""), raw["id_kind"], problems)
    raw["phone"] = _phone(found.get("phone", ""), problems)
    if text := found.get("occupation_group", ""):
        raw["occupation_group"] = _named("occupation_group", text, lists.groups)
    if text := found.get("platform", ""):
        raw["platform"] = _named("platform", text, lists.platforms)
    if text := found.get("region", ""):
        code = lists.places(text)
        raw["region_code"] = code if code[:1] != "?" else ""
        if code[:1] == "?":
            problems.append(Problem("region_code", code[1:]))
    if text := found.get("employer", ""):
        raw["employer_name"] = text
        raw["employer_credit_code"] = ""
    if text := found.get("employer_credit_code", ""):
        raw["employer_credit_code"] = text
    raw["birth_on"] = _birth(found.get("birth_on", ""))
    sex = found.get("sex", "")
    raw["sex"] = _SEXES.get(compact(sex).upper(), sex) if sex else ""
    return RawRow(raw, found.get("job_number", "")[:40], found.get("group_name", "")[:60], tuple(problems))


def check_row(
    row: RawRow, *, on: date, groups: Collection[str], platforms: Collection[str]
) -> tuple[Fields | None, tuple[Problem, ...]]:
    """Judge a row by the rules of a single application; what was seen to be destroyed comes before what follows of it.

    :param on: the day against which ages are judged; `groups` and `platforms` codes that are open.
    """
    try:
        fields = check_fields(row.raw, on=on, groups=groups, platforms=platforms)
    except Refusal as refusal:
        blamed = {problem.field for problem in row.problems}
        more = [Problem(error.field, error.code) for error in refusal.errors if error.field not in blamed]
        return None, (*row.problems, *more)
    return (fields, ()) if not row.problems else (None, row.problems)


def _unmarked(key: str, text: str, problems: list[Problem]) -> str:
    """Drop the apostrophe that keeps a number a text in Excel; say an error of Excel, do not take it as content."""
    if text.upper() in _ERRORS:
        target = {"region": "region_code", "employer": "employer_name"}.get(key, key)
        if key not in ("job_number", "group_name"):
            problems.append(Problem(target, "cell_error"))
        return ""
    return text[1:].lstrip() if text[0] in "'’" else text


def _named(key: str, text: str, names: Mapping[str, str]) -> str:
    """Return the code of what is named, or the text, which no list has."""
    return names.get(text) or names.get(regular(text)) or text[:30]


def _id_number(text: str, kind: str, problems: list[Problem]) -> str:
    if not text:
        return ""
    if len(text) == 18 and text.isascii() and text.isalnum() and not text.endswith("000"):
        return text.upper()
    number = compact(text).upper().removesuffix(".0")
    citizen = kind in ("", IdKind.RESIDENT_ID, IdKind.RESIDENCE_PERMIT)
    code = ""
    if _SCIENTIFIC.fullmatch(number):
        code = "id_scientific"
    elif "*" in number:
        code = "id_masked"
    elif citizen and number.isdigit() and len(number) == 15:
        code = "id_15"
    elif len(number) == 18 and number.isdigit() and number.endswith("000") and not right_check_character(number):
        code = "id_rounded"
    elif citizen and number[:-1].isdigit() and 8 <= len(number) <= 17:
        code = "id_cut"
    if code:
        problems.append(Problem("id_number", code))
    return number


def _phone(text: str, problems: list[Problem]) -> str:
    if not text or (len(text) == 11 and text.isascii() and text.isdigit()):
        return text
    number = re.sub(r"[()（）.]", "", compact(text).removesuffix(".0"))
    code = ""
    if _SCIENTIFIC.fullmatch(compact(text)):
        code = "phone_scientific"
    elif "*" in number:
        code = "phone_masked"
    elif len([part for part in _SEVERAL.split(unicodedata.normalize("NFKC", text)) if len(compact(part)) >= 7]) > 1:
        code = "phone_two"
    elif _LANDLINE.fullmatch(number):
        code = "phone_landline"
    if code:
        problems.append(Problem("phone", code))
    return number


def _birth(text: str) -> str:
    return serial_date(text) if text and _SERIAL.fullmatch(text) else text[:10] if text[10:11] in (" ", "T") else text
