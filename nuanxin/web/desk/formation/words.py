"""Words and tones of messages, invitations and offers, and the views of this area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from nuanxin.access.states import Permission
from nuanxin.formation.states import Fate, InvitationState, MessageState, OfferState

if TYPE_CHECKING:
    from nuanxin.formation.models import PermitMessage
    from nuanxin.web.desk.requests import DeskRequest

MESSAGE_TONES = {MessageState.RECEIVED: "wait", MessageState.DONE: "good", MessageState.FAILED: "bad"}
INVITATION_TONES = {
    InvitationState.SENT: "wait",
    InvitationState.OPENED: "wait",
    InvitationState.ACCEPTED: "good",
    InvitationState.DECLINED: "bad",
    InvitationState.LAPSED: "",
}
OFFER_TONES = {
    OfferState.SENT: "wait",
    OfferState.OPENED: "wait",
    OfferState.USED: "good",
    OfferState.DECLINED: "bad",
    OfferState.LAPSED: "",
}


def tabs(request: DeskRequest, current: str) -> list[dict[str, Any]]:
    """Return the views of this area that somebody may open."""
    pages = [
        ("permits", _("Messages"), Permission.FORM_UNIONS),
        ("invitations", _("Invitations"), Permission.FORM_UNIONS),
        ("sources", _("Licensing systems"), Permission.MANAGE_KEYS),
    ]
    return [
        {"label": label, "url": reverse(f"desk:formation:{name}"), "count": None, "current": name == current}
        for name, label, permission in pages
        if request.actor.may(permission)
    ]


def fate_of(message: PermitMessage) -> str:
    """Return in words what came of a message: its fate, or the first reason why it failed."""
    if message.fate:
        return str(Fate(message.fate).label)
    if message.problems:
        return problem_words(message.problems[0])
    return _("It waits to be carried out.")


def problem_words(problem: dict[str, str]) -> str:
    """Return one reason in the reader's language, with the field as the licensing system calls it."""
    language = "en" if (get_language() or "").startswith("en") else "zh-hans"
    said = problem.get(language, problem["code"])
    return f"{said} ({problem['field']})" if problem["field"] else said
