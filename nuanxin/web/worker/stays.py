"""The member's recuperation: what is booked, and who comes along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.activities.actions.recuperation import name_companions
from nuanxin.activities.queries.recuperation import get_own_stay, own_companions, own_stays
from nuanxin.kernel.refusals import Invalid, NotSignedIn
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from nuanxin.web.worker.requests import WorkerRequest


def _own(request: WorkerRequest) -> UUID:
    if request.actor.worker_id is None:
        raise NotSignedIn
    return request.actor.worker_id


@never_cache
@require_safe
def stays(request: WorkerRequest) -> HttpResponse:
    """Show the member's own stays that lie ahead."""
    worker = _own(request)
    context = {
        "page_title": _("My recuperation"),
        "back_url": reverse("worker:bookings"),
        "tabs": tabs(request),
        "rows": own_stays(worker),
    }
    return render(request, "worker/stays.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def companions(request: WorkerRequest, pk: UUID) -> HttpResponse:
    """Say who comes along: as many people as places were booked besides the own one."""
    worker = _own(request)
    found = get_own_stay(worker, pk)
    known = own_companions(worker, pk)
    count = found.booking.seats - 1
    rows = [known[at] if at < len(known) else ("", "") for at in range(count)]
    error = ""
    if request.method == "POST":
        names, relations = request.POST.getlist("name")[:count], request.POST.getlist("relation")[:count]
        rows = list(zip(names, relations, strict=False))
        try:
            name_companions(actor=request.actor, booking_id=pk, companions=rows, now=request.now)
        except Invalid as refusal:
            error = str(refusal.message)
        else:
            messages.success(request, _("Noted. Whoever books the tickets knows them now."))
            return HttpResponseRedirect(reverse("worker:stays"))
    context = {
        "page_title": _("Who comes along"),
        "back_url": reverse("worker:stays"),
        "tabs": tabs(request),
        "found": found,
        "rows": rows,
        "error": error,
    }
    return render(request, "worker/companions.html", context, status=422 if error else 200)
