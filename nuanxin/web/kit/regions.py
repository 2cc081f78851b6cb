"""What the region picker shows, at whichever door: matches of what was typed, or the units below one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nuanxin.kernel.refusals import NotFound
from nuanxin.regions.queries import children, full_name, full_names, path, search_regions
from nuanxin.regions.rules import is_code
from nuanxin.regions.states import Level
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nuanxin.regions.models import Region

#: The provinces come on one page.
_PROVINCES = 40
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """One division in the picker."""

    code: str
    name: str
    full_name: str
    has_children: bool


def shown_regions(
    query: Mapping[str, str], *, selected: str = "", start: str = "", least: Level = Level.PROVINCE, size: int = 20
) -> dict[str, Any]:
    """Return the picker's context for a query string: `q` searches, `at` opens a division, `after` goes on.

    :param selected: code of the division chosen before; `start` is where the picker opens.
    :param least: the widest level that a search may find; `size` is the length of a page below the provinces.
    """
    q = "".join(char for char in query.get("q", "") if char.isprintable()).strip()[:_LONGEST]
    at = query.get("at", start)
    context: dict[str, Any] = {"selected": _selected(selected), "q": q, "results": None}
    if q:
        found = search_regions(q, near=start[:4] or None, limit=size)
        names = full_names([region.code for region in found])
        context["results"] = [_choice(region, names.get(region.code, "")) for region in found if region.level >= least]
    if not context["results"]:
        context |= _below(at if is_code(at) else "", query.get("after", ""), size)
    return context


def _selected(code: str) -> dict[str, str] | None:
    try:
        return {"code": code, "name": full_name(code)} if code else None
    except NotFound:
        return None


def _below(at: str, after: str, size: int) -> dict[str, Any]:
    size = size if at else _PROVINCES
    try:
        found = children(at or None, after=after if is_code(after) else None, limit=size + 1, skip_fillers=True)
        way = [region for region in path(at) if not region.is_pseudo] if at else []
    except NotFound:
        found, way = children(None, limit=_PROVINCES), []
    more = found[size - 1].code if len(found) > size else ""
    return {"children": [_choice(region) for region in found[:size]], "path": way, "next": more}


def _choice(region: Region, whole: str = "") -> Choice:
    return Choice(region.code, local_name(region), whole, region.level < Level.VILLAGE)
