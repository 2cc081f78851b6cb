"""Targets: the yearly list with how far each item is, one item with what is behind it, and setting them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.states import Permission
from nuanxin.catalog.actions import TargetFields, drop_target, save_target
from nuanxin.catalog.queries.counts import NOTHING, counter_of, counts_below, counts_by_month, counts_of
from nuanxin.catalog.queries.service import search_services
from nuanxin.catalog.queries.targets import (
    get_target,
    headings,
    line_of,
    targets_of,
    unions_with_targets,
    years_of,
)
from nuanxin.catalog.states import Standing, Unit
from nuanxin.kernel.clock import local_day
from nuanxin.organizations.queries import find_union, visible_unions
from nuanxin.web.desk.access.pages import form_page
from nuanxin.web.desk.catalog.forms import TargetForm, year_of
from nuanxin.web.desk.catalog.words import definitions, target_row
from nuanxin.web.desk.organizations.pages import ask
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import FileResponse

    from nuanxin.catalog.models import Service, Target
    from nuanxin.catalog.queries.targets import TargetLine
    from nuanxin.organizations.models import Union
    from nuanxin.web.desk.requests import DeskRequest

SEE, EDIT = Permission.VIEW_SERVICES, Permission.EDIT_SERVICES
#: What can be typed in again; what a target has done is none of it.
_TYPED = ("year", "number", "name", "name_en", "amount", "unit", "owner", "owner_en", "due_on")


def _list_of(request: DeskRequest) -> tuple[list[Union], Union | None, int, list[TargetLine]]:
    """Return the unions with lists, the one that is asked for, its year, and its list."""
    unions = unions_with_targets(request.actor)
    code = request.GET.get("union", "")
    union = next((each for each in unions if each.code == code), unions[0] if unions else None)
    year = year_of(request.GET.get("year"), local_day(request.now))
    return unions, union, year, targets_of(union, year, now=request.now) if union else []


@require_safe
def targets(request: DeskRequest) -> HttpResponse:
    """Show the list of a union for a year, by class, with how far each item is."""
    request.actor.require(SEE)
    unions, union, year, lines = _list_of(request)
    standing, heading = request.GET.get("standing", ""), request.GET.get("class", "")
    today = local_day(request.now)
    rows = [
        target_row(line, today)
        for line in lines
        if (not standing or line.progress.standing == standing) and (not heading or line.target.heading_id == heading)
    ]
    groups = groupby(rows, key=lambda row: row["target"].heading)
    context = {
        "page_title": _("Yearly targets"),
        "unions": unions,
        "union": union,
        "year": year,
        "years": sorted({year, *years_of(union)}, reverse=True) if union else [],
        "headings": headings(),
        "heading": heading,
        "standing": standing,
        "views": _views(request, lines, standing),
        "classes": [{"heading": each, "rows": list(of_class)} for each, of_class in groups],
        "count": len(lines),
        "done": sum(line.progress.standing == Standing.DONE for line in lines),
        "now": request.now,
        "definitions": definitions(),
        "query": request.GET.urlencode(),
        "may_edit": request.actor.may(EDIT),
    }
    return render(request, "desk/catalog/targets.html", context)


def _views(request: DeskRequest, lines: list[TargetLine], standing: str) -> list[dict[str, Any]]:
    """Return one view for each way in which targets stand, with how many do."""
    kept = {name: request.GET[name] for name in ("union", "year", "class") if request.GET.get(name)}
    counted = {each: sum(line.progress.standing == each for line in lines) for each in Standing}
    views = [{"label": _("all"), "url": "?" + urlencode(kept), "count": len(lines), "current": not standing}]
    return views + [
        {
            "label": Standing(each).label,
            "url": "?" + urlencode(kept | {"standing": str(each)}),
            "count": count,
            "current": standing == each,
        }
        for each, count in counted.items()
    ]


@require_safe
def targets_excel(request: DeskRequest) -> FileResponse:
    """Send the list of a union for a year as a workbook."""
    request.actor.require(SEE)
    _unions, union, year, lines = _list_of(request)
    header = [_("Class"), _("No."), _("Target"), _("Unit"), _("To do"), _("Done so far"), _("Share (%)"), _("Due on")]
    header += [
        _("How it stands"),
        _("Responsible"),
        _("Persons"),
        _("Times"),
        _("Enterprises served"),
        _("Yuan"),
        _("As of"),
    ]
    rows = [
        [
            local_name(line.target.heading),
            line.target.number,
            local_name(line.target),
            str(Unit(line.target.unit).label),
            line.target.amount,
            line.progress.done,
            line.progress.percent,
            line.target.due_on,
            str(Standing(line.progress.standing).label),
            line.target.owner,
            line.counts.people,
            line.counts.times,
            line.counts.enterprises,
            line.counts.cost,
            request.now,
        ]
        for line in lines
    ]
    name = f"{local_name(union) if union else ''} {year} {_('Yearly targets')}".strip()
    return workbook_response(name, header, rows)


@require_safe
def target(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show one target: how far it is, month by month, by union below, and the way to the rows behind it."""
    found = get_target(request.actor, pk)
    counter, slice_ = counter_of(found)
    line = line_of(found, counts_of(found.union, found.year), now=request.now)
    months = counts_by_month(found.union, found.year, counter, slice_)
    below = counts_below(found.union, found.year, counter, slice_)
    grown, chart = 0, []
    for month in range(1, 13):
        grown += months.get(month, NOTHING).of(found.unit)
        chart.append(grown)
    context = {
        "page_title": local_name(found),
        "row": target_row(line, local_day(request.now)),
        "target": found,
        "now": request.now,
        "chart": {
            "x": [f"{found.year}-{month:02d}" for month in range(1, 13)],
            "series": [
                {"name": _("Done so far"), "data": chart[: _last_month(found, request)]},
                {"name": _("Even pace"), "data": [found.amount * month // 12 for month in range(1, 13)]},
            ],
            "unit": str(Unit(found.unit).label),
        },
        "below": [(each, each.counts.of(found.unit)) for each in below if each.counts.times or each.counts.people],
        "below_sum": sum(each.counts.of(found.unit) for each in below),
        "rows_url": _rows_behind(request, found),
        "definitions": definitions(),
        "may_edit": request.actor.may(EDIT, at=found.union),
    }
    return render(request, "desk/catalog/target.html", context)


def _last_month(target: Target, request: DeskRequest) -> int:
    today = local_day(request.now)
    return today.month if target.year == today.year else 12


def _rows_behind(request: DeskRequest, target: Target) -> str:
    """Return the address of the deliveries behind a target, for who may see them."""
    if not request.actor.may(Permission.RECORD_DELIVERIES, at=target.union):
        return ""
    asked = {
        "since": f"{target.year}-01-01",
        "until": f"{target.year}-12-31",
        "service": target.service_id or "",
        "area": target.area_id or "",
        "group": target.group_id or "",
        "union": target.union.code,
        "kind": "served",
    }
    return f"{reverse('desk:catalog:deliveries')}?{urlencode({name: value for name, value in asked.items() if value})}"


@require_http_methods(["GET", "POST"])
def new_target(request: DeskRequest) -> HttpResponse:
    """Put a target on a list."""
    request.actor.require(EDIT)
    today = local_day(request.now)
    first = visible_unions(request.actor, EDIT).order_by("path", "pk").first()
    initial = {"year": today.year, "due_on": today.replace(month=12, day=31), "union": first.code if first else ""}
    form = TargetForm(request.POST or None, services=_services(request), now=request.now, initial=initial)
    return _saved(request, form, None)


def _services(request: DeskRequest) -> QuerySet[Service]:
    return search_services(request.actor, today=local_day(request.now))


@require_http_methods(["GET", "POST"])
def edit_target(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Change a target; what it has done is counted and stays."""
    found = get_target(request.actor, pk)
    request.actor.require(EDIT, at=found.union)
    initial = {name: getattr(found, name) for name in _TYPED}
    initial |= {"union": found.union.code, "heading": found.heading_id, "service": found.service_id or ""}
    initial |= {"area": found.area_id or "", "group": found.group_id or ""}
    data = request.POST.copy() if request.method == "POST" else None
    if data is not None:
        data["union"] = found.union.code
    form = TargetForm(data, services=_services(request), now=request.now, initial=initial)
    form.fields["union"].disabled = True
    return _saved(request, form, found)


def _saved(request: DeskRequest, form: TargetForm, known: Target | None) -> HttpResponse:
    if request.method == "POST":
        done, saved = tried(form, lambda: _save(request, form, known))
        if done:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("desk:catalog:target", args=[saved.pk]))
    back = reverse("desk:catalog:target", args=[known.pk]) if known else reverse("desk:catalog:targets")
    title = local_name(known) if known else _("New target")
    return form_page(request, form, title=title, submit=_("Save"), back_url=back)


def _save(request: DeskRequest, form: TargetForm, known: Target | None) -> Target:
    data = dict(form.cleaned_data)
    text = data.pop("union")
    union = "" if known else find_union(request.actor, text, EDIT).code
    known_id = known.pk if known else None
    fields = TargetFields(**data)
    return save_target(actor=request.actor, fields=fields, target_id=known_id, union_code=union, now=request.now)


@require_http_methods(["GET", "POST"])
def drop(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Take a target off the list, after asking."""
    found = get_target(request.actor, pk)
    request.actor.require(EDIT, at=found.union)
    if request.method == "POST":
        drop_target(actor=request.actor, target_id=pk, now=request.now)
        messages.success(request, _("Taken off the list."))
        return HttpResponseRedirect(reverse("desk:catalog:targets"))
    return ask(
        request,
        question=_("Take %(name)s off the list?") % {"name": local_name(found)},
        consequences=[
            _("The list of %(year)s has one item less; the audit keeps who took it off.") % {"year": found.year},
            _("What was delivered stays counted."),
        ],
        action_label=_("Take off"),
        back_url=reverse("desk:catalog:target", args=[pk]),
    )
