"""One application: why it is here, who it is, what was done, and what can be done now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.states import Permission
from nuanxin.members.actions.memberships import reveal
from nuanxin.members.queries.applications import get_application
from nuanxin.members.queries.contests import events_of
from nuanxin.members.queries.duplicates import similar_to
from nuanxin.members.queries.reviewing import (
    consents_of,
    identity_of_application,
    membership_number_of,
    phone_of_application,
)
from nuanxin.members.rules.review import is_waiting
from nuanxin.members.states import ApplicationState, ConsentKind, Decision
from nuanxin.regions.queries import full_name
from nuanxin.web.desk.duplicates.words import evidence_rows, score_badge, short_reasons
from nuanxin.web.desk.reveals import RevealForm, ask_to_reveal, revealed
from nuanxin.web.desk.review.rows import chain_of, name_for
from nuanxin.web.desk.review.timeline import event_steps
from nuanxin.web.desk.review.words import STATE_TONES, standing_badges
from nuanxin.web.desk.times import limit_in_words
from nuanxin.web.kit.documents import document_in_words
from nuanxin.web.kit.masks import mask_name, mask_phone
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.access.actors import Actor
    from nuanxin.members.models import Application
    from nuanxin.web.desk.requests import DeskRequest

#: Buttons of the panel, in order.
_BUTTONS = (Decision.APPROVE, Decision.ACCEPT, Decision.RETURN, Decision.PASS_ON, Decision.REFUSE)
_ICONS = {
    Decision.APPROVE: "check",
    Decision.ACCEPT: "progress-check",
    Decision.RETURN: "edit",
    Decision.PASS_ON: "send",
    Decision.REFUSE: "x",
}


@require_safe
def application(request: DeskRequest, number: str) -> HttpResponse:
    """Show an application to whoever may see it."""
    found = get_application(request.actor, number)
    state = ApplicationState(found.state)
    may_review = request.actor.may(Permission.REVIEW, at=found.union)
    barred = found.barred_account_id is not None and found.barred_account_id == request.actor.account_id
    context: dict[str, Any] = {
        "page_title": name_for(request.actor, found),
        "pretitle": _("Application %(number)s · %(union)s")
        % {"number": found.number, "union": local_name(found.union)},
        "application": found,
        "state": {"label": state.label, "tone": STATE_TONES.get(state, "")},
        "badges": standing_badges(found),
        "limit": limit_in_words(found.due_at, request.now),
        "facts": facts(request.actor, found),
        "chain": chain_steps(found),
        "acts": event_steps(request.actor, events_of(found)),
        "consents": [(ConsentKind(each.kind).label, each) for each in consents_of(found)],
        "similar": _similar(request, found) if may_review else [],
        "buttons": buttons(found) if may_review and is_waiting(found.state) and not barred else [],
        "barred": barred and is_waiting(found.state),
        "may_review": may_review,
        "may_reveal": request.actor.may(Permission.REVEAL, at=found.union),
        "print_url": reverse("desk:review:registration_form", args=[number]) if may_review else "",
        "member_number": membership_number_of(found),
    }
    return render(request, "desk/review/application.html", context)


def _similar(request: DeskRequest, found: Application) -> list[dict[str, Any]]:
    """Return who may be the applicant, each with what agrees; of somebody out of reach only that."""
    return [
        {
            "membership": each.membership,
            "score": score_badge(each.score.points),
            "reasons": short_reasons(evidence_rows(each.score.evidence), most=4),
        }
        for each in similar_to(request.actor, found, now=request.now)
    ]


def facts(actor: Actor, found: Application) -> list[tuple[str, str, str]]:
    """Return name, value and what can be revealed of each fact on the page."""
    employer = found.employer.name if found.employer else found.employer_name
    return [
        (_("Full name"), name_for(actor, found), ""),
        (_("Phone"), mask_phone(phone_of_application(found)), "phone"),
        (_("ID number"), document_in_words(found.id_kind, identity_of_application(found)), "id"),
        (_("Occupation group"), local_name(found.occupation_group), ""),
        (_("Works in"), full_name(found.region_id), ""),
        (_("Employer"), employer or _("not named"), ""),
        (_("Platform"), local_name(found.platform) or _("not named"), ""),
        (_("Way in"), local_name(found.door), ""),
    ]


def chain_steps(found: Application) -> list[dict[str, Any]]:
    """Return the route as steps; the last one that chose a union is marked."""
    steps = chain_of(found)
    last = max((place for place, step in enumerate(steps) if step.chosen), default=-1)
    return [{"text": step.text, "note": step.detail, "now": place == last} for place, step in enumerate(steps)]


def buttons(found: Application) -> list[dict[str, Any]]:
    """Return the decisions that an application in this state allows."""
    return [
        {
            "label": decision.label,
            "icon": _ICONS[decision],
            "url": reverse("desk:review:decide", args=[found.number, decision.value.replace("_", "-")]),
            "primary": decision == Decision.APPROVE,
            "danger": decision == Decision.REFUSE,
        }
        for decision in _BUTTONS
        if not (decision == Decision.ACCEPT and found.state == ApplicationState.ACCEPTED)
    ]


@require_http_methods(["GET", "POST"])
def reveal_value(request: DeskRequest, number: str, what: str) -> HttpResponse:
    """Ask for a reason, then show an ID number or a phone this once; who saw it and why is recorded."""
    found = get_application(request.actor, number)
    request.actor.require(Permission.REVEAL, at=found.union)
    back = reverse("desk:review:application", args=[number])
    form = RevealForm(request.POST or None)
    if request.method == "POST":
        done, value = tried(form, lambda: _reveal(request, request.actor, found, what, form))
        if done:
            return revealed(request, what=what, value=value, name=mask_name(found.name), back_url=back)
    return ask_to_reveal(request, form, what=what, name=mask_name(found.name), back_url=back)


def _reveal(request: DeskRequest, actor: Actor, found: Application, what: str, form: RevealForm) -> str:
    return reveal(actor=actor, subject=found, what=what, reason=form.cleaned_data["reason"], now=request.now)
