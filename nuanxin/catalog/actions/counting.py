"""From deliveries to tallies, in sets: fold what is new, carry what a moved union brings, count everything anew.

One fold at a time, one statement: whoever reads tallies and what still waits in one statement sees each delivery once.
Persons are never added up from changes: who is reached is looked up again from the deliveries themselves for everybody
whom the fold touches, so a counter-entry, a late entry of an earlier day and a recount all come to the same.
"""

from __future__ import annotations

from typing import Protocol

from django.db import connection, transaction

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

#: Each delivery under its three counters: everything, its area, its service.
_CUT = f"""
cut AS MATERIALIZED (
    SELECT d.id, d.day, c.counter, extract(year FROM d.day)::int AS year, {_MONTH} AS month,
           coalesce(d.worker_id, d.enterprise_id) AS subject_id, d.worker_id IS NULL AS is_enterprise,
           d.union_id, d.group_code, d.times, d.cost
    FROM picked JOIN catalog_delivery d ON d.id = picked.id JOIN catalog_service s ON s.code = d.service_id
    CROSS JOIN LATERAL (VALUES (''), ('a:' || s.area_id), ('s:' || s.code)) c (counter)
)"""
_NOT_TAKEN_BACK = "NOT EXISTS (SELECT FROM catalog_delivery k WHERE k.corrects_id = d.id)"
_THEIRS = f"""
        SELECT d.id, d.service_id, d.union_id, d.group_code, d.day FROM catalog_delivery d
        WHERE {{guard}} AND d.{{column}} = k.subject_id AND d.times = 1 AND {_NOT_TAKEN_BACK}
          AND d.day >= make_date(k.year, 1, 1) AND d.day < make_date(k.year + 1, 1, 1)"""
#: Where each one whom the fold touches was first served in the year; nowhere once everything was taken back.
_FIRST_OF_SOME = f"""
keys AS MATERIALIZED (SELECT DISTINCT counter, year, subject_id, is_enterprise FROM cut
), standing AS MATERIALIZED (
    SELECT k.*, f.union_id, f.group_code, f.month FROM keys k LEFT JOIN LATERAL (
        SELECT d.union_id, d.group_code, {_MONTH} AS month
        FROM ({_THEIRS.format(guard="NOT k.is_enterprise", column="worker_id")}
        UNION ALL{_THEIRS.format(guard="k.is_enterprise", column="enterprise_id")}
        ) d JOIN catalog_service s ON s.code = d.service_id
        WHERE k.counter IN ('', 'a:' || s.area_id, 's:' || s.code) ORDER BY d.day, d.id LIMIT 1
    ) f ON true
)"""
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
