"""Funnels of doors: how many opened, began, sent, were admitted, and in how many minutes; of unions in reach only."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from nuanxin.access.states import Permission
from nuanxin.insight.rules import Period, Share, median_of, period_of
from nuanxin.kernel.clock import local_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from nuanxin.kernel.actor import Actor

#: Everything of the days asked for that lies in reach. What names no union is of the installation as a whole.
_WITHIN = """
FROM insight_doorday d LEFT JOIN organizations_union u ON u.code = d.union_code
WHERE d.day BETWEEN %(since)s AND %(until)s AND (%(door)s = '' OR d.door_code = %(door)s)
  AND (%(all)s OR u.path ^@ ANY(%(reach)s))
"""
_SUMS = f"""
SELECT d.door_code, d.union_code, coalesce(u.name, ''), coalesce(u.name_en, ''),
       sum(d.opened), sum(d.started), sum(d.sent), sum(d.admitted)
{_WITHIN} GROUP BY 1, 2, 3, 4
"""
_MINUTES = f"""
SELECT d.door_code, d.union_code, 'fill', minute.key::int, sum(minute.value::int)
{_WITHIN.replace("WHERE", ", jsonb_each_text(d.fills) minute WHERE")} GROUP BY 1, 2, 4
UNION ALL
SELECT d.door_code, d.union_code, 'wait', minute.key::int, sum(minute.value::int)
{_WITHIN.replace("WHERE", ", jsonb_each_text(d.waits) minute WHERE")} GROUP BY 1, 2, 4
"""


@dataclass(frozen=True)
class Funnel:
    """What came through: pages opened, forms begun, applications sent, and of those how many were admitted by now.

    Minutes are medians: from the first page to the confirmed phone, and from there to the admission.
    """

    opened: int = 0
    started: int = 0
    sent: int = 0
    admitted: int = 0
    fill_minutes: int | None = None
    wait_minutes: int | None = None

    @property
    def steps(self) -> tuple[Share, Share, Share]:
        """Return each step as a share of the one before."""
        return Share(self.started, self.opened), Share(self.sent, self.started), Share(self.admitted, self.sent)


@dataclass(frozen=True)
class UnionFunnel:
    """What came through a door by the links of one union; without a code: by links that named none."""

    code: str
    name: str
    name_en: str
    funnel: Funnel


@dataclass(frozen=True)
class DoorFunnels:
    """The funnels of a period."""

    period: Period
    doors: Mapping[str, Funnel]
    #: By union, the one with most applications first; only where one door was asked for.
    unions: tuple[UnionFunnel, ...]


def door_funnels(
    actor: Actor, *, door: str = "", since: date | None = None, until: date | None = None, now: datetime
) -> DoorFunnels:
    """Return the funnels of all doors, or of one with its unions, over whole days; two statements.

    :raises NotAllowed: the post does not include seeing numbers.
    :raises Invalid: a period that cannot be.
    """
    actor.require(Permission.VIEW_TALLIES)
    period = period_of(since, until, today=local_day(now))
    reach = list(actor.reach(Permission.VIEW_TALLIES))
    asked: dict[str, Any] = {
        "since": period.since,
        "until": period.until,
        "door": door,
        "all": any(_is_root(path) for path in reach),
        "reach": reach,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, asked)
        sums = cursor.fetchall()
        cursor.execute(_MINUTES, asked)
        minutes = cursor.fetchall()
    by_door: dict[str, list[Any]] = defaultdict(list)
    by_union: dict[str, list[Any]] = defaultdict(list)
    for row in sums:
        by_door[row[0]].append(row[4:])
        by_union[row[1]].append(row[2:])
    door_minutes, union_minutes = _counted(minutes, 0), _counted(minutes, 1)
    doors = {code: _funnel(rows, door_minutes, code) for code, rows in by_door.items()}
    unions = [
        UnionFunnel(code, rows[0][0], rows[0][1], _funnel([row[2:] for row in rows], union_minutes, code))
        for code, rows in by_union.items()
    ]
    unions.sort(key=lambda each: (-each.funnel.sent, -each.funnel.opened, each.code))
    return DoorFunnels(period, doors, tuple(unions) if door else ())


def _is_root(path: str) -> bool:
    """Answer whether a reach is that of the root of the tree: it alone also sees what names no union."""
    return path.count("/") <= 2


def _counted(minutes: list[Any], place: int) -> dict[tuple[str, str], Counter[int]]:
    found: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for row in minutes:
        found[row[place], row[2]][row[3]] += int(row[4])
    return found


def _funnel(rows: list[Any], minutes: Mapping[tuple[str, str], Counter[int]], code: str) -> Funnel:
    opened, started, sent, admitted = (sum(int(row[at]) for row in rows) for at in range(4))
    fill, wait = (median_of(minutes.get((code, what), {})) for what in ("fill", "wait"))
    return Funnel(opened, started, sent, admitted, fill, wait)
