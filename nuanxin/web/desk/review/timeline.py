"""What happened to an application, as cadres read it: the same events that the applicant is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from nuanxin.access.states import Permission
from nuanxin.members.queries.contests import may_read
from nuanxin.members.states import Act
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import ApplicationAct
    from nuanxin.members.queries.contests import Event

#: Acts that lead from one union to another.
_LEADING = frozenset({Act.PASSED_ON, Act.ESCALATED, Act.CONTESTED, Act.CONTEST_ESCALATED, Act.CONTEST_MOVED})


def event_steps(actor: Actor, events: Iterable[Event]) -> list[dict[str, Any]]:
    """Return the events as steps. The applicant's words are for those who review there; files for who decides."""
    return [_step(actor, event) for event in events]


def _step(actor: Actor, event: Event) -> dict[str, Any]:
    step = act_step(event.act)
    contest = event.contest
    if contest is None:
        return step
    if actor.may(Permission.REVIEW, at=contest.against) or may_read(actor, contest):
        step["words"] = event.words
    if may_read(actor, contest):
        step["files"] = [
            (file.name, reverse("desk:review:contest_file", args=[contest.pk, file.pk])) for file in event.files
        ]
    return step


def act_step(act: ApplicationAct) -> dict[str, Any]:
    """Return one act as a step: what, in whose name, by whom, why."""
    text = str(Act(act.act).label)
    if act.act in _LEADING and act.to_union:
        text = f"{text} → {local_name(act.to_union)}"
    notes = [local_name(act.union) if act.union else "", str(act.account) if act.account else "", act.reason]
    return {"text": text, "note": " · ".join(note for note in notes if note), "at": act.at}
