"""The list of unions that let limits pass, and the applications behind each number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import Invalid
from nuanxin.members.queries.lapses import Period, lapses, lapses_of, period_of
from nuanxin.members.states import ApplicationState
from nuanxin.organizations.queries import find_union, get_union
from nuanxin.web.desk.review.words import STATE_TONES
from nuanxin.web.kit.days import DayField
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import blame
from nuanxin.web.kit.templatetags.kit import date_cn, local_name

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from django.http import FileResponse, HttpResponse

    from nuanxin.members.models import Lapse
    from nuanxin.members.queries.lapses import UnionLapses
    from nuanxin.web.desk.requests import DeskRequest

#: Unions on the page; the workbook has all.
SHOWN = 200


class LapseFilters(forms.Form):
    """Which applications are counted: sent from a day to a day, in one part of the tree."""

    since = DayField(label=gettext_lazy("Sent from"), required=False)
    until = DayField(label=gettext_lazy("Sent until"), required=False)
    union = forms.CharField(label=gettext_lazy("Union (name or code)"), required=False, max_length=60)


def _found(request: DeskRequest) -> tuple[LapseFilters, Period, list[UnionLapses]]:
    """Read the filters; one that makes no sense is explained at its field, and finds nothing."""
    actor = request.actor
    form = LapseFilters(request.GET)
    usual = period_of(None, None, now=request.now)
    if not form.is_valid():
        return form, usual, []
    values = form.cleaned_data
    try:
        period = period_of(values["since"], values["until"], now=request.now)
        path = find_union(actor, values["union"], Permission.VIEW_TALLIES).path if values["union"] else ""
    except Invalid as refusal:
        blame(form, refusal)
        return form, usual, []
    return form, period, lapses(actor, period, union_path=path, now=request.now)


@require_safe
def lapse_list(request: DeskRequest) -> HttpResponse:
    """Show which unions in reach let limits pass, the worst first: how many of how many, and how long answers take."""
    request.actor.require(Permission.VIEW_TALLIES)
    form, period, found = _found(request)
    if not form.errors:
        shown = {"since": period.since.isoformat(), "until": period.until.isoformat()}
        form = LapseFilters({**request.GET.dict(), **shown})
        form.is_valid()
    query = _query(period)
    may_open = request.actor.may(Permission.VIEW_MEMBERS)
    late, had = sum(each.late for each in found), sum(each.had for each in found)
    every = request.GET.get("every") == "1"
    shown_unions = found if every else [each for each in found if each.late]
    context: dict[str, Any] = {
        "page_title": _("Limits that passed"),
        "filters": form,
        "rows": [_row(each, query, may_open=may_open) for each in shown_unions[:SHOWN]],
        "more": max(len(shown_unions) - SHOWN, 0),
        "counted": bool(found),
        "keep": {"every": "1"} if every else {},
        "views": _views(request, found, every=every),
        "total": {"late": late, "had": had, "share": _percent(late, had)},
        "now": request.now,
        "excel_url": f"{reverse('desk:review:lapses_excel')}?{request.GET.urlencode()}",
    }
    return render(request, "desk/review/lapses.html", context)


def _views(request: DeskRequest, found: list[UnionLapses], *, every: bool) -> list[dict[str, Any]]:
    """Return the two faces of the list: the unions that let a limit pass, and all that had anything to answer."""
    filters: dict[str, Any] = {name: value for name, value in request.GET.items() if name != "every"}
    late = sum(bool(each.late) for each in found)
    faces = (
        (_("Let limits pass"), filters, late, not every),
        (_("All unions"), filters | {"every": "1"}, len(found), every),
    )
    return [
        {"label": label, "url": f"?{urlencode(asked)}", "count": count, "current": current}
        for label, asked, count, current in faces
    ]


def _row(each: UnionLapses, query: str, *, may_open: bool) -> dict[str, Any]:
    behind = may_open and each.late
    return {
        "union": each,
        "share": _percent(each.late, each.had),
        "median": _length(each.median),
        "url": f"{reverse('desk:review:lapses_of', args=[each.code])}?{query}" if behind else "",
        "oldest_url": f"{reverse('desk:review:queue')}?union={each.code}" if may_open and each.oldest else "",
    }


def _query(period: Period) -> str:
    return urlencode({"since": period.since.isoformat(), "until": period.until.isoformat()})


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "—"


def _length(gap: timedelta | None) -> str:
    if gap is None:
        return "—"
    minutes = int(gap.total_seconds() // 60)
    if minutes < 60:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    hours = gap.total_seconds() / 3600
    if hours < 48:
        return _("%(count)s h") % {"count": f"{hours:.1f}"}
    return _("%(count)s d") % {"count": f"{hours / 24:.1f}"}


@require_safe
def lapses_excel(request: DeskRequest) -> FileResponse:
    """Send the whole list as a workbook."""
    request.actor.require(Permission.VIEW_TALLIES)
    _form, period, found = _found(request)
    header = [_("Union code"), _("Union"), _("Let pass (cases)"), _("Had (cases)"), _("Share")]
    header += [_("Median time to decide (hours)"), _("Oldest waits since"), _("Sent from"), _("Sent until")]
    rows = [
        [
            each.code,
            local_name(each),
            each.late,
            each.had,
            round(each.share, 4),
            round(each.median.total_seconds() / 3600, 2) if each.median is not None else None,
            each.oldest,
            period.since,
            period.until,
        ]
        for each in found
    ]
    return workbook_response(_("Limits that passed"), header, rows)


@require_safe
def lapses_of_union(request: DeskRequest, code: str) -> HttpResponse:
    """Show the limits that one union let pass, each with its application as far as the actor may see it."""
    request.actor.require(Permission.VIEW_MEMBERS)
    union = get_union(request.actor, code, Permission.VIEW_MEMBERS)
    form = LapseFilters(request.GET)
    values = form.cleaned_data if form.is_valid() else {"since": None, "until": None}
    try:
        period = period_of(values["since"], values["until"], now=request.now)
    except Invalid:
        period = period_of(None, None, now=request.now)
    shown = page(lapses_of(request.actor, union, period), order=("-at", "-pk"), cursor=request.GET.get("page", ""))
    context = {
        "page_title": _("Limits that %(union)s let pass") % {"union": local_name(union)},
        "pretitle": _("Applications sent from %(since)s to %(until)s")
        % {"since": date_cn(period.since), "until": date_cn(period.until)},
        "rows": [_lapse(each, request.now) for each in shown.items],
        "page": shown,
        "back_url": f"{reverse('desk:review:lapses')}?{_query(period)}",
    }
    return render(request, "desk/review/lapses_of.html", context)


def _lapse(each: Lapse, now: datetime) -> dict[str, Any]:
    application = each.application
    state = ApplicationState(application.state)
    return {
        "number": application.number,
        "name": mask_name(application.name),
        "what": _("Objection") if each.contest_id else _("Application"),
        "limit_at": each.limit_at.astimezone(ZONE),
        "union": application.union,
        "state": {"label": state.label, "tone": STATE_TONES.get(state, "")},
        "url": reverse("desk:review:application", args=[application.number]),
    }
