"""Several applications at once: a preview of who and what, then the decision, then how each one came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.actions.review import decide_many
from nuanxin.members.queries.reviewing import applications_numbered
from nuanxin.members.states import Decision
from nuanxin.web.desk.review.decisions import warnings
from nuanxin.web.desk.review.rows import lines
from nuanxin.web.desk.review.words import CONSEQUENCES

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.members.actions.review import Outcome
    from nuanxin.web.desk.requests import DeskRequest

#: What may be decided alike for several; the others need a reason of their own.
ALIKE = frozenset({Decision.ACCEPT, Decision.APPROVE})
MOST = 200
_RESULT = "desk_batch_result"


def _chosen(request: DeskRequest) -> tuple[Decision, list[str]]:
    try:
        decision = Decision(request.POST.get("decision", ""))
    except ValueError:
        raise NotFound from None
    if decision not in ALIKE:
        raise NotFound
    return decision, list(dict.fromkeys(request.POST.getlist("chosen")))[:MOST]


@require_POST
def preview(request: DeskRequest) -> HttpResponse:
    """Show who was chosen, what will happen to them, and what a reviewer should know before."""
    request.actor.require(Permission.REVIEW)
    decision, numbers = _chosen(request)
    found = lines(request.actor, applications_numbered(request.actor, numbers), request.now)
    ready = [line for line in found if line.open]
    verb, consequences = CONSEQUENCES[decision]
    shown = [{"line": line, "warnings": warnings(line.application, decision)} for line in ready]
    context: dict[str, Any] = {
        "page_title": ngettext("%(verb)s %(count)s application?", "%(verb)s %(count)s applications?", len(ready))
        % {"verb": verb, "count": len(ready)},
        "decision": decision.value,
        "verb": verb,
        "consequences": consequences,
        "rows": shown,
        "warned": sum(1 for row in shown if row["warnings"]),
        "left_out": [line for line in found if not line.open],
        "back_url": reverse("desk:review:queue"),
    }
    return render(request, "desk/review/batch.html", context)


@require_POST
def carry_out(request: DeskRequest) -> HttpResponse:
    """Decide on all of them, each by itself, and lead to how each came out."""
    request.actor.require(Permission.REVIEW)
    decision, numbers = _chosen(request)
    outcomes = decide_many(actor=request.actor, numbers=numbers, decision=decision, now=request.now)
    request.session[_RESULT] = {
        "decision": decision.value,
        "outcomes": [_kept(outcome) for outcome in outcomes],
    }
    return HttpResponseRedirect(reverse("desk:review:batch_result"))


def _kept(outcome: Outcome) -> dict[str, str]:
    refusal = outcome.refusal
    return {"number": outcome.number, "refused": "" if refusal is None else str(refusal.message)}


@require_safe
def result(request: DeskRequest) -> HttpResponse:
    """Show how each application of the last batch came out, those that did not work first, with the reason."""
    request.actor.require(Permission.REVIEW)
    kept = request.session.get(_RESULT)
    if not kept:
        return HttpResponseRedirect(reverse("desk:review:queue"))
    outcomes = kept["outcomes"]
    found = lines(request.actor, applications_numbered(request.actor, [o["number"] for o in outcomes]), request.now)
    known = {line.number: line for line in found}
    rows = [{"line": known.get(o["number"]), **o} for o in outcomes]
    context = {
        "page_title": _("How it came out"),
        "verb": CONSEQUENCES[kept["decision"]][0],
        "done": [row for row in rows if not row["refused"]],
        "not_done": [row for row in rows if row["refused"]],
        "back_url": reverse("desk:review:queue"),
    }
    return render(request, "desk/review/batch_result.html", context)
