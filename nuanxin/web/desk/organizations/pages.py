"""Pages that the pages of this area share: a form, a question, a sheet, and choosing a region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import render

from nuanxin.kernel.refusals import NotFound
from nuanxin.regions.queries import children, full_name, full_names, path, search_regions
from nuanxin.regions.rules import is_code
from nuanxin.regions.states import Level
from nuanxin.web.kit.excel import CONTENT_TYPE
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from django.forms import Form

    from nuanxin.regions.models import Region
    from nuanxin.web.desk.requests import DeskRequest

_PAGE = 20
_PROVINCES = 40


def form_page(request: DeskRequest, form: Form, *, title: str, submit: str, back_url: str, **more: Any) -> HttpResponse:
    """Show a form; with status 422 when it came back with errors."""
    if getattr(request, "htmx", False) and request.method == "GET" and "region" in more:
        return render(request, "kit/region_panel.html", more["region"])
    context = {"form": form, "page_title": title, "submit": submit, "back_url": back_url, **more}
    return render(request, "desk/organizations/form.html", context, status=422 if form.is_bound else 200)


def ask(
    request: DeskRequest,
    *,
    question: str,
    consequences: list[str],
    action_label: str,
    back_url: str,
    form: Form | None = None,
    hidden: dict[str, str] | None = None,
    danger: bool = True,
) -> HttpResponse:
    """Ask before an act, and say what will happen."""
    context = {
        "face": "kit/desk.html",
        "page_title": question,
        "question": question,
        "consequences": consequences,
        "action_url": request.get_full_path(),
        "action_label": action_label,
        "back_url": back_url,
        "danger": danger,
        "form": form,
        "hidden": hidden or {},
    }
    return render(request, "kit/confirm.html", context, status=422 if form is not None and form.is_bound else 200)


def sheet_response(content: bytes, filename: str) -> HttpResponse:
    """Send a workbook that is already written."""
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename, safe='')}.xlsx"
    return response


@dataclass(frozen=True, slots=True)
class Choice:
    """One division in the picker."""

    code: str
    name: str
    full_name: str
    has_children: bool


def picker(request: DeskRequest, *, selected: str = "", start: str = "") -> dict[str, Any]:
    """Return what the region picker shows: matches of `q`, or the units below `at`.

    :param start: where it opens, such as the region of the union above.
    """
    q, at = request.GET.get("q", "").strip()[:60], request.GET.get("at", start)
    context: dict[str, Any] = {
        "field_name": "region",
        "url": request.path,
        "selected": _selected(selected),
        "q": q,
        "results": None,
    }
    if q:
        found = search_regions(q, near=start[:4] or None, limit=_PAGE)
        names = full_names([region.code for region in found])
        context["results"] = [_choice(region, names.get(region.code, "")) for region in found]
    if not context["results"]:
        context |= _below(at if is_code(at) else "", request.GET.get("after", ""))
    return context


def _below(at: str, after: str) -> dict[str, Any]:
    size = _PAGE if at else _PROVINCES
    try:
        found = children(at or None, after=after if is_code(after) else None, limit=size + 1, skip_fillers=True)
        way = [region for region in path(at) if not region.is_pseudo] if at else []
    except NotFound:
        found, way = children(None, limit=_PROVINCES), []
    more = found[size - 1].code if len(found) > size else ""
    return {"children": [_choice(region) for region in found[:size]], "path": way, "next": more}


def _choice(region: Region, whole: str = "") -> Choice:
    return Choice(region.code, local_name(region), whole, region.level < Level.VILLAGE)


def _selected(code: str) -> dict[str, str] | None:
    try:
        return {"code": code, "name": full_name(code)} if code else None
    except NotFound:
        return None
