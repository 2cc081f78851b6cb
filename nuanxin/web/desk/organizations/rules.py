"""Admission rules of a union, and the dated rules with the row that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.organizations.actions import (
    change_admission_rule,
    end_admission_rule,
    set_admission_rule,
    set_dated_rule,
)
from nuanxin.organizations.queries import RuleMissing, all_dated_rules, dated_rule, get_rule, get_union
from nuanxin.organizations.rules import valid_on
from nuanxin.organizations.rules.parameters import PARAMETERS
from nuanxin.organizations.states import EDIT_RULES, VIEW
from nuanxin.web.desk.organizations.forms import AdmissionForm, DayForm, RuleForm
from nuanxin.web.desk.organizations.pages import form_page, opened
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from nuanxin.organizations.models import Union
    from nuanxin.web.desk.requests import DeskRequest


def _admission_of(union: Union) -> str:
    return f"{reverse('desk:organizations:union', args=[union.code])}?tab=admission"


@require_http_methods(["GET", "POST"])
def new_admission(request: DeskRequest, code: str) -> HttpResponse:
    """Let a union admit workers directly."""
    union = get_union(request.actor, code)
    request.actor.require(EDIT_RULES, at=union)
    form = opened(AdmissionForm, request, valid_from=local_day(request.now))
    if form.is_bound:
        done, _rule = tried(
            form, lambda: set_admission_rule(actor=request.actor, union=union, now=request.now, **form.cleaned_data)
        )
        if done:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(_admission_of(union))
    title = _("Whom %(name)s admits") % {"name": local_name(union)}
    try_url = reverse("desk:routing:try_new", args=[union.code])
    return form_page(request, form, title=title, submit=_("Save"), back_url=_admission_of(union), try_url=try_url)


@require_http_methods(["GET", "POST"])
def change_admission(request: DeskRequest, code: str, rule_id: UUID) -> HttpResponse:
    """Let an admission rule end on the day on which another one takes its place."""
    union = get_union(request.actor, code)
    request.actor.require(EDIT_RULES, at=union)
    rule = get_rule(union, rule_id)
    kept = {name: getattr(rule, name) for name in AdmissionForm.base_fields}
    kept |= {"valid_from": local_day(request.now), "region_codes": ", ".join(rule.region_codes)}
    form = opened(AdmissionForm, request, **kept)
    if form.is_bound:
        done, _rule = tried(
            form,
            lambda: change_admission_rule(
                actor=request.actor, union=union, rule_id=rule_id, now=request.now, **form.cleaned_data
            ),
        )
        if done:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(_admission_of(union))
    return form_page(
        request,
        form,
        title=_("Change whom %(name)s admits") % {"name": local_name(union)},
        submit=_("Save"),
        back_url=_admission_of(union),
        intro=_("The present rule ends on the day this one begins; both stay on record."),
        try_url=reverse("desk:routing:try_change", args=[union.code, rule_id]),
    )


@require_http_methods(["GET", "POST"])
def end_admission(request: DeskRequest, code: str, rule_id: UUID) -> HttpResponse:
    """End an admission rule on a day."""
    union = get_union(request.actor, code)
    request.actor.require(EDIT_RULES, at=union)
    form = opened(DayForm, request, on=local_day(request.now))
    if form.is_bound:
        done, _rule = tried(
            form,
            lambda: end_admission_rule(
                actor=request.actor, union=union, rule_id=rule_id, on=form.cleaned_data["on"], now=request.now
            ),
        )
        if done:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(_admission_of(union))
    return form_page(
        request,
        form,
        title=_("End this rule"),
        submit=_("End"),
        back_url=_admission_of(union),
        intro=_("From that day on nobody new is admitted by this rule. Members stay members."),
        try_url=reverse("desk:routing:try_end", args=[union.code, rule_id]),
    )


@require_safe
def index(request: DeskRequest) -> HttpResponse:
    """Show every parameter with all its rows, and for a chosen union the row that decides."""
    request.actor.require(VIEW)
    today = local_day(request.now)
    code = request.GET.get("union", "").strip()[:12]
    union, unknown = None, False
    if code:
        try:
            union = get_union(request.actor, code)
        except NotFound:
            unknown = True
    rows = list(all_dated_rules())
    context = {
        "page_title": _("Dated rules"),
        "union": union,
        "unknown": unknown,
        "code": code,
        "parameters": [_parameter(name, rows, union, today) for name in PARAMETERS],
        "may_rules": request.actor.may(EDIT_RULES),
    }
    return render(request, "desk/organizations/rules.html", context)


def _parameter(name: str, rows: list[Any], union: Union | None, today: Any) -> dict[str, Any]:
    decided = None
    if union is not None:
        try:
            decided = dated_rule(name, union=union, on=today).row.id
        except RuleMissing:
            decided = None
    return {
        "name": name,
        "label": PARAMETERS[name].label,
        "hint": PARAMETERS[name].hint,
        "rows": [
            {"row": row, "value": _words(name, row.value), "now": valid_on(row, today), "decides": row.pk == decided}
            for row in rows
            if row.name == name
        ],
    }


def _words(name: str, value: Any) -> str:
    switches = PARAMETERS[name].switches
    if switches is None:
        return str(value)
    on = [str(label) for switch, label in switches.items() if value.get(switch)]
    return "、".join(on) or _("off")


@require_http_methods(["GET", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Set a parameter for a union's subtree, a region, or everywhere."""
    request.actor.require(EDIT_RULES)
    name = request.GET.get("name", "")
    if name not in PARAMETERS:
        raise NotFound
    form = RuleForm(name, request.POST or None, initial={"valid_from": local_day(request.now)})
    if request.method == "POST":
        done, _rule = tried(form, lambda: _set(request, name, form.cleaned_data))
        if done:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("desk:organizations:rules"))
    return form_page(
        request,
        form,
        title=str(PARAMETERS[name].label),
        submit=_("Save"),
        back_url=reverse("desk:organizations:rules"),
        intro=_("The narrower rule wins: a union's before a region's, a region's before the general one."),
    )


def _set(request: DeskRequest, name: str, typed: dict[str, Any]) -> Any:
    value = typed["value"]
    if PARAMETERS[name].switches is not None:
        value = dict.fromkeys(value, True)
    union = None
    if typed["union"]:
        try:
            union = get_union(request.actor, typed["union"].strip())
        except NotFound:
            raise Invalid("unknown_union", _("No union in your reach has this code."), field="union") from None
    return set_dated_rule(
        actor=request.actor,
        name=name,
        value=value,
        union=union,
        region_code=typed["region_code"].strip(),
        valid_from=typed["valid_from"],
        source_note=typed["source_note"],
        now=request.now,
    )
