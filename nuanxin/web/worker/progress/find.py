"""Finding an application again without its link: by number and the phone that was proved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nuanxin.access.actions.codes import check_code, send_code
from nuanxin.access.states import CodePurpose
from nuanxin.kernel.identifiers import parse_phone
from nuanxin.kernel.refusals import Invalid, NotFound, TooMany
from nuanxin.kernel.text import check_text, compact
from nuanxin.members.queries.applications import get_of_phone, progress_token
from nuanxin.members.queries.persons import phone_digest
from nuanxin.web.kit.guards import answered, count, guard_codes
from nuanxin.web.kit.refusals import tried
from nuanxin.web.worker.join.forms import CodeForm, phone_field, text_field
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.worker.requests import WorkerRequest


class FindForm(forms.Form):
    """The number of the application, and the phone it was sent with."""

    number = text_field(
        gettext_lazy("Application number"),
        hint=gettext_lazy("It is in the text message you got after sending"),
        missing=gettext_lazy("Please write the application number."),
        autocomplete="off",
    )
    phone = phone_field()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: WorkerRequest) -> HttpResponse:
    """Ask for number and phone, send a code, and open the page. Nothing is told before the phone is proved."""
    form = FindForm(request.POST or None)
    if request.method != "POST":
        return _ask(request, form)
    done, asked = tried(form, lambda: _read(form))
    if not done:
        return _ask(request, form)
    number, phone = asked
    if "code" in request.POST:
        return _prove(request, number, phone)
    done, _nothing = tried(form, lambda: guard_codes(request))
    if not done:
        return _ask(request, form)
    code = CodeForm()
    try:
        send_code(purpose=CodePurpose.PROGRESS, phone=phone, now=request.now)
    except TooMany as refusal:
        messages.warning(request, str(refusal.message))
        code.too_many = refusal  # type: ignore[attr-defined] # read by `answered`
    return _ask_code(request, code, number, phone)


def _read(form: forms.Form) -> tuple[str, str]:
    number = compact(check_text(form.cleaned_data["number"], field="number", most=30)).upper()
    if not number:
        raise Invalid("missing", _("Please write the application number."), field="number")
    return number, parse_phone(form.cleaned_data["phone"])


def _prove(request: WorkerRequest, number: str, phone: str) -> HttpResponse:
    form = CodeForm(request.POST)
    done, token = tried(form, lambda: _token(request, form.cleaned_data["code"], number, phone))
    return redirect("worker:application", token=token) if done else _ask_code(request, form, number, phone)


def _token(request: WorkerRequest, code: str, number: str, phone: str) -> str:
    count(request, "code_checks")
    check_code(purpose=CodePurpose.PROGRESS, phone=phone, code=code, now=request.now)
    try:
        return progress_token(get_of_phone(phone_digest(phone), number).pk)
    except NotFound:
        raise Invalid(
            "no_such_application",
            _("There is no application with this number for this phone. Please compare the number with your message."),
        ) from None


def _ask(request: WorkerRequest, form: forms.Form) -> HttpResponse:
    context = {
        "page_title": _("My application"),
        "back_url": reverse("worker:home"),
        "tabs": tabs(request),
        "form": form,
    }
    return answered(render(request, "worker/progress/find.html", context), form)


def _ask_code(request: WorkerRequest, form: forms.Form, number: str, phone: str) -> HttpResponse:
    context: dict[str, Any] = {
        "page_title": _("My application"),
        "back_url": reverse("worker:progress"),
        "form": form,
        "phone": phone,
        "code_url": request.path,
        "resend_url": request.path,
        "hidden": {"number": number, "phone": phone},
    }
    return answered(render(request, "worker/join/code.html", context), form)
