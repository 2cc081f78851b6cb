"""How many active members are proved to be who they say: each level with what it is a share of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from nuanxin.access.states import Permission
from nuanxin.insight.rules import Share
from nuanxin.members.rules.assurance import reaches
from nuanxin.members.states import ASSURANCE_LEVELS, Assurance
from nuanxin.organizations.models import Union

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nuanxin.insight.queries.scopes import ScopeView
    from nuanxin.kernel.actor import Actor

#: Unions below that are listed; the rest is in the sum above them.
MOST_CHILDREN = 200
_READ = """
SELECT split_part(u.path, '/', %s) AS child, c.level, c.phone_proved, sum(c.members), max(c.counted_at)
FROM insight_assurancecount c JOIN organizations_union u ON u.id = c.union_id
WHERE starts_with(u.path, %s) GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class Rung:
    """One level: how many stand on it or above it, of all active members; the phone is a fact of its own."""

    level: Assurance
    share: Share
    #: Whom no stronger proof lifts: exactly at this level.
    exactly: int


@dataclass(frozen=True)
class ChildRungs:
    """One union below, or the scope itself without those below it."""

    code: str
    name: str
    name_en: str
    rungs: tuple[Rung, ...]
    members: int


@dataclass(frozen=True)
class AssuranceRates:
    """The rates of a union with everything below it, of one moment; persons."""

    scope: ScopeView
    members: int
    rungs: tuple[Rung, ...]
    children: tuple[ChildRungs, ...]
    #: When it was counted; none while it never was.
    counted_at: datetime | None


def rungs_of(counts: Mapping[tuple[str, bool], int]) -> tuple[Rung, ...]:
    """Return each level with its share, from how many stand at which level with which phone.

    A level counts whoever holds it or a stronger one, but for the phone: whoever came by a roster may have a
    well-formed number and a phone that nobody has confirmed.
    """
    everybody = sum(counts.values())
    found = []
    for level in ASSURANCE_LEVELS:
        if level == Assurance.PHONE:
            reached = sum(number for (_held, proved), number in counts.items() if proved)
        else:
            reached = sum(number for (held, _proved), number in counts.items() if reaches(held, level))
        exactly = sum(number for (held, _proved), number in counts.items() if held == level)
        found.append(Rung(level, Share(reached, everybody), exactly))
    return tuple(found)


def assurance_rates(actor: Actor, scope: ScopeView) -> AssuranceRates:
    """Return the rates of a union that `union_scope` gave this actor; two statements, none reads a person."""
    actor.require(Permission.VIEW_TALLIES)
    depth = scope.path.count("/") + 1
    with connection.cursor() as cursor:
        cursor.execute(_READ, [depth, scope.path])
        rows = cursor.fetchall()
    total: Counter[tuple[str, bool]] = Counter()
    below: dict[str, Counter[tuple[str, bool]]] = {}
    counted_at = None
    for child, level, proved, members, at in rows:
        total[level, proved] += int(members)
        below.setdefault(child, Counter())[level, proved] += int(members)
        counted_at = max(counted_at, at) if counted_at else at
    names = {union.code: union for union in Union.objects.filter(code__in=[code for code in below if code])}
    children = [
        ChildRungs(
            code,
            names[code].name if code in names else "",
            names[code].name_en if code in names else "",
            rungs_of(counts),
            sum(counts.values()),
        )
        for code, counts in below.items()
    ]
    children.sort(key=lambda each: (-each.members, each.code))
    return AssuranceRates(scope, sum(total.values()), rungs_of(total), tuple(children[:MOST_CHILDREN]), counted_at)
