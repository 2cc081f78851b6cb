"""How far it is proved who I am, in plain words, and how to prove more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nuanxin.kernel.refusals import Refusal
from nuanxin.members.actions.assurance import ask_again
from nuanxin.members.queries.assurance import proofs_of, verifier_is_set
from nuanxin.members.queries.workers import my_page
from nuanxin.members.states import Assurance
from nuanxin.web.kit.assurance import proof_line, rungs
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.worker.requests import WorkerRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def proof(request: WorkerRequest) -> HttpResponse:
    """Show my level and on what it rests; asked for, have the outside source asked."""
    mine = my_page(request.actor)
    if request.method == "POST":
        try:
            ask_again(actor=request.actor, now=request.now)
        except Refusal as refusal:
            messages.warning(request, str(refusal.message))
        else:
            messages.success(request, _("We are asking. Please look here again in a few minutes."))
        return redirect("worker:proof")
    union = mine.membership.union if mine.membership else None
    proofs = proofs_of(mine.worker, union, now=request.now)
    context = {
        "page_title": _("Proof that I am I"),
        "back_url": reverse("worker:me"),
        "tabs": tabs(request),
        "proofs": proofs,
        "rungs": rungs(proofs),
        "lines": [proof_line(line) for line in proofs.lines],
        "may_ask": verifier_is_set() and (proofs.is_old or proofs.level not in (Assurance.VERIFIED, Assurance.SEEN)),
        "is_highest": proofs.level == Assurance.SEEN and not proofs.is_old,
    }
    return render(request, "worker/account/proof.html", context)
