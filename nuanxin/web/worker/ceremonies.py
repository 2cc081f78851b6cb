"""A ceremony's code was scanned: remember it, and open the union's way in; counted once the phone is proved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from nuanxin.members.actions.ceremonies import note_joining
from nuanxin.members.queries.ceremonies import open_ceremony_by_code
from nuanxin.web.kit.guards import count
from nuanxin.web.worker.join.ways import POSTER_DOOR, came_in

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.members.models import Application
    from nuanxin.web.worker.requests import WorkerRequest

COOKIE: Final = "nuanxin_ceremony"
#: How long after the scan an application still counts for the ceremony, in seconds.
AGE: Final = 12 * 3600


@never_cache
@require_safe
def ceremony(request: WorkerRequest, code: str) -> HttpResponse:
    """Welcome somebody at a ceremony; without one that is open, lead to joining as always."""
    found = open_ceremony_by_code(code)
    if found is None:
        count(request, "posters_unknown")
        return redirect("worker:join")
    context = {"page_title": _("Join the union"), "ceremony": found, "back_url": reverse("worker:home")}
    response = render(request, "worker/ceremony.html", context)
    response.set_signed_cookie(
        COOKIE, found.code, max_age=AGE, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return came_in(request, response, door=POSTER_DOOR, union=found.union.code)


def came_by_ceremony(request: WorkerRequest, application: Application, response: HttpResponse) -> HttpResponse:
    """Count an application for the ceremony whose code this browser scanned; each scan counts for one person."""
    code = str(request.get_signed_cookie(COOKIE, default="", max_age=AGE) or "")
    if not code:
        return response
    found = open_ceremony_by_code(code)
    if found is not None:
        note_joining(ceremony=found, application=application, now=request.now)
    response.delete_cookie(COOKIE, samesite="Lax")
    return response
