"""The sheets in which unions and enterprises are handed in and out: the same columns in both directions."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from python_calamine import CalamineError, CalamineWorkbook

from nuanxin.kernel.refusals import Invalid
from nuanxin.organizations.states import CoverageBasis, UnionKind, UnionLevel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.utils.functional import _StrOrPromise

MOST_ROWS: Final = 5000
MOST_BYTES: Final = 5 * 1024 * 1024
LANGUAGES: Final = ("zh-hans", "en")


@dataclass(frozen=True)
class Column:
    """One column: its key, its title, what the cells may be chosen from, and how wide it is."""

    key: str
    title: _StrOrPromise
    choices: Mapping[str, _StrOrPromise] = field(default_factory=dict)
    width: int = 18
    #: Only for the reader: not taken back in.
    shown_only: bool = False
    needed: bool = False
    hint: _StrOrPromise = ""


def _labels(choices: Iterable[tuple[str, _StrOrPromise]]) -> dict[str, _StrOrPromise]:
    return dict(choices)


UNION_COLUMNS: Final = (
    Column("code", _("Union code"), hint=_("Leave empty for a new union."), width=12),
    Column("name", _("Name of the union"), needed=True, width=36),
    Column("name_en", _("English name"), width=30),
    Column("kind", _("Kind"), _labels(UnionKind.choices), needed=True, width=24),
    Column("level", _("Level"), _labels(UnionLevel.choices), needed=True, width=14),
    Column(
        "parent", _("Parent union"), needed=True, hint=_("Code or full name; it may stand in a row above."), width=14
    ),
    Column("region", _("Region code"), needed=True, hint=_("Code, or name within the parent's region."), width=16),
    Column("region_name", _("Region"), shown_only=True, width=18),
    Column("credit_code", _("Credit code"), width=22),
    Column("contact", _("Contact"), width=14),
    Column("contact_phone", _("Telephone"), width=18),
    Column("address", _("Address"), width=30),
    Column("working_hours", _("Working hours"), width=22),
    Column("founded_on", _("Founded on"), hint=_("Such as 2026-11-21."), width=14),
)
ENTERPRISE_COLUMNS: Final = (
    Column("credit_code", _("Credit code"), hint=_("Without it the name and region find the enterprise."), width=22),
    Column("name", _("Name of the enterprise"), needed=True, width=36),
    Column(
        "region", _("Region code"), needed=True, hint=_("Code, or the name of a county such as 东昌府区."), width=16
    ),
    Column("region_name", _("Region"), shown_only=True, width=18),
    Column("headcount", _("Employees"), width=10),
    Column("contact", _("Contact"), width=14),
    Column("contact_phone", _("Telephone"), width=18),
    Column("union", _("Covering union"), hint=_("Code of the union, empty for none."), width=14),
    Column("union_name", _("Name of the union"), shown_only=True, width=30),
    Column("basis", _("Basis"), _labels(CoverageBasis.choices), width=20),
    Column("platforms", _("Platforms"), hint=_("Codes or names, several with a comma."), width=20),
)


def titles(columns: Sequence[Column]) -> list[str]:
    """Return the titles in the language of the reader."""
    return [str(column.title) for column in columns]


def first_sheet(content: bytes) -> list[list[Any]]:
    """Return the cells of the first sheet of an .xlsx or .xls file.

    :raises Invalid: no such file, or too large.
    """
    if len(content) > MOST_BYTES:
        raise Invalid("too_large", _("The file is larger than 5 MB. Please split it."), field="file")
    try:
        rows: list[list[Any]] = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    except (CalamineError, ValueError, IndexError, OSError):
        raise Invalid(
            "not_a_workbook", _("This is not an Excel file. Please use the template."), field="file"
        ) from None
    return rows


def read_sheet(content: bytes, columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Read the first sheet of an .xlsx or .xls file: one dictionary a row, by column key; empty rows are dropped.

    Titles are found in either language and any order, choices by their label in either language.

    :raises Invalid: no such file, too large, no row of titles with every needed column, no rows, or too many.
    """
    rows = first_sheet(content)
    if not rows:
        raise Invalid("empty_file", _("There are no rows in this file."), field="file")
    places = _places(rows[0], columns)
    read = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(str(cell).strip() for cell in row)]
    if not read:
        raise Invalid("empty_file", _("There are no rows in this file."), field="file")
    if len(read) > MOST_ROWS:
        raise Invalid("too_many_rows", _("At most 5,000 rows at a time. Please split the file."), field="file")
    known = {column.key: _by_label(column.choices) for column in columns if column.choices}
    return [
        {"row": number} | {key: _cell(row, place, known.get(key)) for key, place in places.items()}
        for number, row in read
    ]


def _places(head: Sequence[Any], columns: Sequence[Column]) -> dict[str, int]:
    found = {str(cell).strip().rstrip("*").strip(): place for place, cell in reversed(list(enumerate(head)))}
    places: dict[str, int] = {}
    missing = []
    for column in columns:
        names = _in_languages(column.title)
        place = next((found[name] for name in names if name in found), None)
        if place is None:
            missing += [str(column.title)] if column.needed else []
        elif not column.shown_only:
            places[column.key] = place
    if missing:
        raise Invalid(
            "columns_missing",
            _("These columns are missing: %(names)s. Please use the template.") % {"names": "、".join(missing)},
            field="file",
        )
    return places


def _in_languages(text: _StrOrPromise) -> list[str]:
    names = []
    for language in LANGUAGES:
        with override(language):
            names.append(str(text))
    return names


def _by_label(choices: Mapping[str, _StrOrPromise]) -> dict[str, str]:
    return {name: value for value, label in choices.items() for name in (value, *_in_languages(label))}


def _cell(row: Sequence[Any], place: int, known: Mapping[str, str] | None) -> Any:
    value = row[place] if place < len(row) else ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    return known.get(text, text) if known else text


def write_sheet(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]], *, blank_rows: int = 0) -> bytes:
    """Write rows under the titles, with a list to choose from where a column has choices.

    Text stays text: nothing that somebody typed becomes a formula.

    :param blank_rows: rows below the last one in which the lists to choose from are offered, too.
    """
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "bg_color": "#F3F2EF", "bottom": 1})
        plain = book.add_format({"num_format": "@"})
        lists = book.add_worksheet("lists")
        lists.hide()
        sheet.freeze_panes(1, 2)
        last = 0
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width, plain)
            sheet.write_string(0, place, f"{column.title} *" if column.needed else str(column.title), bold)
            if column.hint:
                sheet.write_comment(0, place, str(column.hint))
        for last, row in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                value = row.get(column.key)
                if value not in (None, ""):
                    sheet.write_string(last, place, _shown(column, value))
        _offer(sheet, lists, columns, last + blank_rows)
    return buffer.getvalue()


def _offer(sheet: Any, lists: Any, columns: Sequence[Column], last: int) -> None:
    """Put a list to choose from under each column that has choices."""
    for place, column in enumerate(columns):
        labels = [str(label) for label in column.choices.values()]
        for line, label in enumerate(labels):
            lists.write_string(line, place, label)
        if labels and last:
            letter = xlsxwriter.utility.xl_col_to_name(place)
            source = f"=lists!${letter}$1:${letter}${len(labels)}"
            sheet.data_validation(1, place, last, place, {"validate": "list", "source": source})


def _shown(column: Column, value: Any) -> str:
    if column.choices:
        return str(column.choices.get(value, value))
    return value.isoformat() if isinstance(value, date) else str(value)
