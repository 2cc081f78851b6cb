"""Messages of licensing systems, with what came of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Q

from nuanxin.access.states import Permission
from nuanxin.formation.models import PermitMessage, PermitStep
from nuanxin.formation.states import MessageState
from nuanxin.kernel.refusals import NotFound, NotSignedIn

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor

#: Most messages taken up at once that somebody left.
_MOST = 500


@dataclass(frozen=True, slots=True)
class PermitFilters:
    """Which messages to list; empty for all."""

    kind: str = ""
    state: str = ""
    since: datetime | None = None
    until: datetime | None = None


def permits(actor: Actor, filters: PermitFilters | None = None) -> QuerySet[PermitMessage]:
    """Return the messages of the unions where the actor forms unions."""
    reach = Q(pk__in=[])
    for path in actor.reach(Permission.FORM_UNIONS):
        reach |= Q(union__path__startswith=path)
    wanted = filters or PermitFilters()
    chosen = {
        "kind": wanted.kind,
        "state": wanted.state,
        "received_at__gte": wanted.since,
        "received_at__lt": wanted.until,
    }
    rows = PermitMessage.objects.filter(reach, **{name: value for name, value in chosen.items() if value})
    return rows.select_related("union", "enterprise", "invitation", "offer")


def get_permit(actor: Actor, pk: UUID) -> PermitMessage:
    """Return one message in reach; 404 otherwise."""
    if actor.kind == "anonymous":
        raise NotSignedIn
    found = permits(actor).select_related("source").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def counts_by_state(rows: QuerySet[PermitMessage]) -> dict[str, int]:
    """Return how many of some messages are in which state."""
    return dict(rows.order_by().values("state").annotate(n=Count("pk")).values_list("state", "n"))


def steps_of(message: PermitMessage) -> QuerySet[PermitStep]:
    """Return everything that happened to a message, oldest first."""
    return PermitStep.objects.filter(message=message).order_by("at", "pk")


def left_waiting(*, before: datetime) -> list[PermitMessage]:
    """Return messages that were kept some time ago and not carried out, the oldest first."""
    rows = PermitMessage.objects.filter(state=MessageState.RECEIVED, received_at__lt=before)
    return list(rows.select_related("source__union").order_by("received_at", "pk")[:_MOST])
