"""The member's check-ups: what one is made of for the own work, a time that was moved, and sealed results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from nuanxin.activities.actions.breakdown import give_back
from nuanxin.activities.actions.results import read_own_result
from nuanxin.activities.queries.moves import moved_of
from nuanxin.activities.queries.packages import packages_for
from nuanxin.activities.queries.results import own_results
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotSignedIn
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from uuid import UUID

    from nuanxin.web.worker.requests import WorkerRequest


def _own(request: WorkerRequest) -> UUID:
    if request.actor.worker_id is None:
        raise NotSignedIn
    return request.actor.worker_id


@never_cache
@require_safe
def checkups(request: WorkerRequest) -> HttpResponse:
    """Show what a check-up is made of, what was moved, and one's own results."""
    worker = _own(request)
    context = {
        "page_title": _("My check-ups"),
        "back_url": reverse("worker:bookings"),
        "tabs": tabs(request),
        "moved": moved_of(worker, request.now),
        "packages": packages_for(worker, on=local_day(request.now)),
        "results": own_results(worker),
    }
    return render(request, "worker/checkups.html", context)


@require_POST
def cannot_come(request: WorkerRequest, pk: UUID) -> HttpResponse:
    """Give back a place whose time was moved."""
    _own(request)
    give_back(actor=request.actor, booking_id=pk, now=request.now)
    messages.success(request, _("Given back. Nothing is held against you, and this year's check-up is still yours."))
    return HttpResponseRedirect(reverse("worker:checkups"))


@never_cache
@require_safe
def result(request: WorkerRequest, pk: UUID) -> HttpResponse:
    """Open one's own report; that it was opened is written down."""
    _own(request)
    report, _finding = read_own_result(actor=request.actor, result_id=pk, now=request.now)
    response = HttpResponse(report, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="check-up.pdf"'
    return response
