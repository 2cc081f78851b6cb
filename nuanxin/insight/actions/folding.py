"""From deltas to tallies, in sets: fold what acts appended, carry what a moved union brings, load what is there.

A fold is one statement, so whoever reads folded rows and deltas in one statement sees every act exactly once. Folds may
run beside each other: each takes deltas that nobody else holds, and writes tallies in the order of their keys. Moves of
unions are rare; a move keeps folds away until it is committed, so that no fold counts under a path that is no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from django.db import connection, transaction

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

#: Deltas that one fold takes: at 33 counted rows each, well under a second of work.
FOLD_SIZE = 10_000

_MEASURES = "applications, admissions, refusals, active"
_SUMS = "sum(applications), sum(admissions), sum(refusals), sum(active)"


def _add(table: str, keys: str, rows: str) -> str:
    """Return the statement that adds rows to a table of tallies, in the order of its keys: two folds never cross."""
    merged = ", ".join(f"{name} = tally.{name} + excluded.{name}" for name in _MEASURES.split(", "))
    return (
        f"INSERT INTO {table} AS tally ({keys}, {_MEASURES}) {rows} GROUP BY {keys} ORDER BY {keys} "
        f"ON CONFLICT ({keys}) DO UPDATE SET {merged}"
    )


#: What `taken` means for each scope above it, and for each slice. The path is the union's path of today: an act that
#: read the path just before its union moved is still counted where the union stands.
_SPREAD = """
gathered AS (
    SELECT union_path, region_code, group_code, door_code, day, sum(applications) AS applications,
           sum(admissions) AS admissions, sum(refusals) AS refusals, sum(active) AS active
    FROM taken GROUP BY union_path, region_code, group_code, door_code, day
), spread AS (
    SELECT above.scope, cut.slice, g.day, g.applications, g.admissions, g.refusals, g.active
    FROM gathered g
    LEFT JOIN organizations_union u ON u.code = split_part(g.union_path, '/', -2)
    CROSS JOIN LATERAL (
        SELECT 'u:' || code FROM unnest(string_to_array(trim(BOTH '/' FROM coalesce(u.path, g.union_path)), '/')) code
        UNION ALL
        SELECT 'r:' || left(g.region_code, length) FROM unnest(ARRAY[0, 2, 4, 6, 9, 12]) length
        WHERE length <= length(g.region_code)
    ) above (scope)
    CROSS JOIN LATERAL (VALUES (''), ('g:' || g.group_code), ('d:' || g.door_code)) cut (slice)
)"""

_DAYS = _add("insight_tallyday", "scope, slice, day", f"SELECT scope, slice, day, {_SUMS} FROM spread")
#: Waits for the days to be written, so that every fold takes its rows in the same order.
_TOTALS = _add(
    "insight_tallytotal",
    "scope, slice",
    f"SELECT scope, slice, {_SUMS} FROM spread WHERE (SELECT count(*) FROM days) >= 0",
)
_WRITE = f"days AS ({_DAYS} RETURNING 1), totals AS ({_TOTALS} RETURNING 1)"

_PICKED = """
picked AS MATERIALIZED (
    SELECT id FROM insight_tallydelta ORDER BY id LIMIT %s{lock}
), taken AS (
    DELETE FROM insight_tallydelta d USING picked WHERE d.id = picked.id
    RETURNING d.union_path, d.region_code, d.group_code, d.door_code, d.day,
              d.applications, d.admissions, d.refusals, d.active
)"""
FOLD = (
    f"WITH {_PICKED.format(lock=' FOR UPDATE SKIP LOCKED')}, {_SPREAD}, {_WRITE} "
    "SELECT (SELECT count(*) FROM taken) FROM (SELECT count(*) FROM totals) written"
)
LOAD = f"WITH taken AS (SELECT * FROM tally_load), {_SPREAD}, {_WRITE} SELECT count(*) FROM totals"


@transaction.atomic
def fold(*, limit: int = FOLD_SIZE) -> int:
    """Count up to `limit` deltas into days and totals, and return how many; zero when none is left or free."""
    with connection.cursor() as cursor:
        # Waits for the move of a union, if one is going on; the statement after it then sees the new path.
        cursor.execute("LOCK TABLE insight_tallytotal IN ROW EXCLUSIVE MODE")
        cursor.execute(FOLD, [limit])
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


def carry_tallies(event: Moved) -> None:
    """Take the counted numbers of a moved union from the unions it left to the unions it came under.

    Deltas need no carrying: they are read and folded under the path their union has today.
    """
    *old, code = event.old_path.strip("/").split("/")
    new = event.new_path.strip("/").split("/")[:-1]
    signs = [(f"u:{left}", -1) for left in old if left not in new] + [(f"u:{met}", 1) for met in new if met not in old]
    if not signs:
        return
    values = ", ".join(["(%s, %s)"] * len(signs))
    parameters = [value for pair in signs for value in pair] + [f"u:{code}"]
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE insight_tallytotal IN SHARE ROW EXCLUSIVE MODE")
        for table, keys in (("insight_tallyday", "slice, day"), ("insight_tallytotal", "slice")):
            measures = ", ".join(f"sign * own.{name} AS {name}" for name in _MEASURES.split(", "))
            signed = (
                f"SELECT above.scope, {keys}, {measures} "
                f"FROM {table} own CROSS JOIN (VALUES {values}) above (scope, sign) WHERE own.scope = %s"
            )
            rows = f"SELECT scope, {keys}, {_SUMS} FROM ({signed}) signed"
            cursor.execute(_add(table, f"scope, {keys}", rows), parameters)


@transaction.atomic
def load_tallies(rows: Iterable[tuple[date, str, str, str, str, int, int, int, int]]) -> int:
    """Count many acts at once, as an import or a generator made them, and return how many rows were read.

    Each row says: day, path of the union, region, occupation group, door, applications, admissions, refusals, change of
    active members. Rows may repeat; they add up.
    """
    columns = f"day, union_path, region_code, group_code, door_code, {_MEASURES}"
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE tally_load (day date, union_path text, region_code text, group_code text, "
            "door_code text, applications int, admissions int, refusals int, active int) ON COMMIT DROP"
        )
        with cursor.copy(f"COPY tally_load ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
        cursor.execute("LOCK TABLE insight_tallytotal IN ROW EXCLUSIVE MODE")
        # Some two million counted rows for a city: sorted and hashed in memory, not on disk.
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute("ANALYZE tally_load")
        cursor.execute(LOAD)
        cursor.execute("DROP TABLE tally_load")
    return count
