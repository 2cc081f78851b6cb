"""Excel out of every list: one sheet, written row by row, safe to open."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import FileResponse
from django.utils import timezone

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_575
_WIDEST = 50


def workbook_response(filename: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> FileResponse:
    """Send rows as an .xlsx file.

    Rows are taken one by one and written through to disk, so a long list costs little memory. Text stays text: nothing
    typed by a person becomes a formula or a link. Times are written in local time. Refuses more rows than a sheet has.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it after the last byte
    try:
        _write(file, header, rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    name = filename if filename.endswith(".xlsx") else f"{filename}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPE)


def _write(file: Any, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "bg_color": "#F3F2EF", "bottom": 1})
        formats = {
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        sheet.freeze_panes(1, 0)
        for column, title in enumerate(header):
            sheet.set_column(column, column, min(max(len(str(title)) * 2 + 4, 12), _WIDEST))
            sheet.write_string(0, column, str(title), bold)
        for line, row in enumerate(rows, start=1):
            if line > MOST_ROWS:
                raise ValueError("A sheet holds 1,048,575 rows; narrow the filter.")
            for column, value in enumerate(row):
                _cell(sheet, line, column, value, formats)


def _cell(sheet: Any, line: int, column: int, value: Any, formats: dict[str, Any]) -> None:
    match value:
        case None | "":
            return
        case bool():
            sheet.write_boolean(line, column, value)
        case int() if abs(value) < 10**15:
            sheet.write_number(line, column, value)
        case float() | Decimal():
            sheet.write_number(line, column, float(value))
        case dt.datetime():
            local = timezone.localtime(value) if timezone.is_aware(value) else value
            sheet.write_datetime(line, column, local.replace(tzinfo=None), formats["time"])
        case dt.date():
            sheet.write_datetime(line, column, value, formats["day"])
        case _:
            sheet.write_string(line, column, str(value)[:32_767])
