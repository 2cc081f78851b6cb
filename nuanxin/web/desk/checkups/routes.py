"""Routes of the bus: the list, a new one, and one with its days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.access.queries import union_in_reach
from nuanxin.access.states import Permission
from nuanxin.activities.actions.routes import RouteDraft, plan_route
from nuanxin.activities.queries.buses import clashes, days_of, get_route, visible_to
from nuanxin.activities.queries.results import findings_of
from nuanxin.bookings.actions.offers import announce_offer
from nuanxin.bookings.states import OfferState
from nuanxin.organizations.queries.partners import visible_partners
from nuanxin.web.desk.checkups.forms import RouteForm, read_stops, read_windows
from nuanxin.web.desk.organizations.pages import form_page
from nuanxin.web.kit.offers import offer_state
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.activities.models import BusRoute
    from nuanxin.web.desk.requests import DeskRequest


@require_safe
def routes(request: DeskRequest) -> HttpResponse:
    """List the routes in reach, the newest first."""
    request.actor.require(Permission.VIEW_BOOKINGS)
    listed = page(visible_to(request.actor), order=("-pk",), cursor=request.GET.get("page", ""), size=50)
    context = {
        "page_title": _("Check-up bus"),
        "page": listed,
        "rows": [{"route": each, "state": offer_state(each.offer.state)} for each in listed.items],
        "clashes": clashes(request.actor).count(),
        "may_plan": request.actor.may(Permission.EDIT_OFFERS),
        "may_decide": request.actor.may(Permission.CHECK_IN),
    }
    return render(request, "desk/checkups/routes.html", context)


@require_http_methods(["GET", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Plan a route."""
    request.actor.require(Permission.EDIT_OFFERS)
    partners = list(visible_partners(request.actor).order_by("name", "pk")[:200])
    form = RouteForm(request.POST or None, partners=partners)
    if form.is_bound:
        done, made = tried(form, lambda: _plan(request, form.cleaned_data))
        if done:
            return HttpResponseRedirect(reverse("desk:checkups:route", args=[made.offer.number]))
    back = reverse("desk:checkups:routes")
    return form_page(request, form, title=_("New route"), submit=_("Plan it"), back_url=back)


def _plan(request: DeskRequest, typed: dict[str, Any]) -> BusRoute:
    union = union_in_reach(request.actor, Permission.EDIT_OFFERS, typed.pop("union").strip())
    clinic = typed.pop("clinic")
    draft = RouteDraft(
        **{name: typed[name] for name in ("name", "name_en", "places", "way", "opens_at", "closes_at")},
        new_percent=typed["new_percent"],
        walk_in_percent=typed["walk_in_percent"],
        stops=read_stops(typed["stops"]),
        windows=read_windows(typed["windows"]),
        clinic=visible_partners(request.actor).filter(pk=clinic).first() if clinic else None,
    )
    return plan_route(actor=request.actor, union=union, draft=draft, now=request.now)


@require_safe
def route(request: DeskRequest, number: str) -> HttpResponse:
    """Show one route with its days, and what came of the check-ups in counts."""
    found = get_route(request.actor, number)
    context = {
        "page_title": local_name(found.offer),
        "back_url": reverse("desk:checkups:routes"),
        "route": found,
        "state": offer_state(found.offer.state),
        "is_draft": found.offer.state == OfferState.DRAFT,
        "may_edit": request.actor.may(Permission.EDIT_OFFERS, at=found.offer.union),
        "days": days_of(found),
        "findings": findings_of(found),
    }
    return render(request, "desk/checkups/route.html", context)


@require_POST
def announce(request: DeskRequest, number: str) -> HttpResponse:
    """Show a route to members; booking opens by itself at its hour."""
    found = get_route(request.actor, number)
    announce_offer(actor=request.actor, offer=found.offer, now=request.now)
    messages.success(request, _("Members see it now; booking opens by itself at its hour."))
    return HttpResponseRedirect(reverse("desk:checkups:route", args=[number]))
