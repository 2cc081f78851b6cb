"""A line of the queue: everything masked, the reason it came here in two lines, the limit in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from nuanxin.access.states import Permission
from nuanxin.members.queries.reviewing import phone_of_application
from nuanxin.members.rules.reasons import reasons_in_words
from nuanxin.members.rules.review import is_waiting
from nuanxin.members.states import ApplicationState
from nuanxin.web.desk.review.words import CHAIN, STATE_TONES, standing_badges
from nuanxin.web.desk.times import Limit, limit_in_words
from nuanxin.web.kit.masks import mask_name, mask_phone

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Application
    from nuanxin.members.rules.reasons import Reason


@dataclass(frozen=True, slots=True)
class Line:
    """One application in a list."""

    number: str
    name: str
    phone: str
    application: Application
    why: str
    before: str
    badges: list[dict[str, Any]]
    state_label: str
    state_tone: str
    limit: Limit | None
    url: str
    #: The actor may decide on it now.
    open: bool


def chain_of(application: Application) -> list[Reason]:
    """Return the route of an application in the words for cadres."""
    return reasons_in_words(application.reasons, CHAIN)


def why_here(application: Application) -> tuple[str, str]:
    """Return why the application is with its union: the step that decided, and the one before it."""
    steps = [step for step in chain_of(application) if step.outcome != "note"]
    chosen = [place for place, step in enumerate(steps) if step.chosen]
    if not chosen:
        return "", ""
    last = chosen[-1]
    before = steps[last - 1].text if last else steps[last].detail
    return steps[last].text, before


def name_for(actor: Actor, application: Application) -> str:
    """Return the name in full to those who decide there, masked to those who only look."""
    return application.name if actor.may(Permission.REVIEW, at=application.union) else mask_name(application.name)


def lines(actor: Actor, applications: Iterable[Application], now: datetime) -> list[Line]:
    """Return the lines for applications that the actor may see."""
    return [_line(actor, application, now) for application in applications]


def _line(actor: Actor, application: Application, now: datetime) -> Line:
    why, before = why_here(application)
    state = ApplicationState(application.state)
    return Line(
        number=application.number,
        name=mask_name(application.name),
        phone=mask_phone(phone_of_application(application)),
        application=application,
        why=why,
        before=before,
        badges=standing_badges(application),
        state_label=str(state.label),
        state_tone=STATE_TONES.get(state, ""),
        limit=limit_in_words(application.due_at, now),
        url=reverse("desk:review:application", args=[application.number]),
        open=is_waiting(application.state) and actor.may(Permission.REVIEW, at=application.union),
    )
