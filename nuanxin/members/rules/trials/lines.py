"""Cases as they are pasted from a sheet: which columns there are, and one line after the other. Pure."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.organizations.rules.sheets import first_sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_LINES: Final = 5000
#: Columns in the order in which they stand when there is no heading.
COLUMNS: Final = ("place", "group", "platform", "employer", "scanned")
#: What a heading may say for each column, in small letters.
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "place": ("地区", "区域", "地点", "工作地", "工作地点", "区划", "区划代码", "区域代码", "行政区划", "place", "area",
              "region", "region code"),
    "group": ("职业", "职业群体", "工种", "group", "occupation", "occupation group", "trade"),
    "platform": ("平台", "所属平台", "platform"),
    "employer": ("单位", "用人单位", "单位名称", "企业", "统一社会信用代码", "信用代码", "employer", "enterprise",
                 "credit code"),
    "scanned": ("扫码工会", "工会码", "工会代码", "scanned union", "scanned", "union", "union code"),
}  # fmt: skip
#: Characters kept of a line for showing it, and characters read of it.
_LONGEST, _WIDEST = 200, 2000


@dataclass(frozen=True, slots=True)
class Line:
    """One line: where it stood, what it says, and its cells by column."""

    number: int
    text: str
    cells: Mapping[str, str]


def read_lines(text: str) -> list[Line]:
    """Return the lines of a pasted table, empty ones and the heading left out.

    Cells are divided by tabs where there are any, otherwise by commas, Chinese ones too. A heading is known by its
    words; unknown columns are passed over.

    :raises Invalid: more than 5,000 lines.
    """
    columns: list[str | None] = list(COLUMNS)
    lines: list[Line] = []
    begun = False
    for number, whole in enumerate(text.splitlines(), start=1):
        raw = whole[:_WIDEST]
        if not raw.strip():
            continue
        cells = _cells(raw)
        if not begun:
            begun = True
            named = [_column(cell) for cell in cells]
            if any(named):
                columns = list(named)
                continue
        if len(lines) == MOST_LINES:
            raise Invalid("too_many_rows", _("At most 5,000 lines at a time. Please split the list."), field="lines")
        named_cells = {name: cell for name, cell in zip(columns, cells, strict=False) if name}
        lines.append(Line(number, raw.strip()[:_LONGEST], named_cells))
    return lines


def heading_of(text: str) -> str:
    """Return the heading of a pasted table, or nothing."""
    first = next((raw for raw in text.splitlines() if raw.strip()), "")
    return first if any(_column(cell) for cell in _cells(first[:_WIDEST])) else ""


def _cells(raw: str) -> list[str]:
    if "\t" in raw:
        return [cell.strip().strip('"').strip() for cell in raw.split("\t")]
    row = next(csv.reader(io.StringIO(raw.replace("，", ",").replace("\0", ""))), [])
    return [cell.strip() for cell in row]


def _column(cell: str) -> str | None:
    wanted = " ".join(cell.lower().rstrip("*").split())
    return next((name for name, words in HEADINGS.items() if wanted in words), None)


def text_of_workbook(content: bytes) -> str:
    """Return the first sheet of an .xlsx or .xls file as the text that would be pasted from it.

    :raises Invalid: no such file, or too large.
    """
    return "\n".join("\t".join(_plain(cell) for cell in row) for row in first_sheet(content))


def _plain(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).replace("\0", "").split())
