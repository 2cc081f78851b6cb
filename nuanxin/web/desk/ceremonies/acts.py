"""What is done at a ceremony: planned, opened, people approved, kits handed out, closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from nuanxin.access.queries import union_in_reach
from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.members.actions.ceremonies import (
    approve_present,
    close_ceremony,
    hand_out_kit,
    open_ceremony,
    plan_ceremony,
)
from nuanxin.members.queries.ceremonies import get_ceremony, guests_of_roster
from nuanxin.members.queries.rosters import get_roster
from nuanxin.web.desk.ceremonies.forms import CeremonyForm, KitForm
from nuanxin.web.desk.ceremonies.views import shown
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.members.models import Ceremony, Roster
    from nuanxin.web.desk.requests import DeskRequest


def _to(found: Ceremony) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:ceremonies:ceremony", args=[found.number]))


@require_http_methods(["GET", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Plan a ceremony."""
    request.actor.require(Permission.REVIEW)
    form = CeremonyForm(request.POST or None)
    if request.method == "POST":
        done, made = tried(form, lambda: _plan(request, form.cleaned_data))
        if done:
            return _to(made)
    context = {
        "form": form,
        "page_title": _("New joining ceremony"),
        "submit": _("Plan it"),
        "back_url": reverse("desk:ceremonies:ceremonies"),
    }
    return render(request, "desk/access/form.html", context, status=422 if form.is_bound else 200)


def _plan(request: DeskRequest, chosen: dict[str, Any]) -> Ceremony:
    union = union_in_reach(request.actor, Permission.REVIEW, chosen["union"].strip())
    number = chosen.pop("roster").strip()
    guests = [chosen["guests"], guests_of_roster(_roster(request, number)) if number else ""]
    told = chosen | {"union": union, "guests": "\n".join(guests)}
    return plan_ceremony(actor=request.actor, **told, now=request.now)


def _roster(request: DeskRequest, number: str) -> Roster:
    try:
        return get_roster(request.actor, number)
    except NotFound:
        raise Invalid("unknown_roster", _("No roster in your reach has this number."), field="roster") from None


@require_POST
def open_it(request: DeskRequest, number: str) -> HttpResponse:
    """Let people join."""
    found = get_ceremony(request.actor, number)
    open_ceremony(actor=request.actor, ceremony=found, now=request.now)
    messages.success(request, _("People can join now: show them the code."))
    return _to(found)


@require_http_methods(["GET", "POST"])
def close(request: DeskRequest, number: str) -> HttpResponse:
    """Ask, then end the ceremony."""
    found = get_ceremony(request.actor, number)
    if request.method == "POST":
        close_ceremony(actor=request.actor, ceremony=found, now=request.now)
        messages.success(request, _("The ceremony is over; the minutes are final."))
        return _to(found)
    context = {
        "face": "kit/desk.html",
        "page_title": found.title,
        "question": _("Is the ceremony over?"),
        "consequences": [
            _("Whoever scans the code from now on comes to the union's ordinary page."),
            _("No more kits are handed out, and the minutes are final."),
        ],
        "action_url": request.path,
        "action_label": _("Yes, it is over"),
        "back_url": reverse("desk:ceremonies:ceremony", args=[found.number]),
    }
    return render(request, "kit/confirm.html", context)


@require_POST
def approve(request: DeskRequest, number: str) -> HttpResponse:
    """Approve everybody who came by the code and waits; say whom it did not work for."""
    found = get_ceremony(request.actor, number)
    outcomes = approve_present(actor=request.actor, ceremony=found, now=request.now)
    failed = [outcome for outcome in outcomes if outcome.refusal]
    if len(outcomes) > len(failed):
        messages.success(request, _("%(count)s new members. Welcome!") % {"count": len(outcomes) - len(failed)})
    for outcome in failed[:5]:
        assert outcome.refusal
        messages.warning(request, f"{outcome.number}: {outcome.refusal.message}")
    return _to(found)


@require_POST
def kit(request: DeskRequest, number: str) -> HttpResponse:
    """Hand out a kit to whoever shows a card."""
    found = get_ceremony(request.actor, number)
    form = KitForm(request.POST)
    done, handed = tried(
        form,
        lambda: hand_out_kit(actor=request.actor, ceremony=found, code=form.cleaned_data["code"], now=request.now),
    )
    if not done:
        return shown(request, found, form, status=422)
    messages.success(
        request, _("A kit for %(name)s. Hand it out now.") % {"name": mask_name(handed.membership.worker.name)}
    )
    return _to(found)
