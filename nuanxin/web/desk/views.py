"""The desk's home: what waits, what was told, and where one may act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nuanxin.access.queries import posts_held
from nuanxin.kernel.refusals import NotSignedIn
from nuanxin.messages.actions import mark_read
from nuanxin.messages.queries import inbox

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest) -> HttpResponse:
    """Show the posts one holds and the newest notices."""
    actor = request.actor  # type: ignore[attr-defined]
    if actor.kind == "anonymous":
        raise NotSignedIn
    told = inbox(actor, language=get_language() or "", most=20)
    context = {
        "page_title": _("Home"),
        "posts_held": posts_held(actor, request.now),  # type: ignore[attr-defined]
        "told": told,
        "unread": any(not notice.is_read for notice in told),
    }
    return render(request, "desk/home.html", context)


@require_POST
def read_notices(request: HttpRequest) -> HttpResponse:
    """Mark all notices as read and go back home."""
    mark_read(actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    return HttpResponseRedirect(reverse("desk:home"))
