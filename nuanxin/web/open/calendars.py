"""Calendars that phones and desks subscribe to: one's own by a secret link, a union's and an area's for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.activities.queries.feeds import area_entries, feed_by_token, own_entries, union_entries
from nuanxin.activities.rules.calendars import CONTENT_TYPE, Entry
from nuanxin.activities.rules.calendars import calendar as written
from nuanxin.organizations.queries import public_union
from nuanxin.regions.queries import get_region
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from nuanxin.web.kit.requests import Request

#: Seconds that an open calendar may be kept by whatever lies between.
_KEPT = 900


@require_safe
def calendar(request: Request, token: str) -> HttpResponse:
    """Send what the owner of a secret link has booked; an unknown or shut link is not found."""
    feed = feed_by_token(token, now=request.now)
    response = _send(request, _("My bookings"), own_entries(feed, now=request.now))
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def union_calendar(request: Request, code: str) -> HttpResponse:
    """Send the announced events of a union and of every one below it."""
    union = public_union(code)
    response = _send(request, local_name(union), union_entries(union, now=request.now))
    response["Cache-Control"] = f"public, max-age={_KEPT}"
    return response


@require_safe
def area_calendar(request: Request, code: str) -> HttpResponse:
    """Send the announced events in an area, such as a city."""
    region = get_region(code)
    response = _send(request, region.name, area_entries(region.code, now=request.now))
    response["Cache-Control"] = f"public, max-age={_KEPT}"
    return response


def _send(request: Request, name: str, entries: list[Entry]) -> HttpResponse:
    return HttpResponse(written(name, entries, now=request.now), content_type=CONTENT_TYPE)
