"""What everybody may know: where one would go and why, unions, regions, and the lists that machines need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

import nuanxin
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid
from nuanxin.members.queries.explain import explain_route
from nuanxin.members.rules.applicants import CONSENT_VERSION, NEEDED_CONSENTS
from nuanxin.members.states import ConsentKind
from nuanxin.organizations.queries.lists import open_doors, open_groups, open_platforms
from nuanxin.organizations.queries.unions import public_union
from nuanxin.regions.queries import children, full_names, name_en, search_regions
from nuanxin.regions.states import Level
from nuanxin.web.api.described import described
from nuanxin.web.api.schemas import MetaOut, PageSize, PlaceIn, RegionPage, RouteOut, Text, UnionOut
from nuanxin.web.api.words import answer, named, reasons_of
from nuanxin.web.kit.requests import Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nuanxin.regions.models import Region
    from nuanxin.web.api.schemas import Answer

router = Router(tags=["places"])


@router.post(
    "/routes/explain",
    **described(
        "Explain where an application would go",
        200,
        RouteOut,
        who="anybody",
        problems=(400, 401, 413, 422),
        example="route",
    ),
)
def explain(request: Request, body: PlaceIn) -> HttpResponse:
    """Return the union that would get an application with this trade and place of work, and why. Writes nothing."""
    raw = body.model_dump()
    route = explain_route(raw, scanned_code=raw["union_code"] or "", now=request.now)
    union = route.union
    return answer({"union": named(union.code, union.name, union.name_en), "reasons": reasons_of(route.as_rows())})


@router.get(
    "/unions/{code}",
    **described("Look at a union", 200, UnionOut, who="anybody", problems=(400, 401, 404, 422), example="union"),
)
def union(request: Request, code: Text) -> HttpResponse:
    """Return what a union's poster says."""
    found = public_union(code)
    return answer(
        {
            **named(found.code, found.name, found.name_en),
            "name_zh": found.name,
            "name_en": found.name_en,
            "kind": found.kind,
            "level": found.level,
            "region_code": found.region_id,
            "address": found.address,
            "working_hours": found.working_hours,
            "contact_phone": found.contact_phone,
        }
    )


@router.get(
    "/regions",
    **described("Find regions", 200, RegionPage, who="anybody", problems=(400, 401, 404, 422), example="regions"),
)
def regions(
    request: Request,
    q: Text | None = None,
    parent: Text | None = None,
    cursor: Text | None = None,
    limit: PageSize = 50,
) -> HttpResponse:
    """Search divisions by name, pinyin, initials or code; or list what lies directly below `parent` (or all provinces).

    Both together search inside `parent`.
    """
    if q is not None:
        if cursor:
            raise Invalid("bad_cursor", _("This page link is broken. Please start again."), field="cursor")
        return answer({"items": _regions(search_regions(q, within=parent or None, limit=limit)), "next": None})
    found = children(parent or None, after=cursor or None, limit=limit + 1)
    more = found[limit - 1].code if len(found) > limit else None
    return answer({"items": _regions(found[:limit]), "next": more})


def _regions(found: Iterable[Region]) -> list[Answer]:
    rows = list(found)
    names = full_names(row.code for row in rows)
    return [
        {
            "code": row.code,
            "name": row.name,
            "name_en": name_en(row),
            "full_name": names.get(row.code, row.name),
            "level": row.level,
            "level_name": str(Level(row.level).label),
            "parent": row.parent_code,
        }
        for row in rows
    ]


@router.get(
    "/meta",
    **described("What a machine needs to know", 200, MetaOut, who="anybody", problems=(400, 401), example="meta"),
)
def meta(request: Request) -> HttpResponse:
    """Return versions and code lists; `own_door` is the door of the key that asks."""
    day = local_day(request.now)
    groups, platforms, doors = open_groups(day), open_platforms(day), open_doors(day)
    return answer(
        {
            "name": "暖新 Nuanxin",
            "version": nuanxin.__version__,
            "consent_version": CONSENT_VERSION,
            "consents": [
                {"kind": str(kind), "needed": kind in NEEDED_CONSENTS, "text": str(kind.label)} for kind in ConsentKind
            ],
            "door_codes": list(doors),
            "occupation_group_codes": list(groups),
            "platform_codes": list(platforms),
            "doors": _listed(doors.values()),
            "occupation_groups": _listed(groups.values()),
            "platforms": _listed(platforms.values()),
            "own_door": request.actor.door_code,
        }
    )


def _listed(rows: Iterable[Any]) -> list[dict[str, str]]:
    return [named(row.code, row.name, getattr(row, "name_en", "")) for row in rows]
