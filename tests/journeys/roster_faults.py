"""A roster in which everything is wrong that can be, one kind in each row, and the same rows mended."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING, Any

import xlsxwriter

from tests.factories.members import make_id_number, make_phone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

HEAD = tuple(
    "姓名(必填) 证件类型 证件号码 手机号码 工种 工作地区 工作单位 统一社会信用代码 平台 出生日期 性别 备注".split()
)
NAME, KIND, ID, PHONE, GROUP, REGION, EMPLOYER, CREDIT, PLATFORM, BIRTH, SEX, NOTE = range(12)
PERMIT = "港澳居民来往内地通行证"


def good(number: int) -> list[str]:
    """Return a row in which nothing is wrong, of another person for each number."""
    given = "伟芳娜敏静丽强磊军洋勇艳杰"[number % 13] + "安平和顺康宁乐福"[number // 13 % 8]
    return ["王" + given, "居民身份证", make_id_number(), make_phone(), "快递员", "东昌府区", "", "", "", "", "", ""]


def _wrong_check(number: str) -> str:
    return number[:-1] + ("1" if number[-1] != "1" else "2")


def _permit(row: list[str], birth: str, sex: str) -> dict[int, str]:
    return {KIND: PERMIT, ID: f"H{row[PHONE][-8:]}", BIRTH: birth, SEX: sex}


#: What is done to a good row → what the file of rows to mend says of it.
FAULTS: tuple[tuple[Any, str], ...] = (
    ({NAME: ""}, "没有填姓名"),
    ({NAME: "王伟1"}, "姓名里有数字或符号"),
    ({NAME: "王伟（组长）"}, "姓名里有数字或符号"),
    ({NAME: "王" * 51}, "姓名太长"),
    ({NAME: "#N/A"}, "Excel 错误"),
    ({NAME: "王\u200b伟"}, "看不见的字符"),
    ({ID: ""}, "没有填证件号"),
    ({ID: "3.71502E+17"}, "近似数"),
    ({ID: 371502199003151234}, "近似数"),
    ({ID: "371502199003151000"}, "后三位变成了000"),
    ({ID: "371502900315123"}, "15位的旧身份证号"),
    ({ID: "371502********1234"}, "证件号有几位被星号遮住"),
    ({ID: "37150219900315123"}, "位数不够"),
    (lambda row: {ID: _wrong_check(row[ID])}, "与校验位不符"),
    ({ID: "001502199003151238"}, "前两位不是省份代码"),
    ({ID: "371502199013321238"}, "不是出生日期"),
    ({ID: "371502209903151238"}, "不是出生日期"),
    ({ID: make_id_number(area="371502", birth_on=date(2016, 3, 15))}, "不满16周岁"),
    ({ID: "37150219900315ABCD"}, "号码与证件类型不符"),
    ({ID: "911502199003151238"}, "外国人永久居留身份证"),
    ({KIND: "驾驶证"}, "没有这种证件类型"),
    ({KIND: PERMIT, ID: "H123", BIRTH: "1990-03-15", SEX: "男"}, "号码与证件类型不符"),
    (lambda row: _permit(row, "", "男"), "没有填出生日期"),
    (lambda row: _permit(row, "昨天", "男"), "这不是出生日期"),
    (lambda row: _permit(row, "1990-03-15", ""), "没有填性别"),
    (lambda row: _permit(row, "1990-03-15", "不详"), "性别看不懂"),
    (lambda row: _permit(row, "2015-03-15", "女"), "不满16周岁"),
    ({KIND: "港澳台居民居住证"}, "证件号前两位不是省份代码"),
    ({PHONE: ""}, "没有填手机号"),
    ({PHONE: "1.38E+10"}, "手机号变成了"),
    ({PHONE: "138****5678"}, "手机号有几位被星号遮住"),
    ({PHONE: "13812345678/13912345678"}, "两个号码"),
    ({PHONE: "0635-8412345"}, "固定电话"),
    ({PHONE: "1381234567"}, "这不是手机号"),
    ({PHONE: "12812345678"}, "这不是手机号"),
    ({PHONE: "#REF!"}, "Excel 错误"),
    ({GROUP: "宇航员"}, "没有这个职业群体"),
    ({REGION: "火星"}, "没有这个工作地"),
    ({REGION: "37"}, "工作地范围太大"),
    ({REGION: "12345"}, "不是有效的地区代码"),
    ({PLATFORM: "月球快递"}, "没有这个平台"),
    ({CREDIT: "ABC"}, "这不是统一社会信用代码"),
    ({CREDIT: "91371500MA3C0000X1"}, "信用代码"),
)


def faulty(number: int) -> list[Any]:
    """Return a row with the fault of a number."""
    row: list[Any] = list(good(number))
    change, _words = FAULTS[number]
    for place, cell in (change(row) if callable(change) else change).items():
        row[place] = cell
    return row


def write(path: Path, rows: Iterable[Sequence[Any]], *, odd: bool = False) -> Path:
    """Write rows under their titles; odd: with a title above, merged cells, a hidden row, a formula and live cells."""
    buffer = io.BytesIO()
    top = 1 if odd else 0
    with xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate([HEAD, *rows], start=top):
            for place, cell in enumerate(row):
                sheet.write(line, place, cell)
        if odd:
            sheet.merge_range(0, 0, 0, 11, "聊城某某配送有限公司骑手花名册")
            sheet.write_string(2, NOTE, '=HYPERLINK("http://example.org")')
            sheet.write_formula(3, NOTE, '="第"&"一班"', None, "第一班")
            hidden = len(rows) + 2  # type: ignore[arg-type]
            for place, cell in enumerate(good(99)):
                sheet.write(hidden, place, cell)
            sheet.set_row(hidden, None, None, {"hidden": True})
    path.write_bytes(buffer.getvalue())
    return path
