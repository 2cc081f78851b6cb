"""Where everybody of a union goes when it is dissolved, or merged into another one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.db import connection

from nuanxin.members.models import Application, Membership
from nuanxin.members.rules.routing import Applicant, route
from nuanxin.members.states import OPEN, MembershipState
from nuanxin.organizations.models import Coverage, Union
from nuanxin.organizations.queries.routing import candidates_for
from nuanxin.organizations.states import EDIT_UNIONS

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.rules.facts import Candidates, UnionFacts

    Heir = Union | UnionFacts
_ALIKE = """
SELECT w.region_id, w.employer_id, w.employer_name, coalesce(w.platform_id, ''), w.occupation_group_id,
       array_agg(m.id ORDER BY m.id)
FROM members_membership m JOIN members_worker w ON w.id = m.worker_id
WHERE m.union_id = %s AND m.state <> 'ended' GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""


@dataclass(frozen=True, slots=True)
class Work:
    """What routing looks at in a person; people who are alike in it go to the same union."""

    region_code: str
    employer_id: UUID | None
    employer_name: str
    platform: str
    group: str


@dataclass(frozen=True, slots=True)
class Dissolution:
    """What dissolving a union would do, before anybody does it."""

    #: Union → how many members in which standing come to it, the largest first.
    members: list[tuple[Heir, Counter[str]]] = field(default_factory=list)
    #: Union → how many open applications come to it.
    applications: list[tuple[Heir, int]] = field(default_factory=list)
    #: Employers that the heir covers from then on; without an heir nobody does.
    enterprises: int = 0
    #: Open unions below it: these must go elsewhere first.
    below: int = 0

    @property
    def people(self) -> int:
        """Return how many memberships move."""
        return sum(sum(standings.values()) for _union, standings in self.members)


class Destinations:
    """Where people go who belonged to a union that is no more: to its heir, or each by the rules of routing."""

    def __init__(self, union: Union, heir: Union | None, on: date) -> None:
        self.union, self.heir, self.on = union, heir, on
        self._known: dict[Work, Heir] = {}

    def of(self, work: Work) -> Heir:
        """Return the union for a person's work; asked once for people who are alike."""
        if self.heir:
            return self.heir
        if work not in self._known:
            found = candidates_for(
                region_code=work.region_code,
                employer_id=work.employer_id,
                platform=work.platform,
                group_code=work.group,
                on=self.on,
            )
            applicant = Applicant(work.group, work.region_code, work.platform, work.employer_name)
            self._known[work] = route(applicant, self._without(found)).union
        return self._known[work]

    def _without(self, found: Candidates) -> Candidates:
        unions = tuple(union for union in found.unions if union.id != self.union.pk)
        employer = found.employer
        if employer and employer.covered_by == self.union.pk:
            employer = replace(employer, covered_by=None, basis="")
        return replace(found, unions=unions, employer=employer)


def alike(union: Union) -> list[tuple[Work, list[UUID]]]:
    """Return the memberships of a union that have not ended, together where routing sees no difference."""
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, [union.pk])
        return [(Work(*row[:5]), list(row[5])) for row in cursor.fetchall()]


def work_of(application: Application) -> Work:
    """Return what routing looks at in an applicant."""
    return Work(
        application.region_id,
        application.employer_id,
        application.employer_name,
        application.platform_id or "",
        application.occupation_group_id,
    )


def dissolution(actor: Actor, union: Union, heir: Union | None, *, on: date) -> Dissolution:
    """Return what dissolving a union on a day would do; nothing is changed.

    :param union: fetched by what the actor may see, as the heir is.
    :raises NotAllowed: only from above may a union be dissolved, and only into one where the actor may edit unions.
    """
    actor.require(EDIT_UNIONS, at=union.parent)
    if heir:
        actor.require(EDIT_UNIONS, at=heir)
    destinations = Destinations(union, heir, on)
    states = dict(
        Membership.objects.filter(union=union).exclude(state=MembershipState.ENDED).values_list("pk", "state")
    )
    members: dict[UUID, tuple[Heir, Counter[str]]] = {}
    for work, ids in alike(union):
        target = destinations.of(work)
        members.setdefault(target.id, (target, Counter()))[1].update(states[pk] for pk in ids if pk in states)
    applications: dict[UUID, tuple[Heir, int]] = {}
    for application in Application.objects.filter(union=union, state__in=OPEN).order_by("pk"):
        target = destinations.of(work_of(application))
        applications[target.id] = (target, applications.get(target.id, (target, 0))[1] + 1)
    return Dissolution(
        sorted(members.values(), key=lambda row: (-sum(row[1].values()), row[0].code)),
        sorted(applications.values(), key=lambda row: (-row[1], row[0].code)),
        Coverage.objects.filter(union=union, valid_until=None).count(),
        Union.objects.filter(parent=union, closed_at=None).count(),
    )


def may_dissolve(actor: Actor, union: Union) -> bool:
    """Answer whether the actor decides for the union above this one."""
    return union.parent is not None and actor.may(EDIT_UNIONS, at=union.parent)
