"""The applicant's own data, by the secret link: consents to take back, and the erasure of what led to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.kernel.clock import local_day
from nuanxin.members.actions.rights import erase_own_application, withdraw_consent
from nuanxin.members.queries.applications import get_by_token
from nuanxin.members.queries.rights import closed_period, consent_with, consents_with, may_be_erased
from nuanxin.members.states import ConsentKind
from nuanxin.web.kit.guards import answered, guard_form
from nuanxin.web.kit.refusals import tried
from nuanxin.web.worker.account.rights import ask, consequences_of
from nuanxin.web.worker.join.forms import text_field
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from nuanxin.members.models import Application
    from nuanxin.web.worker.requests import WorkerRequest


@never_cache
@require_safe
def data(request: WorkerRequest, token: str) -> HttpResponse:
    """Show what was agreed to, and how long the application is kept."""
    found = get_by_token(token)
    period = closed_period(found, now=request.now)
    context = {
        "page_title": _("My data in this application"),
        "back_url": reverse("worker:application", args=[token]),
        "tabs": tabs(request),
        "token": token,
        "consents": consents_with(found),
        "may_erase": may_be_erased(found),
        "period": period,
        "until": period.until(local_day(found.closed_at or found.confirmed_at or found.started_at)),
    }
    return render(request, "worker/progress/data.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: WorkerRequest, token: str, pk: UUID) -> HttpResponse:
    """Say what follows from taking a consent back; then take it back."""
    found = consent_with(get_by_token(token), pk)
    if request.method == "POST":
        guard_form(request)
        withdraw_consent(actor=request.actor, consent=found, now=request.now)
        messages.success(request, _("You have taken it back."))
        return redirect("worker:application_data", token=token)
    return ask(
        request,
        title=_("Take a consent back"),
        question=_("Take this consent back: %(what)s?") % {"what": ConsentKind(found.kind).label},
        consequences=consequences_of(found),
        label=_("Yes, take it back"),
        back_url=reverse("worker:application_data", args=[token]),
        proof=True,
    )


class Last6Form(forms.Form):
    """The end of the ID: whoever has only the link cannot erase somebody else's application."""

    last6 = text_field(
        gettext_lazy("Last six characters of your ID card"),
        hint=gettext_lazy("So that nobody else who has this link can do it"),
        missing=gettext_lazy("Please type the last six characters of your ID card."),
        autocomplete="off",
        autocapitalize="characters",
        maxlength=12,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: WorkerRequest, token: str) -> HttpResponse:
    """Ask for the end of the ID, then erase for good."""
    found = get_by_token(token)
    form = Last6Form(request.POST or None)
    if request.method == "POST":
        done, _nothing = tried(form, lambda: _erase(request, found, form))
        if done:
            messages.success(request, _("Your application is erased. You may apply again at any time."))
            return redirect("worker:home")
    page = ask(
        request,
        title=_("Erase this application"),
        question=_("Erase application %(number)s for good?") % {"number": found.number},
        consequences=[
            _("Your name, ID number, phone and every word in it are erased at once. Nobody can bring them back."),
            _("This link leads nowhere any more."),
            _("What stays says nothing of you: that there was an application, and how it ended."),
        ],
        label=_("Yes, erase it for good"),
        back_url=reverse("worker:application_data", args=[token]),
        form=form,
        proof=True,
    )
    return answered(page, form)


def _erase(request: WorkerRequest, found: Application, form: Last6Form) -> None:
    guard_form(request)
    erase_own_application(actor=request.actor, application=found, last6=form.cleaned_data["last6"], now=request.now)
