"""Transfers between registries: the list, and one of them with every message, in which a union answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.states import Permission
from nuanxin.members.actions.cells.departures import answer_request
from nuanxin.members.queries.cells import (
    all_stays,
    cell_name,
    counted_here,
    get_cell_transfer,
    in_cells,
    log_of,
    provisional_here,
    visible_cell_transfers,
)
from nuanxin.members.rules.cells.states import OPEN_TRANSFERS, CellTransferState, Direction, Kind, MessageState
from nuanxin.members.rules.memberships import MOST_REASON
from nuanxin.web.desk.times import limit_in_words
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import date_cn, local_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet

    from nuanxin.members.models import CellTransfer
    from nuanxin.web.desk.requests import DeskRequest

_TONES = {
    CellTransferState.DONE: "good",
    CellTransferState.REFUSED: "bad",
    CellTransferState.DECLINED: "bad",
    CellTransferState.LAPSED: "bad",
}
#: Reasons that a registry gives as a code, in words.
_CODES = {
    "rests": gettext_lazy("The membership rests there; that has to be settled first."),
    "not_here": gettext_lazy("The member is not there any more; the directory was asked anew."),
    "moving_elsewhere": gettext_lazy("The member is moving somewhere else just now."),
    "no_answer": gettext_lazy("The union there did not answer in time."),
}


class AnswerForm(forms.Form):
    """Let the member go, or say why not."""

    consents = forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        choices=[
            ("yes", gettext_lazy("Agree: the membership goes there at once, with number and years")),
            ("no", gettext_lazy("Refuse: the member stays here")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=MOST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Needed to refuse. The other registry and the member read it."),
    )


@require_safe
def transfer_list(request: DeskRequest) -> HttpResponse:
    """Show who comes from or goes to another registry; first those that are not settled."""
    request.actor.require(Permission.VIEW_MEMBERS)
    state = request.GET.get("state") or "open"
    shown = page(_found(request, state), order=("-opened_at", "-pk"), cursor=request.GET.get("page", ""), size=50)
    names = {"open": _("Under way"), "in": _("Coming here"), "out": _("Leaving"), "any": _("All")}
    context: dict[str, Any] = {
        "page_title": _("Other registries"),
        "in_cells": in_cells(),
        "rows": [_row(each, request.now) for each in shown.items],
        "page": shown,
        "views": [
            {"label": label, "url": f"?state={name}", "count": None, "current": state == name}
            for name, label in names.items()
        ],
        "counted": counted_here() if in_cells() else None,
        "provisional": provisional_here() if in_cells() else None,
    }
    return render(request, "desk/cells/transfers.html", context)


def _found(request: DeskRequest, state: str) -> QuerySet[CellTransfer]:
    rows = visible_cell_transfers(request.actor)
    if state in Direction.values:
        return rows.filter(direction=state)
    return rows if state == "any" else rows.filter(state__in=OPEN_TRANSFERS)


def _row(each: CellTransfer, now: datetime) -> dict[str, Any]:
    state = CellTransferState(each.state)
    return {
        "transfer": each,
        "name": mask_name(each.membership.worker.name),
        "number": each.membership.number,
        "cell": cell_name(each.other_cell),
        "comes": each.direction == Direction.IN,
        "state": {"label": state.label, "tone": _TONES.get(state, "wait")},
        "limit": limit_in_words(each.due_at, now) if each.due_at and each.closed_at is None else None,
        "url": reverse("desk:cells:transfer", args=[each.pk]),
    }


@require_http_methods(["GET", "POST"])
def transfer(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show one transfer with everything that was sent and taken, and take the union's answer."""
    found = get_cell_transfer(request.actor, pk)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        done, _answered = tried(form, lambda: _answer(request, pk, form))
        if done:
            messages.success(request, _("Answered. The other registry and the member are told."))
            return HttpResponseRedirect(reverse("desk:cells:transfer", args=[pk]))
    may_answer = found.state == CellTransferState.ASKED and request.actor.may(
        Permission.CHANGE_MEMBERSHIP, at=found.membership.union
    )
    context = {
        "page_title": _("Moving between registries"),
        "pretitle": _("Member %(number)s · %(union)s")
        % {"number": found.membership.number, "union": local_name(found.membership.union)},
        "transfer": found,
        "row": _row(found, request.now),
        "reason": _CODES.get(found.reason, found.reason),
        "steps": list(_steps(found)),
        "stays": all_stays(found.membership) if in_cells() else [],
        "form": form,
        "may_answer": may_answer,
        "back_url": reverse("desk:cells:transfers"),
    }
    return render(request, "desk/cells/transfer.html", context, status=422 if form.is_bound else 200)


def _answer(request: DeskRequest, pk: UUID, form: AnswerForm) -> CellTransfer:
    return answer_request(
        actor=request.actor,
        transfer_id=pk,
        consent=form.cleaned_data["consents"] == "yes",
        reason=form.cleaned_data["reason"],
        now=request.now,
    )


def _steps(found: CellTransfer) -> Iterator[dict[str, Any]]:
    """Yield what happened, in order: opened, each message out and in, closed."""
    sent, taken = log_of(found)
    opened = _("Asked for by the other registry") if found.direction == Direction.OUT else _("Offered to the member")
    steps: list[dict[str, Any]] = [{"text": opened, "at": found.opened_at, "note": ""}]
    for message in sent:
        whom = _("to the directory") if message.receiver == "directory" else _("to %s") % cell_name(message.receiver)
        text = _("Sent %(whom)s: %(what)s") % {"whom": whom, "what": Kind(message.kind).label}
        steps.append({"text": text, "at": message.written_at, "note": _fate(message)})
    for receipt in taken:
        text = _("Taken from %(whom)s: %(what)s") % {
            "whom": cell_name(receipt.sender),
            "what": Kind(receipt.kind).label,
        }
        steps.append({"text": text, "at": receipt.taken_at, "note": ""})
    if found.closed_at:
        steps.append({"text": CellTransferState(found.state).label, "at": found.closed_at, "note": ""})
    yield from sorted(steps, key=lambda step: step["at"])


def _fate(message: Any) -> str:
    if message.state == MessageState.DONE:
        return _("Answered %(at)s, after %(tries)s tries that found no answer") % {
            "at": date_cn(message.answered_at),
            "tries": message.tries,
        }
    return _("Not answered yet; %(tries)s tries; last trouble: %(trouble)s; next try %(at)s") % {
        "tries": message.tries,
        "trouble": message.trouble or _("none"),
        "at": date_cn(message.next_at),
    }
