"""Arrivals that the register contradicts: the list, and deciding on one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.states import Permission
from nuanxin.activities.actions.arrivals import decide_clash
from nuanxin.activities.queries import buses
from nuanxin.activities.states.bus import ArrivalAnswer, ArrivalState, ClashKind
from nuanxin.web.desk.checkups.forms import DecisionForm
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any
    from uuid import UUID

    from django.http import HttpResponse

    from nuanxin.activities.models import Arrival
    from nuanxin.web.desk.requests import DeskRequest


def _row(arrival: Arrival) -> dict[str, Any]:
    return {
        "arrival": arrival,
        "clash": ClashKind(arrival.clash).label if arrival.clash else "",
        "answer": ArrivalAnswer(arrival.answer).label,
        "state": ArrivalState(arrival.state).label,
        "is_open": arrival.state == ArrivalState.CLASH,
        "name": mask_name(arrival.worker.name) if arrival.worker else "",
    }


def clash_rows(found: Iterable[Arrival]) -> list[dict[str, Any]]:
    """Return the lines of a list of arrivals to decide on, names masked."""
    return [_row(each) for each in found]


@require_safe
def inbox(request: DeskRequest) -> HttpResponse:
    """List what waits for a decision, the oldest first; or what was decided, the newest first."""
    request.actor.require(Permission.CHECK_IN)
    was_decided = request.GET.get("show") == "decided"
    rows = buses.decided(request.actor) if was_decided else buses.clashes(request.actor)
    order = ("-decided_at", "-pk") if was_decided else ("at", "pk")
    listed = page(rows, order=order, cursor=request.GET.get("page", ""), size=50)
    context = {
        "page_title": _("Arrivals to decide on"),
        "back_url": reverse("desk:checkups:routes"),
        "page": listed,
        "rows": clash_rows(listed.items),
        "was_decided": was_decided,
        "open_count": buses.clashes(request.actor).count(),
    }
    return render(request, "desk/checkups/clashes.html", context)


@require_http_methods(["GET", "POST"])
def clash(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show one arrival with what speaks against it, and decide."""
    found = buses.get_clash(request.actor, pk)
    form = DecisionForm(request.POST or None)
    if form.is_bound:
        done, _decided = tried(
            form,
            lambda: decide_clash(
                actor=request.actor,
                arrival=found,
                stands=form.cleaned_data["stands"] == "yes",
                reason=form.cleaned_data["reason"],
                now=request.now,
            ),
        )
        if done:
            messages.success(request, _("Decided. The decision is kept with your name."))
            return HttpResponseRedirect(reverse("desk:checkups:clashes"))
    context = _row(found) | {
        "page_title": _("Arrival %(number)s") % {"number": found.number},
        "back_url": reverse("desk:checkups:clashes"),
        "others": clash_rows(buses.others_of(found)),
        "form": form,
    }
    return render(request, "desk/checkups/clash.html", context, status=422 if form.errors else 200)
