"""LibreOffice opens what goes out, and what it writes is read: converted without a window, compared cell by cell."""

from __future__ import annotations

import csv
import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from django.utils.translation import override

from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.tables import open_table
from nuanxin.members.rules.rosters.columns import is_header
from nuanxin.members.rules.rosters.sheets import write_errors, write_template
from nuanxin.web.kit.excel import workbook_response
from tests.kernel.table_files import HEAD, ROW, xlsx
from tests.members.test_roster_sheets import COLUMNS, HEADERS, Line

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.full

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def converted(path: Path, kind: str) -> Path:
    """Have LibreOffice read a file and write it as another kind."""
    assert OFFICE, "LibreOffice is missing (Debian: apt-get install libreoffice-calc); bin/test --full installs it."
    home = path.parent / "office"
    subprocess.run(
        [
            OFFICE,
            "--headless",
            f"-env:UserInstallation=file://{home}",
            "--convert-to",
            kind,
            "--outdir",
            str(path.parent / "out"),
            str(path),
        ],
        check=True,
        capture_output=True,
        timeout=100,
    )
    return path.parent / "out" / f"{path.stem}.{kind.partition(':')[0]}"


def cells(path: Path) -> list[list[str]]:
    """Return the cells of the first sheet as LibreOffice shows them."""
    found = converted(path, "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false")
    with found.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_the_template(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with override("zh-hans"):
        path.write_bytes(write_template(groups=["外卖配送员", "快递员"], platforms=["美团"], kinds=["居民身份证"]))
    assert cells(path)[0][:4] == ["姓名 *", "证件类型", "身份证号 *", "手机号 *"]
    again = converted(path, "ods")
    with zipfile.ZipFile(again) as archive:
        content = archive.read("content.xml").decode()
    assert "content-validation" in content
    assert "外卖配送员" in content


def test_the_rows_to_mend(tmp_path: Path) -> None:
    path = tmp_path / "e.xlsx"
    rows = [
        Line(2, ("王伟", "3.71502E+17", "013812345678", "=1+1"), (("id_number", "id_scientific"),)),
        Line(9, ("李娜", "371502199003151238", "@SUM(A1)", "-1"), (("phone", "bad_phone"),)),
    ]
    with path.open("wb") as file, override("zh-hans"):
        write_errors(file, HEADERS, rows, COLUMNS)
    shown = cells(path)
    assert shown[0][:4] == list(HEADERS)
    assert shown[1][:4] == ["王伟", "3.71502E+17", "013812345678", "'=1+1"]
    assert shown[2][:4] == ["李娜", "371502199003151238", "'@SUM(A1)", "'-1"]
    assert "原文件第2行" in shown[1][4]


def test_the_export_of_a_list(tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    answer: Any = workbook_response(
        "m", ["会员号", "姓名", "备注"], [["37150200000001", "王*芳", "=1+1"], ["0", "李*", 7]]
    )
    path.write_bytes(b"".join(answer.streaming_content))
    assert cells(path) == [["会员号", "姓名", "备注"], ["37150200000001", "王*芳", "=1+1"], ["0", "李*", "7"]]


@pytest.mark.parametrize("kind", ["xls", "xlsx", "csv"])
def test_what_it_writes_is_read(tmp_path: Path, kind: str) -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet.merge_range(3, 3, 4, 3, "一班")
        sheet.write_number(3, 4, 32947, book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_formula(4, 4, "=1+1", None, 2)

    source = xlsx(tmp_path / "people.xlsx", [["某某公司花名册"], [*HEAD, "班组", "生日"], ROW, ROW, ROW], change)
    path = converted(
        source, "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false" if kind == "csv" else kind
    )
    table = open_table(path, "名册", most_rows=10, most_columns=40, is_header=is_header)
    assert table.kind == kind
    rows = [row for _line, row in table.rows()]
    assert [row[:3] for row in rows] == [ROW, ROW, ROW]
    if kind != "csv":  # which cells are merged is not in a csv
        assert [row[3] for row in rows] == ["", "一班", "一班"]
        assert [row[4] for row in rows] == ["", "1990-03-15", "2"]
        assert "merged_cells" in {finding.code for finding in table.findings}


def test_an_old_file_that_claims_four_billion_cells_is_refused(tmp_path: Path) -> None:
    path = converted(xlsx(tmp_path / "people.xlsx"), "xls")
    content = bytearray(path.read_bytes())
    last_cell = content.rfind(b"\xfd\x00\x0a\x00")  # a LABELSST record: row, column, format, string
    content[last_cell + 4 : last_cell + 8] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    with pytest.raises(Invalid, match="damaged"):
        open_table(path, "名册", most_rows=10, most_columns=40)
