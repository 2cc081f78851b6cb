"""A door that is shut: what it shows, and where it leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from nuanxin.kernel.clock import local_day
from nuanxin.organizations.queries.lists import known_door, open_doors
from nuanxin.web.worker.join.ways import PAGE_DOOR, SCAN_COOKIE

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.worker.requests import WorkerRequest


def shut(request: WorkerRequest, code: str) -> HttpResponse:
    """Say that a door is shut, and lead to one that is open: nobody is turned away from the union."""
    context = {
        "page_title": _("Join the union"),
        "back_url": reverse("worker:home"),
        "door": known_door(code),
        "page_is_open": PAGE_DOOR in open_doors(local_day(request.now)),
    }
    response = render(request, "worker/door_shut.html", context, status=410)
    response.delete_cookie(SCAN_COOKIE, samesite="Lax")
    return response
