"""Tables as people hand them in, good and faulty: made here, with real writers where there are any."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

HEAD = ("姓名", "身份证号", "手机号")
ROW = ("王伟", "371502199003151238", "13812345678")


def xlsx(
    path: Path, rows: Sequence[Sequence[Any]] = (HEAD, ROW), change: Callable[[Any, Any], None] | None = None
) -> Path:
    """Write rows as Excel does; `change` may do more with book and sheet."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(line, column, cell)
        if change:
            change(book, sheet)
    return path


def parts_of(path: Path) -> dict[str, bytes]:
    """Return the parts of an xlsx file by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    """Write parts as a zip file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def with_sheet(path: Path, sheet: str, rows: Sequence[Sequence[Any]] = (HEAD, ROW)) -> Path:
    """Write an xlsx file whose sheet is the XML given: `{rows}` stands for nothing, all is in the text."""
    parts = parts_of(xlsx(path, rows))
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    return packed(path, parts)


def sheet_of(body: str, root: str = "worksheet", after: str = "") -> str:
    """Return the XML of a sheet around its rows."""
    prefix = root.rpartition("worksheet")[0]
    space = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<{root} {space}="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<{prefix}sheetData>{body}</{prefix}sheetData>{after}</{root}>"
    )


def inline(reference: str, text: str) -> str:
    """Return the XML of a cell with its own text."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def head_row() -> str:
    """Return the XML of the row of titles."""
    return '<row r="1">' + "".join(inline(f"{'ABC'[n]}1", title) for n, title in enumerate(HEAD)) + "</row>"


def picture() -> bytes:
    """Return a small picture."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG")
    return buffer.getvalue()
