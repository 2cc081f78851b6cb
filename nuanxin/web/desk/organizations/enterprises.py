"""Enterprises: the list, one enterprise, who covers it and for whom it works."""

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
    close_enterprise,
    cover_enterprise,
    create_enterprise,
    edit_enterprise,
    end_coverage,
    link_platform,
    unlink_platform,
)
from nuanxin.organizations.queries import coverages_of, get_enterprise, get_union, list_enterprises, platforms_of
from nuanxin.organizations.queries.sheets import enterprise_rows
from nuanxin.organizations.rules.sheets import ENTERPRISE_COLUMNS, write_sheet
from nuanxin.organizations.states import EDIT_ENTERPRISES, VIEW
from nuanxin.web.desk.organizations.forms import CoverForm, DayForm, EnterpriseFilter, EnterpriseForm, PlatformForm
from nuanxin.web.desk.organizations.pages import ask, form_page, opened, picker, sheet_response
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.forms import Form
    from django.http import HttpResponse

    from nuanxin.organizations.models import Enterprise
    from nuanxin.web.desk.requests import DeskRequest


def _page_of(enterprise: Enterprise) -> str:
    return reverse("desk:organizations:enterprise", args=[enterprise.pk])


def _found(request: DeskRequest) -> tuple[EnterpriseFilter, QuerySet[Enterprise]]:
    filters = EnterpriseFilter(request.GET or None)
    chosen: dict[str, Any] = filters.cleaned_data if filters.is_valid() else {}
    found = list_enterprises(
        request.actor,
        text=chosen.get("q", ""),
        region=chosen.get("region", ""),
        platform=chosen.get("platform", ""),
        covered=chosen.get("covered", ""),
    )
    return filters, found


@require_safe
def index(request: DeskRequest) -> HttpResponse:
    """List the enterprises in reach."""
    request.actor.require(VIEW)
    filters, found = _found(request)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page_title": _("Enterprises"),
        "filters": filters,
        "page": page(found, order=("name", "pk"), cursor=request.GET.get("page", ""), size=50),
        "query": query.urlencode(),
        "may_edit": request.actor.may(EDIT_ENTERPRISES),
    }
    return render(request, "desk/organizations/enterprises.html", context)


@require_safe
def excel(request: DeskRequest) -> HttpResponse:
    """Send the enterprises that the filters leave in the columns in which they can be handed in again."""
    request.actor.require(VIEW)
    _filters, found = _found(request)
    return sheet_response(write_sheet(ENTERPRISE_COLUMNS, enterprise_rows(found), blank_rows=200), _("Enterprises"))


@require_safe
def show(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show one enterprise with its coverage and platforms, past ones too."""
    enterprise = get_enterprise(request.actor, pk)
    context = {
        "page_title": enterprise.name,
        "enterprise": enterprise,
        "coverages": list(coverages_of(enterprise)),
        "links": list(platforms_of(enterprise)),
        "may_edit": request.actor.may(EDIT_ENTERPRISES, at=enterprise),
        "today": local_day(request.now),
    }
    return render(request, "desk/organizations/enterprise.html", context)


@require_http_methods(["GET", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Enter an enterprise into the register."""
    request.actor.require(EDIT_ENTERPRISES)
    form = EnterpriseForm(request.POST or None)
    region = request.POST.get("region", "")[:12]
    if request.method == "POST":
        done, made = tried(
            form,
            lambda: create_enterprise(
                actor=request.actor, fields={**form.cleaned_data, "region": region}, now=request.now
            ),
        )
        if done:
            messages.success(request, _("Entered. Say next which union covers it."))
            return HttpResponseRedirect(_page_of(made))
    return form_page(
        request,
        form,
        title=_("New enterprise"),
        submit=_("Create"),
        back_url=reverse("desk:organizations:enterprises"),
        region=picker(request, selected=region),
    )


@require_http_methods(["GET", "POST"])
def edit(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Change what is known of an enterprise."""
    enterprise = get_enterprise(request.actor, pk)
    request.actor.require(EDIT_ENTERPRISES, at=enterprise)
    initial = {name: getattr(enterprise, name) for name in EnterpriseForm.base_fields}
    form = EnterpriseForm(request.POST or None, initial=initial)
    region = request.POST.get("region", enterprise.region_id)[:12]

    def save() -> Enterprise:
        fields = {**form.cleaned_data, "region": region}
        return edit_enterprise(actor=request.actor, enterprise=enterprise, fields=fields, now=request.now)

    more = {"region": picker(request, selected=region, start=region)}
    return _acted(request, enterprise, form, save, title=enterprise.name, submit=_("Save"), **more)


def _acted(
    request: DeskRequest, enterprise: Enterprise, form: Form, act: Any, *, title: str, submit: str, **more: Any
) -> HttpResponse:
    """Show a form about an enterprise, or do what it asks for and go back to the enterprise."""
    if form.is_bound:
        done, _made = tried(form, act)
        if done:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(_page_of(enterprise))
    return form_page(request, form, title=title, submit=submit, back_url=_page_of(enterprise), **more)


@require_http_methods(["GET", "POST"])
def cover(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Say which union covers an enterprise from a day on."""
    enterprise = get_enterprise(request.actor, pk)
    request.actor.require(EDIT_ENTERPRISES, at=enterprise)
    form = opened(CoverForm, request, on=local_day(request.now), union=request.GET.get("union", ""))

    def save() -> Any:
        typed = form.cleaned_data
        try:
            union = get_union(request.actor, typed["union"].strip())
        except NotFound:
            raise Invalid("unknown_union", _("No union in your reach has this code."), field="union") from None
        return cover_enterprise(
            actor=request.actor,
            enterprise=enterprise,
            union=union,
            basis=typed["basis"],
            on=typed["on"],
            now=request.now,
        )

    intro = _("The union that covers it until then ends on that day; both stay on record.")
    title = _("Who covers %(name)s") % {"name": enterprise.name}
    try_url = reverse("desk:routing:try_cover", args=[pk])
    return _acted(request, enterprise, form, save, title=title, submit=_("Save"), intro=intro, try_url=try_url)


@require_http_methods(["GET", "POST"])
def uncover(request: DeskRequest, pk: UUID) -> HttpResponse:
    """End the coverage of an enterprise."""
    enterprise = get_enterprise(request.actor, pk)
    request.actor.require(EDIT_ENTERPRISES, at=enterprise)
    form = opened(DayForm, request, on=local_day(request.now))

    def save() -> None:
        end_coverage(actor=request.actor, enterprise=enterprise, on=form.cleaned_data["on"], now=request.now)

    title = _("End the coverage of %(name)s") % {"name": enterprise.name}
    intro = _("From that day on its workers are sent to the union of their trade or area.")
    try_url = reverse("desk:routing:try_uncover", args=[pk])
    return _acted(request, enterprise, form, save, title=title, submit=_("End"), intro=intro, try_url=try_url)


@require_http_methods(["GET", "POST"])
def platform(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Say that an enterprise works for a platform."""
    enterprise = get_enterprise(request.actor, pk)
    request.actor.require(EDIT_ENTERPRISES, at=enterprise)
    form = PlatformForm(request.POST or None, initial={"on": local_day(request.now)})

    def save() -> None:
        typed = form.cleaned_data
        link_platform(
            actor=request.actor, enterprise=enterprise, platform=typed["platform"], on=typed["on"], now=request.now
        )

    title = _("For whom %(name)s works") % {"name": enterprise.name}
    return _acted(request, enterprise, form, save, title=title, submit=_("Save"))


@require_http_methods(["GET", "POST"])
def end_platform(request: DeskRequest, pk: UUID, code: str) -> HttpResponse:
    """Say that an enterprise no longer works for a platform."""
    enterprise = get_enterprise(request.actor, pk)
    request.actor.require(EDIT_ENTERPRISES, at=enterprise)
    form = DayForm(request.POST or None, initial={"on": local_day(request.now)})

    def save() -> None:
        unlink_platform(
            actor=request.actor, enterprise=enterprise, platform=code, on=form.cleaned_data["on"], now=request.now
        )

    title = _("%(name)s no longer works for this platform") % {"name": enterprise.name}
    return _acted(request, enterprise, form, save, title=title, submit=_("End"))


@require_http_methods(["GET", "POST"])
def close(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Close an enterprise that is no more."""
    enterprise = get_enterprise(request.actor, pk)
    request.actor.require(EDIT_ENTERPRISES, at=enterprise)
    if request.method == "POST":
        close_enterprise(actor=request.actor, enterprise=enterprise, now=request.now)
        messages.success(request, _("Closed."))
        return HttpResponseRedirect(reverse("desk:organizations:enterprises"))
    return ask(
        request,
        question=_("Close %(name)s?") % {"name": enterprise.name},
        consequences=[_("Applicants no longer find it as their employer. What is on record stays.")],
        action_label=_("Close"),
        back_url=_page_of(enterprise),
    )
