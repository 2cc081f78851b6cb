"""What licensing systems reported: each message with its fate and its steps; what failed is tried again by hand."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from nuanxin.access.states import Permission
from nuanxin.formation.actions.carrying import paper_of
from nuanxin.formation.actions.receiving import replay_permit
from nuanxin.formation.queries.offers import application_states
from nuanxin.formation.queries.permits import PermitFilters, counts_by_state, get_permit, steps_of
from nuanxin.formation.queries.permits import permits as found_permits
from nuanxin.formation.states import InvitationState, MessageState, OfferState, PermitKind, StepKind
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.states import ApplicationState
from nuanxin.organizations.queries.lists import occupation_groups
from nuanxin.regions.queries import full_name
from nuanxin.web.desk.formation.words import (
    INVITATION_TONES,
    MESSAGE_TONES,
    OFFER_TONES,
    fate_of,
    problem_words,
    tabs,
)
from nuanxin.web.kit.days import DayField
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.masks import mask_id, mask_name, mask_phone
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.http import FileResponse, HttpResponse

    from nuanxin.formation.models import PermitMessage
    from nuanxin.web.desk.requests import DeskRequest

_ANY = ("", gettext_lazy("any"))


class PermitFilter(forms.Form):
    """Which messages to list."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind of message"), required=False, choices=[_ANY, *PermitKind.choices])
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False, choices=[_ANY, *MessageState.choices])
    since = DayField(label=gettext_lazy("From"), required=False)
    until = DayField(label=gettext_lazy("Until"), required=False)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=ZONE)


def _filters(form: forms.Form) -> PermitFilters:
    chosen = form.cleaned_data if form.is_valid() else {}
    since, until = chosen.get("since"), chosen.get("until")
    return PermitFilters(
        kind=chosen.get("kind", ""),
        state=chosen.get("state", ""),
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
    )


@require_safe
def permits(request: DeskRequest) -> HttpResponse:
    """List the messages in reach, newest first, with the numbers of the day."""
    request.actor.require(Permission.FORM_UNIONS)
    form = PermitFilter(request.GET or None)
    filters = _filters(form)
    listed = page(
        found_permits(request.actor, filters),
        order=("-received_at", "-pk"),
        cursor=request.GET.get("page", ""),
        size=50,
    )
    day = local_day(filters.since or request.now)
    of_day = PermitFilters(since=_midnight(day), until=_midnight(day + timedelta(days=1)))
    counts = counts_by_state(found_permits(request.actor, of_day))
    context = {
        "page_title": _("Two syncs, one stop"),
        "views": tabs(request, "permits"),
        "filters": form,
        "page": listed,
        "rows": [_row(message) for message in listed.items],
        "day": day,
        "counts": [(state.label, counts.get(state, 0), MESSAGE_TONES[state]) for state in MessageState],
        "query": request.GET.urlencode(),
    }
    return render(request, "desk/formation/permits.html", context)


def _row(message: PermitMessage) -> dict[str, Any]:
    state = MessageState(message.state)
    return {
        "message": message,
        "kind": PermitKind(message.kind).label,
        "state": state.label,
        "tone": MESSAGE_TONES[state],
        "fate": fate_of(message),
        "url": reverse("desk:formation:permit", args=[message.pk]),
    }


@require_safe
def excel(request: DeskRequest) -> FileResponse:
    """Send the list as a workbook: nothing personal is in it."""
    request.actor.require(Permission.FORM_UNIONS)
    header = [
        _("Message"),
        _("Sender"),
        _("Kind of message"),
        _("State"),
        _("What came of it"),
        _("Enterprise"),
        _("Union"),
    ]
    rows = found_permits(request.actor, _filters(PermitFilter(request.GET or None)))
    return workbook_response(_("Messages of licensing systems"), [*header, _("Received"), _("Tries")], _out(rows))


def _out(rows: Any) -> Iterator[list[Any]]:
    for message in rows.order_by("-received_at", "-pk").iterator(chunk_size=500):
        yield [
            message.external_id,
            message.sender,
            str(PermitKind(message.kind).label),
            str(MessageState(message.state).label),
            fate_of(message),
            message.enterprise.name if message.enterprise else "",
            local_name(message.union),
            message.received_at,
            message.attempts,
        ]


@require_safe
def permit(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show one message: what it says, masked; every step; and what came of it, as it stands now."""
    found = get_permit(request.actor, pk)
    request.actor.require(Permission.FORM_UNIONS, at=found.union)
    context = _row(found) | {
        "page_title": _("Message %(id)s") % {"id": found.external_id},
        "back_url": reverse("desk:formation:permits"),
        "facts": _facts(found),
        "steps": [
            {"text": StepKind(step.what).label, "at": step.at, "note": step.who, "now": False}
            for step in steps_of(found)
        ],
        "problems": [problem_words(problem) for problem in found.problems],
        "may_replay": found.state == MessageState.FAILED,
        "invitation_state": _invitation_state(found),
        "offer_state": _offer_state(found),
    }
    return render(request, "desk/formation/permit.html", context)


def _facts(found: PermitMessage) -> list[tuple[str, object]]:
    """Return what a message says; of a person only what is masked."""
    paper = paper_of(found)
    told = {name: str(value) for name, value in paper.subject.items()}
    facts: list[tuple[str, object]] = [(_("Permit or certificate"), paper.type), (_("Issued or reviewed"), paper.at)]
    if paper.is_of_enterprise:
        facts += [
            (_("Enterprise"), told.get("name", "")),
            (_("Credit code"), told.get("credit_code", "")),
            (_("Contact"), mask_name(told.get("contact", ""))),
            (_("Phone"), mask_phone(told.get("contact_phone", ""))),
        ]
    else:
        facts += [
            (_("Full name"), mask_name(told.get("name", ""))),
            (_("ID number"), mask_id(told.get("id_number", ""))),
            (_("Phone"), mask_phone(told.get("phone", ""))),
            (_("Trade"), _trade(told.get("occupation_group", ""))),
        ]
    return [*facts, (_("Place"), _place(told.get("region_code", "")))]


def _trade(code: str) -> str:
    return next((local_name(group) for group in occupation_groups() if group.code == code), code)


def _place(code: str) -> str:
    """Return a place in words; one that does not exist as it was told: that is often why a message failed."""
    try:
        return full_name(code)
    except NotFound:
        return code


def _invitation_state(found: PermitMessage) -> dict[str, Any] | None:
    if found.invitation is None:
        return None
    state = InvitationState(found.invitation.state)
    return {"label": state.label, "tone": INVITATION_TONES[state]}


def _offer_state(found: PermitMessage) -> dict[str, Any] | None:
    """Return where the worker's application stands; one that was begun and not confirmed is no application yet."""
    if found.offer is None:
        return None
    state, number = OfferState(found.offer.state), found.offer.application_number
    known = application_states([number]).get(number, "")
    if known and known != ApplicationState.UNCONFIRMED:
        return {"label": ApplicationState(known).label, "tone": "good", "number": number}
    if state == OfferState.USED:
        return {"label": _("begun, phone not proved yet"), "tone": "wait", "number": ""}
    return {"label": state.label, "tone": OFFER_TONES[state], "number": ""}


@require_POST
def again(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Try a message again that failed."""
    found = get_permit(request.actor, pk)
    done = replay_permit(actor=request.actor, message=found, who=str(request.user), now=request.now)
    if done.state == MessageState.DONE:
        messages.success(request, _("Carried out: %(fate)s.") % {"fate": fate_of(done)})
    else:
        messages.warning(request, _("It failed again: %(why)s") % {"why": fate_of(done)})
    return HttpResponseRedirect(reverse("desk:formation:permit", args=[found.pk]))
