"""The tour of the demo city. Exists in demo mode only: everywhere else it is not found."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from demo.tour import read_tour
from nuanxin.web.kit.actors import now


def tour(request: HttpRequest) -> HttpResponse:
    """Show what to try, in order, and as whom; not found outside the demo."""
    found = read_tour(now()) if settings.DEMO else None
    if found is None:
        raise Http404
    context = {
        "tour": found,
        "poster_address": request.build_absolute_uri(found.poster_url),
        "page_title": _("A tour of the demo city"),
    }
    return render(request, "open/tour.html", context)
