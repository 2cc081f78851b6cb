"""The rosters in reach, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.access.states import Permission
from nuanxin.members.queries.rosters import rosters_in_reach
from nuanxin.web.desk.rosters.words import line_of
from nuanxin.web.kit.pages import page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.desk.requests import DeskRequest


@require_safe
def rosters(request: DeskRequest) -> HttpResponse:
    """Show the rosters of the unions and enterprises where one may enroll people."""
    request.actor.require(Permission.ENROLL_ROSTERS)
    listed = page(rosters_in_reach(request.actor), order=("-pk",), cursor=request.GET.get("page", ""))
    context = {"page_title": _("Rosters"), "page": listed, "rows": [line_of(each) for each in listed.items]}
    return render(request, "desk/rosters/rosters.html", context)
