"""Signing in by phone code, on a new phone also by the last six of the ID; and signing out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from nuanxin.kernel.identifiers import parse_phone
from nuanxin.kernel.refusals import TooMany
from nuanxin.members.actions.workers import SignedIn, begin_sign_in, complete_sign_in, needs_last6
from nuanxin.web.kit.guards import answered, count, guard_codes
from nuanxin.web.kit.offline import clear_phone
from nuanxin.web.kit.platforms import offered
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.sessions import sign_in_by_phone, sign_out
from nuanxin.web.worker.account.links import link, waiting
from nuanxin.web.worker.join.forms import CodeForm, phone_field, text_field
from nuanxin.web.worker.requests import is_member_page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.worker.requests import WorkerRequest

DEVICE_COOKIE = "nuanxin_device"
DEVICE_AGE = 400 * 24 * 3600


class PhoneForm(forms.Form):
    """The number one is known by."""

    phone = phone_field(hint=gettext_lazy("The number you joined with"))


class ProofForm(CodeForm):
    """The code, and on a new phone the last six characters of the ID."""

    last6 = text_field(
        gettext_lazy("Last six characters of your ID card"),
        hint=gettext_lazy("Asked once on each new phone, so that nobody with your old number gets in"),
        missing=gettext_lazy("Please type the last six characters of your ID card."),
        autocomplete="off",
        autocapitalize="characters",
        maxlength=12,
    )


def next_page(request: WorkerRequest) -> str:
    """Return where somebody wanted to go before signing in; the card otherwise. Refuses other hosts."""
    return safe_next(request, request.POST.get("next", "") or request.GET.get("next", ""))


def safe_next(request: WorkerRequest, wanted: str) -> str:
    """Return an address of this site as it is, and the card's for any other."""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("worker:card")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: WorkerRequest) -> HttpResponse:
    """Ask for the phone, then for the code. The answer is the same for a number that nobody has."""
    if is_member_page(request) and waiting(request) is None:
        return redirect(next_page(request))
    form = PhoneForm(request.POST or None)
    if request.method != "POST":
        return _ask(request, form)
    if "code" in request.POST:
        return _prove(request)
    done, sent = tried(form, lambda: _send(request, form.cleaned_data["phone"]))
    if not done:
        return _ask(request, form)
    phone, refusal = sent
    proof = _proof_form(request, phone)
    proof.too_many = refusal  # type: ignore[attr-defined] # read by `answered`
    return _ask_code(request, proof, phone)


def _send(request: WorkerRequest, typed: str) -> tuple[str, TooMany | None]:
    """Send a code; one asked for too soon leads on to the code that was sent before."""
    phone = parse_phone(typed)
    guard_codes(request)
    try:
        begin_sign_in(phone=phone, language=get_language() or "", now=request.now)
    except TooMany as refusal:
        messages.warning(request, str(refusal.message))
        return phone, refusal
    return phone, None


def _proof_form(request: WorkerRequest, phone: str, data: object = None) -> forms.Form:
    device = request.COOKIES.get(DEVICE_COOKIE, "")[:100]
    form_class = ProofForm if needs_last6(phone=phone, device_token=device) else CodeForm
    return form_class(data)  # type: ignore[arg-type]


def _prove(request: WorkerRequest) -> HttpResponse:
    asked = PhoneForm(request.POST)
    done, phone = tried(asked, lambda: parse_phone(asked.cleaned_data["phone"]))
    if not done:
        return _ask(request, asked)
    count(request, "code_checks")
    form = _proof_form(request, phone, request.POST)
    done, signed = tried(form, lambda: _complete(request, form, phone))
    if not done:
        return _ask_code(request, form, phone)
    held = waiting(request)
    sign_in_by_phone(request, signed.account)
    link(request, held, signed)
    response = redirect(next_page(request))
    if signed.device_token:
        response.set_cookie(
            DEVICE_COOKIE,
            signed.device_token,
            max_age=DEVICE_AGE,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


def _complete(request: WorkerRequest, form: forms.Form, phone: str) -> SignedIn:
    return complete_sign_in(
        phone=phone,
        code=form.cleaned_data["code"],
        last6=form.cleaned_data.get("last6", ""),
        device_token=request.COOKIES.get(DEVICE_COOKIE, "")[:100],
        label=request.headers.get("User-Agent", "")[:80],
        now=request.now,
    )


def _ask(request: WorkerRequest, form: forms.Form) -> HttpResponse:
    context = {
        "page_title": _("Sign in"),
        "back_url": reverse("worker:home"),
        "form": form,
        "next": request.POST.get("next", "") or request.GET.get("next", ""),
        "waiting": waiting(request),
        "platforms": [] if waiting(request) else [(each.value, each.label) for each in offered(request)],
    }
    return answered(render(request, "worker/account/sign_in.html", context), form)


def _ask_code(request: WorkerRequest, form: forms.Form, phone: str) -> HttpResponse:
    context = {
        "page_title": _("Sign in"),
        "back_url": reverse("worker:sign_in"),
        "form": form,
        "phone": phone,
        "code_url": reverse("worker:sign_in"),
        "resend_url": reverse("worker:sign_in"),
        "hidden": {"phone": phone, "next": next_page(request)},
        "button_label": _("Sign in"),
    }
    return answered(render(request, "worker/join/code.html", context), form)


@require_POST
def leave(request: WorkerRequest) -> HttpResponse:
    """Sign out of this phone; it stays trusted, so that coming back takes the code only."""
    sign_out(request)
    messages.success(request, _("You are signed out. Take care out there."))
    response = redirect("worker:home")
    clear_phone(request, response)
    return response
