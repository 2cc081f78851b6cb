"""The roll as a workbook: what goes to the insurer comes back with policy numbers in one more column."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final, Protocol

import xlsxwriter
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.rules.insurance_rows import COLUMNS, ROLL
from nuanxin.members.states import IdKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_WIDTHS: Final = (10, 14, 20, 24, 16, 14, 14, 14, 24)


class Line(Protocol):
    """One person of a roll."""

    @property
    def line(self) -> int:
        """Where the person stands on the list."""

    @property
    def name(self) -> str:
        """The person's name."""

    @property
    def id_kind(self) -> str:
        """Which document the person has."""

    @property
    def id_number(self) -> str:
        """Its number."""

    @property
    def phone(self) -> str:
        """The mobile number."""


def write_roll(
    file: IO[bytes],
    lines: Iterable[Line],
    *,
    cover_from: date,
    cover_until: date,
    sum_insured: Decimal,
    folder: str | None = None,
) -> int:
    """Write the lines of a roll, one by one; ID numbers and phones are text, and a column for policy numbers waits.

    :param folder: where the parts of the file lie while it is written.
    :returns: how many.
    """
    count = 0
    kinds = {kind.value: str(kind.label) for kind in IdKind}
    begin, end, amount = cover_from.isoformat(), cover_until.isoformat(), str(sum_insured)
    with xlsxwriter.Workbook(file, _OPTIONS | {"tmpdir": folder}) as book:
        sheet = book.add_worksheet(str(_("Roll")))
        head = book.add_format({"bold": True, "bg_color": "#F3F2EF", "bottom": 1})
        plain = book.add_format({"num_format": "@"})
        sheet.freeze_panes(1, 0)
        for place, key in enumerate((*ROLL, "policy_number")):
            sheet.set_column(place, place, _WIDTHS[place], plain)
            sheet.write_string(0, place, str(COLUMNS[key][0]), head)
        write = sheet.write_string
        for count, each in enumerate(lines, start=1):
            sheet.write_number(count, 0, each.line)
            write(count, 1, each.name)
            write(count, 2, kinds.get(each.id_kind, each.id_kind))
            write(count, 3, each.id_number)
            write(count, 4, each.phone)
            write(count, 5, begin)
            write(count, 6, end)
            write(count, 7, amount)
    return count
