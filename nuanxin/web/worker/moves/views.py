"""Moving: say where the work is now, or scan the new union's code; then see how it goes, and cancel it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.kernel.refusals import NotFound, Refusal
from nuanxin.kernel.text import check_text
from nuanxin.members.actions.transfers import cancel_transfer, request_transfer
from nuanxin.members.queries.transfers import Work, own_transfer
from nuanxin.members.queries.workers import my_page
from nuanxin.members.rules.reasons import reasons_in_words
from nuanxin.members.states import TransferState
from nuanxin.organizations.queries.enterprises import find_employer
from nuanxin.organizations.queries.unions import public_union
from nuanxin.web.kit.refusals import blame
from nuanxin.web.kit.templatetags.kit import local_name
from nuanxin.web.kit.transfers import transfer_steps
from nuanxin.web.worker.join.places import employers, picker, region_panel, start_of
from nuanxin.web.worker.moves.offers import Offer, may_move, offer_of_scan, offer_of_work, waiting_transfer
from nuanxin.web.worker.requests import asks_for_part, tabs

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from nuanxin.members.models import Membership
    from nuanxin.web.worker.requests import WorkerRequest


class PlaceForm(forms.Form):
    """Where the work is now. The region comes from the picker, the employer from the suggestions."""

    region_code = forms.CharField(label=gettext_lazy("Where you work"), required=False)
    employer_name = forms.CharField(
        label=gettext_lazy("Your employer, if you have one"),
        help_text=gettext_lazy("A station, a branch, a labor firm. No employer, or not sure? Leave it empty."),
        required=False,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 120}),
    )
    employer_credit_code = forms.CharField(label=gettext_lazy("Works at"), required=False)


_PLACE = ("region_code", "employer_name", "employer_credit_code")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: WorkerRequest) -> HttpResponse:
    """Ask where the work is now, show whose union that is and what will happen, and move with one tap."""
    membership = _own(request)
    if not may_move(membership) or membership is None:
        return redirect("worker:card")
    waiting = waiting_transfer(membership)
    if waiting is not None:
        return redirect("worker:transfer", pk=waiting.pk)
    data = request.POST if request.method == "POST" else request.GET
    typed = {name: data.get(name, "")[:200] for name in _PLACE}
    if "at" in data or "change" in data:
        typed["region_code"] = ""
    form = PlaceForm(typed)
    form.is_valid()
    if request.method == "POST" or "go" in data:
        try:
            offer = offer_of_work(membership, _work(data), now=request.now)
            if request.method == "POST" and offer.kind == "move" and data.get("to_union") == offer.union.code:
                return _ask(request, membership, offer, door="h5")
            return _offer_page(request, offer, typed, back=reverse("worker:move"))
        except Refusal as refusal:
            blame(form, refusal)
    return _place_page(request, membership, form, typed)


def _place_page(request: WorkerRequest, membership: Membership, form: PlaceForm, typed: dict[str, str]) -> HttpResponse:
    context = picker(request, selected=typed["region_code"], start=start_of(""))
    if asks_for_part(request):
        return region_panel(request, context)
    context |= {
        "page_title": _("Move to another union"),
        "back_url": reverse("worker:card"),
        "tabs": tabs(request),
        "form": form,
        "union": membership.union,
        "chosen_employer": typed["employer_credit_code"],
        "employers": employers(typed["employer_name"], region_code=typed["region_code"]),
    }
    failed = any(form.errors.values())
    return render(request, "worker/moves/place.html", context, status=422 if failed else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def move_to(request: WorkerRequest, code: str) -> HttpResponse:
    """Show what moving to a scanned union means, and move there with one tap."""
    membership = _own(request)
    if membership is None:
        return redirect("worker:poster", code=code)
    union = public_union(code[:13])
    offer = offer_of_scan(membership, union, now=request.now)
    if request.method == "POST" and offer.kind == "move":
        try:
            return _ask(request, membership, offer, door="poster")
        except Refusal as refusal:
            messages.warning(request, str(refusal.message))
            offer = offer_of_scan(_own(request) or membership, union, now=request.now)
    return _offer_page(request, offer, {}, back=reverse("worker:card"))


def _offer_page(request: WorkerRequest, offer: Offer, typed: dict[str, str], *, back: str) -> HttpResponse:
    context: dict[str, Any] = {
        "page_title": _("Move to another union"),
        "back_url": back,
        "tabs": tabs(request),
        "offer": offer,
        "typed": typed,
        "reasons": reasons_in_words(offer.route.as_rows()) if offer.route else [],
    }
    return render(request, "worker/moves/offer.html", context)


def _ask(request: WorkerRequest, membership: Membership, offer: Offer, *, door: str) -> HttpResponse:
    asked = request_transfer(
        actor=request.actor,
        membership=membership,
        to_union=offer.union,
        started_by="worker",
        door=door,
        work=offer.work,
        now=request.now,
    )
    if asked.state == TransferState.DONE:
        messages.success(request, _("Done. You belong to %(union)s now.") % {"union": local_name(offer.union)})
    return redirect("worker:transfer", pk=asked.pk)


def _own(request: WorkerRequest) -> Membership | None:
    """Return the membership that the card shows, with its person."""
    return my_page(request.actor).membership


def _work(data: QueryDict) -> Work:
    firm = find_employer(data.get("employer_credit_code", "")[:40]) if data.get("employer_credit_code") else None
    name = check_text(data.get("employer_name", ""), field="employer_name", most=120)
    return Work(data.get("region_code", "")[:12], firm, "" if firm else name)


@never_cache
@require_safe
def transfer(request: WorkerRequest, pk: UUID) -> HttpResponse:
    """Show where a transfer stands, what was said, and how to cancel it."""
    found = own_transfer(request.actor, pk)
    if found.state == TransferState.OFFERED:
        raise NotFound
    refusing = next((answer.side for answer in found.answers.all() if answer.answer == "refused"), "")
    context = {
        "page_title": _("My move"),
        "back_url": reverse("worker:card"),
        "tabs": tabs(request),
        "transfer": found,
        "steps": transfer_steps(found),
        "refusing": found.to_union if refusing == "new" else found.from_union,
        "reasons": reasons_in_words(found.reasons),
    }
    return render(request, "worker/moves/transfer.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: WorkerRequest, pk: UUID) -> HttpResponse:
    """Ask once more, then take the transfer back."""
    found = own_transfer(request.actor, pk)
    back = reverse("worker:transfer", args=[pk])
    if request.method == "POST":
        cancel_transfer(actor=request.actor, transfer_id=pk, now=request.now)
        messages.success(request, _("Cancelled. You stay with your union."))
        return redirect(back)
    if found.state != TransferState.REQUESTED:
        return redirect(back)
    context = {
        "face": "kit/phone.html",
        "page_title": _("Cancel my move"),
        "question": _("Do you want to stay with %(union)s?") % {"union": local_name(found.from_union)},
        "consequences": [
            _("Both unions stop working on it."),
            _("Your membership, your number and your benefits stay as they are."),
            _("You may ask again at any time."),
        ],
        "action_url": request.path,
        "action_label": _("Yes, cancel it"),
        "back_url": back,
        "danger": True,
    }
    return render(request, "kit/confirm.html", context)
