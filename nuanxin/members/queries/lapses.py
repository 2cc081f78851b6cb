"""Unions that let limits pass: how many of how many, how long an answer takes, since when the oldest waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.ids import first_id
from nuanxin.kernel.refusals import Invalid, NotAllowed
from nuanxin.members.models import Lapse
from nuanxin.members.queries.applications import RELATED, visible_applications
from nuanxin.members.states import WAITING, ApplicationState

if TYPE_CHECKING:
    from typing import Any
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Union

#: Days that one list may look back over.
MOST_DAYS = 92
USUAL_DAYS = 30


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included, on which applications were sent: they are what is counted."""

    since: date
    until: date

    @property
    def ids(self) -> tuple[UUID, UUID]:
        """Return the first id of the period, and the first one after it: ids are made in the order of time."""
        begin = datetime.combine(self.since, time(), tzinfo=ZONE)
        end = datetime.combine(self.until + timedelta(days=1), time(), tzinfo=ZONE)
        return first_id(begin), first_id(end)


@dataclass(frozen=True, slots=True)
class UnionLapses:
    """One union: of the cases it had (applications, and contests to decide), how many limits it let pass."""

    union_id: UUID
    code: str
    name: str
    name_en: str
    late: int
    had: int
    #: Half of the decisions took less, from the day it came to this union.
    median: timedelta | None
    oldest: datetime | None

    @property
    def share(self) -> float:
        """Return late ones among all, from 0 to 1."""
        return self.late / self.had if self.had else 0.0


def period_of(since: date | None, until: date | None, *, now: datetime) -> Period:
    """Return the days to look at: the last month unless said otherwise.

    :raises Invalid: it ends before it begins, or is longer than three months.
    """
    last = until or local_day(now)
    first = since or last - timedelta(days=USUAL_DAYS - 1)
    if first > last:
        raise Invalid("bad_period", _("The period ends before it begins."), field="since")
    if (last - first).days >= MOST_DAYS:
        raise Invalid("long_period", _("Please choose three months at most."), field="since")
    return Period(first, last)


def lapses(actor: Actor, period: Period, *, union_path: str = "", now: datetime) -> list[UnionLapses]:
    """Return the unions in reach that had anything to answer in a period, the worst first. One statement.

    :param union_path: only this union and those below it.
    :raises NotAllowed: nowhere does a post include seeing numbers.
    """
    reach = actor.reach(Permission.VIEW_TALLIES)
    if not reach:
        raise NotAllowed(Permission.VIEW_TALLIES)
    first, last = period.ids
    values: dict[str, Any] = {
        "reach": [f"{path}%" for path in reach],
        "below": f"{union_path}%",
        "first": first,
        "last": last,
        "waiting": [str(state) for state in WAITING],
        "decided": [str(ApplicationState.APPROVED), str(ApplicationState.REFUSED)],
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LAPSES, values)
        rows = cursor.fetchall()
    found = [_read(*row) for row in rows]
    return sorted(found, key=lambda each: (-each.late, -each.share, each.oldest or now, each.code))


def _read(
    union_id: UUID,
    code: str,
    name: str,
    name_en: str,
    late: int,
    had: int,
    seconds: float | None,
    oldest: datetime | None,
) -> UnionLapses:
    median = timedelta(seconds=seconds) if seconds is not None else None
    return UnionLapses(union_id, code, name, name_en, late, had, median, oldest)


#: Read by the range of keys: what was sent in the period lies together, whatever else the table holds.
_LAPSES = """
WITH reach AS MATERIALIZED (
    SELECT id FROM organizations_union WHERE path LIKE ANY(%(reach)s::text[]) AND path LIKE %(below)s
), here AS (
    SELECT a.union_id, count(*) AS had,
        count(*) FILTER (
            WHERE a.state = ANY(%(waiting)s::text[]) AND a.due_at < %(now)s AND NOT EXISTS (
                SELECT 1 FROM members_lapse AS l
                WHERE l.union_id = a.union_id AND l.application_id = a.id AND l.contest_id IS NULL
            )
        ) AS overdue,
        min(coalesce(a.came_at, a.confirmed_at)) FILTER (WHERE a.state = ANY(%(waiting)s::text[])) AS oldest,
        percentile_cont(0.5) WITHIN GROUP (
            ORDER BY extract(epoch FROM a.closed_at - coalesce(a.came_at, a.confirmed_at))::float8
        ) FILTER (WHERE a.state = ANY(%(decided)s::text[])) AS median
    FROM members_application AS a JOIN reach ON reach.id = a.union_id
    WHERE a.id >= %(first)s AND a.id < %(last)s
    GROUP BY a.union_id
), past AS (
    SELECT l.union_id, count(DISTINCT coalesce(l.contest_id, l.application_id)) AS late,
        count(DISTINCT coalesce(l.contest_id, l.application_id))
            FILTER (WHERE coalesce(c.union_id, a.union_id) IS DISTINCT FROM l.union_id) AS gone
    FROM members_lapse AS l
    JOIN reach ON reach.id = l.union_id
    JOIN members_application AS a ON a.id = l.application_id
    LEFT JOIN members_contest AS c ON c.id = l.contest_id
    WHERE l.application_id >= %(first)s AND l.application_id < %(last)s
    GROUP BY l.union_id
), asked AS (
    SELECT c.union_id, count(*) AS had,
        count(*) FILTER (
            WHERE c.state = 'open' AND c.due_at < %(now)s
            AND NOT EXISTS (SELECT 1 FROM members_lapse AS l WHERE l.union_id = c.union_id AND l.contest_id = c.id)
        ) AS overdue,
        min(c.asked_at) FILTER (WHERE c.state = 'open') AS oldest
    FROM members_contest AS c JOIN reach ON reach.id = c.union_id
    WHERE c.application_id >= %(first)s AND c.application_id < %(last)s
    GROUP BY c.union_id
)
SELECT u.id, u.code, u.name, u.name_en,
    coalesce(past.late, 0) + coalesce(here.overdue, 0) + coalesce(asked.overdue, 0) AS late,
    coalesce(here.had, 0) + coalesce(past.gone, 0) + coalesce(asked.had, 0) AS had,
    here.median, least(here.oldest, asked.oldest) AS oldest
FROM here FULL JOIN past USING (union_id) FULL JOIN asked USING (union_id)
JOIN organizations_union AS u ON u.id = union_id
"""


def lapses_of(actor: Actor, union: Union, period: Period) -> QuerySet[Lapse]:
    """Return the limits that a union let pass, of applications that the actor may see. The caller orders them."""
    first, last = period.ids
    return Lapse.objects.filter(
        union=union, application__in=visible_applications(actor), application__gte=first, application__lt=last
    ).select_related("contest", *(f"application__{name}" for name in RELATED))
