"""Dashboards: one reading, put on one page, into one workbook."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.access.states import Permission
from nuanxin.insight.queries import dashboard, region_scope, scope_in_reach, union_scope
from nuanxin.insight.queries.statement import SORTS, ChildPage
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid
from nuanxin.web.desk.insight import charts
from nuanxin.web.desk.insight.definitions import definitions
from nuanxin.web.desk.insight.forms import PeriodForm
from nuanxin.web.desk.insight.workbook import dashboard_workbook
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from django.http import FileResponse, HttpRequest, HttpResponse

    from nuanxin.insight.queries import Dashboard, ScopeView

#: Periods offered as one click: days back from today.
PRESETS = (7, 30, 90, 365)
#: Children on one page; all of them in a workbook.
PAGE, MOST = 25, 10_000


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the dashboard of the topmost union in reach."""
    request.actor.require(Permission.VIEW_TALLIES)  # type: ignore[attr-defined]
    code = scope_in_reach(request.actor)  # type: ignore[attr-defined]
    return redirect("desk:insight:union", code) if code else redirect("desk:insight:nation")


@require_safe
def union(request: HttpRequest, code: str) -> HttpResponse:
    """Show the dashboard of a union."""
    return _page(request, union_scope(request.actor, code))  # type: ignore[attr-defined]


@require_safe
def region(request: HttpRequest, code: str = "") -> HttpResponse:
    """Show the dashboard of a region, or of the nation."""
    return _page(request, region_scope(request.actor, code))  # type: ignore[attr-defined]


@require_safe
def union_excel(request: HttpRequest, code: str) -> FileResponse:
    """Send the numbers of a union's dashboard as a workbook."""
    return _workbook(request, union_scope(request.actor, code))  # type: ignore[attr-defined]


@require_safe
def region_excel(request: HttpRequest, code: str = "") -> FileResponse:
    """Send the numbers of a region's dashboard as a workbook."""
    return _workbook(request, region_scope(request.actor, code))  # type: ignore[attr-defined]


def _read(request: HttpRequest, scope: ScopeView, page: ChildPage) -> tuple[Dashboard, PeriodForm]:
    """Read the dashboard for the period in the address; one that cannot be is explained, and the usual one shown."""
    form = PeriodForm(request.GET or None)
    valid = form.is_valid()
    since, until = (form.cleaned_data.get("since"), form.cleaned_data.get("until")) if valid else (None, None)
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    try:
        return dashboard(actor, scope, now=now, since=since, until=until, page=page), form
    except Invalid as refusal:
        form.add_error("until" if refusal.field == "to" else "since", str(refusal.message))
        return dashboard(actor, scope, now=now, page=page), form


def _child_page(request: HttpRequest) -> ChildPage:
    sort = request.GET.get("sort", "-active")
    page = ChildPage(sort=sort if sort in SORTS else "-active", limit=PAGE)
    try:
        after = json.loads(base64.urlsafe_b64decode(request.GET.get("after", "")[:1000]))
        value, code = (str(part) for part in after)
        if page.sort.endswith("active"):
            int(value)
    except (binascii.Error, ValueError, TypeError):
        return page
    if "\0" in value + code or len(value) > 400:
        return page
    return replace(page, after=(value, code))


def _cursor(after: tuple[str, str] | None) -> str:
    return base64.urlsafe_b64encode(json.dumps(after).encode()).decode() if after else ""


def _presets(found: Dashboard, today: date) -> list[dict[str, Any]]:
    names = {7: _("7 days"), 30: _("30 days"), 90: _("90 days"), 365: _("One year")}
    views = []
    for days in PRESETS:
        since = today - timedelta(days=days - 1)
        current = found.period.until == today and found.period.since == since
        url = "?" + urlencode({"since": f"{since}", "until": f"{today}"})
        views.append({"label": names[days], "url": url, "count": None, "current": current})
    return views


def _sorts(request: HttpRequest, sort: str) -> dict[str, dict[str, str]]:
    """Return address and direction of the sortable columns: a second click turns the order round."""
    found = {}
    for name, first in (("active", "-active"), ("name", "name")):
        other = name if first.startswith("-") else f"-{name}"
        turned = other if sort == first else first
        kept = {key: request.GET[key] for key in ("since", "until") if key in request.GET}
        state = "" if sort.lstrip("-") != name else "descending" if sort.startswith("-") else "ascending"
        found[name] = {"url": "?" + urlencode(kept | {"sort": turned}) + "#below", "state": state}
    return found


def _page(request: HttpRequest, scope: ScopeView) -> HttpResponse:
    page = _child_page(request)
    found, form = _read(request, scope, page)
    if not form.is_bound or form.errors:
        form.initial = {"since": found.period.since, "until": found.period.until}
    if not form.is_bound:
        form = PeriodForm(initial=form.initial)
    links = charts.Links(request.actor, scope)  # type: ignore[attr-defined]
    people = {cut.code: links.people(group=cut.code) for cut in found.groups}
    header = [_("Month"), _("Applications"), _("Admissions"), _("Refusals"), _("Active members at its end")]
    context = {
        "page_title": local_name(scope),
        "scope": scope,
        "found": found,
        "form": form,
        "keep": {"sort": page.sort} if "sort" in request.GET else {},
        "presets": _presets(found, local_day(request.now)),  # type: ignore[attr-defined]
        "cards": charts.cards(found, links),
        "active_chart": charts.active_chart(found.trend),
        "flow_chart": charts.flow_chart(found.trend),
        "trend_header": header,
        "trend_rows": charts.months(found.trend),
        "groups": charts.cut_lines(found.groups, people),
        "group_chart": charts.bars(found.groups, people),
        "doors": charts.cut_lines(found.doors, {}),
        "door_chart": charts.bars(found.doors, {}),
        "children": charts.child_lines(scope, found.children, links.people().split("?")[0]),
        "sorts": _sorts(request, page.sort),
        "after": _cursor(found.next_after),
        "first_page": page.after is None,
        "definitions": partial(definitions, scope),
        "excel_url": _excel_address(request, scope),
        "twin_url": _address(scope.twin.kind, scope.twin.code) if scope.twin and scope.twin.open else "",
        "crumbs": [(crumb, _address(crumb.kind, crumb.code) if crumb.open else "") for crumb in scope.crumbs],
    }
    return render(request, "desk/insight/dashboard.html", context)


def _address(kind: str, code: str) -> str:
    return reverse(f"desk:insight:{kind}", args=[code]) if code else reverse("desk:insight:nation")


def _excel_address(request: HttpRequest, scope: ScopeView) -> str:
    kind, arguments = (scope.kind, [scope.code]) if scope.code else ("nation", [])
    kept = {key: request.GET[key] for key in ("since", "until") if key in request.GET}
    return reverse(f"desk:insight:{kind}_excel", args=arguments) + (f"?{urlencode(kept)}" if kept else "")


def _workbook(request: HttpRequest, scope: ScopeView) -> FileResponse:
    found, _form = _read(request, scope, ChildPage(sort="-active", limit=MOST))
    return dashboard_workbook(found)
