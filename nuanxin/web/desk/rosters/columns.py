"""Saying which column holds what, with the first rows beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Invalid
from nuanxin.members.actions.rosters import remap_roster
from nuanxin.members.queries.rosters import get_roster
from nuanxin.members.queries.rosters_files import sample
from nuanxin.members.rules.rosters.columns import FIELDS, NEEDED
from nuanxin.regions.queries import full_name
from nuanxin.web.desk.rosters.forms import ColumnsForm
from nuanxin.web.desk.rosters.upload import defaults_of
from nuanxin.web.desk.rosters.words import masked
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.members.models import Roster
    from nuanxin.web.desk.requests import DeskRequest


@require_http_methods(["GET", "POST"])
def columns(request: DeskRequest, number: str) -> HttpResponse:
    """Show the titles with what was recognized, and take what somebody says instead."""
    request.actor.require(Permission.ENROLL_ROSTERS)
    found = get_roster(request.actor, number)
    page_of = reverse("desk:rosters:roster", args=[found.number])
    if not found.headers:
        return HttpResponseRedirect(page_of)
    chosen, twice = _chosen(request, found) if request.method == "POST" else (dict(found.columns), False)
    form = ColumnsForm(request.POST or None, now=request.now, initial=_kept(found))

    def remap() -> None:
        if twice:
            raise Invalid("field_twice", _("Two columns were chosen for the same thing. Please look again."))
        defaults = defaults_of(form.cleaned_data, found.union.region_id or "")
        remap_roster(actor=request.actor, roster=found, columns=chosen, defaults=defaults, now=request.now)

    if form.is_bound and tried(form, remap)[0]:
        return HttpResponseRedirect(page_of)
    context: dict[str, Any] = {
        "page_title": _("Which column is which?"),
        "pretitle": found.file_name,
        "roster": found,
        "form": form,
        "lines": _lines(found, chosen),
        "fields": [(field.key, field.title, field.needed) for field in FIELDS],
        "missing": [str(field.title) for field in FIELDS if field.key in NEEDED and field.key not in chosen],
        "back_url": page_of,
    }
    return render(request, "desk/rosters/columns.html", context, status=422 if form.is_bound else 200)


def _chosen(request: DeskRequest, found: Roster) -> tuple[dict[str, int], bool]:
    """Return field → column of what was sent, and whether a field was chosen for two columns."""
    chosen: dict[str, int] = {}
    twice = False
    for place in range(len(found.headers)):
        key = request.POST.get(f"column_{place}", "")
        if key:
            twice |= key in chosen
            chosen.setdefault(key, place)
    return chosen, twice


def _kept(found: Roster) -> dict[str, str]:
    code = found.defaults.get("region_code", "")
    return {**found.defaults, "region": full_name(code) if code else ""}


def _lines(found: Roster, chosen: dict[str, int]) -> list[dict[str, Any]]:
    """Return each column: its title, what stands in the first rows, and what was chosen for it."""
    rows = sample(found)
    by_place = {place: key for key, place in chosen.items()}
    return [
        {
            "name": f"column_{place}",
            "title": title or _("column %(number)s") % {"number": place + 1},
            "cells": [masked(row[place][:40]) for row in rows if row[place]],
            "chosen": by_place.get(place, ""),
        }
        for place, title in enumerate(found.headers)
    ]
