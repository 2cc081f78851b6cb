"""From deliveries to tallies, in sets: fold what is new, carry what a moved union brings, count everything anew.

One fold at a time, one statement: whoever reads tallies and what still waits in one statement sees each delivery once.
Persons are never added up from changes: who is reached is looked up again from the deliveries themselves for everybody
whom the fold touches, so a counter-entry, a late entry of an earlier day, two records that were made one person and a
recount all come to the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from django.db import connection, transaction

if TYPE_CHECKING:
    from uuid import UUID

#: Deliveries that one fold takes.
FOLD_SIZE = 10_000

_LOCK = "LOCK TABLE catalog_reached IN SHARE ROW EXCLUSIVE MODE"
_MONTH = "date_trunc('month', d.day::timestamp)::date"
_MEASURES = ("people", "enterprises", "times", "cost")

_SOME = """
picked AS MATERIALIZED (
    DELETE FROM catalog_uncounted u
    USING (SELECT delivery_id FROM catalog_uncounted ORDER BY delivery_id LIMIT %s) waiting
    WHERE u.delivery_id = waiting.delivery_id RETURNING u.delivery_id AS id
)"""
_EVERYTHING = """
picked AS MATERIALIZED (SELECT id FROM catalog_delivery)"""

#: Each delivery under its three counters: everything, its area, its service. Of two records that were made one person
#: the kept one counts.
_CUT = f"""
cut AS MATERIALIZED (
    SELECT d.id, d.day, c.counter, extract(year FROM d.day)::int AS year, {_MONTH} AS month,
           coalesce(w.merged_into_id, w.id, d.enterprise_id) AS subject_id, d.worker_id IS NULL AS is_enterprise,
           d.union_id, d.group_code, d.times, d.cost
    FROM picked JOIN catalog_delivery d ON d.id = picked.id JOIN catalog_service s ON s.code = d.service_id
    LEFT JOIN members_worker w ON w.id = d.worker_id
    CROSS JOIN LATERAL (VALUES (''), ('a:' || s.area_id), ('s:' || s.code)) c (counter)
)"""
_NOT_TAKEN_BACK = "NOT EXISTS (SELECT FROM catalog_delivery k WHERE k.corrects_id = d.id)"
_THEIRS = f"""
        SELECT d.id, d.service_id, d.union_id, d.group_code, d.day FROM catalog_delivery d
        {{joined}} WHERE {{whose}} = k.subject_id AND {{guard}} AND d.times = 1 AND {_NOT_TAKEN_BACK}
          AND d.day >= make_date(k.year, 1, 1) AND d.day < make_date(k.year + 1, 1, 1)"""
_OWN = _THEIRS.format(joined="", whose="d.worker_id", guard="NOT k.is_enterprise AND NOT k.is_dropped")
_MERGED = _THEIRS.format(
    joined="JOIN members_worker w ON w.id = d.worker_id", whose="w.merged_into_id", guard="NOT k.is_enterprise"
)
_FIRMS = _THEIRS.format(joined="", whose="d.enterprise_id", guard="k.is_enterprise")
#: Where each one of `keys` was first served in the year; nowhere once everything was taken back, and nowhere for a
#: record that was dropped.
_FIRST_OF_KEYS = f"""
standing AS MATERIALIZED (
    SELECT k.counter, k.year, k.subject_id, k.is_enterprise, f.union_id, f.group_code, f.month
    FROM keys k LEFT JOIN LATERAL (
        SELECT d.union_id, d.group_code, {_MONTH} AS month
        FROM ({_OWN}
        UNION ALL{_MERGED}
        UNION ALL{_FIRMS}
        ) d JOIN catalog_service s ON s.code = d.service_id
        WHERE k.counter IN ('', 'a:' || s.area_id, 's:' || s.code) ORDER BY d.day, d.id LIMIT 1
    ) f ON true
)"""
_FIRST_OF_SOME = f"""
keys AS MATERIALIZED (SELECT DISTINCT counter, year, subject_id, is_enterprise, false AS is_dropped FROM cut
),{_FIRST_OF_KEYS}"""
#: Everything in which one of two records counts, before and after they were made one person, or two.
_OF_TWO = f"""
picked AS MATERIALIZED (SELECT id FROM catalog_delivery WHERE false), {_CUT}, told AS MATERIALIZED (
    SELECT w.id, w.merged_into_id FROM members_worker w WHERE w.id = ANY(%s)
), years AS MATERIALIZED (
    SELECT DISTINCT d.service_id, extract(year FROM d.day)::int AS year
    FROM members_worker w JOIN catalog_delivery d ON d.worker_id = w.id
    WHERE w.id = ANY(%s) OR w.merged_into_id = ANY(%s)
), keys AS MATERIALIZED (
    SELECT c.counter, y.year, t.id AS subject_id, false AS is_enterprise, t.merged_into_id IS NOT NULL AS is_dropped
    FROM years y JOIN catalog_service s ON s.code = y.service_id CROSS JOIN told t
    CROSS JOIN LATERAL (VALUES (''), ('a:' || s.area_id), ('s:' || s.code)) c (counter)
    GROUP BY c.counter, y.year, t.id, t.merged_into_id
),{_FIRST_OF_KEYS}"""
_FIRST_OF_ALL = f"""
standing AS MATERIALIZED (
    SELECT DISTINCT ON (counter, year, subject_id) counter, year, subject_id, is_enterprise, union_id, group_code, month
    FROM cut d WHERE d.times = 1 AND {_NOT_TAKEN_BACK} ORDER BY counter, year, subject_id, day, id
)"""
_COUNT = f"""
changed AS MATERIALIZED (
    SELECT n.*, r.union_id AS old_union, r.group_code AS old_group, r.month AS old_month
    FROM standing n LEFT JOIN catalog_reached r USING (counter, year, subject_id)
    WHERE (r.union_id, r.group_code, r.month) IS DISTINCT FROM (n.union_id, n.group_code, n.month)
), kept AS (
    INSERT INTO catalog_reached (counter, year, subject_id, is_enterprise, union_id, group_code, month)
    SELECT counter, year, subject_id, is_enterprise, union_id, group_code, month FROM changed WHERE union_id IS NOT NULL
    ON CONFLICT (counter, year, subject_id) DO UPDATE
    SET union_id = excluded.union_id, group_code = excluded.group_code, month = excluded.month
), gone AS (
    DELETE FROM catalog_reached r USING changed c
    WHERE c.union_id IS NULL AND (r.counter, r.year, r.subject_id) = (c.counter, c.year, c.subject_id)
), each AS (
    SELECT counter, union_id, group_code, month, 0 AS people, 0 AS enterprises, times, cost FROM cut
    UNION ALL
    SELECT counter, union_id, group_code, month, (NOT is_enterprise)::int, is_enterprise::int, 0, 0
    FROM changed WHERE union_id IS NOT NULL
    UNION ALL
    SELECT counter, old_union, old_group, old_month, -(NOT is_enterprise)::int, -is_enterprise::int, 0, 0
    FROM changed WHERE old_union IS NOT NULL
), gathered AS (
    SELECT counter, union_id, group_code, month, sum(people) AS people, sum(enterprises) AS enterprises,
           sum(times) AS times, sum(cost) AS cost
    FROM each GROUP BY counter, union_id, group_code, month
), spread AS (
    SELECT above.code AS scope, g.counter, part.slice, g.month, g.people, g.enterprises, g.times, g.cost
    FROM gathered g JOIN organizations_union u ON u.id = g.union_id
    CROSS JOIN LATERAL unnest(string_to_array(trim(BOTH '/' FROM u.path), '/')) above (code)
    CROSS JOIN LATERAL (VALUES (''), ('g:' || nullif(g.group_code, ''))) part (slice)
    WHERE part.slice IS NOT NULL
), written AS (
    INSERT INTO catalog_servicetally AS tally (scope, counter, slice, month, {", ".join(_MEASURES)})
    SELECT scope, counter, slice, month, {", ".join(f"sum({name})" for name in _MEASURES)} FROM spread
    GROUP BY scope, counter, slice, month ORDER BY scope, counter, slice, month
    ON CONFLICT (scope, counter, slice, month) DO UPDATE
    SET {", ".join(f"{name} = tally.{name} + excluded.{name}" for name in _MEASURES)}
    RETURNING 1
)
SELECT (SELECT count(*) FROM picked) FROM (SELECT count(*) FROM written) AS done"""

_FOLD = f"WITH {_SOME}, {_CUT}, {_FIRST_OF_SOME}, {_COUNT}"
_RECOUNT = f"WITH {_EVERYTHING}, {_CUT}, {_FIRST_OF_ALL}, {_COUNT}"
_CARRY = f"WITH {_OF_TWO}, {_COUNT}"


@transaction.atomic
def fold(*, limit: int = FOLD_SIZE) -> int:
    """Count up to `limit` waiting deliveries into the tallies, and return how many; zero when none waits."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute(_FOLD, [limit])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


@transaction.atomic
def recount() -> int:
    """Count every delivery anew, as after an import, and return how many there are.

    Reads all deliveries: for set-up and for checking that the tallies are right. Whoever reads meanwhile sees the
    count before.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute("SET LOCAL work_mem = '256MB'")
        for table in ("catalog_uncounted", "catalog_reached", "catalog_servicetally"):
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute(_RECOUNT)
        row = cursor.fetchone()
    return int(row[0]) if row else 0


class Moved(Protocol):
    """What is heard of a moved union: its path before and after, itself last."""

    @property
    def old_path(self) -> str:
        """Path before the move."""

    @property
    def new_path(self) -> str:
        """Path after the move."""


def carry_services(event: Moved) -> None:
    """Take what a moved union counts from the unions it left to the unions it came under.

    What waits to be counted needs no carrying: it is counted under the path that its union has by then.
    """
    *old, code = event.old_path.strip("/").split("/")
    new = event.new_path.strip("/").split("/")[:-1]
    signs = [(left, -1) for left in old if left not in new] + [(met, 1) for met in new if met not in old]
    if not signs:
        return
    measures = ", ".join(f"sum(sign * own.{name})" for name in _MEASURES)
    added = ", ".join(f"{name} = tally.{name} + excluded.{name}" for name in _MEASURES)
    values = ", ".join(["(%s, %s)"] * len(signs))
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute(
            f"INSERT INTO catalog_servicetally AS tally (scope, counter, slice, month, {', '.join(_MEASURES)}) "
            f"SELECT above.scope, counter, slice, month, {measures} FROM catalog_servicetally own "
            f"CROSS JOIN (VALUES {values}) above (scope, sign) WHERE own.scope = %s "
            "GROUP BY above.scope, counter, slice, month ORDER BY above.scope, counter, slice, month "
            f"ON CONFLICT (scope, counter, slice, month) DO UPDATE SET {added}",
            [value for pair in signs for value in pair] + [code],
        )


class Joined(Protocol):
    """What is heard of two records that were made one person, or two again."""

    @property
    def kept_id(self) -> UUID:
        """The record that is kept."""

    @property
    def dropped_id(self) -> UUID:
        """The record that leads to it."""


def carry_persons(event: Joined) -> None:
    """Count two records as one person where they were made one, and as two again where that was undone.

    Times and cost stay where they are; the person counts where first served under either record.
    """
    both = [event.kept_id, event.dropped_id]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute(_CARRY, [both, both, both])
