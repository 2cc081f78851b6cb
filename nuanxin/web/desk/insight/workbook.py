"""All numbers of a dashboard as a workbook: totals, trend, groups, doors, what is below, and what each counts."""

from __future__ import annotations

import tempfile
from datetime import date
from typing import TYPE_CHECKING, Any

import xlsxwriter
from django.http import FileResponse
from django.utils.translation import gettext as _

from nuanxin.web.desk.insight.definitions import definitions
from nuanxin.web.kit.excel import CONTENT_TYPE
from nuanxin.web.kit.templatetags.kit import date_cn, local_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nuanxin.insight.queries import Breakdown, ChildRow, Dashboard

_SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def dashboard_workbook(found: Dashboard) -> FileResponse:
    """Send the workbook; text stays text, whatever a name begins with."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it after the last byte
    with xlsxwriter.Workbook(file, _SAFE) as book:
        bold = book.add_format({"bold": True, "bg_color": "#F3F2EF", "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, header, rows in _sheets(found):
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, 0, 34)
            sheet.set_column(1, len(header), 16 if len(header) > 2 else 90)
            for line, row in enumerate([header, *rows]):
                for column, value in enumerate(row):
                    _cell(sheet, line, column, value, bold if line == 0 else day)
    file.seek(0)
    filename = f"{local_name(found.scope)} {found.period.since}–{found.period.until}.xlsx"
    return FileResponse(file, as_attachment=True, filename=filename, content_type=CONTENT_TYPE)


def _cell(sheet: Any, line: int, column: int, value: object, style: Any) -> None:
    if value is None:
        return
    if isinstance(value, date):
        sheet.write_datetime(line, column, value, style)
    elif isinstance(value, int | float):
        sheet.write_number(line, column, value)
    else:
        sheet.write_string(line, column, str(value)[:32_767], style if line == 0 else None)


def _sheets(found: Dashboard) -> Iterator[tuple[str, Sequence[str], Iterable[Sequence[object]]]]:
    measures = [_("Applications"), _("Admissions"), _("Refusals")]
    yield _("Totals"), [_("Number"), _("Value"), _("In the period before")], _totals(found)
    trend = ((day.day, *_three(day), day.active) for day in found.trend)
    yield _("Trend"), [_("Day"), *measures, _("Active members at its end")], trend
    cut = [_("Name"), _("Code"), _("Active members"), _("Share of active members (%)"), *measures]
    yield _("By occupation group"), cut, map(_row, found.groups)
    yield _("By door"), cut, map(_row, found.doors)
    yield (
        _("Below"),
        [*cut, _("Approval rate (%)")],
        ((*_row(row), row.sums.approval.percent) for row in found.children),
    )
    about = [(_("Scope shown"), local_name(found.scope)), (_("As of"), date_cn(found.as_of))]
    about += [(_("Period"), f"{date_cn(found.period.since)} – {date_cn(found.period.until)}")]
    yield _("What this counts"), [_("Number"), _("Meaning")], [*about, *definitions(found.scope)]


def _totals(found: Dashboard) -> list[tuple[object, ...]]:
    sums, before = found.sums, found.before
    return [
        (_("Active members (persons)"), found.active, None),
        (_("Applications (cases)"), sums.applications, before.applications),
        (_("Admissions (persons)"), sums.admissions, before.admissions),
        (_("Refusals (cases)"), sums.refusals, before.refusals),
        (_("Approval rate (%)"), sums.approval.percent, before.approval.percent),
        (_("Waiting now (cases)"), found.waiting, None),
        (_("Applications today (cases)"), found.today.applications, None),
        (_("Admissions today (persons)"), found.today.admissions, None),
    ]


def _three(thing: Any) -> tuple[int, int, int]:
    return thing.sums.applications, thing.sums.admissions, thing.sums.refusals


def _row(row: Breakdown | ChildRow) -> tuple[object, ...]:
    return local_name(row), row.code, row.active, row.of_active.percent, *_three(row)
