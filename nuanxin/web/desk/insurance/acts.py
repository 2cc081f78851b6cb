"""What is done with a batch: frozen, checked, handed over, given up; and the insurer's file taken in."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from nuanxin.access.states import Permission
from nuanxin.benefits.actions.insurance_lists import freeze_batch
from nuanxin.benefits.actions.insurance_plans import give_up_batch
from nuanxin.benefits.actions.insurance_returns import MOST_BYTES, hand_in_policies
from nuanxin.benefits.actions.insurance_rolls import ask_roll, send_roll, take_roll
from nuanxin.benefits.queries.insurance import get_batch
from nuanxin.benefits.queries.insurance_lists import list_is_whole
from nuanxin.web.desk.insurance.batches import shown
from nuanxin.web.desk.insurance.forms import PoliciesForm
from nuanxin.web.kit.excel import CONTENT_TYPE
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import number as grouped

if TYPE_CHECKING:
    from nuanxin.benefits.models import InsuranceBatch, PolicyReturn
    from nuanxin.web.desk.requests import DeskRequest


def _to(found: InsuranceBatch) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:insurance:batch", args=[found.number]))


def _ask(
    request: DeskRequest, found: InsuranceBatch, question: str, consequences: list[str], label: str
) -> HttpResponse:
    context = {
        "face": "kit/desk.html",
        "page_title": found.name,
        "question": question,
        "consequences": consequences,
        "action_url": request.path,
        "action_label": label,
        "back_url": reverse("desk:insurance:batch", args=[found.number]),
    }
    return render(request, "kit/confirm.html", context)


@require_http_methods(["GET", "POST"])
def freeze(request: DeskRequest, number: str) -> HttpResponse:
    """Ask, then have the list frozen."""
    request.actor.require(Permission.INSURE)
    found = get_batch(request.actor, number)
    if request.method == "POST":
        freeze_batch(actor=request.actor, batch=found, now=request.now)
        return _to(found)
    consequences = [
        _("Everybody who meets the conditions at this moment is written down; nobody is added or taken off later."),
        _("A digest stands for the list: whoever holds it can tell that nothing was changed."),
    ]
    return _ask(request, found, _("Freeze the list now?"), consequences, _("Freeze the list"))


@require_POST
def check(request: DeskRequest, number: str) -> HttpResponse:
    """Read the frozen list line by line and compare it with its digest."""
    request.actor.require(Permission.INSURE)
    found = get_batch(request.actor, number)
    if found.frozen_at and list_is_whole(found):
        messages.success(request, _("The list is as it was frozen: every line and the digest agree."))
    else:
        messages.error(request, _("The list does not agree with its digest. Please tell your administrator."))
    return _to(found)


@require_POST
def roll(request: DeskRequest, number: str) -> HttpResponse:
    """Have the roll written as a workbook; the page of the batch says how far it is, and then offers it."""
    request.actor.require(Permission.INSURE)
    found = get_batch(request.actor, number)
    ask_roll(actor=request.actor, batch=found, now=request.now)
    return _to(found)


@require_POST
def roll_file(request: DeskRequest, number: str) -> FileResponse:
    """Send the workbook, ID numbers and phones in plain; that it was taken is recorded."""
    request.actor.require(Permission.INSURE)
    found = get_batch(request.actor, number)
    file = io.BytesIO(take_roll(actor=request.actor, batch=found, now=request.now))
    name = _("Roll %(number)s") % {"number": found.number}
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=CONTENT_TYPE)


@require_http_methods(["GET", "POST"])
def send(request: DeskRequest, number: str) -> HttpResponse:
    """Ask, then have the roll sent to the insurer's service."""
    request.actor.require(Permission.INSURE)
    found = get_batch(request.actor, number)
    if request.method == "POST":
        send_roll(actor=request.actor, batch=found, now=request.now)
        return _to(found)
    consequences = [
        _("Name, ID number and phone of %(count)s people go to %(insurer)s, signed. Your name stands with the act.")
        % {"count": grouped(found.people), "insurer": found.plan.insurer.name},
    ]
    return _ask(request, found, _("Send the roll to the insurer?"), consequences, _("Send it"))


@require_http_methods(["GET", "POST"])
def give_up(request: DeskRequest, number: str) -> HttpResponse:
    """Ask, then give a batch up before the insurer has it."""
    request.actor.require(Permission.INSURE)
    found = get_batch(request.actor, number)
    if request.method == "POST":
        give_up_batch(actor=request.actor, batch=found, now=request.now)
        return _to(found)
    consequences = [_("Nobody is insured by it. Whoever is on its list may be on another one.")]
    return _ask(request, found, _("Give this batch up?"), consequences, _("Give it up"))


@require_POST
def policies(request: DeskRequest, number: str) -> HttpResponse:
    """Take the insurer's file in."""
    request.actor.require(Permission.INSURE)
    found = get_batch(request.actor, number)
    form = PoliciesForm(request.POST, request.FILES)

    def take() -> PolicyReturn:
        file = form.cleaned_data["file"]
        return hand_in_policies(
            actor=request.actor,
            batch=found,
            name=file.name or "",
            content=file.read(MOST_BYTES + 1),
            now=request.now,
        )

    done, made = tried(form, take)
    if not done:
        return shown(request, found, form, status=422)
    if made.received_at != request.now:
        messages.info(request, _("This very file was handed in before: nothing changed."))
    return _to(found)
