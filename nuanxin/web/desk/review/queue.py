"""The queue: what waits, filtered by the address, page by page, out to Excel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Invalid
from nuanxin.members.queries.reviewing import ApplicationFilters, find_applications
from nuanxin.organizations.queries import find_union
from nuanxin.web.desk.review.forms import QueueFilters
from nuanxin.web.desk.review.rows import lines, why_here
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import blame
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import FileResponse, HttpResponse

    from nuanxin.members.models import Application
    from nuanxin.web.desk.requests import DeskRequest

SORTS = {"due": ("due_at", "pk"), "-due": ("-due_at", "-pk"), "new": ("-pk",), "old": ("pk",)}
#: States in which there is always a limit, so that one may page by it.
_WITH_LIMIT = frozenset({"waiting", "submitted", "accepted", "returned"})
MOST_OUT = 20_000


@require_safe
def queue(request: DeskRequest) -> HttpResponse:
    """Show the applications in reach that fit the filters, those that wait first."""
    request.actor.require(Permission.VIEW_MEMBERS)
    form, found = _found(request)
    order = _order(request, form)
    shown = page(found, order=SORTS[order], cursor=request.GET.get("page", ""), size=50)
    context: dict[str, Any] = {
        "page_title": _("Applications"),
        "filters": form,
        "views": _views(request),
        "lines": lines(request.actor, shown.items, request.now),
        "page": shown,
        "sort": order,
        "sort_urls": {
            "due": _address(request, sort="due", page=""),
            "due_back": _address(request, sort="-due", page=""),
        },
        "by_limit": _state(form) in _WITH_LIMIT,
        "excel_url": f"{reverse('desk:review:queue_excel')}?{request.GET.urlencode()}",
        "may_review": request.actor.may(Permission.REVIEW),
        "narrowed": any(request.GET.get(name) for name in form.fields),
        "bulk_actions": bulk_actions(),
    }
    return render(request, "desk/review/queue.html", context)


@require_safe
def queue_excel(request: DeskRequest) -> FileResponse:
    """Send the applications that fit the filters as a workbook: names masked, no phones, at most so many rows."""
    request.actor.require(Permission.VIEW_MEMBERS)
    form, found = _found(request)
    header = [_("Number"), _("Full name"), _("Occupation"), _("Area"), _("Employer"), _("Union"), _("Why here")]
    header += [_("State"), _("Employer's answer"), _("Way in"), _("Came"), _("Limit")]
    order = SORTS[_order(request, form)]
    return workbook_response(_("Applications"), header, _out(found.order_by(*order)[:MOST_OUT]))


def _out(found: QuerySet[Application]) -> Iterator[list[Any]]:
    for each in found.iterator(chunk_size=500):
        yield [
            each.number,
            mask_name(each.name),
            local_name(each.occupation_group),
            each.region.name,
            each.employer.name if each.employer else each.employer_name,
            local_name(each.union),
            why_here(each)[0],
            each.get_state_display(),
            each.get_employer_says_display(),
            local_name(each.door),
            each.confirmed_at,
            each.due_at,
        ]


def bulk_actions() -> list[dict[str, Any]]:
    """Return what may be done with several applications at once; each leads to a preview."""
    return [
        {"name": "decision", "value": "accept", "label": _("Take up those chosen"), "icon": "progress-check"},
        {
            "name": "decision",
            "value": "approve",
            "label": _("Approve those chosen"),
            "icon": "checks",
            "primary": True,
        },
    ]


def _found(request: DeskRequest) -> tuple[QueueFilters, QuerySet[Application]]:
    """Read the filters; one that makes no sense is explained at its field and finds nothing."""
    data = request.GET.copy()
    data.setdefault("state", "waiting")
    form = QueueFilters(data, now=request.now)
    actor = request.actor
    if not form.is_valid():
        return form, find_applications(actor, ApplicationFilters(), now=request.now).none()
    values = form.cleaned_data
    state = "" if values["state"] == "any" else values["state"] or "waiting"
    try:
        path = find_union(actor, values["union"], Permission.VIEW_MEMBERS).path if values["union"] else ""
        filters = ApplicationFilters(
            text=values["q"],
            union_path=path,
            state=state,
            group=values["group"],
            door=values["door"],
            due=values["due"],
            says=values["says"],
        )
        return form, find_applications(actor, filters, now=request.now)
    except Invalid as refusal:
        blame(form, refusal)
        return form, find_applications(actor, ApplicationFilters(), now=request.now).none()


def _state(form: QueueFilters) -> str:
    return str(form.data.get("state") or "waiting")


def _order(request: DeskRequest, form: QueueFilters) -> str:
    by_limit = _state(form) in _WITH_LIMIT
    wanted = request.GET.get("sort", "")
    if wanted in SORTS and (by_limit or "due" not in wanted):
        return wanted
    return "due" if by_limit else "new"


def _address(request: DeskRequest, **changed: str) -> str:
    values = {name: str(value) for name, value in request.GET.items() if value} | changed
    return "?" + urlencode({name: value for name, value in values.items() if value})


def _views(request: DeskRequest) -> list[dict[str, Any]]:
    state = request.GET.get("state") or "waiting"
    names = {
        "waiting": _("To decide"),
        "returned": _("Back for correction"),
        "approved": _("Approved"),
        "refused": _("Refused"),
        "any": _("All"),
    }
    return [
        {
            "label": label,
            "url": _address(request, state=name, page="", sort=""),
            "count": None,
            "current": state == name,
        }
        for name, label in names.items()
    ]
