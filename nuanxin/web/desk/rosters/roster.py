"""One roster: how far it is, what would become of its rows, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.access.states import Permission
from nuanxin.members.queries.rosters import counted, get_roster, roster_rows
from nuanxin.members.queries.rosters import progress as progress_of
from nuanxin.members.rules.rosters.columns import BY_KEY
from nuanxin.members.rules.rosters.sheets import sentences
from nuanxin.members.states import RosterOutcome, RosterState
from nuanxin.web.desk.rosters.words import (
    OUTCOME_ENDS,
    OUTCOME_NOTES,
    OUTCOME_TONES,
    STATE_TONES,
    failure_of,
    findings_of,
    masked,
)
from nuanxin.web.kit.masks import mask_id, mask_phone

if TYPE_CHECKING:
    from nuanxin.members.models import Roster
    from nuanxin.members.queries.rosters import SeenRow
    from nuanxin.web.desk.requests import DeskRequest

AT_WORK = (RosterState.CHECKING, RosterState.COMMITTING)
_ROWS = 50


@require_safe
def roster(request: DeskRequest, number: str) -> HttpResponse:
    """Show a roster: its progress, or its counts and rows."""
    request.actor.require(Permission.ENROLL_ROSTERS)
    found = get_roster(request.actor, number)
    state = RosterState(found.state)
    context: dict[str, Any] = {
        "page_title": _("Roster %(number)s") % {"number": found.number},
        "roster": found,
        "state": {"label": state.label, "tone": STATE_TONES[state]},
        "at_work": state in AT_WORK,
        "findings": findings_of(found),
        "columns": _columns(found),
        "back_url": reverse("desk:rosters:rosters"),
    }
    if state in AT_WORK:
        context |= _progress(found)
    elif state == RosterState.FAILED:
        context |= {"failure": failure_of(found), "may_map": found.failure.get("code") == "columns_missing"}
    else:
        context |= _rows(request, found)
    return render(request, "desk/rosters/roster.html", context)


@require_safe
def progress(request: DeskRequest, number: str) -> HttpResponse:
    """Answer how far a roster is, each second; when it is done the page is loaded anew."""
    request.actor.require(Permission.ENROLL_ROSTERS)
    found = get_roster(request.actor, number)
    if found.state not in AT_WORK:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return render(request, "desk/rosters/progress.html", {"roster": found} | _progress(found))


def _progress(found: Roster) -> dict[str, Any]:
    part = progress_of(found)
    checking = found.state == RosterState.CHECKING
    return {
        "percent": int(part * 100),
        "done": found.checked if checking else found.committed,
        "doing": _("The rows are being checked") if checking else _("The people are being enrolled"),
        "progress_url": reverse("desk:rosters:progress", args=[found.number]),
    }


def _rows(request: DeskRequest, found: Roster) -> dict[str, Any]:
    counts = counted(found)
    total = sum(counts.values())
    outcome = request.GET.get("outcome", "")
    if outcome not in counts:
        outcome = _first(counts) if "outcome" not in request.GET else ""
    after = request.GET.get("after", "")
    listed = roster_rows(found, outcome=outcome, after=_line(after), most=_ROWS)
    notes = {RosterState.DONE: OUTCOME_ENDS, RosterState.CHECKED: OUTCOME_NOTES}.get(RosterState(found.state), {})
    views = [(RosterOutcome(key), count) for key, count in counts.items()]
    stopped = counts[RosterOutcome.CONFLICT] + counts[RosterOutcome.ERROR]
    return {
        "counts": counts,
        "total": total,
        "stopped": stopped,
        "going": counts[RosterOutcome.NEW] + counts[RosterOutcome.TRANSFER],
        "cards": [
            {
                "label": each.label,
                "value": count,
                "note": notes.get(each, ""),
                "late": count and each in (RosterOutcome.CONFLICT, RosterOutcome.ERROR),
                "url": f"?outcome={each.value}#rows",
            }
            for each, count in views
        ],
        "views": [
            {
                "label": each.label,
                "url": f"?outcome={each.value}#rows",
                "count": count,
                "current": outcome == each.value,
            }
            for each, count in views
            if count
        ]
        + [{"label": _("All"), "url": "?outcome=#rows", "count": total, "current": not outcome}],
        "rows": [_line_of(row, found) for row in listed.rows],
        "outcome": outcome,
        "after": after,
        "next": listed.next,
    }


def _first(counts: dict[str, int]) -> str:
    """Return what is looked at first: what stands in the way, else who joins."""
    order = (RosterOutcome.ERROR, RosterOutcome.CONFLICT, RosterOutcome.TRANSFER, RosterOutcome.NEW)
    return next((each.value for each in order if counts[each]), "")


def _line(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _line_of(row: SeenRow, found: Roster) -> dict[str, Any]:
    """Return a row as the clerk sees it: ID number and phone masked, what is wrong in sentences."""
    fields, outcome = row.fields, RosterOutcome(row.outcome)
    return {
        "line": row.line,
        "name": fields.name if fields else _cell(row, found, "name"),
        "id_number": mask_id(fields.identity.number) if fields else masked(_cell(row, found, "id_number")),
        "phone": mask_phone(fields.phone) if fields else masked(_cell(row, found, "phone")),
        "union": row.union,
        "outcome": {"label": outcome.label, "tone": OUTCOME_TONES[outcome]},
        "problems": sentences(row.problems),
        "member_number": row.member_number,
    }


def _cell(row: SeenRow, found: Roster, key: str) -> str:
    place = found.columns.get(key, -1)
    return row.cells[place][:60] if 0 <= place < len(row.cells) else ""


def _columns(found: Roster) -> list[tuple[str, str]]:
    """Return which title holds which field, in the order of the fields."""
    titles = found.headers
    return [
        (str(BY_KEY[key].title), titles[place] or _("column %(number)s") % {"number": place + 1})
        for key, place in sorted(found.columns.items(), key=lambda each: list(BY_KEY).index(each[0]))
        if key in BY_KEY and place < len(titles)
    ]
