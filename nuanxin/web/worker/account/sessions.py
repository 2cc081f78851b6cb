"""Where I am signed in, and ending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nuanxin.access.actions import distrust_devices
from nuanxin.members.queries.workers import my_page
from nuanxin.web.kit import own_sessions
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.access.models import Account
    from nuanxin.web.worker.requests import WorkerRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: WorkerRequest) -> HttpResponse:
    """List my sessions; sent, end one, or all others and the trust in every phone."""
    my_page(request.actor)  # refuses whoever is not signed in
    account = cast("Account", request.user)
    if request.method == "POST":
        if own_sessions.end(request, account):
            distrust_devices(account_id=account.pk, now=request.now)
        messages.success(request, _("Signed out there."))
        return redirect("worker:sessions")
    context = {
        "page_title": _("Where I am signed in"),
        "back_url": reverse("worker:me"),
        "tabs": tabs(request),
        "sessions": own_sessions.listed(request, account),
    }
    return render(request, "worker/account/sessions.html", context)
