"""Claims at the desk: only for those who handle them, and each look at a claim is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.states import Permission
from nuanxin.benefits.actions.claims import decide_claim, note_claim_read
from nuanxin.benefits.queries.insurance import (
    Told,
    due_days,
    file_of,
    files_of,
    get_claim,
    opened_claim,
    steps_of,
    visible_claims,
)
from nuanxin.benefits.states.insurance import CLAIM_MOVES, CLAIM_OPEN, ClaimAct, ClaimState
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound
from nuanxin.records.queries import content_of
from nuanxin.web.desk.insurance.forms import ClaimFilter, ClaimForm
from nuanxin.web.desk.insurance.words import CLAIM_TONES
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from nuanxin.benefits.models import Claim
    from nuanxin.web.desk.requests import DeskRequest

#: Act → what its button says, and its icon.
_ACTS = {
    ClaimAct.FORWARDED: (gettext_lazy("Pass on to the insurer"), "send"),
    ClaimAct.APPROVED: (gettext_lazy("The insurer approved it"), "check"),
    ClaimAct.PAID: (gettext_lazy("The money was paid"), "cash"),
    ClaimAct.RETURNED: (gettext_lazy("Ask for something more"), "arrow-back-up"),
    ClaimAct.REFUSED: (gettext_lazy("It is refused"), "x"),
}


def state_of(found: Claim) -> dict[str, Any]:
    """Return a claim's state as it is shown."""
    state = ClaimState(found.state)
    return {"label": state.label, "tone": CLAIM_TONES[state]}


def claim_rows(found: Iterable[Claim], now: datetime) -> list[dict[str, Any]]:
    """Return the lines of a list of claims, names masked, with the day by which the next step should be taken."""
    claims, today = list(found), local_day(now)
    due = due_days(claims)
    return [
        {
            "claim": each,
            "name": mask_name(each.worker.name) or _("erased"),
            "state": state_of(each),
            "due": due.get(each.pk),
            "is_late": each.pk in due and today > due[each.pk],
        }
        for each in claims
    ]


@require_safe
def claims(request: DeskRequest) -> HttpResponse:
    """List claims: those at work, the oldest first, or those at their end; names masked."""
    request.actor.require(Permission.HANDLE_CLAIMS)
    done, text = request.GET.get("state") == "done", request.GET.get("q", "")[:60]
    rows = visible_claims(request.actor, text)
    rows = rows.exclude(state__in=CLAIM_OPEN) if done else rows.filter(state__in=CLAIM_OPEN)
    listed = page(rows, order=("-pk",) if done else ("pk",), cursor=request.GET.get("page", ""))
    context = {
        "page_title": _("Claims on insurance"),
        "page": listed,
        "filters": ClaimFilter(request.GET),
        "keep": {"state": "done"} if done else {},
        "views": [
            {"label": _("At work"), "url": "?", "count": None, "current": not done},
            {"label": _("At their end"), "url": "?state=done", "count": None, "current": done},
        ],
        "rows": claim_rows(listed.items, request.now),
    }
    return render(request, "desk/insurance/claims.html", context)


@require_http_methods(["GET", "POST"])
def claim(request: DeskRequest, number: str) -> HttpResponse:
    """Show a claim with what happened, and take the next act with it."""
    request.actor.require(Permission.HANDLE_CLAIMS)
    found = get_claim(request.actor, number)
    act = request.GET.get("act", "")
    data = request.POST if request.method == "POST" else None
    form = ClaimForm(data, act=act) if act in _possible(found) else None
    if request.method == "POST":
        if act not in _ACTS:
            raise NotFound
        form = form or ClaimForm(request.POST, act=act)
        taken = form
        done, _made = tried(
            taken,
            lambda: decide_claim(actor=request.actor, claim=found, act=act, **taken.cleaned_data, now=request.now),
        )
        if done:
            messages.success(request, _("Written down. The worker was told."))
            return HttpResponseRedirect(reverse("desk:insurance:claim", args=[found.number]))
    else:
        note_claim_read(actor=request.actor, claim=found, now=request.now)
    words, account = opened_claim(found)
    due = due_days([found]).get(found.pk)
    context = {
        "page_title": _("Claim %(number)s") % {"number": found.number},
        "back_url": reverse("desk:insurance:claims"),
        "claim": found,
        "state": state_of(found),
        "due": due,
        "is_late": due is not None and local_day(request.now) > due,
        "name": found.worker.name,
        "words": words,
        "account": account,
        "files": list(files_of(found)),
        "steps": [
            {"text": each.step.get_act_display(), "at": each.step.at, "note": _said(each), "words": each.words}
            for each in steps_of(found)
        ],
        "acts": [
            {"act": each.value, "label": label, "icon": icon, "current": act == each}
            for each, (label, icon) in _ACTS.items()
            if each in _possible(found)
        ],
        "form": form,
        "act": act,
        "act_label": _ACTS[ClaimAct(act)][0] if form else "",
    }
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "desk/insurance/claim.html", context, status=status)


def _said(told: Told) -> str:
    """Say of a step which amount, and who took it."""
    amount = f"{told.step.amount:,.2f} {_('yuan')}" if told.step.amount is not None else ""
    who = _("the member") if told.step.post_id is None else str(told.step.account or "")
    return " · ".join(part for part in (amount, who) if part)


def _possible(found: Claim) -> list[str]:
    reachable = CLAIM_MOVES.get(found.state, frozenset())
    return [act.value for act in _ACTS if act.value in reachable]


@require_safe
def file(request: DeskRequest, number: str, pk: UUID) -> HttpResponse:
    """Send a document of a claim to those who handle it."""
    request.actor.require(Permission.HANDLE_CLAIMS)
    whose = get_claim(request.actor, number)
    found = file_of(whose, pk)
    note_claim_read(actor=request.actor, claim=whose, file=str(pk), now=request.now)
    response = HttpResponse(content_of(found), content_type=found.media_type)
    response["Content-Disposition"] = "attachment"
    response["Cache-Control"] = "no-store"
    return response
