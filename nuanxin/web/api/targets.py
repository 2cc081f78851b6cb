"""Yearly targets for machines: `/targets`."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router

from nuanxin.access.states import Permission
from nuanxin.catalog.queries.targets import TargetLine, targets_of, unions_with_targets
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound
from nuanxin.organizations.queries import get_union
from nuanxin.web.api.described import described
from nuanxin.web.api.schemas import Text
from nuanxin.web.api.schemas_targets import TargetPage
from nuanxin.web.api.words import answer, is_english, moment
from nuanxin.web.kit.requests import Request

router = Router(tags=["numbers"])


@router.get(
    "/targets",
    **described(
        "Yearly targets",
        200,
        TargetPage,
        who="machine with tallies.read; cadre who may see services, in reach",
        problems=(400, 401, 403, 404, 422),
        example="targets",
    ),
)
def list_targets(
    request: Request, union: Text | None = None, year: Annotated[int | None, Query(ge=2000, le=2100)] = None
) -> HttpResponse:
    """Return a union's targets of a year with how far each is; without a union, of the highest in reach that has any.

    Every number is counted from deliveries at this moment.
    """
    request.actor.require(Permission.VIEW_SERVICES)
    if union:
        found = get_union(request.actor, union, Permission.VIEW_SERVICES)
    else:
        having = unions_with_targets(request.actor)
        if not having:
            raise NotFound
        found = having[0]
    asked = year or local_day(request.now).year
    lines = targets_of(found, asked, now=request.now)
    return answer(
        {
            "items": [_row(line) for line in lines],
            "next": None,
            "union": found.code,
            "year": asked,
            "as_of": moment(request.now),
        }
    )


def _name(thing: Any, field: str = "name") -> str:
    english = str(getattr(thing, f"{field}_en", "") or "") if is_english() else ""
    return english or str(getattr(thing, field))


def _row(line: TargetLine) -> dict[str, Any]:
    target, progress, counts = line.target, line.progress, line.counts
    return {
        "id": str(target.pk),
        "number": target.number,
        "class_code": target.heading_id,
        "class_name": _name(target.heading),
        "name": _name(target),
        "unit": target.unit,
        "target": target.amount,
        "done": progress.done,
        "percent": progress.percent,
        "expected": progress.expected,
        "standing": str(progress.standing),
        "due_on": f"{target.due_on}",
        "owner": _name(target, "owner"),
        "service": target.service_id,
        "area": target.area_id,
        "occupation_group": target.group_id,
        "persons": counts.people,
        "times": counts.times,
        "enterprises": counts.enterprises,
        "yuan": f"{counts.cost:.2f}",
    }
