"""What was noticed in a file and does not keep it from being read: said once, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.utils.functional import _StrOrPromise

#: Line numbers shown of those that a finding speaks of.
SHOWN: Final = 10

_WORDS: Final[dict[str, _StrOrPromise]] = {
    "macros": _("The file holds macros. They were not run and not kept; only the cells were read."),
    "hidden_rows": _(
        "Hidden rows were left out: %(count)s (%(lines)s). If these people belong to the list, show the rows and upload"
        " the file again."
    ),
    "merged_cells": _(
        "Merged cells were found: %(count)s (%(detail)s). What stands in them was taken for every row that they cover."
    ),
    "formulas": _("Cells with formulas: %(count)s (%(lines)s). Their last values were taken."),
    "formulas_without_value": _(
        "Formulas without a stored value: %(count)s (%(lines)s); these cells are empty here. Open the file in Excel or"
        " WPS, save it, and upload it again."
    ),
    "other_sheets": _("Only the sheet “%(detail)s” was read. Put all people on one sheet."),
    "old_format": _("In the old .xls format hidden rows cannot be told from others: all rows were read."),
    "no_header": _("No row of column titles was found; the first row was taken for it."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing noticed: its code, how often, the first lines where, and a word on what."""

    code: str
    count: int = 1
    lines: tuple[int, ...] = ()
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return what may be kept; `describe` takes it back."""
        return {"code": self.code, "count": self.count, "lines": list(self.lines), "detail": self.detail}


def describe(finding: Finding | Mapping[str, Any]) -> str:
    """Say a finding in the reader's language."""
    kept = finding.to_json() if isinstance(finding, Finding) else dict(finding)
    words = _WORDS.get(str(kept.get("code")), "")
    lines = list(kept.get("lines") or ())
    shown = str(_("row %(lines)s") % {"lines": _numbers(lines[:SHOWN])}) if lines else ""
    if int(kept.get("count") or 0) > len(lines):
        shown += " …"
    return str(words) % {"count": kept.get("count"), "lines": shown, "detail": kept.get("detail")}


def _numbers(lines: Iterable[int]) -> str:
    return ", ".join(str(line) for line in lines)
