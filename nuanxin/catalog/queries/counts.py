"""What was counted: persons, enterprises, times and yuan of a year, from tallies and from what no tally counts yet.

One statement reads both, so every delivery is in exactly once. It reads by key: its cost follows the number of
counters, never the number of deliveries.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection

from nuanxin.catalog.states import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nuanxin.catalog.models import Target
    from nuanxin.organizations.models import Union

#: Deliveries under a union that no fold has counted yet, under their counters and slices. Who was not reached before
#: counts as a person with the first of them; a counter-entry takes its person away with the fold.
_FRESH = """
fresh AS MATERIALIZED (
    SELECT d.id, u.path, c.counter, date_trunc('month', d.day::timestamp)::date AS month, d.group_code, d.times, d.cost,
           coalesce(p.merged_into_id, p.id, d.enterprise_id) AS subject_id, d.worker_id IS NULL AS is_enterprise
    FROM catalog_uncounted w JOIN catalog_delivery d ON d.id = w.delivery_id
    LEFT JOIN members_worker p ON p.id = d.worker_id
    JOIN organizations_union u ON u.id = d.union_id JOIN catalog_service s ON s.code = d.service_id
    CROSS JOIN LATERAL (VALUES (''), ('a:' || s.area_id), ('s:' || s.code)) c (counter)
    WHERE u.path ^@ %(path)s AND d.day BETWEEN %(since)s AND %(until)s
), news AS MATERIALIZED (
    SELECT f.*, (f.is_first AND NOT f.is_enterprise)::int AS people,
           (f.is_first AND f.is_enterprise)::int AS enterprises
    FROM (
        SELECT fresh.*, times = 1 AND row_number() OVER (PARTITION BY counter, subject_id, times ORDER BY id) = 1
            AND NOT EXISTS (
                SELECT FROM catalog_reached r
                WHERE r.counter = fresh.counter AND r.year = %(year)s AND r.subject_id = fresh.subject_id
            ) AS is_first
        FROM fresh
    ) f
)"""
_SUMS = "coalesce(sum(people), 0), coalesce(sum(enterprises), 0), coalesce(sum(times), 0), coalesce(sum(cost), 0)"
_OF_SCOPE = f"""
WITH {_FRESH}
SELECT counter, slice, {_SUMS} FROM (
    SELECT counter, slice, people, enterprises, times, cost FROM catalog_servicetally
    WHERE scope = %(scope)s AND month BETWEEN %(since)s AND %(until)s
    UNION ALL
    SELECT counter, part.slice, people, enterprises, times, cost FROM news
    CROSS JOIN LATERAL (VALUES (''), ('g:' || nullif(group_code, ''))) part (slice) WHERE part.slice IS NOT NULL
) both_kinds GROUP BY counter, slice
"""
_BY_MONTH = f"""
WITH {_FRESH}
SELECT month, {_SUMS} FROM (
    SELECT month, people, enterprises, times, cost FROM catalog_servicetally
    WHERE scope = %(scope)s AND counter = %(counter)s AND slice = %(slice)s AND month BETWEEN %(since)s AND %(until)s
    UNION ALL
    SELECT month, people, enterprises, times, cost FROM news
    WHERE counter = %(counter)s AND (%(slice)s = '' OR %(slice)s = 'g:' || group_code)
) both_kinds GROUP BY month ORDER BY month
"""
_BELOW = f"""
WITH {_FRESH}
SELECT u.code, u.name, u.name_en, {_SUMS}
FROM organizations_union u LEFT JOIN LATERAL (
    SELECT people, enterprises, times, cost FROM catalog_servicetally
    WHERE scope = u.code AND counter = %(counter)s AND slice = %(slice)s AND month BETWEEN %(since)s AND %(until)s
    UNION ALL
    SELECT people, enterprises, times, cost FROM news
    WHERE path ^@ u.path AND counter = %(counter)s AND (%(slice)s = '' OR %(slice)s = 'g:' || group_code)
) n ON true
WHERE u.parent_id = %(union_id)s GROUP BY u.code, u.name, u.name_en, u.closed_at
HAVING u.closed_at IS NULL OR coalesce(sum(times), 0) <> 0
ORDER BY sum(times) DESC NULLS LAST, u.code
"""

#: Each service at its own union: what tallies say, and what no tally counts yet, each new person once.
_OF_SERVICES = f"""
WITH wanted AS MATERIALIZED (
    SELECT s.code, 's:' || s.code AS counter, u.code AS scope, u.path
    FROM catalog_service s JOIN organizations_union u ON u.id = s.union_id WHERE s.code = ANY(%(services)s)
), fresh AS MATERIALIZED (
    SELECT d.id, x.code, x.counter, d.times, d.cost, d.worker_id IS NULL AS is_enterprise,
           coalesce(p.merged_into_id, p.id, d.enterprise_id) AS subject_id
    FROM catalog_uncounted w JOIN catalog_delivery d ON d.id = w.delivery_id
    LEFT JOIN members_worker p ON p.id = d.worker_id
    JOIN organizations_union u ON u.id = d.union_id JOIN wanted x ON x.code = d.service_id AND u.path ^@ x.path
    WHERE d.day BETWEEN %(since)s AND %(until)s
)
SELECT code, {_SUMS} FROM (
    SELECT x.code, t.people, t.enterprises, t.times, t.cost FROM wanted x JOIN catalog_servicetally t
      ON t.scope = x.scope AND t.counter = x.counter AND t.slice = '' AND t.month BETWEEN %(since)s AND %(until)s
    UNION ALL SELECT code, 0, 0, times, cost FROM fresh
    UNION ALL
    SELECT DISTINCT ON (f.code, f.subject_id) f.code, (NOT f.is_enterprise)::int, f.is_enterprise::int, 0, 0
    FROM fresh f WHERE f.times = 1 AND NOT EXISTS (
        SELECT FROM catalog_reached r
        WHERE r.counter = f.counter AND r.year = %(year)s AND r.subject_id = f.subject_id
    )
) both_kinds GROUP BY code
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted: different persons and enterprises, each once a year; times served; yuan."""

    people: int = 0
    enterprises: int = 0
    times: int = 0
    cost: Decimal = Decimal(0)

    def of(self, unit: str) -> int:
        """Return the number in a unit; whole yuan, rounded down: nothing is reached before it is."""
        match unit:
            case Unit.PERSON:
                return self.people
            case Unit.ENTERPRISE:
                return self.enterprises
            case Unit.YUAN:
                return int(self.cost)
            case _:
                return self.times


@dataclass(frozen=True, slots=True)
class CountsBelow:
    """What one union directly below counts, with everything below it."""

    code: str
    name: str
    name_en: str
    counts: Counts


NOTHING = Counts()


def counter_of(target: Target) -> tuple[str, str]:
    """Return under which counter and slice a target is counted."""
    counter = f"s:{target.service_id}" if target.service_id else f"a:{target.area_id}" if target.area_id else ""
    return counter, f"g:{target.group_id}" if target.group_id else ""


def _asked(union: Union, year: int, counter: str = "", slice_: str = "") -> dict[str, Any]:
    return {
        "scope": union.code,
        "path": union.path,
        "union_id": union.pk,
        "year": year,
        "since": date(year, 1, 1),
        "until": date(year, 12, 31),
        "counter": counter,
        "slice": slice_,
    }


def _read(statement: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return list(cursor.fetchall())


def _counts(row: tuple[Any, ...]) -> Counts:
    people, enterprises, times, cost = row
    return Counts(int(people), int(enterprises), int(times), Decimal(cost))


def counts_of(union: Union, year: int) -> Mapping[tuple[str, str], Counts]:
    """Return everything that a union counts in a year with all below it, by counter and slice; one statement."""
    return {(row[0], row[1]): _counts(row[2:]) for row in _read(_OF_SCOPE, _asked(union, year))}


def counts_of_services(services: Iterable[str], year: int) -> Mapping[str, Counts]:
    """Return what each service did in a year at its own union, with all below it, by its code; one statement."""
    asked = {"services": list(services), "year": year, "since": date(year, 1, 1), "until": date(year, 12, 31)}
    return {row[0]: _counts(row[1:]) for row in _read(_OF_SERVICES, asked)}


def counts_by_month(union: Union, year: int, counter: str, slice_: str = "") -> Mapping[int, Counts]:
    """Return what a union counts in each month of a year under one counter, by the number of the month."""
    rows = _read(_BY_MONTH, _asked(union, year, counter, slice_))
    return {row[0].month: _counts(row[1:]) for row in rows}


def counts_below(union: Union, year: int, counter: str, slice_: str = "") -> list[CountsBelow]:
    """Return what each union directly below counts under one counter, most times first."""
    rows = _read(_BELOW, _asked(union, year, counter, slice_))
    return [CountsBelow(row[0], row[1], row[2], _counts(row[3:])) for row in rows]
