"""Services: the list, one service, entering, changing and ending it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.states import Permission
from nuanxin.catalog.actions import end_service, save_service
from nuanxin.catalog.queries.audience import audience_of
from nuanxin.catalog.queries.counts import NOTHING, counts_below, counts_by_month, counts_of_services
from nuanxin.catalog.queries.service import budgets, get_service, search_services
from nuanxin.catalog.rules.service import TEXTS
from nuanxin.catalog.states import Way
from nuanxin.kernel.clock import local_day
from nuanxin.organizations.queries import find_union
from nuanxin.web.desk.access.pages import form_page
from nuanxin.web.desk.catalog.forms import EndForm, ServiceFilters, ServiceForm, typed_of, year_of
from nuanxin.web.desk.catalog.words import definitions, spent_of
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from django.http import FileResponse

    from nuanxin.catalog.models import Service
    from nuanxin.web.desk.requests import DeskRequest

#: Services that one list shows; the filters find the others.
_MOST = 500
SEE, EDIT = Permission.VIEW_SERVICES, Permission.EDIT_SERVICES


def _found(request: DeskRequest, given: str) -> tuple[ServiceFilters, list[Service]]:
    filters = ServiceFilters(request.GET or None)
    chosen: dict[str, Any] = filters.cleaned_data if filters.is_valid() else {}
    rows = search_services(
        request.actor,
        text=chosen.get("q", ""),
        area=chosen.get("area", ""),
        way=chosen.get("way", ""),
        given=given,
        today=local_day(request.now),
    )
    return filters, list(rows[:_MOST])


def _rows(request: DeskRequest, services: list[Service], year: int) -> list[dict[str, Any]]:
    """Return services with what each did this year, by two statements."""
    codes = [service.pk for service in services]
    spent, counts = budgets(codes, year), counts_of_services(codes, year)
    rows = []
    for service in services:
        found = counts.get(service.pk, NOTHING)
        rows.append(
            {
                "service": service,
                "way": Way(service.way).label,
                "counts": found,
                "spent": spent_of(found, spent.get(service.pk)),
                "is_given": _is_given(service, request),
            }
        )
    return rows


def _is_given(service: Service, request: DeskRequest) -> bool:
    today = local_day(request.now)
    return service.starts_on <= today and (service.ends_on is None or service.ends_on >= today)


@require_safe
def services(request: DeskRequest) -> HttpResponse:
    """List the services of the unions in reach and above, with what each did this year."""
    request.actor.require(SEE)
    given = request.GET.get("given", "now")
    filters, found = _found(request, given)
    year = local_day(request.now).year
    rows = _rows(request, found, year)
    groups = groupby(rows, key=lambda row: row["service"].area)
    query = request.GET.copy()
    query.pop("given", None)
    context = {
        "page_title": _("Services"),
        "filters": filters,
        "keep": {"given": given},
        "views": [
            {"label": label, "url": f"?{query.urlencode()}&given={name}", "count": None, "current": given == name}
            for name, label in (
                ("now", _("given now")),
                ("later", _("still to come")),
                ("ended", _("no longer given")),
                ("all", _("all")),
            )
        ],
        "areas": [{"area": area, "rows": list(lines)} for area, lines in groups],
        "count": len(rows),
        "year": year,
        "query": request.GET.urlencode(),
        "may_edit": request.actor.may(EDIT),
    }
    return render(request, "desk/catalog/services.html", context)


@require_safe
def services_excel(request: DeskRequest) -> FileResponse:
    """Send the services that the filters leave as a workbook."""
    request.actor.require(SEE)
    _filters, found = _found(request, request.GET.get("given", "now"))
    year = local_day(request.now).year
    header = [_("Area of services"), _("Code"), _("Service"), _("Union"), _("Department"), _("How it is got")]
    header += [
        _("Persons in %(year)s") % {"year": year},
        _("Times"),
        _("Enterprises served"),
        _("Spent, yuan"),
        _("Budget, yuan"),
    ]
    header += [_("Given from"), _("Last day of the service")]
    lines = [
        [
            local_name(row["service"].area),
            row["service"].pk,
            local_name(row["service"]),
            local_name(row["service"].union),
            row["service"].department,
            str(row["way"]),
            row["counts"].people,
            row["counts"].times,
            row["counts"].enterprises,
            row["counts"].cost,
            row["spent"]["budget"],
            row["service"].starts_on,
            row["service"].ends_on,
        ]
        for row in _rows(request, found, year)
    ]
    return workbook_response(_("Services"), header, lines)


@require_safe
def service(request: DeskRequest, code: str) -> HttpResponse:
    """Show one service: what it is, for whom, what it did and spent in a year, by month and by union below."""
    found = get_service(request.actor, code)
    today = local_day(request.now)
    year = year_of(request.GET.get("year"), today)
    counter = f"s:{found.pk}"
    counts = counts_of_services([found.pk], year).get(found.pk, NOTHING)
    months = counts_by_month(found.union, year, counter)
    context = {
        "page_title": local_name(found),
        "service": found,
        "way": Way(found.way).label,
        "audience": audience_of(found),
        "is_given": _is_given(found, request),
        "year": year,
        "years": [today.year, today.year - 1],
        "counts": counts,
        "spent": spent_of(counts, budgets([found.pk], year).get(found.pk)),
        "months": _month_rows(months),
        "chart": {
            "x": [f"{year}-{month:02d}" for month in range(1, 13)],
            "series": [{"name": _("Times"), "data": [months.get(month, NOTHING).times for month in range(1, 13)]}],
            "unit": _("person-times"),
        },
        "below": [each for each in counts_below(found.union, year, counter) if each.counts.times],
        "definitions": definitions(),
        "may_edit": request.actor.may(EDIT, at=found.union),
        "may_see_rows": request.actor.may(Permission.RECORD_DELIVERIES),
    }
    return render(request, "desk/catalog/service.html", context)


def _month_rows(months: Any) -> list[list[str]]:
    return [
        [f"{month}", f"{counts.people:,}", f"{counts.times:,}", f"{counts.cost:,}"] for month, counts in months.items()
    ]


@require_http_methods(["GET", "POST"])
def new_service(request: DeskRequest) -> HttpResponse:
    """Enter a service."""
    request.actor.require(EDIT)
    initial = {"starts_on": local_day(request.now), "members_only": True}
    form = ServiceForm(request.POST or None, now=request.now, initial=initial)
    return _saved(request, form, None)


@require_http_methods(["GET", "POST"])
def edit_service(request: DeskRequest, code: str) -> HttpResponse:
    """Change a service; its code and its union stay."""
    found = get_service(request.actor, code)
    request.actor.require(EDIT, at=found.union)
    year = local_day(request.now).year
    initial = {
        name: getattr(found, name)
        for name in (*TEXTS, "code", "way", "is_private", "starts_on", "ends_on", "cost_each")
    }
    initial |= {"area": found.area_id, "union": found.union.code, "budget": budgets([code], year).get(code)}
    data = request.POST.copy() if request.method == "POST" else None
    if data is not None:
        data["code"], data["union"] = found.code, found.union.code
    form = ServiceForm(data, now=request.now, initial=initial | typed_of(found.checks))
    for name in ("code", "union"):
        form.fields[name].disabled = True
    return _saved(request, form, found)


def _saved(request: DeskRequest, form: ServiceForm, known: Service | None) -> HttpResponse:
    if request.method == "POST":
        done, saved = tried(form, lambda: _save(request, form, known))
        if done:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("desk:catalog:service", args=[saved.code]))
    back = reverse("desk:catalog:service", args=[known.code]) if known else reverse("desk:catalog:services")
    title = local_name(known) if known else _("New service")
    return form_page(request, form, title=title, submit=_("Save"), back_url=back)


def _save(request: DeskRequest, form: ServiceForm, known: Service | None) -> Service:
    data = form.cleaned_data
    return save_service(
        actor=request.actor,
        code=data["code"],
        union_code="" if known else find_union(request.actor, data["union"], EDIT).code,
        area=data["area"],
        texts=form.texts(),
        way=data["way"],
        checks=form.checks(list(known.checks) if known else []),
        is_private=data["is_private"],
        starts_on=data["starts_on"],
        ends_on=data["ends_on"],
        cost_each=data["cost_each"],
        budget=data["budget"],
        is_new=known is None,
        now=request.now,
    )


@require_http_methods(["GET", "POST"])
def end(request: DeskRequest, code: str) -> HttpResponse:
    """Say after which day a service is given no more, or that it goes on."""
    found = get_service(request.actor, code)
    request.actor.require(EDIT, at=found.union)
    form = EndForm(request.POST or None, initial={"ends_on": found.ends_on or local_day(request.now)})
    back = reverse("desk:catalog:service", args=[code])
    if request.method == "POST":
        done, _none = tried(
            form,
            lambda: end_service(actor=request.actor, code=code, ends_on=form.cleaned_data["ends_on"], now=request.now),
        )
        if done:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(back)
    intro = _("From the day after it, nobody is offered it any more. What was delivered stays counted.")
    return form_page(
        request,
        form,
        title=_("Last day of %(name)s") % {"name": local_name(found)},
        submit=_("Save"),
        back_url=back,
        intro=intro,
    )
