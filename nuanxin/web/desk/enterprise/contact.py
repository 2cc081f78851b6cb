"""Whom the union calls at the enterprise."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from nuanxin.access.states import Permission
from nuanxin.organizations.actions import register_contact
from nuanxin.organizations.queries import get_enterprise
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.desk.requests import DeskRequest


class ContactForm(forms.Form):
    """Who answers, and how to reach that person."""

    contact = forms.CharField(label=gettext_lazy("Contact"), max_length=60)
    contact_phone = forms.CharField(
        label=gettext_lazy("Phone of the contact"),
        max_length=30,
        widget=forms.TextInput({"inputmode": "tel"}),
        help_text=gettext_lazy("A mobile or a landline with its area code; unions in charge see it."),
    )


@require_http_methods(["GET", "POST"])
def contact(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Register who answers for the enterprise."""
    enterprise = get_enterprise(request.actor, pk)
    request.actor.require(Permission.REGISTER_CONTACT, at=enterprise)
    initial = {"contact": enterprise.contact, "contact_phone": enterprise.contact_phone}
    form = ContactForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST":
        done, _result = tried(
            form,
            lambda: register_contact(
                actor=request.actor,
                enterprise=enterprise,
                contact=form.cleaned_data["contact"],
                contact_phone=form.cleaned_data["contact_phone"],
                now=request.now,
            ),
        )
        if done:
            messages.success(request, _("Saved. The union knows whom to call."))
            return HttpResponseRedirect(reverse("desk:enterprise:employees"))
    context = {
        "page_title": _("Contact of the enterprise"),
        "pretitle": enterprise.name,
        "form": form,
        "back_url": reverse("desk:enterprise:employees"),
    }
    return render(request, "desk/enterprise/contact.html", context, status=422 if form.is_bound else 200)
