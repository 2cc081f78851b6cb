"""How many members are proved to be who they say: each level, with what it is a share of, and the people behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.access.states import Permission
from nuanxin.insight.queries import assurance_rates, scope_in_reach, union_scope
from nuanxin.members.rules.assurance import PHONE_OPEN
from nuanxin.members.states import Assurance
from nuanxin.web.desk.insight.charts import Links
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.insight.queries import Rung
    from nuanxin.web.desk.requests import DeskRequest

#: Which filter of the members' list shows the people behind a level; none: nearly everybody.
_FILTERS = {Assurance.VERIFIED: "a:verified", Assurance.SEEN: "a:seen"}


@require_safe
def assurance_home(request: DeskRequest) -> HttpResponse:
    """Lead to the rates of the topmost union in reach."""
    request.actor.require(Permission.VIEW_TALLIES)
    code = scope_in_reach(request.actor)
    return redirect("desk:insight:assurance", code) if code else redirect("desk:insight:dashboard")


@require_safe
def assurance(request: DeskRequest, code: str) -> HttpResponse:
    """Show the rates of a union and of those directly below it."""
    scope = union_scope(request.actor, code)
    found = assurance_rates(request.actor, scope)
    links = Links(request.actor, scope)
    phone_open = links.people(state="active", proof=PHONE_OPEN)
    cards = [_card(rung, links, phone_open) for rung in found.rungs]
    context: dict[str, Any] = {
        "page_title": _("Proof of identity"),
        "scope": scope,
        "found": found,
        "cards": cards,
        "children": [
            {
                "name": local_name(child) if child.code else _("Its own, in none of these"),
                "url": reverse("desk:insight:assurance", args=[child.code]) if child.code else "",
                "members": child.members,
                "shares": [rung.share for rung in child.rungs[1:]],
            }
            for child in found.children
        ],
        "levels": [rung.level.label for rung in found.rungs[1:]],
        "crumbs": [
            (crumb, reverse("desk:insight:assurance", args=[crumb.code]) if crumb.open else "")
            for crumb in scope.crumbs
        ],
    }
    return render(request, "desk/insight/assurance.html", context)


def _card(rung: Rung, links: Links, phone_open: str) -> dict[str, Any]:
    if rung.level == Assurance.PHONE:
        address, note = phone_open, _("the list shows who is missing")
    else:
        proof = _FILTERS.get(rung.level, "")
        address = links.people(state="active", **({"proof": proof} if proof else {}))
        note = ""
    percent = rung.share.percent
    return {
        "label": rung.level.label,
        "value": "—" if percent is None else f"{percent}%",
        "numerator": rung.share.numerator,
        "denominator": rung.share.denominator,
        "url": address,
        "note": note,
    }
