"""csv: rows of text, in the encodings and with the separators that programs here write."""

from __future__ import annotations

import codecs
import csv
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.tables.workbook import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Row = tuple[int, tuple[str, ...]]

_CHUNK: Final = 1 << 20
_SEPARATORS: Final = ",;\t，"
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def open_delimited(path: Path) -> Source:
    """Open a text file with separators: UTF-8 with or without a mark, UTF-16 with one, or GB18030.

    :raises Invalid: neither of these encodings, or not a text at all.
    """
    encoding, lines = _encoding(path)
    separator = _separator(path, encoding)
    return Source("csv", encoding.removesuffix("-sig"), lines, (), lambda: _rows(path, encoding, separator))


def _encoding(path: Path) -> tuple[str, int]:
    """Return the encoding and the number of lines; the file is read to its end, so that no row fails later."""
    with path.open("rb") as file:
        head = file.read(4)
    marked = next((name for mark, name in _BOMS if head.startswith(mark)), "")
    for encoding in [marked] if marked else ["utf-8", "gb18030"]:
        decoder = codecs.getincrementaldecoder(encoding)()
        lines = 1
        try:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    text = decoder.decode(chunk)
                    if "\x00" in text:
                        raise _not_a_table()
                    lines += text.count("\n")
                decoder.decode(b"", final=True)
        except UnicodeError:
            continue
        return encoding, lines
    raise _not_a_table()


def _not_a_table() -> Invalid:
    return Invalid(
        "wrong_type",
        _("This is not a table that can be read. Please save the list as .xlsx and upload that."),
        field="file",
    )


def _separator(path: Path, encoding: str) -> str:
    """Return the separator that stands most often outside of quotation marks in the first lines."""
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(65_536)
    outside = "".join(sample.split('"')[::2])
    lines = [line for line in outside.splitlines() if line.strip()][:20]
    return max(_SEPARATORS, key=lambda sign: (sum(line.count(sign) for line in lines), sign == ","))


def _rows(path: Path, encoding: str, separator: str) -> Iterator[Row]:
    number = 0
    try:
        with path.open(encoding=encoding, newline="") as file:
            for number, cells in enumerate(csv.reader(file, delimiter=separator), start=1):
                yield number, tuple(_kept_text(cell) if cell.startswith('="') else cell for cell in cells)
    except csv.Error:
        raise Invalid(
            "bad_quotes",
            _("A quotation mark in row %(row)s or after it is never closed. Please mend the row.")
            % {"row": number + 1},
            field="file",
        ) from None


def _kept_text(cell: str) -> str:
    """Return what stands in `="3715…"`, the way in which some programs keep a number a text."""
    return cell[2:-1] if cell.endswith('"') and len(cell) > 3 else cell
