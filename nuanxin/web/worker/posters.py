"""A door was opened: a poster scanned, a menu or an app's link tapped. Remember which, and open the way in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound, TooMany
from nuanxin.members.actions.launches import accept_launch
from nuanxin.members.queries.workers import my_page
from nuanxin.members.states import MembershipState
from nuanxin.organizations.queries.lists import is_open, known_door
from nuanxin.organizations.queries.unions import public_union
from nuanxin.organizations.rules.launches import SIGNATURE, SIGNED, BadLaunch
from nuanxin.organizations.states import LINKED_KINDS
from nuanxin.web.kit.guards import count
from nuanxin.web.kit.sources import client_address
from nuanxin.web.worker.join.memory import PAPER, PERSON, Memory
from nuanxin.web.worker.join.shut import shut
from nuanxin.web.worker.join.ways import POSTER_DOOR, SCAN_COOKIE, came_in
from nuanxin.web.worker.moves.offers import offer_of_scan
from nuanxin.web.worker.requests import is_member_page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.organizations.models import Door
    from nuanxin.web.worker.requests import WorkerRequest

#: No code of a union, and none of a door, is longer.
LONGEST, LONGEST_DOOR = 12, 30


@never_cache
@require_safe
def poster(request: WorkerRequest, code: str) -> HttpResponse:
    """Introduce the union of a scanned code; an unknown or closed one does not stop anybody from joining.

    The link may name the door through which it was reached, as `d`.
    """
    named = known_door(request.GET.get("d", "")[:LONGEST_DOOR]) or known_door(POSTER_DOOR)
    if named is not None and not is_open(named, local_day(request.now)):
        return shut(request, named.code)
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
    if "offer" in context:
        return response
    return came_in(request, response, door=_door_of(named), union=union.code)


def _door_of(named: Door | None) -> str:
    return named.code if named and named.kind in LINKED_KINDS else POSTER_DOOR


@never_cache
@require_safe
def door(request: WorkerRequest, code: str) -> HttpResponse:
    """Open a door by its own link; what its app has signed about the person is filled in beforehand."""
    found = known_door(code[: LONGEST_DOOR + 1])
    if found is None or found.kind not in LINKED_KINDS:
        count(request, "posters_unknown")
        raise NotFound(_("There is no such way in. Please scan the poster again, or join on the page itself."))
    if not is_open(found, local_day(request.now)):
        return shut(request, found.code)
    if SIGNATURE in request.GET:
        return _launched(request, found)
    if found.union is not None:
        return redirect(f"{reverse('worker:poster', args=[found.union.code])}?d={found.code}")
    return came_in(request, redirect("worker:join"), door=found.code)


def _launched(request: WorkerRequest, found: Door) -> HttpResponse:
    """Fill in what the app has signed; where it is not to be believed, say so, and let the person go on by hand."""
    values = {name: request.GET.get(name, "")[:200] for name in (*SIGNED, SIGNATURE)}
    union = found.union.code if found.union else ""
    try:
        launch = accept_launch(door=found, values=values, address=client_address(request), now=request.now)
    except (BadLaunch, TooMany) as refusal:
        context = {"page_title": _("Join the union"), "back_url": reverse("worker:home"), "why": refusal.message}
        response = render(request, "worker/launch_refused.html", context, status=refusal.status)
        return came_in(request, response, door=found.code, union=union)
    filled = dict.fromkeys((*PERSON, *PAPER), "") | {"name": launch.name, "phone": launch.phone}
    response = Memory(request).keep(redirect("worker:join"), filled)
    return came_in(request, response, door=found.code, union=union)
