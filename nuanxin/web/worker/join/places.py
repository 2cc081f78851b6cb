"""Choosing where one works: the region picker's answers and the employers a name may mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from nuanxin.kernel.refusals import NotFound, Refusal
from nuanxin.organizations.queries.enterprises import search_enterprises
from nuanxin.organizations.queries.unions import home_region, public_union
from nuanxin.regions.rules import parent_of
from nuanxin.regions.states import Level
from nuanxin.web.kit.regions import shown_regions

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.worker.requests import WorkerRequest

PAGE = 12
#: All provinces are shown at once.
EMPLOYERS = 6
#: Typing fewer characters than this asks for no employers.
LEAST_NAME = 2


def picker(request: WorkerRequest, *, selected: str, start: str = "") -> dict[str, Any]:
    """Return what the region picker shows for this request: matches of `q`, or the units below `at`."""
    return shown_regions(request.GET, selected=selected, start=start, least=Level.COUNTY, size=PAGE) | {
        "field_name": "region_code",
        "region_url": request.path,
        "change_url": f"{request.path}?change=1#region_code-picker",
    }


def region_panel(request: WorkerRequest, context: dict[str, Any]) -> HttpResponse:
    """Answer the picker's own question with its panel only."""
    return render(request, "kit/region_panel.html", context | {"url": context["region_url"]})


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
