"""Coming from another registry, as the member: move the membership here with one tap, or leave it where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nuanxin.members.actions.cells.offers import accept_offer, decline_offer
from nuanxin.members.queries.cells import cell_name, own_cell_transfer
from nuanxin.members.queries.workers import my_page
from nuanxin.members.rules.cells.states import CellTransferState, Direction
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.worker.requests import WorkerRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def move_here(request: WorkerRequest) -> HttpResponse:
    """Show that another registry still has the membership, and take the member's answer."""
    mine = my_page(request.actor)
    transfer = own_cell_transfer(request.actor)
    if transfer is None or mine.membership is None:
        return redirect("worker:card")
    if request.method == "POST":
        if request.POST.get("answer") == "yes":
            accept_offer(actor=request.actor, now=request.now)
            return redirect("worker:move_here")
        decline_offer(actor=request.actor, now=request.now)
        messages.success(request, _("Your membership stays where it was."))
        return redirect("worker:card")
    context = {
        "page_title": _("Move your membership here"),
        "back_url": reverse("worker:card"),
        "tabs": tabs(request),
        "transfer": transfer,
        "cell": cell_name(transfer.other_cell),
        "union": transfer.membership.union,
        "is_offered": transfer.state == CellTransferState.OFFERED,
        "comes": transfer.direction == Direction.IN,
    }
    return render(request, "worker/moves/registries.html", context)
