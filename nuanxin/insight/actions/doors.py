"""Counting what comes through doors: steps appended one by one, gathered in the background; no person in them.

Pages append a line for each first page opened and each form begun. The fold adds those up by door, union and day. What
became of applications is counted anew from the applications themselves, for the days that can still change.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction

from nuanxin.insight.models import DoorDelta
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.ids import first_id
from nuanxin.kernel.rows import insert

if TYPE_CHECKING:
    from datetime import date

FOLD_SIZE = 10_000
#: Days back whose applications are counted anew each minute, and each night: by then nearly all are decided.
FRESH_DAYS, SETTLING_DAYS = 2, 60
#: An application is confirmed within a day of being made; its id tells when it was made.
_SLACK = timedelta(days=2)

_FOLD = """
WITH picked AS MATERIALIZED (
    SELECT id FROM insight_doordelta ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
), taken AS (
    DELETE FROM insight_doordelta d USING picked WHERE d.id = picked.id
    RETURNING d.door_code, d.union_code, d.day, d.opened, d.started
), written AS (
    INSERT INTO insight_doorday AS held (door_code, union_code, day, opened, started, sent, admitted, fills, waits)
    SELECT door_code, union_code, day, sum(opened), sum(started), 0, 0, '{}', '{}'
    FROM taken GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (door_code, union_code, day)
    DO UPDATE SET opened = held.opened + excluded.opened, started = held.started + excluded.started
    RETURNING 1
) SELECT (SELECT count(*) FROM taken) FROM (SELECT count(*) FROM written) AS done
"""
#: Minutes as they are counted: exact for two hours, then by tens for a day, then by hours.
_MINUTES = """
CASE WHEN {minutes} <= 120 THEN {minutes} WHEN {minutes} <= 1440 THEN {minutes} / 10 * 10 ELSE {minutes} / 60 * 60 END
"""
_RECOUNT = f"""
WITH sent AS (
    SELECT a.door_id AS door, coalesce(u.code, '') AS code, (a.confirmed_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
           a.state = 'approved' AS admitted,
           greatest(0, extract(epoch FROM a.confirmed_at - a.opened_at))::int / 60 AS fill,
           CASE WHEN a.state = 'approved'
                THEN greatest(0, extract(epoch FROM a.closed_at - a.confirmed_at))::int / 60 END AS wait
    FROM members_application a LEFT JOIN organizations_union u ON u.id = a.scanned_union_id
    WHERE a.id >= %(first)s AND a.id < %(last)s AND a.confirmed_at >= %(since)s AND a.confirmed_at < %(until)s
), totals AS (
    SELECT door, code, day, count(*) AS sent, count(*) FILTER (WHERE admitted) AS admitted FROM sent GROUP BY 1, 2, 3
), filled AS (
    SELECT door, code, day, jsonb_object_agg(minute, n) AS counts FROM (
        SELECT door, code, day, {_MINUTES.format(minutes="fill")} AS minute, count(*) AS n
        FROM sent WHERE fill IS NOT NULL GROUP BY 1, 2, 3, 4
    ) each GROUP BY 1, 2, 3
), waited AS (
    SELECT door, code, day, jsonb_object_agg(minute, n) AS counts FROM (
        SELECT door, code, day, {_MINUTES.format(minutes="wait")} AS minute, count(*) AS n
        FROM sent WHERE wait IS NOT NULL GROUP BY 1, 2, 3, 4
    ) each GROUP BY 1, 2, 3
)
INSERT INTO insight_doorday AS held (door_code, union_code, day, opened, started, sent, admitted, fills, waits)
SELECT t.door, t.code, t.day, 0, 0, t.sent, t.admitted, coalesce(f.counts, '{{}}'), coalesce(w.counts, '{{}}')
FROM totals t LEFT JOIN filled f USING (door, code, day) LEFT JOIN waited w USING (door, code, day)
ORDER BY 1, 2, 3
ON CONFLICT (door_code, union_code, day) DO UPDATE SET
    sent = excluded.sent, admitted = excluded.admitted, fills = excluded.fills, waits = excluded.waits
WHERE (held.sent, held.admitted, held.fills, held.waits)
    IS DISTINCT FROM (excluded.sent, excluded.admitted, excluded.fills, excluded.waits)
"""


def count_step(*, door: str, union_code: str = "", opened: int = 0, started: int = 0, now: datetime) -> None:
    """Append that somebody opened the first page or began the form; one statement, and no row that others wait for."""
    insert(DoorDelta(day=local_day(now), door_code=door, union_code=union_code, opened=opened, started=started))


@transaction.atomic
def fold_doors(*, limit: int = FOLD_SIZE) -> int:
    """Gather up to `limit` steps into days, and return how many; zero when none is left or free."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD, [limit])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


@transaction.atomic
def recount_doors(*, since: date, until: date) -> int:
    """Count what became of the applications sent on some days, both ends counted; return how many lines changed.

    Reads the applications made on these days by their ids, which are in order of time, and no others.
    """
    begins = datetime.combine(since, time.min, ZONE)
    ends = datetime.combine(until + timedelta(days=1), time.min, ZONE)
    with connection.cursor() as cursor:
        cursor.execute(
            _RECOUNT,
            {"first": first_id(begins - _SLACK), "last": first_id(ends), "since": begins, "until": ends},
        )
        return int(cursor.rowcount)
