"""The process that reads one .xls file: first one line of JSON about it, then one line a row.

It knows nothing of Nuanxin, has no database and no settings, and gives up memory and time beyond its limits.
"""

from __future__ import annotations

import contextlib
import json
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

_MEMORY = 768 * 1024 * 1024
_SECONDS = 120


def main() -> int:
    """Read the file named first; give as many rows as the second argument says, all for -1."""
    _limit()
    path, most = sys.argv[1], int(sys.argv[2])
    try:
        book = CalamineWorkbook.from_path(path)
        shown = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
        ]
        sheet = book.get_sheet_by_name(shown[0])
    except PasswordError:
        return _say("password")
    except (CalamineError, IndexError) as error:
        with open(path, "rb") as file:  # noqa: PTH123 - the least that is needed
            content = file.read(4 * 1024 * 1024)
        if "EncryptedPackage".encode("utf-16-le") in content:
            return _say("password")
        return _say("wrong_type" if "Workbook".encode("utf-16-le") not in content else f"damaged {error}")
    first = sheet.start[0] if sheet.start else 0
    left = sheet.start[1] if sheet.start else 0
    _say(
        {
            "sheet": sheet.name,
            "sheets": len(shown),
            "height": sheet.total_height,
            "first": first,
            "merged": [list(map(list, merge)) for merge in sheet.merged_cell_ranges or []][:5000],
        }
    )
    if most:
        _give(sheet, left)
    return 0


def _give(sheet: Any, left: int) -> None:
    spread: dict[tuple[int, int], int] = {}
    for (top, column), (bottom, _right) in sheet.merged_cell_ranges or []:
        if bottom > top and len(spread) < 5000:
            spread[top, column] = bottom
    open_ones: dict[int, tuple[int, str]] = {}
    for line, cells in enumerate(sheet.to_python(), start=sheet.start[0] if sheet.start else 0):
        row = [""] * left + [_text(cell) for cell in cells]
        if spread:
            for column, (bottom, content) in list(open_ones.items()):
                if line > bottom:
                    del open_ones[column]
                elif column < len(row):
                    row[column] = content
            for column, content in enumerate(row):
                if content and (line, column) in spread:
                    open_ones[column] = (spread[line, column], content)
        _say(row)


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if (cell.hour, cell.minute) == (0, 0) else f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    return str(cell) if isinstance(cell, timedelta) else repr(cell)


def _say(what: object) -> int:
    sys.stdout.write(json.dumps(what, ensure_ascii=True) + "\n")
    return 0


def _limit() -> None:
    """Bound memory and time where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # not on every system

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))


if __name__ == "__main__":
    sys.exit(main())
