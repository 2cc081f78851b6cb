"""Tables from outside: every faulty kind of file says what it is, and every good one gives its cells as they are."""

from __future__ import annotations

import codecs
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.tables import Finding, Table, describe, open_table
from nuanxin.kernel.tables.workbook import number_text
from tests.kernel.table_files import (
    HEAD,
    ROW,
    head_row,
    inline,
    packed,
    parts_of,
    picture,
    sheet_of,
    with_sheet,
    xlsx,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def opened(path: Path, **limits: Any) -> Table:
    return open_table(path, path.name, **{"most_rows": 1000, "most_columns": 40} | limits)


def findings(table: Table) -> dict[str, Finding]:
    return {finding.code: finding for finding in table.findings}


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def a_bomb(path: Path) -> Path:
    parts = parts_of(xlsx(path))
    parts["xl/worksheets/sheet1.xml"] += b" " * (64 * 1024 * 1024)
    return packed(path, parts)


def many_bombs(path: Path) -> Path:
    parts = parts_of(xlsx(path))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        for number in range(5001):
            archive.writestr(f"xl/media/{number}", b"")
    return path


def with_password(path: Path) -> Path:
    content = bytearray(xlsx(path).read_bytes())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 4)
    return written(path, bytes(content))


def cut_off(path: Path) -> Path:
    content = xlsx(path).read_bytes()
    return written(path, content[: len(content) // 2])


def with_entities(path: Path) -> Path:
    sheet = sheet_of(head_row() + '<row r="2">' + inline("A2", "&big;") + "</row>")
    return with_sheet(path, sheet.replace("<worksheet", '<!DOCTYPE x [<!ENTITY big "ha">]><worksheet', 1))


def without_sheet(path: Path) -> Path:
    parts = parts_of(xlsx(path))
    del parts["xl/worksheets/sheet1.xml"]
    return packed(path, parts)


def wrong_string(path: Path) -> Path:
    return with_sheet(path, sheet_of(head_row() + '<row r="2"><c r="A2" t="s"><v>99999</v></c></row>'))


FAULTY: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "nothing": ("empty_file", lambda path: written(path, b"")),
    "white space": ("empty_file", lambda path: written(path, b" \n\n \n")),
    "empty workbook": ("empty_file", lambda path: xlsx(path, [])),
    "titles only": ("no_rows", lambda path: xlsx(path, [HEAD])),
    "pdf": ("wrong_type", lambda path: written(path, b"%PDF-1.7\n%\xe2\xe3\n1 0 obj")),
    "picture": ("wrong_type", lambda path: written(path, picture())),
    "rar": ("wrong_type", lambda path: written(path, b"Rar!\x1a\x07\x01\x00")),
    "program": ("wrong_type", lambda path: written(path, b"MZ\x90\x00\x03\x00\x00\x00")),
    "binary": ("wrong_type", lambda path: written(path, bytes(range(256)) * 8)),
    "word": ("wrong_type", lambda path: packed(path, {"[Content_Types].xml": b"", "word/document.xml": b""})),
    "presentation": ("wrong_type", lambda path: packed(path, {"ppt/presentation.xml": b"<p/>"})),
    "open document": ("other_workbook", lambda path: packed(path, {"mimetype": b"", "content.xml": b"<o/>"})),
    "binary workbook": ("other_workbook", lambda path: packed(path, {"xl/workbook.bin": b""})),
    "renamed zip": ("renamed_archive", lambda path: packed(path, {"名册.xlsx": b"PK", "photo.png": b""})),
    "web page": ("web_page", lambda path: written(path, b"\n<html><table><tr><td>\xe5\xa7\x93")),
    "xml of 2003": ("web_page", lambda path: written(path, b'<?xml version="1.0"?><?mso-application?>')),
    "zip bomb": ("zip_bomb", a_bomb),
    "thousands of parts": ("zip_bomb", many_bombs),
    "password": ("password", with_password),
    "half a file": ("damaged", cut_off),
    "entities": ("damaged", with_entities),
    "no sheet": ("no_sheet", without_sheet),
    "string that is not there": ("damaged", wrong_string),
    "not really xls": ("wrong_type", lambda path: written(path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2048)),
    "open quote": ("bad_quotes", lambda path: written(path, 'name,id,phone\n"王,1,2\n'.encode() + b"a,b,c\n" * 40_000)),
}  # fmt: skip


@pytest.mark.parametrize("kind", FAULTY)
def test_a_faulty_file_says_what_is_wrong(tmp_path: Path, kind: str) -> None:
    code, make = FAULTY[kind]
    path = make(tmp_path / "people.xlsx")
    said = set()
    for language in ("en", "zh-hans"):
        with override(language), pytest.raises(Invalid) as refused:
            list(opened(path, most_rows=100_000).rows())
        assert refused.value.code == code
        assert refused.value.field == "file"
        with override(language):
            said.add(str(refused.value.message))
    assert len(said) == 2, "said in both languages"


def test_too_large_too_many_rows_and_columns(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [HEAD, *[ROW] * 30])
    with pytest.raises(Invalid, match="too_large"):
        opened(path, most_bytes=1000)
    with pytest.raises(Invalid, match="too_many_rows"):
        opened(path, most_rows=29)
    assert len(list(opened(path, most_rows=30).rows())) == 30
    wide = xlsx(tmp_path / "b.xlsx", [[f"第{n}列" for n in range(200)], ["1"] * 200])
    with pytest.raises(Invalid, match="too_many_columns"):
        opened(wide)


def test_rows_that_only_have_a_format_do_not_count(tmp_path: Path) -> None:
    blank = "".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' for n in range(3, 3000))
    row = '<row r="2">' + inline("A2", "王伟") + "</row>"
    path = with_sheet(tmp_path / "a.xlsx", sheet_of(head_row() + row + blank))
    assert list(opened(path, most_rows=10).rows()) == [(2, ("王伟", "", ""))]


def test_a_cell_at_the_far_end_costs_nothing(tmp_path: Path) -> None:
    far = inline("A2", "王伟") + inline("XFD2", "far") + "</row><row r='1048576'>" + inline("XFD1048576", "x")
    path = with_sheet(tmp_path / "a.xlsx", sheet_of(head_row() + '<row r="2">' + far + "</row>"))
    assert list(opened(path).rows()) == [(2, ("王伟", "", ""))]


def test_numbers_keep_every_digit_that_the_file_has(tmp_path: Path) -> None:
    values = [
        "371502199003151238",
        "3.71502199003151E+17",
        "13812345678",
        "1.3812345678E10",
        "0071",
        "5.0",
        "-3",
        "1.5",
    ]
    cells = "".join(f'<c r="{"ABCDEFGH"[n]}2"><v>{value}</v></c>' for n, value in enumerate(values))
    titles = "".join(inline(f"{'ABCDEFGH'[n]}1", f"t{n}") for n in range(8))
    path = with_sheet(tmp_path / "a.xlsx", sheet_of(f'<row r="1">{titles}</row><row r="2">{cells}</row>'))
    [(_line, row)] = opened(path).rows()
    assert row == (
        "371502199003151238", "3.71502199003151E+17", "13812345678", "13812345678", "0071", "5", "-3", "1.5",
    )  # fmt: skip


@pytest.mark.parametrize("value", ["nan", "inf", "1e999", "--", ""])
def test_odd_numbers_stay_text(value: str) -> None:
    assert number_text(value).lower() == value


def test_dates_and_times_become_iso(tmp_path: Path) -> None:
    def change(book: Any, sheet: Any) -> None:
        for column, form in enumerate(
            ["yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "m/d/yy h:mm", "[$-804]yyyy/m/d;@", "0.00", "hh:mm"]
        ):
            sheet.write(0, column, f"t{column}")
            sheet.write_number(1, column, 32947.5 if column in (2, 5) else 32947, book.add_format({"num_format": form}))

    [(_line, row)] = opened(xlsx(tmp_path / "a.xlsx", [], change)).rows()
    assert row == ("1990-03-15", "1990-03-15", "1990-03-15 12:00", "1990-03-15", "32947", "1990-03-15 12:00")


def test_macros_are_left_alone(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsm")
    table = opened(packed(path, parts_of(path) | {"xl/vbaProject.bin": b"evil"}))
    assert "macros" in findings(table)
    assert [row for _line, row in table.rows()] == [ROW]


def test_hidden_rows_are_left_out_and_said(tmp_path: Path) -> None:
    rows = [HEAD, ROW, ("李娜", "2", "3"), ROW]
    table = opened(xlsx(tmp_path / "a.xlsx", rows, lambda _book, sheet: sheet.set_row(2, None, None, {"hidden": True})))
    assert findings(table)["hidden_rows"] == Finding("hidden_rows", 1, (3,))
    assert [line for line, _row in table.rows()] == [2, 4]


def test_merged_cells_are_what_a_reader_sees(tmp_path: Path) -> None:
    def change(_book: Any, sheet: Any) -> None:
        sheet.merge_range(0, 0, 0, 2, "某公司花名册")
        sheet.merge_range(2, 2, 4, 2, "一班")

    rows = [
        ["", "", ""],
        ["姓名", "工号", "班组"],
        ["甲", "1", ""],
        ["乙", "2", ""],
        ["丙", "3", ""],
        ["丁", "4", "二班"],
    ]
    table = opened(xlsx(tmp_path / "a.xlsx", rows, change))
    assert table.headers == ("姓名", "工号", "班组")
    assert table.header_line == 2
    assert findings(table)["merged_cells"].count == 2
    assert [row for _line, row in table.rows()] == [
        ("甲", "1", "一班"), ("乙", "2", "一班"), ("丙", "3", "一班"), ("丁", "4", "二班"),
    ]  # fmt: skip


def test_formulas_give_their_last_value_and_are_said(tmp_path: Path) -> None:
    def change(_book: Any, sheet: Any) -> None:
        sheet.write_formula(1, 1, '="3715"&"02"', None, "371502")
        sheet.write_formula(2, 2, "=1+1", None, 2)

    path = xlsx(tmp_path / "a.xlsx", [HEAD, ["甲"], ["乙"], ["丙"]], change)
    parts = parts_of(path)
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(
        "</row></sheetData>", '<c r="B4"><f>NOW()</f></c></row></sheetData>'
    ).encode()
    table = opened(packed(path, parts))
    assert [row for _line, row in table.rows()] == [("甲", "371502", ""), ("乙", "", "2"), ("丙", "", "")]
    assert findings(table)["formulas"].count == 2
    assert findings(table)["formulas_without_value"].lines == (4,)


def test_only_the_first_sheet_that_is_shown_is_read(tmp_path: Path) -> None:
    def change(book: Any, sheet: Any) -> None:
        shown = book.add_worksheet("二站")
        for line, row in enumerate([HEAD, ("李娜", "1", "2")]):
            shown.write_row(line, 0, row)
        book.add_worksheet("三站")
        shown.activate()
        sheet.hide()

    table = opened(xlsx(tmp_path / "a.xlsx", [HEAD, ROW], change))
    assert findings(table)["other_sheets"].detail == "二站"
    assert [row for _line, row in table.rows()] == [("李娜", "1", "2")]


ODD_ROWS = {
    "rich text": '<row r="2"><c r="A2" t="inlineStr"><is><r><t>王</t></r><r><rPr/><t>伟</t></r></is></c></row>',
    "single quotes": "<row r='2'><c r='A2' t='inlineStr'><is><t>王伟</t></is></c></row>",
    "no references": '<row><c t="inlineStr"><is><t>王伟</t></is></c></row>',
    "character data": '<row r="2"><c r="A2" t="str"><v><![CDATA[王伟]]></v></c></row>',
    "escapes": '<row r="2"><c r="A2" t="inlineStr"><is><t>&#29579;_x4F1F_</t></is></c></row>',
    "empty rows before": '<row r="1" spans="1:2" hidden="1"/><row r="2"><c r="A2" t="str"><v>王伟</v></c></row>',
    "own attributes": '<row r="2" x14ac:dyDescent="0.2"><c r="A2" x:y="1" t="str"><v>王伟</v></c></row>',
}


@pytest.mark.parametrize("kind", ODD_ROWS)
def test_other_ways_to_write_a_row(tmp_path: Path, kind: str) -> None:
    path = with_sheet(tmp_path / "a.xlsx", sheet_of(head_row() + ODD_ROWS[kind]))
    assert list(opened(path).rows()) == [(2, ("王伟", "", ""))]


def test_prefixed_tags_and_shared_strings_in_runs(tmp_path: Path) -> None:
    body = "".join(
        f'<x:row r="{line}"><x:c r="A{line}" t="s"><x:v>{line - 1}</x:v></x:c>'
        f'<x:c r="B{line}"><x:v>{line}</x:v></x:c></x:row>'
        for line in (1, 2, 3, 4)
    )
    parts = parts_of(xlsx(tmp_path / "a.xlsx"))
    parts["xl/worksheets/sheet1.xml"] = sheet_of(body, "x:worksheet").encode()
    parts["xl/sharedStrings.xml"] = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>姓名</t></si><si/>'
        '<si><r><t>王</t></r><r><t xml:space="preserve">伟</t></r><rPh sb="0"><t>wang</t></rPh></si>'
        "<si><t>A&amp;B</t></si></sst>"
    ).encode()
    table = opened(packed(tmp_path / "a.xlsx", parts))
    assert [row for _line, row in table.rows()] == [("", "2"), ("王伟", "3"), ("A&B", "4")]


CSV = "姓名,身份证号,手机号\n王伟,371502199003151238,13812345678\n"


@pytest.mark.parametrize("separator", [",", ";", "\t", "，"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_every_encoding_and_separator(tmp_path: Path, encoding: str, separator: str) -> None:
    path = written(tmp_path / "people.xls", CSV.replace(",", separator).encode(encoding))
    table = opened(path)
    assert table.kind == "csv"
    assert codecs.lookup(table.encoding).name == codecs.lookup(encoding.removesuffix("-sig")).name
    assert (table.headers, list(table.rows())) == (HEAD, [(2, ROW)])


def test_csv_with_quotes_kept_text_and_a_title_above(tmp_path: Path) -> None:
    text = '某某公司花名册,,\r\n姓名,身份证号,手机号\r\n"王,伟","=""3715""","多\r\n行"\r\n,,\r\n李娜,="371502",1\r\n'
    table = opened(written(tmp_path / "a.csv", text.encode("gb18030")))
    assert table.header_line == 2
    assert list(table.rows()) == [(3, ("王,伟", "3715", "多\r\n行")), (5, ("李娜", "371502", "1"))]


def test_the_caller_may_know_the_titles_better(tmp_path: Path) -> None:
    rows = [["公司", "电话", "地址", "传真"], ["甲公司", "1", "2", "3"], HEAD, ROW]
    path = xlsx(tmp_path / "a.xlsx", rows)
    assert opened(path, is_header=lambda cells: cells[0] == "姓名").header_line == 3
    unknown = opened(path, is_header=lambda _cells: False)
    assert unknown.header_line == 1
    assert "no_header" in findings(unknown)


def test_findings_are_said_in_the_readers_language() -> None:
    finding = Finding("hidden_rows", 12, (3, 4))
    with override("en"):
        assert "Hidden rows were left out: 12" in describe(finding.to_json())
        assert "3, 4 …" in describe(finding)
    with override("zh-hans"):
        assert "12" in describe(finding)
        assert "Hidden" not in describe(finding)


CELL = st.text(
    st.characters(exclude_categories=["C"], exclude_characters="\u2028\u2029\x85"), min_size=1, max_size=12
).filter(lambda text: bool(text.strip()) and not text.startswith('="'))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=6))
def test_what_was_written_is_read_and_another_reader_agrees(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("t") / "a.xlsx"

    def change(_book: Any, sheet: Any) -> None:
        for line, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                sheet.write_string(line, column, cell)

    xlsx(path, [HEAD], change)
    table = opened(path, is_header=lambda _cells: True)
    assert [list(row) for _line, row in table.rows()] == rows
    assert CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1:] == rows
