"""The template that is filled in, and the file of rows to mend: what goes out comes back in."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

import xlsxwriter
from django.utils.translation import gettext_lazy as _

from nuanxin.members.rules.rosters.columns import BY_KEY
from nuanxin.members.rules.rosters.problems import explain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.utils.functional import _StrOrPromise

#: Rows of the template that offer lists and keep numbers as text.
TEMPLATE_ROWS: Final = 5000
#: Columns of the template; the employer of the rows is told at the upload as a rule.
_IN_TEMPLATE: Final = (
    "name", "id_kind", "id_number", "phone", "occupation_group", "region", "platform", "employer", "job_number",
    "group_name", "birth_on", "sex",
)  # fmt: skip
_HINTS: Final[dict[str, _StrOrPromise]] = {
    "name": _("As on the ID card."),
    "id_kind": _("Leave empty for a resident ID card."),
    "id_number": _("The column is text, so that Excel keeps every digit. If you paste, paste values only."),
    "phone": _("The person's own mobile number, eleven digits. Notices of membership go there."),
    "occupation_group": _("Choose from the list. May be empty if you choose one for all rows when you upload."),
    "region": _("County or district, such as 东昌府区, or finer. May be empty if you choose one for all rows."),
    "platform": _("Choose from the list; may be empty."),
    "employer": _("Only if it differs from the enterprise for which you upload."),
    "birth_on": _("Only for documents whose number does not tell it. Like 1990-03-15."),
    "sex": _("Only for documents whose number does not tell it."),
}
#: Fields of `check_fields` whose column has another name.
_COLUMN_OF: Final = {"region_code": "region", "employer_name": "employer"}
#: What programs of tables may run when a cell begins with it.
_LIVE: Final = ("=", "+", "-", "@", "\t", "\r")
_OPTIONS: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_HEAD: Final = {"bold": True, "bg_color": "#F3F2EF", "bottom": 1, "num_format": "@", "text_wrap": True, "valign": "top"}


class Row(Protocol):
    """A row as the file of errors needs it."""

    @property
    def line(self) -> int:
        """Where it stood in the file."""

    @property
    def cells(self) -> Sequence[str]:
        """What stood in it."""

    @property
    def problems(self) -> Sequence[tuple[str, str]]:
        """Fields and codes of what is wrong."""


def neutral(text: str) -> str:
    """Return a cell that no program takes for a formula: with an apostrophe before it, which reading drops again."""
    return f"'{text}" if text.startswith(_LIVE) else text


def title_of(field: str) -> str:
    """Return the title of the column that holds a field."""
    known = BY_KEY.get(_COLUMN_OF.get(field, field))
    return str(known.title) if known else ""


def sentences(problems: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Return column, what is wrong and how to mend it, for each problem of a row, in the reader's language."""
    said = []
    for field, code in problems:
        wrong, mend = explain(field, code)
        said.append((title_of(field), str(wrong), str(mend)))
    return said


def write_template(*, groups: Sequence[str], platforms: Sequence[str], kinds: Sequence[str]) -> bytes:
    """Write the empty sheet with lists to choose from, in the reader's language; every column is text."""
    buffer = io.BytesIO()
    lists = {
        "occupation_group": groups,
        "platform": platforms,
        "id_kind": kinds,
        "sex": [str(_("Male")), str(_("Female"))],
    }
    with xlsxwriter.Workbook(buffer, {**_OPTIONS, "in_memory": True}) as book:
        sheet = book.add_worksheet(str(_("Roster")))
        hidden = book.add_worksheet("lists")
        hidden.hide()
        head, needed = book.add_format(_HEAD), book.add_format({**_HEAD, "font_color": "#C8102E"})
        plain = book.add_format({"num_format": "@"})
        sheet.freeze_panes(1, 1)
        for place, key in enumerate(_IN_TEMPLATE):
            field = BY_KEY[key]
            sheet.set_column(place, place, field.width, plain)
            sheet.write_string(
                0, place, f"{field.title} *" if field.needed else str(field.title), needed if field.needed else head
            )
            if key in _HINTS:
                sheet.write_comment(0, place, str(_HINTS[key]), {"x_scale": 1.5})
            if key in lists:
                _offer(sheet, hidden, place, lists[key])
        _judge_phones(sheet, _IN_TEMPLATE.index("phone"))
    return buffer.getvalue()


def _offer(sheet: Any, hidden: Any, place: int, labels: Sequence[str]) -> None:
    for line, label in enumerate(labels):
        hidden.write_string(line, place, label)
    if labels:
        letter = xlsxwriter.utility.xl_col_to_name(place)
        source = f"=lists!${letter}$1:${letter}${len(labels)}"
        # a warning only: names by which groups and platforms are called otherwise are understood, too
        options = {"validate": "list", "source": source, "error_type": "warning"}
        sheet.data_validation(1, place, TEMPLATE_ROWS, place, options)


def _judge_phones(sheet: Any, place: int) -> None:
    options = {
        "validate": "length",
        "criteria": "==",
        "value": 11,
        "error_type": "warning",
        "error_title": str(_("Mobile number")),
        "error_message": str(_("A mobile number has 11 digits.")),
    }
    sheet.data_validation(1, place, TEMPLATE_ROWS, place, options)


def write_errors(file: IO[bytes], headers: Sequence[str], rows: Iterable[Row], columns: Mapping[str, int]) -> int:
    """Write the rows that were not taken: same rows, same columns, and one more with what is wrong and how to mend it.

    Rows are written through one by one. Cells at fault are colored; every cell is text, and none a formula.

    :param columns: field → number of its column; `headers` the titles as they stood in the file.
    :returns: how many rows.
    """
    count = 0
    with xlsxwriter.Workbook(file, {**_OPTIONS, "constant_memory": True}) as book:
        sheet = book.add_worksheet(str(_("Rows to mend")))
        head = book.add_format(_HEAD)
        plain = book.add_format({"num_format": "@"})
        wrong = book.add_format({"num_format": "@", "bg_color": "#FBE3E4"})
        said = book.add_format({"num_format": "@", "text_wrap": True, "font_color": "#8A1020", "valign": "top"})
        sheet.freeze_panes(1, 0)
        widths = {place: BY_KEY[key].width for key, place in columns.items() if key in BY_KEY}
        last = len(headers)
        for place, title in enumerate(headers):
            sheet.set_column(place, place, widths.get(place, 14), plain)
            sheet.write_string(0, place, neutral(title), head)
        sheet.set_column(last, last, 70)
        sheet.write_string(0, last, str(_("To mend (this column is not read)")), head)
        for count, row in enumerate(rows, start=1):
            faults = {columns.get(_COLUMN_OF.get(field, field)) for field, _code in row.problems}
            for place in range(last):
                text = row.cells[place] if place < len(row.cells) else ""
                if text or place in faults:
                    sheet.write_string(count, place, neutral(text)[:32_767], wrong if place in faults else plain)
            sheet.write_string(count, last, _whole(row), said)
    return count


def _whole(row: Row) -> str:
    lines = [(f"{title}：" if title else "") + f"{wrong} {mend}" for title, wrong, mend in sentences(row.problems)]
    return "\n".join([str(_("Row %(line)s of the file") % {"line": row.line}), *lines])[:32_767]
