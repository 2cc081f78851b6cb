"""How rosters and their rows are said at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.tables import describe
from nuanxin.members.states import RosterOutcome, RosterState
from nuanxin.web.kit.masks import mask_id, mask_phone

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from nuanxin.members.models import Roster

STATE_TONES: Final[dict[str, str]] = {
    RosterState.CHECKING: "info",
    RosterState.CHECKED: "wait",
    RosterState.COMMITTING: "info",
    RosterState.DONE: "good",
    RosterState.FAILED: "bad",
    RosterState.UNDONE: "",
}
OUTCOME_TONES: Final[dict[str, str]] = {
    RosterOutcome.NEW: "good",
    RosterOutcome.MEMBER: "",
    RosterOutcome.TRANSFER: "info",
    RosterOutcome.CONFLICT: "wait",
    RosterOutcome.ERROR: "bad",
}
#: What each outcome means for whoever decides.
OUTCOME_NOTES: Final[dict[str, _StrOrPromise]] = {
    RosterOutcome.NEW: _("become members"),
    RosterOutcome.MEMBER: _("nothing changes for them"),
    RosterOutcome.TRANSFER: _("a transfer begins by the rules"),
    RosterOutcome.CONFLICT: _("to be clarified"),
    RosterOutcome.ERROR: _("to be mended"),
}
#: What it meant, once it is done.
OUTCOME_ENDS: Final[dict[str, _StrOrPromise]] = {
    RosterOutcome.NEW: _("became members"),
    RosterOutcome.MEMBER: _("were members before"),
    RosterOutcome.TRANSFER: _("a transfer was begun"),
    RosterOutcome.CONFLICT: _("left out"),
    RosterOutcome.ERROR: _("left out"),
}
#: Why a file could not be read, by code; said anew in the reader's language.
_FAILURES: Final[dict[str, _StrOrPromise]] = {
    "columns_missing": _("It is not clear which columns hold the name, the ID number and the phone. Please say so."),
    "empty_file": _("There are no rows in this file."),
    "no_rows": _("There is only a row of titles in this file, and nobody under it."),
    "too_large": _("The file is too large. Please split it."),
    "too_many_rows": _("The file has too many rows. Please split it."),
    "too_many_columns": _("The file has too many columns. Please delete those that are not needed."),
    "wrong_type": _("This is not a table. Please save the list as .xlsx and upload that."),
    "web_page": _(
        "This is a web page or XML under the name of a table. Open it in Excel or WPS, save it as .xlsx, and upload"
        " that."
    ),
    "other_workbook": _("This kind of table cannot be read. Open it, save it as .xlsx, and upload that."),
    "renamed_archive": _("This is an archive under the name of a table. Unpack it and upload the table that is in it."),
    "password": _("This file has a password. Please upload it without one."),
    "zip_bomb": _(
        "This file unpacks to far more than a list of people can be. Copy the rows to a new file and upload that."
    ),
    "no_sheet": _("There is no visible sheet in this file."),
    "damaged": _("This file is damaged. Open it in Excel or WPS, save it as a new .xlsx file, and upload that."),
}


def masked(text: str) -> str:
    """Mask what may be a number of somebody, and leave what is plainly none readable, such as 3.71502E+17."""
    if "." in text or "*" in text:
        return text
    digits = sum(char.isdigit() for char in text)
    return mask_id(text) if digits >= 15 else mask_phone(text) if digits == 11 and len(text) == 11 else text


def failure_of(roster: Roster) -> str:
    """Say why a roster could not be read."""
    code = str(roster.failure.get("code", ""))
    return str(_FAILURES.get(code) or roster.failure.get("words") or _FAILURES["damaged"])


def findings_of(roster: Roster) -> list[str]:
    """Say what was noticed in the file."""
    return [said for finding in roster.findings if (said := describe(finding))]


def line_of(roster: Roster) -> dict[str, Any]:
    """Return one roster as lists show it."""
    state = RosterState(roster.state)
    return {
        "number": roster.number,
        "roster": roster,
        "state": {"label": state.label, "tone": STATE_TONES[state]},
        "stopped": sum(int(roster.counts.get(key, 0)) for key in (RosterOutcome.CONFLICT, RosterOutcome.ERROR)),
        "new": int(roster.counts.get(RosterOutcome.NEW, 0)),
    }
