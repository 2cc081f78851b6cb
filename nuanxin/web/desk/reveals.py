"""Revealing at the desk: ask for the reason, show the value once, keep it in no address, log or cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nuanxin.members.rules.memberships import MOST_REASON, check_revealable

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.desk.requests import DeskRequest


class RevealForm(forms.Form):
    """Why somebody must see a value in full."""

    reason = forms.CharField(
        label=gettext_lazy("Why do you need to see it?"),
        max_length=MOST_REASON,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("It is recorded with your name and post; the person can ask who saw it."),
    )


def ask_to_reveal(request: DeskRequest, form: RevealForm, *, what: str, name: str, back_url: str) -> HttpResponse:
    """Show the question; with status 422 when it came back with errors."""
    check_revealable(what)
    question = {
        "id": _("Show the whole ID number of %(name)s?"),
        "phone": _("Show the whole phone number of %(name)s?"),
    }[what] % {"name": name}
    context = {
        "face": "kit/desk.html",
        "page_title": question,
        "question": question,
        "consequences": [_("It is shown once, on the next page."), _("Who saw it, when and why is recorded.")],
        "action_url": request.path,
        "action_label": _("Show it"),
        "back_url": back_url,
        "form": form,
    }
    return render(request, "kit/confirm.html", context, status=422 if form.is_bound else 200)


def revealed(request: DeskRequest, *, what: str, value: str, name: str, back_url: str) -> HttpResponse:
    """Show the value this once."""
    label = {"id": _("ID number"), "phone": _("Phone")}[what]
    context = {"page_title": name, "label": label, "value": value, "back_url": back_url}
    response = render(request, "desk/home/revealed.html", context)
    response["Cache-Control"] = "no-store"
    return response
