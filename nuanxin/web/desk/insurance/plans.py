"""Insurers and plans at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.states import Permission
from nuanxin.benefits.actions.insurance_plans import make_plan, register_insurer
from nuanxin.benefits.queries.insurance import insurers, plans_for
from nuanxin.kernel.clock import local_day
from nuanxin.organizations.queries import find_union
from nuanxin.web.desk.insurance.forms import InsurerForm, PlanForm
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from nuanxin.benefits.models import InsurancePlan
    from nuanxin.web.desk.requests import DeskRequest


@require_safe
def plans(request: DeskRequest) -> HttpResponse:
    """List plans and insurers."""
    request.actor.require(Permission.INSURE)
    context = {
        "page_title": _("Insurance plans"),
        "plans": list(plans_for(request.actor)[:200]),
        "insurers": list(insurers()[:200]),
        "may_key": request.actor.may(Permission.MANAGE_KEYS),
        "back_url": reverse("desk:insurance:batches"),
    }
    return render(request, "desk/insurance/plans.html", context)


@require_http_methods(["GET", "POST"])
def new_insurer(request: DeskRequest) -> HttpResponse:
    """Write an insurer down; a secret is shown this once."""
    request.actor.require(Permission.INSURE)
    form = InsurerForm(request.POST or None)
    if request.method == "POST":
        done, made = tried(
            form,
            lambda: register_insurer(
                actor=request.actor,
                with_key=request.actor.may(Permission.MANAGE_KEYS),
                **form.cleaned_data,
                now=request.now,
            ),
        )
        if done and made and made.secret:
            context = {
                "page_title": made.insurer.name,
                "insurer": made.insurer,
                "secret": made.secret,
                "back_url": reverse("desk:insurance:plans"),
            }
            return render(request, "desk/insurance/secret.html", context)
        if done:
            messages.success(request, _("The insurer was written down."))
            return HttpResponseRedirect(reverse("desk:insurance:plans"))
    return _form(request, form, _("New insurer"))


@require_http_methods(["GET", "POST"])
def new_plan(request: DeskRequest) -> HttpResponse:
    """Write a plan down."""
    request.actor.require(Permission.INSURE)
    form = PlanForm(request.POST or None, insurers=insurers(), initial={"valid_from": local_day(request.now)})
    if request.method == "POST":
        done, _made = tried(form, lambda: _plan(request, form.cleaned_data))
        if done:
            messages.success(request, _("The plan was written down. You can give it now."))
            return HttpResponseRedirect(reverse("desk:insurance:plans"))
    return _form(request, form, _("New plan"))


def _plan(request: DeskRequest, given: dict[str, Any]) -> InsurancePlan:
    union = find_union(request.actor, given["union"], Permission.INSURE)
    insurer = insurers().get(pk=UUID(given["insurer"]))
    return make_plan(actor=request.actor, union=union, insurer=insurer, fields=given, now=request.now)


def _form(request: DeskRequest, form: Any, title: str) -> HttpResponse:
    context = {
        "form": form,
        "page_title": title,
        "submit": _("Write it down"),
        "back_url": reverse("desk:insurance:plans"),
    }
    return render(request, "desk/access/form.html", context, status=422 if form.is_bound else 200)
