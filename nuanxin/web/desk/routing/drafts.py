"""A draft tried before it is saved: the form's own fields come along, and go on to the page that saves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.members.queries.trials.replay import MOST, PERIODS, USUAL, Trial, try_draft
from nuanxin.members.rules.trials.health import asked_by_itself
from nuanxin.organizations.queries import draft_coverage, draft_end, draft_rule, get_enterprise, get_rule, get_union
from nuanxin.organizations.states import EDIT_ENTERPRISES, EDIT_RULES, EmployerScope
from nuanxin.web.desk.organizations.forms import AdmissionForm, CoverForm, DayForm
from nuanxin.web.desk.organizations.pages import form_page
from nuanxin.web.desk.routing.results import flows_table, moved_lines, moved_rows
from nuanxin.web.desk.routing.words import coverage_in_words, rule_in_words
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.forms import Form
    from django.http import HttpResponse, HttpResponseBase

    from nuanxin.organizations.models import Enterprise, Union
    from nuanxin.organizations.rules.atlas import Draft
    from nuanxin.web.desk.requests import DeskRequest

#: Applications listed on the page; the workbook holds all of them.
SHOWN = 50
#: What the page of a trial adds to the fields of the form.
_OWN = frozenset({"csrfmiddlewaretoken", "days", "pair", "do", "edit"})


@dataclass(frozen=True)
class _Try:
    """What is tried: its form, where it is saved, and how the draft is made of what was typed."""

    title: str
    form: Form
    save_url: str
    submit: str
    back_url: str
    make: Callable[[], Draft]
    say: Callable[[], list[tuple[str, str]]]
    union: Union | None = None


def _admission_url(union: Union) -> str:
    return f"{reverse('desk:organizations:union', args=[union.code])}?tab=admission"


@require_http_methods(["GET", "POST"])
def try_new(request: DeskRequest, code: str) -> HttpResponseBase:
    """Try a new admission rule."""
    union = _union(request, code)
    form = AdmissionForm(request.POST or None)
    return _tried(
        request,
        _Try(
            title=_("Whom %(name)s admits") % {"name": local_name(union)},
            form=form,
            save_url=reverse("desk:organizations:new_admission", args=[union.code]),
            submit=_("Save the rule"),
            back_url=_admission_url(union),
            make=lambda: draft_rule(actor=request.actor, union=union, now=request.now, **form.cleaned_data),
            say=lambda: rule_in_words(form.cleaned_data),
            union=union,
        ),
    )


@require_http_methods(["GET", "POST"])
def try_change(request: DeskRequest, code: str, rule_id: UUID) -> HttpResponseBase:
    """Try an admission rule that takes the place of another."""
    union = _union(request, code)
    get_rule(union, rule_id)
    form = AdmissionForm(request.POST or None)
    return _tried(
        request,
        _Try(
            title=_("Change whom %(name)s admits") % {"name": local_name(union)},
            form=form,
            save_url=reverse("desk:organizations:change_admission", args=[union.code, rule_id]),
            submit=_("Save the rule"),
            back_url=_admission_url(union),
            make=lambda: draft_rule(
                actor=request.actor, union=union, now=request.now, replaces=rule_id, **form.cleaned_data
            ),
            say=lambda: rule_in_words(form.cleaned_data),
            union=union,
        ),
    )


@require_http_methods(["GET", "POST"])
def try_end(request: DeskRequest, code: str, rule_id: UUID) -> HttpResponseBase:
    """Try the end of an admission rule."""
    union = _union(request, code)
    get_rule(union, rule_id)
    form = DayForm(request.POST or None)
    return _tried(
        request,
        _Try(
            title=_("End a rule of %(name)s") % {"name": local_name(union)},
            form=form,
            save_url=reverse("desk:organizations:end_admission", args=[union.code, rule_id]),
            submit=_("End the rule"),
            back_url=_admission_url(union),
            make=lambda: draft_end(
                actor=request.actor, union=union, rule_id=rule_id, on=form.cleaned_data["on"], now=request.now
            ),
            say=lambda: rule_in_words(get_rule(union, rule_id)),
        ),
    )


def _union(request: DeskRequest, code: str) -> Union:
    union = get_union(request.actor, code)
    request.actor.require(EDIT_RULES, at=union)
    return union


@require_http_methods(["GET", "POST"])
def try_cover(request: DeskRequest, pk: UUID) -> HttpResponseBase:
    """Try another union for an employer's workers."""
    enterprise = _enterprise(request, pk)
    form = CoverForm(request.POST or None)

    def named() -> Union:
        try:
            return get_union(request.actor, form.cleaned_data["union"].strip())
        except NotFound:
            raise Invalid("unknown_union", _("No union in your reach has this code."), field="union") from None

    return _tried(
        request,
        _Try(
            title=_("Who covers %(name)s") % {"name": enterprise.name},
            form=form,
            save_url=reverse("desk:organizations:cover", args=[pk]),
            submit=_("Save the coverage"),
            back_url=reverse("desk:organizations:enterprise", args=[pk]),
            make=lambda: draft_coverage(
                actor=request.actor,
                enterprise=enterprise,
                union=named(),
                basis=form.cleaned_data["basis"],
                on=form.cleaned_data["on"],
                now=request.now,
            ),
            say=lambda: coverage_in_words(enterprise, named(), form.cleaned_data["on"]),
        ),
    )


@require_http_methods(["GET", "POST"])
def try_uncover(request: DeskRequest, pk: UUID) -> HttpResponseBase:
    """Try the end of an employer's coverage."""
    enterprise = _enterprise(request, pk)
    form = DayForm(request.POST or None)
    return _tried(
        request,
        _Try(
            title=_("End the coverage of %(name)s") % {"name": enterprise.name},
            form=form,
            save_url=reverse("desk:organizations:uncover", args=[pk]),
            submit=_("End the coverage"),
            back_url=reverse("desk:organizations:enterprise", args=[pk]),
            make=lambda: draft_coverage(
                actor=request.actor, enterprise=enterprise, union=None, on=form.cleaned_data["on"], now=request.now
            ),
            say=lambda: coverage_in_words(enterprise, None, form.cleaned_data["on"]),
        ),
    )


def _enterprise(request: DeskRequest, pk: UUID) -> Enterprise:
    enterprise = get_enterprise(request.actor, pk)
    request.actor.require(EDIT_ENTERPRISES, at=enterprise)
    return enterprise


def _tried(request: DeskRequest, what: _Try) -> HttpResponseBase:
    """Show what the draft would change; a form with errors is shown again, and a bare address leads to its form."""
    if request.method == "GET":
        return HttpResponseRedirect(what.save_url)
    done, draft = tried(what.form, what.make)
    if not done:
        return form_page(
            request,
            what.form,
            title=what.title,
            submit=what.submit,
            back_url=what.back_url,
            action_url=what.save_url,
            try_url=request.path,
        )
    days = next((each for each in PERIODS if str(each) == request.POST.get("days")), USUAL)
    trial = try_draft(request.actor, draft, days=days, now=request.now)
    if request.POST.get("do") == "excel":
        header, rows = moved_rows(trial.replay)
        return workbook_response(_("Trial"), header, rows)
    return _page(request, what, draft, trial, days)


def _page(request: DeskRequest, what: _Try, draft: Draft, trial: Trial, days: int) -> HttpResponse:
    pair = request.POST.get("pair", "")
    moved = [each for each in trial.replay.moved if not pair or pair == _pair(each.before.union, each.after.union)]
    hidden = [(name, value) for name, values in request.POST.lists() if name not in _OWN for value in values]
    context = {
        "page_title": what.title,
        "trial": trial,
        "replay": trial.replay,
        "said": what.say(),
        "later": draft.on if draft.on > local_day(request.now) else None,
        "sampled": MOST if trial.found > trial.replay.total else 0,
        "periods": [(each, each == days) for each in PERIODS],
        "table": flows_table(trial.replay.flows, pair),
        "pair": pair,
        "lines": moved_lines(moved[:SHOWN]),
        "more": max(len(moved) - SHOWN, 0),
        "hidden": hidden,
        "save_url": what.save_url,
        "submit": what.submit,
        "sees_people": request.actor.may(Permission.VIEW_MEMBERS),
        "poster_only": _poster_only(what, draft),
        "ends": not draft.adds and draft.ends,
    }
    return render(request, "desk/routing/trial.html", context)


def _poster_only(what: _Try, draft: Draft) -> str:
    """Return why only a poster leads to the new rule: `covered`, `place`, or nothing when routing asks it."""
    if not draft.adds or not what.union or asked_by_itself(what.union, draft.adds):
        return ""
    return "covered" if draft.adds.employers == EmployerScope.COVERED else "place"


def _pair(source: Any, target: Any) -> str:
    return f"{source.code}>{target.code}"
