"""Contests at the desk of the union above: the list, both sides of one, the decision with its reason."""

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
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.members.actions.contest_decisions import decide_contest
from nuanxin.members.queries.contests import (
    barred_accounts,
    contest_targets,
    events_of,
    file_of_contest,
    get_contest,
    upper_admits,
    visible_contests,
    with_what_is_shown,
)
from nuanxin.members.rules.contests import possible_decisions
from nuanxin.members.rules.review import MOST_REASON, SamePerson
from nuanxin.members.states import ContestDecision, ContestKind, ContestState
from nuanxin.records.queries import content_of
from nuanxin.web.desk.review.application import chain_steps, facts
from nuanxin.web.desk.review.timeline import event_steps
from nuanxin.web.desk.times import limit_in_words
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import blame
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import FileResponse

    from nuanxin.members.models import Contest
    from nuanxin.web.desk.requests import DeskRequest

_TONES = {ContestState.OPEN: "wait", ContestState.UPHELD: "", ContestState.DROPPED: ""}
#: What each decision does, read before it is taken.
CONSEQUENCES = {
    ContestDecision.SEND_BACK: gettext_lazy(
        "The refusal is lifted. The same union decides anew, within a full limit; who refused cannot decide."
    ),
    ContestDecision.MOVE: gettext_lazy(
        "The application goes to the union you choose, with a full limit; for a member a transfer is asked for."
    ),
    ContestDecision.ADMIT: gettext_lazy("The applicant is a member of your union today. This cannot be taken back."),
    ContestDecision.UPHOLD: gettext_lazy(
        "Nothing changes. This was the one objection of its kind: the applicant may apply again, or call 12351."
    ),
}


class DecisionForm(forms.Form):
    """Which way, and why: the applicant reads it."""

    decision = forms.ChoiceField(label=gettext_lazy("Decision"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MOST_REASON,
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("The applicant reads exactly this. At least four characters in all."),
    )

    def __init__(self, *args: Any, possible: Iterable[ContestDecision], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["decision"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.value, f"{each.label}{_(': ')}{CONSEQUENCES[each]}") for each in possible]


def _found(request: DeskRequest) -> tuple[str, QuerySet[Contest]]:
    state = request.GET.get("state") or ContestState.OPEN.value
    rows = with_what_is_shown(visible_contests(request.actor))
    if state == "decided":
        return state, rows.exclude(state=ContestState.OPEN)
    return (state, rows) if state == "any" else (ContestState.OPEN.value, rows.filter(state=ContestState.OPEN))


@require_safe
def contest_list(request: DeskRequest) -> HttpResponse:
    """Show the contests that the actor's unions decide, soonest limit first."""
    request.actor.require(Permission.REVIEW)
    state, found = _found(request)
    shown = page(found, order=("due_at", "pk"), cursor=request.GET.get("page", ""), size=50)
    names = {ContestState.OPEN.value: _("To decide"), "decided": _("Answered"), "any": _("All")}
    context: dict[str, Any] = {
        "page_title": _("Objections"),
        "rows": contest_rows(shown.items, request.now),
        "page": shown,
        "views": [
            {"label": label, "url": f"?state={name}", "count": None, "current": state == name}
            for name, label in names.items()
        ],
        "excel_url": f"{reverse('desk:review:contests_excel')}?state={state}",
    }
    return render(request, "desk/review/contests.html", context)


def contest_rows(found: Iterable[Contest], now: datetime) -> list[dict[str, Any]]:
    """Return the lines of a list of contests, names masked."""
    return [_row(each, now) for each in found]


def _row(each: Contest, now: datetime) -> dict[str, Any]:
    state = ContestState(each.state)
    return {
        "contest": each,
        "name": mask_name(each.application.name),
        "kind": ContestKind(each.kind).label,
        "limit": limit_in_words(each.due_at, now) if state == ContestState.OPEN else None,
        "state": {"label": state.label, "tone": _TONES.get(state, "good")},
        "url": reverse("desk:review:contest", args=[each.pk]),
    }


@require_safe
def contests_excel(request: DeskRequest) -> FileResponse:
    """Send the list as a workbook: names masked, nobody's own words."""
    request.actor.require(Permission.REVIEW)
    _state, found = _found(request)
    header = [_("Application"), _("Applicant"), _("About"), _("Against"), _("Decides"), _("State")]
    header += [_("Asked"), _("Limit"), _("Decided")]
    return workbook_response(_("Objections"), header, _out(found))


def _out(found: QuerySet[Contest]) -> Iterator[list[Any]]:
    for each in found.order_by("due_at", "pk").iterator(chunk_size=500):
        yield [
            each.application.number,
            mask_name(each.application.name),
            each.get_kind_display(),
            local_name(each.against),
            local_name(each.union),
            each.get_state_display(),
            each.asked_at,
            each.due_at,
            each.decided_at,
        ]


@require_http_methods(["GET", "POST"])
def contest(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show both sides and what happened, and take the decision with its reason."""
    found = get_contest(request.actor, pk)
    possible = _possible(found, request.now)
    form = DecisionForm(request.POST if request.method == "POST" else None, possible=possible)
    status = 200
    if request.method == "POST" and "search" in request.POST:
        form = DecisionForm(initial={name: request.POST.get(name, "") for name in form.fields}, possible=possible)
    elif request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _decide(request, found, form)
            except (Invalid, Conflict, SamePerson) as refusal:
                blame(form, refusal)
                found, status = get_contest(request.actor, pk), refusal.status
            else:
                messages.success(request, _("Decided. The applicant was told at once."))
                return HttpResponseRedirect(reverse("desk:review:contests"))
    return render(request, "desk/review/contest.html", _page(request, found, form), status=status)


def _possible(found: Contest, now: datetime) -> list[ContestDecision]:
    if found.state != ContestState.OPEN:
        return list(ContestDecision)
    return possible_decisions(found.kind, state=found.application.state, upper_admits=upper_admits(found, now=now))


def _decide(request: DeskRequest, found: Contest, form: DecisionForm) -> None:
    decide_contest(
        actor=request.actor,
        contest_id=found.pk,
        decision=form.cleaned_data["decision"],
        reason=form.cleaned_data["reason"],
        to_union=request.POST.get("to_union", ""),
        now=request.now,
    )


def _page(request: DeskRequest, found: Contest, form: DecisionForm) -> dict[str, Any]:
    application, actor = found.application, request.actor
    searched = request.POST.get("q", "").strip()[:60]
    is_open = found.state == ContestState.OPEN
    return {
        "page_title": _("Objection: %(what)s") % {"what": ContestKind(found.kind).label}
        + f" · {mask_name(application.name)}",
        "pretitle": _("Application %(number)s · %(union)s")
        % {"number": application.number, "union": local_name(found.against)},
        "contest": found,
        "application": application,
        "row": _row(found, request.now),
        "facts": [(name, value) for name, value, _what in facts(actor, application)],
        "chain": chain_steps(application),
        "events": event_steps(actor, events_of(application)),
        "form": form,
        "is_open": is_open,
        "barred": is_open and actor.account_id in barred_accounts(application),
        "targets": contest_targets(found, text=searched, now=request.now) if is_open else [],
        "searched": searched,
        "to_union": request.POST.get("to_union", "") or (found.wanted.code if found.wanted else ""),
        "application_url": reverse("desk:review:application", args=[application.number]),
        "may_open": actor.may(Permission.VIEW_MEMBERS, at=application.union),
        "back_url": reverse("desk:review:contests"),
    }


@require_safe
def contest_file(request: DeskRequest, pk: UUID, file_pk: UUID) -> HttpResponse:
    """Send a file that was given with a contest to those who decide on it."""
    file = file_of_contest(get_contest(request.actor, pk), file_pk)
    response = HttpResponse(content_of(file), content_type=file.media_type)
    response["Content-Disposition"] = "attachment"
    response["Cache-Control"] = "no-store"
    return response
