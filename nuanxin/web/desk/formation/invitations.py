"""Invitations to enterprises: how far each has come, and what the union does next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.states import Permission
from nuanxin.formation.actions.invitations import open_people_office
from nuanxin.formation.queries.invitations import get_invitation, has_people_office, progress_of, secrets_of
from nuanxin.formation.queries.invitations import invitations as found_invitations
from nuanxin.formation.states import OPEN_INVITATIONS, InvitationState, Wanted
from nuanxin.kernel.clock import local_day
from nuanxin.web.desk.formation.words import INVITATION_TONES, tabs
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.formation.models import Invitation
    from nuanxin.formation.queries.invitations import Progress
    from nuanxin.web.desk.requests import DeskRequest

_ANY = ("", gettext_lazy("any"))


class InvitationFilter(forms.Form):
    """Which invitations to list."""

    state = forms.ChoiceField(label=gettext_lazy("State"), required=False, choices=[_ANY, *InvitationState.choices])


@require_safe
def invitations(request: DeskRequest) -> HttpResponse:
    """List the invitations in reach, newest first, with how far each enterprise has come."""
    request.actor.require(Permission.FORM_UNIONS)
    form = InvitationFilter(request.GET or None)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    rows = found_invitations(request.actor, state=state)
    listed = page(rows, order=("-sent_at", "-pk"), cursor=request.GET.get("page", ""), size=50)
    progress = progress_of(listed.items, on=local_day(request.now))
    context = {
        "page_title": _("Two syncs, one stop"),
        "views": tabs(request, "invitations"),
        "filters": form,
        "page": listed,
        "rows": [_row(each, progress[each.pk]) for each in listed.items],
    }
    return render(request, "desk/formation/invitations.html", context)


def _row(found: Invitation, progress: Progress) -> dict[str, Any]:
    state = InvitationState(found.state)
    return {
        "invitation": found,
        "state": {"label": state.label, "tone": INVITATION_TONES[state]},
        "wanted": Wanted(found.wanted).label,
        "progress": progress,
    }


@require_safe
def invitation(request: DeskRequest, number: str) -> HttpResponse:
    """Show one invitation: its steps, the link and code to hand over, and what comes next."""
    found = get_invitation(request.actor, number)
    request.actor.require(Permission.FORM_UNIONS, at=found.union)
    row = _row(found, progress_of([found], on=local_day(request.now))[found.pk])
    is_open = found.state in OPEN_INVITATIONS
    token, code = secrets_of(found) if is_open else ("", "")
    office = has_people_office(found.enterprise, now=request.now)
    accepted = found.state == InvitationState.ACCEPTED
    context = row | {
        "page_title": found.enterprise.name,
        "back_url": reverse("desk:formation:invitations"),
        "is_open": is_open,
        "link": f"{settings.NUANXIN_BASE_URL}/i/{token}/" if is_open else "",
        "code": f"{code[:5]}-{code[5:]}" if is_open else "",
        "typed_at": f"{settings.NUANXIN_BASE_URL}{reverse('open:invited')}",
        "steps": _steps(found, row["progress"], office=office),
        "may_cover": accepted and row["progress"].covered_by is None and _may(request, found),
        "may_open": accepted and not office and request.actor.may(Permission.GRANT_POSTS, at=found.enterprise),
    }
    response = render(request, "desk/formation/invitation.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _may(request: DeskRequest, found: Invitation) -> bool:
    return request.actor.may(Permission.EDIT_ENTERPRISES, at=found.enterprise)


def _steps(found: Invitation, progress: Progress, *, office: bool) -> list[dict[str, Any]]:
    """Return the way from the invitation to the members; the first step that is not done is where it stands."""
    told = _("texted to the contact of the permit") if found.was_texted else _("no mobile number known: call or visit")
    steps: list[dict[str, Any]] = [{"text": _("Invited"), "at": found.sent_at, "note": told, "done": True}]
    steps.append({"text": _("Opened"), "at": found.opened_at, "done": bool(found.opened_at)})
    if found.state == InvitationState.DECLINED:
        return _marked([*steps, {"text": _("Declined"), "at": found.answered_at, "words": found.reason, "done": True}])
    if found.state == InvitationState.LAPSED:
        return _marked([*steps, {"text": _("Lapsed"), "at": found.lapses_at, "done": True}])
    covered = progress.covered_by
    enrolled = _("%(rosters)s rosters, %(people)s new members") % {
        "rosters": progress.rosters,
        "people": progress.enrolled,
    }
    accepted = found.state == InvitationState.ACCEPTED
    steps += [
        {"text": _("Accepted"), "at": found.answered_at, "done": accepted},
        {"text": _("People office can sign in"), "done": office},
        {"text": _("A union covers it"), "note": local_name(covered) if covered else "", "done": bool(covered)},
        {"text": _("Roster enrolled"), "note": enrolled if progress.rosters else "", "done": bool(progress.rosters)},
    ]
    return _marked(steps)


def _marked(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    here = next((step for step in steps if not step["done"]), None)
    for step in steps:
        step["now"] = step is here
    return steps


@require_http_methods(["GET", "POST"])
def people_office(request: DeskRequest, number: str) -> HttpResponse:
    """Ask, then open the people office's sign-in and show its one-time password this once."""
    found = get_invitation(request.actor, number)
    request.actor.require(Permission.GRANT_POSTS, at=found.enterprise)
    back = reverse("desk:formation:invitation", args=[found.number])
    if request.method == "POST":
        made = open_people_office(actor=request.actor, invitation=found, now=request.now)
        context = {
            "page_title": _("Sign-in of the people office"),
            "say": _("Hand both over in person or by phone: the password is shown this once."),
            "facts": [(_("Enterprise"), found.enterprise.name), (_("Sign-in name"), made.account.username)],
            "secret": made.password,
            "back_url": back,
        }
        response = render(request, "desk/access/secret.html", context)
        response["Cache-Control"] = "no-store"
        return response
    context = {
        "face": "kit/desk.html",
        "page_title": _("Sign-in of the people office"),
        "question": _("Open a sign-in for the people office of %(name)s?") % {"name": found.enterprise.name},
        "consequences": [
            _("%(contact)s can then enroll the enterprise's people by rosters, and confirm who works there.")
            % {"contact": found.enterprise.contact},
            _("Be sure who it is: call the number that the enterprise is known by."),
        ],
        "action_url": request.path,
        "action_label": _("Open it"),
        "back_url": back,
    }
    return render(request, "kit/confirm.html", context)
