"""What every page of the desk may send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from nuanxin.messages.actions import mark_read

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_POST
def read_notices(request: HttpRequest) -> HttpResponse:
    """Mark all notices as read and go back home, or to their list."""
    mark_read(actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    return HttpResponseRedirect(reverse("desk:notices:inbox" if request.POST.get("back") == "notices" else "desk:home"))
