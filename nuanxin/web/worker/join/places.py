"""Choosing where one works: the region picker's answers and the employers a name may mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from nuanxin.kernel.refusals import NotFound, Refusal
from nuanxin.organizations.queries.enterprises import search_enterprises
from nuanxin.organizations.queries.unions import home_region, public_union
from nuanxin.regions.queries import children, full_name, full_names, path, search_regions
from nuanxin.regions.rules import is_code, parent_of
from nuanxin.regions.states import Level
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.regions.models import Region
    from nuanxin.web.worker.requests import WorkerRequest

PAGE = 12
#: All provinces are shown at once.
PROVINCES = 40
EMPLOYERS = 6
#: Typing fewer characters than this asks for no employers.
LEAST_NAME = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """One division in the picker."""

    code: str
    name: str
    full_name: str
    has_children: bool


def picker(request: WorkerRequest, *, selected: str, start: str = "") -> dict[str, Any]:
    """Return what the region picker shows for this request: matches of `q`, or the units below `at`."""
    q = "".join(char for char in request.GET.get("q", "") if char.isprintable()).strip()[:60]
    at = request.GET.get("at", start)
    context: dict[str, Any] = {
        "field_name": "region_code",
        "region_url": request.path,
        "change_url": f"{request.path}?change=1#region_code-picker",
        "selected": _selected(selected),
        "q": q,
        "results": None,
    }
    if q:
        context["results"] = _results(q, near=start[:4])
    if not context["results"]:
        context |= _below(at if is_code(at) else "", request.GET.get("after", ""))
    return context


def region_panel(request: WorkerRequest, context: dict[str, Any]) -> HttpResponse:
    """Answer the picker's own question with its panel only."""
    return render(request, "kit/region_panel.html", context | {"url": context["region_url"]})


def _selected(code: str) -> dict[str, str] | None:
    try:
        return {"code": code, "name": full_name(code)} if code else None
    except NotFound:
        return None


def _results(q: str, *, near: str) -> list[Choice]:
    found = search_regions(q, near=near or None, limit=PAGE)
    names = full_names([region.code for region in found])
    return [_choice(region, names.get(region.code, "")) for region in found if region.level >= Level.COUNTY]


def _below(at: str, after: str) -> dict[str, Any]:
    size = PAGE if at else PROVINCES
    try:
        found = children(at or None, after=after if is_code(after) else None, limit=size + 1, skip_fillers=True)
        way = [region for region in path(at) if not region.is_pseudo] if at else []
    except NotFound:
        found, way = children(None, limit=PROVINCES), []
    return {
        "children": [_choice(region) for region in found[:size]],
        "path": way,
        "next": found[size - 1].code if len(found) > size else "",
    }


def _choice(region: Region, whole: str = "") -> Choice:
    return Choice(region.code, local_name(region), whole, region.level < Level.VILLAGE)


def start_of(scanned: str) -> str:
    """Return where the picker opens: the area of the scanned union, or of this installation; one tap is enough."""
    try:
        code = public_union(scanned).region_id if scanned else home_region()
    except NotFound:
        code = home_region()
    while code and len(code) > 9:
        code = parent_of(code)
    return code or ""


def employers(name: str, *, region_code: str) -> list[Any]:
    """Return employers of the register that a typed name may mean, those with a credit code only."""
    typed = "".join(char for char in name if char.isprintable()).strip()
    if len(typed) < LEAST_NAME:
        return []
    try:
        found = search_enterprises(typed[:60], near=region_code, limit=EMPLOYERS)
    except Refusal:
        return []
    return [firm for firm in found if firm.credit_code]
