"""Telling what a file is, and opening it."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.tables import delimited, old, workbook
from nuanxin.kernel.tables.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.utils.functional import _StrOrPromise

    Row = tuple[int, tuple[str, ...]]
    #: Answers whether a row of cells is the row of column titles.
    IsHeader = Callable[[tuple[str, ...]], bool]

#: Largest file taken unless the caller says otherwise: some 700,000 rows of a roster as .xlsx.
MOST_BYTES: Final = 64 * 1024 * 1024
#: Rows at the top among which the titles are looked for: rosters begin with the name of the enterprise.
_TOP: Final = 15
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS: Final[tuple[tuple[bytes, _StrOrPromise], ...]] = (
    (b"%PDF", _("a PDF document")),
    (b"\x89PNG", _("a picture")),
    (b"\xff\xd8\xff", _("a picture")),
    (b"GIF8", _("a picture")),
    (b"BM", _("a picture")),
    (b"Rar!", _("an archive")),
    (b"7z\xbc\xaf", _("an archive")),
    (b"\x1f\x8b", _("an archive")),
    (b"{\\rtf", _("a text document")),
    (b"MZ", _("a program")),
    (b"\x7fELF", _("a program")),
)
_MARKUP: Final = (b"<!doctype html", b"<html", b"<table", b"<?xml", b"<meta", b"<head", b"<style")


@dataclass(frozen=True)
class Table:
    """An opened file: what it is, its titles, and what was noticed. `rows` may be asked for as often as one likes."""

    kind: str
    encoding: str
    headers: tuple[str, ...]
    header_line: int
    #: About how many rows follow the titles, empty ones included: for a progress bar.
    about_rows: int
    findings: tuple[Finding, ...]
    most_rows: int
    _read: Callable[[], Iterator[Row]] = field(repr=False)

    def rows(self) -> Iterator[Row]:
        """Give line number and cells of each row under the titles that is not empty; as many cells as titles.

        :raises Invalid: more rows than allowed, or the file is damaged further down.
        """
        width, count = len(self.headers), 0
        blank = ("",) * width
        for line, cells in self._read():
            if line <= self.header_line:
                continue
            row = cells[:width] if len(cells) >= width else cells + blank[len(cells) :]
            if row == blank or not any(cell.strip() for cell in row):
                continue
            count += 1
            if count > self.most_rows:
                raise too_many_rows(self.most_rows)
            yield line, row


def open_table(
    path: Path,
    name: str,
    *,
    most_rows: int,
    most_columns: int,
    most_bytes: int = MOST_BYTES,
    is_header: IsHeader | None = None,
) -> Table:
    """Open a table that somebody handed in.

    :param name: the name that the file had where it came from; only said, never believed.
    :param most_rows: most rows under the titles; `most_columns` most columns with a title; `most_bytes` largest file.
    :param is_header: recognizes the row of titles among the first rows; without it the first row with most cells is.
    :raises Invalid: empty, too large, of another kind, a renamed archive, one that unpacks to far more than it is, with
        a password, damaged, too many rows or columns. Each with its code, field `file`.
    """
    _check_size(path, most_bytes)
    source = _open_source(path, name, most_rows)
    top = []
    for line, cells in source.rows():
        if any(cell.strip() for cell in cells):
            top.append((line, cells))
        if len(top) == _TOP:
            break
    if not top:
        raise _refuse("empty_file", _("There are no rows in this file."))
    found, (line, cells) = _find_header(top, is_header)
    headers = _trimmed(cells)
    if len(headers) > most_columns:
        raise _refuse(
            "too_many_columns",
            _("The file has %(columns)s columns; at most %(most)s are taken. Please delete those that are not needed."),
            columns=len(headers),
            most=most_columns,
        )
    if source.about_rows > most_rows and _count(source.rows(), line, most_rows) > most_rows:
        raise too_many_rows(most_rows)
    if len(top) < _TOP and top[-1][0] == line:
        raise _refuse("no_rows", _("There is only a row of titles in this file, and nobody under it."))
    notes = source.findings if found else (*source.findings, Finding("no_header"))
    about = max(source.about_rows - line, 1)
    return Table(source.kind, source.encoding, headers, line, about, notes, most_rows, source.rows)


def _check_size(path: Path, most_bytes: int) -> None:
    size = path.stat().st_size
    if size == 0:
        raise _refuse("empty_file", _("This file is empty. Please choose the file with the people's rows."))
    if size > most_bytes:
        raise _refuse(
            "too_large",
            _("The file has %(size)s MB; at most %(most)s MB are taken. Please split it."),
            size=-(-size // 2**20),
            most=most_bytes // 2**20,
        )


def _open_source(path: Path, name: str, most_rows: int) -> workbook.Source:
    """Tell by the content what the file is, and open that."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PK\x03\x04") or zipfile.is_zipfile(path):
        return workbook.open_workbook(path)
    if head.startswith(_OLE):
        return old.open_old(path)
    for magic, what in _OTHERS:
        if head.startswith(magic) and (len(magic) > 2 or b"\x00" in head):
            raise _refuse(
                "wrong_type",
                _("This is %(what)s, not a table. Please save the list as .xlsx and upload that."),
                what=what,
            )
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(_MARKUP):
        raise _refuse(
            "web_page",
            _(
                "This is a web page or XML under the name of a table. Open it in Excel or WPS, save it as .xlsx, and"
                " upload that."
            ),
        )
    return delimited.open_delimited(path)


def _find_header(top: list[Row], is_header: IsHeader | None) -> tuple[bool, Row]:
    if is_header:
        for row in top:
            if is_header(row[1]):
                return True, row
    most = max(len([cell for cell in cells if cell.strip()]) for _line, cells in top)
    filled = (row for row in top if len([cell for cell in row[1] if cell.strip()]) * 3 >= most * 2)
    return is_header is None, next(filled, top[0])


def _trimmed(cells: tuple[str, ...]) -> tuple[str, ...]:
    headers = [" ".join(cell.split()) for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    return tuple(headers)


def _count(rows: Iterator[Row], header_line: int, most: int) -> int:
    """Count rows that are not empty, until there are too many."""
    count = 0
    for line, cells in rows:
        count += line > header_line and any(cell.strip() for cell in cells)
        if count > most:
            break
    return count


def too_many_rows(most: int) -> Invalid:
    """Make the refusal of a file with too many rows."""
    return _refuse("too_many_rows", _("At most %(most)s rows at a time. Please split the file."), most=f"{most:,}")


def _refuse(code: str, words: _StrOrPromise, **values: object) -> Invalid:
    return Invalid(code, words % values if values else words, field="file")
