"""The template and the file of rows to mend: what goes out comes back in, and no cell becomes a formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from nuanxin.kernel.tables import open_table
from nuanxin.members.rules.rosters.cells import Lists, kind_names, names_of, read_row
from nuanxin.members.rules.rosters.columns import NEEDED, is_header, recognize
from nuanxin.members.rules.rosters.sheets import neutral, write_errors, write_template
from tests.kernel.table_files import parts_of

if TYPE_CHECKING:
    from pathlib import Path

HEADERS = ("姓名", "身份证号", "手机号", "备注")
COLUMNS = {"name": 0, "id_number": 1, "phone": 2}


@dataclass(frozen=True)
class Line:
    line: int
    cells: tuple[str, ...]
    problems: tuple[tuple[str, str], ...]


def errors_file(path: Path, rows: list[Line]) -> Path:
    with path.open("wb") as file:
        assert write_errors(file, HEADERS, rows, COLUMNS) == len(rows)
    return path


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_template_is_recognized_and_offers_lists(tmp_path: Path, language: str) -> None:
    path = tmp_path / "t.xlsx"
    with override(language):
        path.write_bytes(write_template(groups=["外卖配送员", "快递员"], platforms=["美团"], kinds=["居民身份证"]))
    parts = parts_of(path)
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    assert sheet.count("<dataValidation ") == 5
    assert 'state="hidden"' in parts["xl/workbook.xml"].decode()
    assert "外卖配送员" in parts["xl/sharedStrings.xml"].decode()
    [titles] = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    found = recognize([str(title) for title in titles])
    assert set(NEEDED) < set(found)
    assert len(found) == len(titles)
    with pytest.raises(Exception, match="no_rows"):
        open_table(path, "t.xlsx", most_rows=10, most_columns=40, is_header=is_header)


def test_rows_to_mend_say_what_is_wrong_and_come_back_in(tmp_path: Path) -> None:
    rows = [
        Line(2, ("王伟", "3.71502E+17", "13812345678", '=HYPERLINK("http://x")'), (("id_number", "id_scientific"),)),
        Line(9, ("+86李娜", "", "@SUM(A1)", "-1"), (("id_number", "missing"), ("phone", "bad_phone"))),
    ]
    with override("zh-hans"):
        path = errors_file(tmp_path / "e.xlsx", rows)
    table = open_table(path, "e.xlsx", most_rows=10, most_columns=40, is_header=is_header)
    assert table.headers[:4] == HEADERS
    assert recognize(table.headers) == COLUMNS, "the column of remarks is not read"
    [first, second] = [cells for _line, cells in table.rows()]
    assert first[:3] == ("王伟", "3.71502E+17", "13812345678")
    assert first[3] == '\'=HYPERLINK("http://x")'
    assert "原文件第2行" in first[4]
    assert "文本" in first[4]
    assert second[:4] == ("'+86李娜", "", "'@SUM(A1)", "'-1")
    assert "手机号" in second[4]
    sheet = parts_of(path)["xl/worksheets/sheet1.xml"].decode()
    assert "<f>" not in sheet


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=20))
def test_no_cell_is_live_and_reading_gives_it_back(text: str) -> None:
    sent = neutral(text)
    assert not sent.startswith(("=", "+", "-", "@", "\t", "\r"))
    lists = Lists(groups=names_of([]), platforms={}, places=lambda _text: "", kinds=kind_names())
    given_back = read_row([sent, "", ""], COLUMNS, lists).raw["name"]
    if sent != text:
        assert given_back == text.strip()
