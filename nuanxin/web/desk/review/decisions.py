"""One decision on one application: what it will do, the reason, and for passing on the union."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.members.actions.review import decide
from nuanxin.members.queries.applications import get_application
from nuanxin.members.queries.passing import passing_on
from nuanxin.members.queries.reviewing import last_act
from nuanxin.members.rules.review import NEEDS_REASON, AlreadyDecided, is_waiting
from nuanxin.members.states import Act, Decision, EmployerSays
from nuanxin.web.desk.review.forms import ReasonForm
from nuanxin.web.desk.review.rows import why_here
from nuanxin.web.desk.review.words import CONSEQUENCES
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.refusals import blame
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.members.models import Application
    from nuanxin.web.desk.requests import DeskRequest


@require_http_methods(["GET", "POST"])
def decide_one(request: DeskRequest, number: str, decision: str) -> HttpResponse:
    """Show what a decision will do and take it; when another reviewer was quicker, say who, and change nothing."""
    wanted = _decision(decision)
    found = get_application(request.actor, number)
    request.actor.require(Permission.REVIEW, at=found.union)
    if not is_waiting(found.state):
        return too_late(request, found)
    form = ReasonForm(request.POST if request.method == "POST" else None, decision=wanted)
    if request.method == "POST" and form.is_valid():
        try:
            decide(
                actor=request.actor,
                number=number,
                decision=wanted,
                reason=form.whole_reason(),
                to_union=request.POST.get("to_union", ""),
                now=request.now,
            )
        except AlreadyDecided:
            return too_late(request, get_application(request.actor, number))
        except NotFound as refusal:
            form.add_error(None, str(refusal.message))
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _said(found, wanted))
            return HttpResponseRedirect(_after(number, wanted))
    return _page(request, found, wanted, form)


def _decision(word: str) -> Decision:
    try:
        return Decision(word.replace("-", "_"))
    except ValueError:
        raise NotFound from None


def _said(found: Application, decision: Decision) -> str:
    name = {"name": mask_name(found.name), "number": found.number}
    return {
        Decision.ACCEPT: _("%(name)s: taken up. The time for the decision runs from now."),
        Decision.APPROVE: _("%(name)s is a member now, and was told at once."),
        Decision.REFUSE: _("%(name)s: refused. The reason was sent."),
        Decision.RETURN: _("%(name)s: back for correction. What to correct was sent."),
        Decision.PASS_ON: _("%(name)s (%(number)s): passed on. The other union has it now."),
    }[decision] % name


def _after(number: str, decision: Decision) -> str:
    """Return where to go: what was passed on may be out of reach."""
    if decision == Decision.PASS_ON:
        return reverse("desk:review:queue")
    return reverse("desk:review:application", args=[number])


def _page(request: DeskRequest, found: Application, decision: Decision, form: ReasonForm) -> HttpResponse:
    verb, consequences = CONSEQUENCES[decision]
    searched = request.GET.get("q", "")[:60]
    context = {
        "page_title": _("%(verb)s: %(name)s") % {"verb": verb, "name": found.name},
        "pretitle": _("Application %(number)s · %(union)s")
        % {"number": found.number, "union": local_name(found.union)},
        "application": found,
        "decision": decision,
        "verb": verb,
        "danger": decision == Decision.REFUSE,
        "needs_reason": decision in NEEDS_REASON,
        "consequences": consequences,
        "warnings": warnings(found, decision),
        "form": form,
        "why": why_here(found),
        "back_url": reverse("desk:review:application", args=[found.number]),
        "passing": passing_on(found, text=searched, now=request.now) if decision == Decision.PASS_ON else None,
        "searched": searched,
        "to_union": request.POST.get("to_union", ""),
    }
    return render(request, "desk/review/decide.html", context, status=422 if form.is_bound else 200)


def warnings(found: Application, decision: str) -> list[str]:
    """Return what a reviewer should have seen before deciding so."""
    said = []
    if decision == Decision.APPROVE and found.employer_says == EmployerSays.DENIED:
        said.append(_("The employer says that this person does not work there."))
    if decision == Decision.APPROVE and found.employer_says == EmployerSays.NOTHING and found.employer_id:
        said.append(_("The employer has not answered yet whether this person works there."))
    return said


def too_late(request: DeskRequest, found: Application) -> HttpResponse:
    """Tell kindly that somebody else has decided: who, when, what; nothing was changed."""
    act = last_act(found)
    context = {
        "page_title": _("Already decided"),
        "application": found,
        "name": mask_name(found.name),
        "act": act,
        "act_label": Act(act.act).label if act else "",
        "who": str(act.account) if act and act.account else "",
        "back_url": reverse("desk:review:application", args=[found.number]),
    }
    return render(request, "desk/review/too_late.html", context, status=409)
