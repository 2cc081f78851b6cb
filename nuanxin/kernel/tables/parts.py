"""The parts of an .xlsx file: sizes judged by the directory first, then which sheet, which strings, which dates."""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.tables.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Most parts of a file, and most bytes of all of them, of the strings, and of any other part that is read at once.
_MOST_PARTS: Final = 5000
_MOST_UNPACKED: Final = 1024 * 1024 * 1024
_MOST_STRINGS: Final = 128 * 1024 * 1024
_MOST_SMALL: Final = 16 * 1024 * 1024
#: A part of this size, so much larger than it is packed was made to fill memory (sheets reach 60, blank ones 120).
_SUSPECT_SIZE: Final = 16 * 1024 * 1024
_SUSPECT_RATIO: Final = 250
#: Built-in formats that show a date or a time (ECMA-376 part 1, 18.8.30, with those of Chinese installations).
_DATE_FORMATS: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_QUOTED: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_DOCUMENTS: Final = {"word/": _("a Word document"), "ppt/": _("a presentation")}


@dataclass(frozen=True)
class Book:
    """What must be known before a sheet is read."""

    sheet: str
    strings: str
    date_styles: frozenset[str]
    epoch_1904: bool
    findings: tuple[Finding, ...]

    def date(self, value: str) -> str:
        """Return a serial number of a cell that shows a date as 1990-03-15, with a time as 1990-03-15 08:30."""
        return serial_date(value, epoch_1904=self.epoch_1904)


def damaged() -> Invalid:
    """Make the refusal of a file that cannot be read to its end."""
    return Invalid(
        "damaged",
        _("This file is damaged. Open it in Excel or WPS, save it as a new .xlsx file, and upload that."),
        field="file",
    )


def too_big() -> Invalid:
    """Make the refusal of a file that unpacks to more than a list of people can be."""
    return Invalid(
        "zip_bomb",
        _("This file unpacks to far more than a list of people can be. Copy the rows to a new file and upload that."),
        field="file",
    )


def serial_date(value: str, *, epoch_1904: bool = False) -> str:
    """Return a serial number of days as an ISO date; what is no such number stays as it is."""
    try:
        days = float(value)
    except ValueError:
        return value
    if not 0 <= days < 2_958_466:  # the year 9999
        return value
    if days < 1:
        return f"{int(days * 1440 + 0.5) // 60:02}:{int(days * 1440 + 0.5) % 60:02}"
    # serial 60 is 29 February 1900, a day that never was
    epoch = datetime(1904, 1, 1) if epoch_1904 else datetime(1899, 12, 30 if days >= 60 else 31)  # noqa: DTZ001 - a wall date
    moment = epoch + timedelta(seconds=round(days * 86_400))
    return f"{moment:%Y-%m-%d}" if days.is_integer() else f"{moment:%Y-%m-%d %H:%M}"


def read_book(archive: zipfile.ZipFile) -> Book:
    """Read which sheet, strings and date formats a workbook has; judge its sizes before anything is unpacked.

    :raises Invalid: another kind of zip, a password, sizes that no list has, or damaged.
    """
    names = _judge(archive)
    book_name = next(
        (
            target
            for kind, target in _relations(archive, "_rels/.rels", "").values()
            if kind.endswith("/officeDocument")
        ),
        "xl/workbook.xml",
    )
    if book_name not in names:
        raise damaged()
    relations = _relations(archive, _relations_name(book_name), posixpath.dirname(book_name))
    targets = {kind.rsplit("/", 1)[-1]: target for kind, target in relations.values()}
    root = _parsed(archive, book_name)
    shown = [
        (sheet.get("name", ""), relations[key][1])
        for sheet in root.iter("sheet")
        if (key := sheet.get("id", "")) in relations
        and relations[key][0].endswith("/worksheet")
        and sheet.get("state", "visible") == "visible"
    ]
    if not shown or shown[0][1] not in names:
        raise Invalid("no_sheet", _("There is no visible sheet in this file."), field="file")
    findings = [Finding("macros")] if any(name.lower().endswith("vbaproject.bin") for name in names) else []
    if len(shown) > 1:
        findings.append(Finding("other_sheets", len(shown) - 1, detail=shown[0][0][:60]))
    properties = next(root.iter("workbookPr"), None)
    strings = targets.get("sharedStrings", "")
    styles = targets.get("styles", "")
    return Book(
        sheet=shown[0][1],
        strings=strings if strings in names else "",
        date_styles=frozenset(_date_styles(_parsed(archive, styles))) if styles in names else frozenset(),
        epoch_1904=properties is not None and properties.get("date1904") in ("1", "true"),
        findings=tuple(findings),
    )


def _judge(archive: zipfile.ZipFile) -> set[str]:
    """Refuse by the directory: other kinds, passwords, and sizes that no list has. Return the names."""
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if len(entries) > _MOST_PARTS or sum(entry.file_size for entry in entries) > _MOST_UNPACKED:
        raise too_big()
    for entry in entries:
        most = _MOST_STRINGS if entry.filename.endswith("sharedStrings.xml") else _MOST_UNPACKED
        ratio = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > most or (entry.file_size > _SUSPECT_SIZE and ratio > _SUSPECT_RATIO):
            raise too_big()
        if entry.flag_bits & 1:
            raise Invalid("password", _("This file has a password. Please upload it without one."), field="file")
    for folder, what in _DOCUMENTS.items():
        if any(name.startswith(folder) for name in names):
            raise Invalid(
                "wrong_type",
                _("This is %(what)s, not a table. Please save the list as .xlsx and upload that.") % {"what": what},
                field="file",
            )
    if "xl/workbook.bin" in names or "content.xml" in names:
        raise Invalid(
            "other_workbook",
            _("This kind of table cannot be read. Open it, save it as .xlsx, and upload that."),
            field="file",
        )
    if "[Content_Types].xml" not in names:
        raise Invalid(
            "renamed_archive",
            _("This is an archive under the name of a table. Unpack it and upload the table that is in it."),
            field="file",
        )
    return names


def _parsed(archive: zipfile.ZipFile, name: str) -> ET.Element:
    """Parse a small part; tags and attributes lose their namespaces, which differ between versions of the standard."""
    if archive.getinfo(name).file_size > _MOST_SMALL:
        raise too_big()
    text = archive.read(name)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise damaged()
    try:
        root = ET.fromstring(text)  # noqa: S314 - document types were refused
    except (ET.ParseError, ValueError, LookupError):
        raise damaged() from None
    for element in root.iter():
        element.tag = element.tag.rsplit("}", 1)[-1]
        for key in [key for key in element.attrib if key.startswith("{")]:
            element.attrib[key.rsplit("}", 1)[-1]] = element.attrib.pop(key)
    return root


def _relations_name(part: str) -> str:
    return posixpath.join(posixpath.dirname(part), "_rels", f"{posixpath.basename(part)}.rels")


def _relations(archive: zipfile.ZipFile, name: str, folder: str) -> dict[str, tuple[str, str]]:
    """Return kind and target of each relation of a part, by its id."""
    try:
        root = _parsed(archive, name)
    except KeyError:
        return {}
    relations = {}
    for element in root.iter("Relationship"):
        if element.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, element.get("Target", ""))).lstrip("/")
            relations[element.get("Id", "")] = (element.get("Type", ""), target)
    return relations


def _date_styles(root: ET.Element) -> Iterator[str]:
    """Give the numbers of the cell formats that show a date."""
    own = {element.get("numFmtId", ""): _shows_date(element.get("formatCode", "")) for element in root.iter("numFmt")}
    formats = next(root.iter("cellXfs"), None)
    for number, element in enumerate([] if formats is None else formats):
        key = element.get("numFmtId", "0")
        if own.get(key, key.isdigit() and int(key) in _DATE_FORMATS):
            yield str(number)


def _shows_date(code: str) -> bool:
    code = _QUOTED.sub("", code.split(";", maxsplit=1)[0]).lower()
    return code != "general" and any(letter in code for letter in "ymdhs年月日") and not any(c in code for c in "#?")
