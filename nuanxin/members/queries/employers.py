"""What an employer's people office sees: who named the firm, and which members work there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nuanxin.members.queries.applications import RELATED, of_enterprise
from nuanxin.members.queries.memberships import members_of_enterprise
from nuanxin.members.states import OPEN, EmployerSays

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Application, Membership


@dataclass(frozen=True, slots=True)
class PeopleCounts:
    """How many wait for an answer, and how many members work at the firm."""

    unanswered: int
    members: int


def applicants(actor: Actor, *, answered: bool | None = None, text: str = "") -> QuerySet[Application]:
    """Return who named the actor's enterprise, without an order.

    :param answered: False for open applications without an answer yet, True for those answered, None for all.
    :param text: beginning of a name.
    """
    rows = of_enterprise(actor).order_by().select_related(*RELATED)
    if answered is False:
        rows = rows.filter(employer_says=EmployerSays.NOTHING, state__in=OPEN)
    elif answered:
        rows = rows.exclude(employer_says=EmployerSays.NOTHING)
    return rows.filter(name__startswith=text.strip()) if text.strip() else rows


def applicants_numbered(actor: Actor, numbers: Iterable[str]) -> list[Application]:
    """Return those of these applications that name the actor's enterprise and are open."""
    return list(applicants(actor).filter(number__in=list(numbers), state__in=OPEN).order_by("-pk"))


def employed_members(actor: Actor, *, text: str = "") -> QuerySet[Membership]:
    """Return the members who work at the actor's enterprise, without an order."""
    rows = members_of_enterprise(actor).select_related("worker__occupation_group", "worker__employer", "union")
    return rows.filter(worker__name__startswith=text.strip()) if text.strip() else rows


def people_counts(actor: Actor) -> PeopleCounts:
    """Return the numbers on top of the people office's page; two statements."""
    return PeopleCounts(applicants(actor, answered=False).count(), employed_members(actor).count())
