"""Numbers for machines: `/tallies`."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import date
from typing import Annotated

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router

from nuanxin.access.states import Permission
from nuanxin.insight.queries.tallies import TallyRow, tallies
from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.text import check_text
from nuanxin.web.api.described import described
from nuanxin.web.api.schemas import Answer, PageSize, TallyPage, Text
from nuanxin.web.api.words import answer, is_english, moment
from nuanxin.web.kit.requests import Request

router = Router(tags=["numbers"])


@router.get(
    "/tallies",
    **described(
        "Count",
        200,
        TallyPage,
        who="machine with tallies.read; cadre who may see dashboards, in reach",
        problems=(400, 401, 403, 404, 422),
        example="tallies",
    ),
)
def count(
    request: Request,
    union: Text | None = None,
    region: Text | None = None,
    by: Text = "day",
    since: Annotated[date | None, Query(alias="from")] = None,
    until: Annotated[date | None, Query(alias="to")] = None,
    cursor: Text | None = None,
    limit: PageSize = 200,
) -> HttpResponse:
    """Return applications, admissions, refusals and active members of a union or a region by day, group, door or child.

    An empty `region` is the nation. `active` is a standing, all others are sums over the period.
    """
    request.actor.require(Permission.VIEW_TALLIES)
    table = tallies(
        request.actor,
        now=request.now,
        union=union,
        region=region,
        by=by,
        since=since,
        until=until,
        after=_read(cursor),
        limit=limit,
    )
    return answer(
        {
            "items": [_row(row) for row in table.rows],
            "next": _write(table.next_after),
            "total": _row(table.total),
            "by": table.by,
            "since": str(table.period.since),
            "until": str(table.period.until),
            "as_of": moment(table.as_of),
        }
    )


def _row(row: TallyRow) -> Answer:
    return {
        "key": row.key,
        "name": (row.name_en or row.name) if is_english() else row.name,
        "applications": row.applications,
        "admissions": row.admissions,
        "refusals": row.refusals,
        "active": row.active,
    }


def _write(after: tuple[str, str] | None) -> str | None:
    if after is None:
        return None
    return base64.urlsafe_b64encode(json.dumps(after, ensure_ascii=False).encode()).decode().rstrip("=")


def _read(cursor: str | None) -> tuple[str, str] | None:
    if not cursor:
        return None
    try:
        first, second = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return check_text(first, field="cursor", most=400), check_text(second, field="cursor", most=40)
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise Invalid("bad_cursor", _("This page link is broken. Please start again."), field="cursor") from None
