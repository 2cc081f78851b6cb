"""xlsx: one sheet, read as a stream, with every number as the file holds it.

The readers at hand put the whole sheet into memory up to its farthest cell (a file of 4 kB can claim 17 billion cells)
and turn 18 digits into a float of 15. Here rows are cut out of the stream as text; the usual form of a cell is read by
one expression, any other form by an XML parser, row by row. Document types and entities are refused.
"""

from __future__ import annotations

import codecs
import html
import re
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import IO, TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from nuanxin.kernel.tables import parts
from nuanxin.kernel.tables.findings import SHOWN, Finding
from nuanxin.kernel.tables.parts import damaged, too_big

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    Row = tuple[int, tuple[str, ...]]

_CHUNK: Final = 1 << 20
#: Longest row, in characters: what cannot be a row of people is not gathered.
_LONGEST_ROW: Final = 4 * 1024 * 1024
#: Most merged cells whose content is spread over their rows.
_MOST_MERGES: Final = 5000
#: Farthest column looked at.
_FARTHEST: Final = 1024
_CELL: Final = re.compile(
    r'<c r="([A-Z]{1,3})[0-9]+"(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?(?: [a-z]+="[^"<>]*")*'
    r"(?:/>|>(?:<f(?: [^<>]*)?(?:/>|>[^<]*</f>))?"
    r"(?:<v(?: [^<>]*)?>([^<]*)</v>|<is><t(?: [^<>]*)?>([^<]*)</t></is>|<v/>)?</c>)"
)
_ROW: Final = re.compile(r"<row((?:\s[^<>]*?)?)/?>")
_ROW_NUMBER: Final = re.compile(r"""\sr=["']([0-9]{1,7})["']""")
_ROW_HIDDEN: Final = re.compile(r"""\shidden=["'](?:1|true)["']""")
_PREFIXED: Final = re.compile(r"""\s(?!xml:)\w+:\w+=("[^"]*"|'[^']*')""")
_REFERENCE: Final = re.compile(r"([A-Za-z]{1,3})[0-9]*")
_TEXT: Final = re.compile(r"<t(?:\s[^<>]*)?>([^<]*)</t>")
_PHONETIC: Final = re.compile(r"<rPh\b.*?</rPh>", re.DOTALL)
_STRING: Final = re.compile(r"<si(?:\s[^<>]*)?><t(?:\s[^<>]*)?>([^<]*)</t></si>")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class Source:
    """A file as rows, and what was noticed in it before they are read."""

    kind: str
    encoding: str
    about_rows: int
    findings: tuple[Finding, ...]
    rows: Callable[[], Iterator[Row]]


@dataclass(frozen=True)
class _Merge:
    """Merged cells: columns and rows from and to, both counted from one and inclusive."""

    columns: tuple[int, int]
    lines: tuple[int, int]


def open_workbook(path: Path) -> Source:
    """Open an .xlsx or .xlsm file: the first sheet that is shown.

    :raises Invalid: another kind of zip, one that unpacks to far more than it is, a password, damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            book = parts.read_book(archive)
            with archive.open(book.sheet) as stream:
                survey = _survey(stream)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, KeyError, OSError):
        raise damaged() from None
    return Source("xlsx", "utf-8", survey.rows, (*book.findings, *survey.findings()), _Reader(path, book, survey).rows)


class _Survey:
    """What one pass over the bytes of a sheet tells: how many rows, which are hidden, merged or calculated."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.rows = self.hidden = self.formulas = self.unvalued = self.merged = 0
        self.hidden_lines: list[int] = []
        self.formula_lines: list[int] = []
        self.unvalued_lines: list[int] = []
        self.merges: list[_Merge] = []
        self.ranges: list[str] = []
        mark = re.escape(prefix.encode())
        self._row = re.compile(rb"<" + mark + rb"row[\s>/]")
        self._hidden = re.compile(rb"<" + mark + rb"""row(?=\s)[^<>]*\shidden=["'](?:1|true)["'][^<>]*>""")
        self._formula = re.compile(rb"<" + mark + rb"f[\s>/]")
        self._calculated = re.compile(rb"""\sr=["'][A-Z]{1,3}([0-9]{1,7})["'][^<>]*><""" + mark + rb"f[\s>/]")
        self._unvalued = re.compile(
            rb"""\sr=["'][A-Z]{1,3}([0-9]{1,7})["'][^<>]*><"""
            + mark + rb"f(?:\s[^<>]*)?(?:/>|>[^<]*</" + mark + rb"f>)(?:<" + mark + rb"v/>|<" + mark + rb"v></" + mark
            + rb"v>)?</" + mark + rb"c>"
        )  # fmt: skip
        self._merge = re.compile(rb"<" + mark + rb"""mergeCell\s+ref=["']([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})""")

    def take(self, text: bytes) -> None:
        """Look at a piece that ends before a tag begins."""
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise damaged()
        self.rows += len(self._row.findall(text))
        if b"hidden" in text:
            for found in self._hidden.finditer(text):
                self.hidden += 1
                number = _ROW_NUMBER.search(found[0].decode("ascii", "replace"))
                if number and len(self.hidden_lines) < SHOWN:
                    self.hidden_lines.append(int(number[1]))
        if self._formula.search(text):
            self.formulas += len(self._formula.findall(text))
            _note(self.formula_lines, self._calculated, text)
            self.unvalued += len(self._unvalued.findall(text))
            _note(self.unvalued_lines, self._unvalued, text)
        if b"mergeCell" in text:
            for found in self._merge.finditer(text):
                self.merged += 1
                if len(self.merges) < _MOST_MERGES:
                    self.merges.append(_merge(found[1].decode()))
                    self.ranges.append(found[1].decode())

    def findings(self) -> Iterator[Finding]:
        """Give what was noticed."""
        if self.hidden:
            yield Finding("hidden_rows", self.hidden, tuple(self.hidden_lines))
        if self.merged:
            more = " …" if self.merged > 5 else ""
            yield Finding("merged_cells", self.merged, detail=", ".join(self.ranges[:5]) + more)
        if self.formulas - self.unvalued > 0:
            yield Finding("formulas", self.formulas - self.unvalued, tuple(self.formula_lines))
        if self.unvalued:
            yield Finding("formulas_without_value", self.unvalued, tuple(self.unvalued_lines))


def _note(lines: list[int], pattern: re.Pattern[bytes], text: bytes) -> None:
    if len(lines) < SHOWN:
        lines.extend(int(found[1]) for found in islice(pattern.finditer(text), SHOWN - len(lines)))


def _survey(stream: IO[bytes]) -> _Survey:
    head = stream.read(_CHUNK)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise damaged()
    root = re.search(rb"<(\w+:)?worksheet[\s>]", head)
    if not root:
        raise damaged()
    survey = _Survey((root[1] or b"").decode())
    text = head
    row_end = b"</" + survey.prefix.encode() + b"row>"
    while True:
        more = stream.read(_CHUNK)
        cut = text.rfind(row_end) + len(row_end) if more and row_end in text else 0
        if more and not cut:
            cut = text.rfind(b"<")
        if more and len(text) - cut > _LONGEST_ROW * 3:
            raise too_big()
        survey.take(text[:cut] if more else text)
        if not more:
            return survey
        text = text[cut:] + more


def _merge(reference: str) -> _Merge:
    first, last = reference.split(":")
    columns = [_column(re.sub("[0-9]", "", corner)) + 1 for corner in (first, last)]
    lines = [int(re.sub("[A-Z]", "", corner)) for corner in (first, last)]
    return _Merge((min(columns), max(columns)), (min(lines), max(lines)))


@lru_cache(maxsize=20_000)
def _column(letters: str) -> int:
    """Return the place of a column, counted from zero."""
    place = 0
    for letter in letters.upper():
        place = place * 26 + ord(letter) - 64
    return place - 1


#: The places of the first columns, by their letters.
_PLACES: Final = {chr(65 + number): number for number in range(26)}


class _Reader:
    """Reads a sheet as often as it is asked to; the strings that its cells share are read once."""

    def __init__(self, path: Path, book: parts.Book, survey: _Survey) -> None:
        self._path, self._book, self._survey = path, book, survey
        self._shared: list[str] | None = None

    def rows(self) -> Iterator[Row]:
        """Give line and cells of every row that is shown."""
        book = self._book
        try:
            with zipfile.ZipFile(self._path) as archive:
                if self._shared is None:
                    self._shared = _shared_strings(archive, book.strings) if book.strings else []
                with archive.open(book.sheet) as stream:
                    rows = _read_rows(stream, self._survey.prefix, self._shared, book)
                    yield from _spread(rows, self._survey.merges) if self._survey.merges else rows
        except (zipfile.BadZipFile, zlib.error, UnicodeDecodeError, EOFError, OSError):
            raise damaged() from None


def _pieces(stream: IO[bytes], end: str) -> Iterator[str]:
    """Cut a stream of UTF-8 text after the last `end` of each chunk; what follows the last of all is not given."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    rest = ""
    while chunk := stream.read(_CHUNK):
        text = rest + decoder.decode(chunk)
        cut = text.rfind(end) + len(end)
        if cut < len(end):
            cut = 0
        rest = text[cut:]
        if len(rest) > _LONGEST_ROW:
            raise too_big()
        if cut:
            yield text[:cut]


def _shared_strings(archive: zipfile.ZipFile, name: str) -> list[str]:
    strings: list[str] = []
    with archive.open(name) as stream:
        head = stream.read(2048)
    if b"<!DOCTYPE" in head:
        raise damaged()
    root = re.search(rb"<(\w+:)?sst[\s>/]", head)
    prefix = (root[1] or b"").decode() if root else ""
    with archive.open(name) as stream:
        for piece in _pieces(stream, f"</{prefix}si>"):
            text = _plain(piece, prefix)
            found = _STRING.findall(text)
            if len(found) != text.count("<si"):
                found = list(_odd_strings(text))
            strings += found if "&" not in text and "_x" not in text else map(_unescape, found)
    return strings


def _odd_strings(text: str) -> Iterator[str]:
    """Give the strings of a piece in which one is in several runs, with a reading aid, or empty."""
    for entry in text.split("</si>")[:-1]:
        for _empty in range(entry.count("<si/>")):
            yield ""
        yield "".join(_TEXT.findall(entry if "<rPh" not in entry else _PHONETIC.sub("", entry)))


def _plain(text: str, prefix: str) -> str:
    return text.replace(f"<{prefix}", "<").replace(f"</{prefix}", "</") if prefix else text


def _unescape(text: str) -> str:
    if "&" in text:
        text = html.unescape(text)
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return text


def _read_rows(stream: IO[bytes], prefix: str, shared: Sequence[str], book: parts.Book) -> Iterator[Row]:
    line = 0
    for piece in _pieces(stream, f"</{prefix}row>"):
        for text in _plain(piece, prefix).split("</row>")[:-1]:
            begin = 0
            for head in _ROW.finditer(text):  # rows without cells close themselves, so there may be several
                number = _ROW_NUMBER.search(head[1])
                line = int(number[1]) if number else line + 1
                begin = head.end()
            if begin and not ("hidden" in head[1] and _ROW_HIDDEN.search(head[1])):
                yield line, _row(text, begin, shared, book)


def _row(text: str, begin: int, shared: Sequence[str], book: parts.Book) -> tuple[str, ...]:
    """Read the cells of a row; this is where the time goes, so what is usual stands in line."""
    cells = _CELL.findall(text, begin)
    if len(cells) != text.count("<c", begin):
        return _odd_row(text[begin:], shared, book)
    row: list[str] = []
    try:
        for letters, style, kind, value, inline in cells:
            if kind == "s":
                content = shared[int(value)]
            elif inline:
                content = inline if "&" not in inline and "_x" not in inline else _unescape(inline)
            elif not value:
                continue
            elif not kind or kind == "n":
                content = book.date(value) if style in book.date_styles else number_text(value)
            else:
                content = _typed(kind, value)
            place = _PLACES.get(letters)
            if place == len(row):
                row.append(content)
            else:
                _put(row, _column(letters), content)
    except (ValueError, IndexError):
        raise damaged() from None
    return tuple(row)


def _put(row: list[str], place: int, content: str) -> None:
    """Set one cell; cells come in order as a rule, but need not."""
    missing = place - len(row)
    if missing == 0:
        row.append(content)
    elif place >= _FARTHEST:
        return
    elif missing > 0:
        row.extend([""] * missing)
        row.append(content)
    else:
        row[place] = content


def _at(shared: Sequence[str], value: str) -> str:
    try:
        return shared[int(value)]
    except (ValueError, IndexError):
        raise damaged() from None


def _typed(kind: str, value: str) -> str:
    if kind == "b":
        return "TRUE" if value == "1" else "FALSE"
    return value[:10] if kind == "d" else _unescape(value)


def _odd_row(text: str, shared: Sequence[str], book: parts.Book) -> tuple[str, ...]:
    """Read a row that is written in another way than most programs do: rich text, single quotes, cells unnamed."""
    try:
        parsed = ET.fromstring(f"<row>{_PREFIXED.sub('', text)}</row>")  # noqa: S314 - doctypes were refused
    except ET.ParseError:
        raise damaged() from None
    row: list[str] = []
    for cell in parsed.iter("c"):
        named = _REFERENCE.match(cell.get("r", ""))
        place = _column(named[1]) if named else len(row)
        kind, value = cell.get("t", "n"), cell.findtext("v") or ""
        if kind == "inlineStr":
            content = "".join(text.text or "" for run in cell.findall("is") for text in (*run.iter("t"),))
            content = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), content)
        elif not value:
            content = ""
        elif kind == "s":
            content = _at(shared, value)
        elif kind == "n":
            content = book.date(value) if cell.get("s", "") in book.date_styles else number_text(value)
        else:
            content = _typed(kind, value)
        _put(row, place, content)
    return tuple(row)


def number_text(value: str) -> str:
    """Return a number as its digits where the file holds all of them, and else as it stands: 3.71502199001011E+17."""
    if value.isdigit():
        return value
    if "." not in value and "E" not in value and "e" not in value:
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else value.upper()


def _spread(rows: Iterator[Row], merges: list[_Merge]) -> Iterator[Row]:
    """Give merged cells their content in every row that they cover, as a reader sees it."""
    coming = sorted((merge for merge in merges if merge.lines[1] > merge.lines[0]), key=lambda merge: merge.lines[0])
    coming.reverse()
    open_ones: list[tuple[_Merge, str]] = []
    for line, cells in rows:
        open_ones = [(merge, content) for merge, content in open_ones if merge.lines[1] >= line]
        filled = list(cells)
        for merge, content in open_ones:
            _put(filled, merge.columns[0] - 1, content)
        while coming and coming[-1].lines[0] <= line:
            merge = coming.pop()
            first = merge.columns[0] - 1
            if merge.lines[0] == line and first < len(filled) and filled[first]:
                open_ones.append((merge, filled[first]))
        yield line, tuple(filled)
