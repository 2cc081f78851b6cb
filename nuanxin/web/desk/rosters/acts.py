"""What is done with a checked roster: enroll its people, send out the rows to mend, take everything back."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import FileResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.actions.rosters import commit_roster, undo_roster
from nuanxin.members.queries.rosters import counted, error_rows, get_roster
from nuanxin.members.rules.rosters.sheets import write_errors
from nuanxin.members.states import RosterOutcome, RosterState
from nuanxin.web.kit.excel import CONTENT_TYPE

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.members.models import Roster
    from nuanxin.web.desk.requests import DeskRequest


def _ask(
    request: DeskRequest, question: str, consequences: list[str], label: str, number: str, **more: Any
) -> HttpResponse:
    context = {
        "face": "kit/desk.html",
        "page_title": question,
        "question": question,
        "consequences": consequences,
        "action_url": request.path,
        "action_label": label,
        "back_url": reverse("desk:rosters:roster", args=[number]),
        **more,
    }
    return render(request, "kit/confirm.html", context)


@require_http_methods(["GET", "POST"])
def enroll(request: DeskRequest, number: str) -> HttpResponse:
    """Ask first, saying how many and what happens to each; leaving rows out is chosen by name, never by accident."""
    request.actor.require(Permission.ENROLL_ROSTERS)
    found = get_roster(request.actor, number)
    page_of = reverse("desk:rosters:roster", args=[found.number])
    if request.method == "POST":
        partial = request.POST.get("partial") == "yes"
        commit_roster(actor=request.actor, roster=found, partial=partial, now=request.now)
        return HttpResponseRedirect(page_of)
    counts = counted(found)
    if found.state != RosterState.CHECKED:
        return HttpResponseRedirect(page_of)
    new, moving = counts[RosterOutcome.NEW], counts[RosterOutcome.TRANSFER]
    stopped = counts[RosterOutcome.CONFLICT] + counts[RosterOutcome.ERROR]
    question = ngettext("Enroll %(count)s person?", "Enroll %(count)s people?", new) % {"count": new}
    return _ask(
        request,
        question,
        _consequences(found, moving, stopped),
        _("Enroll only these, leave the others out") if stopped else _("Enroll"),
        number,
        hidden={"partial": "yes"} if stopped else {},
    )


def _consequences(found: Roster, moving: int, stopped: int) -> list[str]:
    said = [
        _("Each new member gets a number and a card at once, and is told by a notice, with how to object."),
        _("You state that these people agreed to join. Your name stands with the act."),
    ]
    if moving:
        said.insert(
            1,
            ngettext(
                "For %(count)s person of another union a transfer begins, by the rules for transfers.",
                "For %(count)s people of other unions transfers begin, by the rules for transfers.",
                moving,
            )
            % {"count": moving},
        )
    if stopped:
        left_out = ngettext(
            "%(count)s row is left out. You can mend it in the error file and upload that.",
            "%(count)s rows are left out. You can mend them in the error file and upload that.",
            stopped,
        )
        said.append(left_out % {"count": stopped})
    said.append(_("While nobody of them has used a service, the whole roster can be undone."))
    return said


@require_http_methods(["GET", "POST"])
def undo(request: DeskRequest, number: str) -> HttpResponse:
    """Take a whole roster back, after asking."""
    request.actor.require(Permission.ENROLL_ROSTERS)
    found = get_roster(request.actor, number)
    page_of = reverse("desk:rosters:roster", args=[found.number])
    if request.method == "POST":
        undo_roster(actor=request.actor, roster=found, now=request.now)
        messages.success(request, _("The roster was undone."))
        return HttpResponseRedirect(page_of)
    if found.state not in (RosterState.DONE, RosterState.CHECKED):
        return HttpResponseRedirect(page_of)
    if found.state == RosterState.CHECKED:
        consequences = [_("Nobody was enrolled yet; the rows are put aside, and nothing else changes.")]
    else:
        consequences = [
            _("The memberships that this roster began end today, as if they had not been. Their cards stop working."),
            _("Transfers that it asked for go on by their own rules."),
            _("If somebody has used a service meanwhile, nothing is undone and you are told so."),
        ]
    return _ask(request, _("Undo the whole roster?"), consequences, _("Undo the roster"), number, danger=True)


@require_safe
def errors(request: DeskRequest, number: str) -> FileResponse:
    """Send the rows that were not taken: same rows, same columns, and what to mend."""
    request.actor.require(Permission.ENROLL_ROSTERS)
    found = get_roster(request.actor, number)
    if not found.headers:
        raise NotFound
    file = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it after the last byte
    try:
        write_errors(file, found.headers, error_rows(found), found.columns)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    name = _("Rows to mend of %(number)s") % {"number": found.number}
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=CONTENT_TYPE)
