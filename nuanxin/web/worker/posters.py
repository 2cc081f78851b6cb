"""A poster was scanned: remember whose, introduce the union, and open the way in; a member may move there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from nuanxin.kernel.refusals import NotFound
from nuanxin.members.queries.workers import my_page
from nuanxin.members.states import MembershipState
from nuanxin.organizations.queries.unions import public_union
from nuanxin.web.kit.guards import count
from nuanxin.web.worker.join.memory import SCAN_AGE, SCAN_COOKIE
from nuanxin.web.worker.moves.offers import offer_of_scan
from nuanxin.web.worker.requests import is_member_page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.worker.requests import WorkerRequest

#: No code of a union is longer.
LONGEST = 12


@never_cache
@require_safe
def poster(request: WorkerRequest, code: str) -> HttpResponse:
    """Introduce the union of a scanned code; an unknown or closed one does not stop anybody from joining."""
    context: dict[str, Any] = {"page_title": _("Join the union"), "back_url": reverse("worker:home")}
    try:
        union = public_union(code[: LONGEST + 1])
    except NotFound:
        count(request, "posters_unknown")
        response = render(request, "worker/poster_unknown.html", context, status=404)
        response.delete_cookie(SCAN_COOKIE, samesite="Lax")
        return response
    mine = my_page(request.actor) if is_member_page(request) else None
    if mine and mine.membership and mine.membership.state != MembershipState.ENDED:
        context |= {
            "page_title": _("Move to this union"),
            "offer": offer_of_scan(mine.membership, union, now=request.now),
        }
    context["union"] = union
    response = render(request, "worker/poster.html", context)
    response.set_signed_cookie(
        SCAN_COOKIE,
        union.code,
        max_age=SCAN_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response
