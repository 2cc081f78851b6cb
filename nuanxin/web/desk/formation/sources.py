"""Licensing systems that may report: who they are, and their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.queries import union_in_reach
from nuanxin.access.states import Permission
from nuanxin.formation.actions.sources import register_source
from nuanxin.formation.queries.sources import visible_sources
from nuanxin.web.desk.formation.words import tabs
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.formation.actions.sources import NewSource
    from nuanxin.web.desk.requests import DeskRequest


class SourceForm(forms.Form):
    """A licensing system that gets a key."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("A name that has a key gets a new one.")
    )
    union = forms.CharField(
        label=gettext_lazy("Union of its area"),
        max_length=120,
        help_text=gettext_lazy("Code or whole name; it may report on this union's area only."),
    )
    public_key = forms.CharField(
        label=gettext_lazy("Its public key"),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("PEM or base64url, curve P-256. Empty: a shared secret is made and shown once."),
        widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
    )


@require_safe
def sources(request: DeskRequest) -> HttpResponse:
    """List the licensing systems; their keys are revoked among the API clients."""
    request.actor.require(Permission.MANAGE_KEYS)
    context = {
        "page_title": _("Two syncs, one stop"),
        "views": tabs(request, "sources"),
        "rows": visible_sources(request.actor),
    }
    return render(request, "desk/formation/sources.html", context)


@require_http_methods(["GET", "POST"])
def new_source(request: DeskRequest) -> HttpResponse:
    """Let a licensing system in and show its key this once."""
    request.actor.require(Permission.MANAGE_KEYS)
    form = SourceForm(request.POST or None)
    back = reverse("desk:formation:sources")
    if request.method == "POST":
        done, made = tried(form, lambda: _register(request, form))
        if done:
            return _shown(request, made, back)
    context = {
        "form": form,
        "page_title": _("New licensing system"),
        "submit": _("Let it in"),
        "back_url": back,
        "intro": _("Its developers find how to send and sign in docs/permits.md."),
    }
    return render(request, "desk/access/form.html", context, status=422 if form.is_bound else 200)


def _register(request: DeskRequest, form: SourceForm) -> NewSource:
    chosen = form.cleaned_data
    union = union_in_reach(request.actor, Permission.MANAGE_KEYS, chosen["union"].strip())
    return register_source(
        actor=request.actor, name=chosen["name"], union=union, public_key=chosen["public_key"].strip(), now=request.now
    )


def _shown(request: DeskRequest, made: NewSource, back: str) -> HttpResponse:
    say = _("Copy both now: the secret is shown this once.") if made.secret else _("It signs with its own key.")
    context = {
        "page_title": _("Key of the licensing system"),
        "say": say,
        "facts": [
            (_("Name"), made.source.name),
            (_("Key id"), made.source.pk),
            (_("Signs by"), made.source.get_signing_display()),
        ],
        "secret": made.secret,
        "back_url": back,
    }
    response = render(request, "desk/access/secret.html", context)
    response["Cache-Control"] = "no-store"
    return response
