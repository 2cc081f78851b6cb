"""Whom some checks let through, before anything is kept: in words, and of how many members how many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from nuanxin.access.queries import union_in_reach
from nuanxin.access.states import Permission
from nuanxin.bookings.queries.desk import get_offer
from nuanxin.bookings.queries.named import with_names
from nuanxin.bookings.queries.preview import reached_by
from nuanxin.bookings.rules.eligibility import described, read_checks
from nuanxin.kernel.refusals import Refusal
from nuanxin.organizations.queries.lists import occupation_groups
from nuanxin.web.desk.bookings.who import WhoForm, checks_of
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse

    from nuanxin.bookings.rules.eligibility import Check
    from nuanxin.web.desk.requests import DeskRequest


def who_form(request: DeskRequest, initial: dict[str, Any] | None = None) -> WhoForm:
    """Return the form of conditions, as sent or as they are."""
    data = request.POST if request.method == "POST" else None
    return WhoForm(data, initial=initial, groups=group_choices(), prefix="who")


def group_choices() -> list[tuple[str, str]]:
    """Return the occupation groups to choose from."""
    return [(each.code, local_name(each)) for each in occupation_groups()]


@require_POST
def preview(request: DeskRequest) -> HttpResponse:
    """Say in words who may take part, and how many members that are."""
    request.actor.require(Permission.EDIT_OFFERS)
    who, context = who_form(request), dict[str, Any]()
    try:
        union = union_in_reach(request.actor, Permission.EDIT_OFFERS, request.POST.get("union", "").strip()[:120])
        if who.is_valid():
            checks = with_names(read_checks(checks_of(request.actor, who.cleaned_data)))
            context = preview_of(checks, union.path, request.now) | {"union": union}
    except Refusal as refusal:
        if refusal.status in {401, 403, 404}:
            raise
        context = {"problem": refusal.message}
    return render(request, "desk/bookings/preview.html", context)


def preview_of(checks: list[Check], union_path: str, now: datetime) -> dict[str, Any]:
    """Return how many members of a union some checks let through, and the checks in words."""
    reached = reached_by(checks, union_path=union_path, now=now)
    return {"reached": reached, "words": [described(check) for check in checks]}


@require_safe
def reached(request: DeskRequest, number: str) -> HttpResponse:
    """Say how many members of the offer's union may take part; asked for by the page, for it takes a moment."""
    found = get_offer(request.actor, number)
    context = preview_of(found.checks, found.union.path, request.now) | {"union": found.union, "words": []}
    return render(request, "desk/bookings/preview.html", context)
