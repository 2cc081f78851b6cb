"""Changing one's own number: proved by a code to the new one and the last six of the ID."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nuanxin.kernel.identifiers import parse_phone
from nuanxin.kernel.refusals import TooMany
from nuanxin.members.actions.corrections import begin_phone_change, change_own_phone
from nuanxin.members.queries.workers import my_page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.worker.account.sign_in import ProofForm
from nuanxin.web.worker.join.forms import phone_field
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.worker.requests import WorkerRequest


class NewPhoneForm(forms.Form):
    """The number to be reached by from now on."""

    phone = phone_field(label=gettext_lazy("New mobile number"), hint=gettext_lazy("We send one code to it"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: WorkerRequest) -> HttpResponse:
    """Ask for the new number, then for its code and the last six of the ID."""
    my_page(request.actor)
    form = NewPhoneForm(request.POST or None)
    if request.method != "POST":
        return _ask(request, form)
    done, phone = tried(form, lambda: _number(request, form))
    if not done:
        return _ask(request, form)
    if "code" not in request.POST:
        return _ask_code(request, ProofForm(), phone)
    proof = ProofForm(request.POST)
    done, _worker = tried(
        proof,
        lambda: change_own_phone(
            actor=request.actor,
            phone=phone,
            code=proof.cleaned_data["code"],
            last6=proof.cleaned_data["last6"],
            now=request.now,
        ),
    )
    if not done:
        return _ask_code(request, proof, phone)
    messages.success(request, _("Your new number is in place. We told the old one too, for your safety."))
    return redirect("worker:me")


def _number(request: WorkerRequest, form: forms.Form) -> str:
    phone = parse_phone(form.cleaned_data["phone"])
    if "code" not in request.POST:
        try:
            begin_phone_change(actor=request.actor, phone=phone, now=request.now)
        except TooMany as refusal:
            messages.warning(request, str(refusal.message))
    return phone


def _ask(request: WorkerRequest, form: forms.Form) -> HttpResponse:
    context = {
        "page_title": _("Change my number"),
        "back_url": reverse("worker:me"),
        "tabs": tabs(request),
        "form": form,
    }
    return render(request, "worker/account/phone.html", context, status=422 if form.errors else 200)


def _ask_code(request: WorkerRequest, form: forms.Form, phone: str) -> HttpResponse:
    context = {
        "page_title": _("Change my number"),
        "back_url": reverse("worker:phone"),
        "form": form,
        "phone": phone,
        "code_url": request.path,
        "resend_url": request.path,
        "hidden": {"phone": phone},
        "button_label": _("Use this number from now on"),
    }
    return render(request, "worker/join/code.html", context, status=422 if form.errors else 200)
