"""The check of tallies against the rows they stand for. It scans members, so it never shows a number to anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class Mismatch:
    """Where a tally says another number than the rows."""

    scope: str
    slice: str
    #: The day of an application, an admission or a refusal; none for active members as they stand.
    day: date | None
    measure: str
    tallied: int
    counted: int


#: Facts that never change: an application at the union it first came to, an admission, a refusal, each on its day.
#: An admission counts at the union that admitted, wherever the member is now. Active members are compared as they
#: stand. Occupation groups and regions can be corrected later and are left out.
_RECOUNT = """
WITH facts AS (
    SELECT coalesce(first.union_id, a.union_id) AS union_id, a.door_id AS door,
           (coalesce(first.at, a.confirmed_at) AT TIME ZONE 'Asia/Shanghai')::date AS day,
           'applications' AS measure, 1 AS n
    FROM members_application a
    LEFT JOIN LATERAL (
        SELECT coalesce(to_union_id, union_id) AS union_id, at FROM members_applicationact act
        WHERE act.application_id = a.id AND act.act = 'submitted' ORDER BY at, id LIMIT 1
    ) first ON true
    WHERE first.union_id IS NOT NULL
       OR (a.confirmed_at IS NOT NULL AND a.state NOT IN ('unconfirmed', 'phone_held', 'known_member'))
    UNION ALL
    SELECT act.union_id, a.door_id, (act.at AT TIME ZONE 'Asia/Shanghai')::date, 'refusals', 1
    FROM members_applicationact act JOIN members_application a ON a.id = act.application_id
    WHERE act.act = 'refused' AND act.union_id IS NOT NULL
    UNION ALL
    SELECT e.union_id, m.door_id, m.began_on, 'admissions', 1
    FROM members_membershipentry e JOIN members_membership m ON m.id = e.membership_id WHERE e.act = 'admitted'
      AND coalesce((SELECT bool_or(admitted) FROM members_cellclaim c WHERE c.membership_id = m.id), true)
    UNION ALL
    SELECT m.union_id, m.door_id, NULL, 'active', 1 FROM members_membership m WHERE m.state = 'active'
      AND coalesce((SELECT bool_or(counted) FROM members_cellclaim c WHERE c.membership_id = m.id), true)
), counted AS (
    SELECT 'u:' || above.code AS scope, cut.slice, day, measure, sum(n) AS n
    FROM facts JOIN organizations_union u ON u.id = facts.union_id
    CROSS JOIN LATERAL unnest(string_to_array(trim(BOTH '/' FROM u.path), '/')) above (code)
    CROSS JOIN LATERAL (VALUES (''), ('d:' || door)) cut (slice)
    GROUP BY 1, 2, 3, 4
), fresh AS (
    SELECT 'u:' || above.code AS scope, cut.slice, d.day, d.applications, d.admissions, d.refusals, d.active
    FROM insight_tallydelta d LEFT JOIN organizations_union u ON u.code = split_part(d.union_path, '/', -2)
    CROSS JOIN LATERAL unnest(string_to_array(trim(BOTH '/' FROM coalesce(u.path, d.union_path)), '/')) above (code)
    CROSS JOIN LATERAL (VALUES (''), ('d:' || d.door_code)) cut (slice)
), folded AS (
    SELECT scope, slice, day, applications, admissions, refusals FROM insight_tallyday
    WHERE left(scope, 2) = 'u:' AND left(slice, 2) <> 'g:'
    UNION ALL SELECT scope, slice, day, applications, admissions, refusals FROM fresh
), tallied AS (
    SELECT scope, slice, day, measure.name AS measure, sum(measure.n) AS n FROM folded
    CROSS JOIN LATERAL (
        VALUES ('applications', applications), ('admissions', admissions), ('refusals', refusals)
    ) measure (name, n)
    GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT scope, slice, NULL, 'active', sum(active) FROM (
        SELECT scope, slice, active FROM insight_tallytotal WHERE left(scope, 2) = 'u:' AND left(slice, 2) <> 'g:'
        UNION ALL SELECT scope, slice, active FROM fresh
    ) both_kinds GROUP BY 1, 2
)
SELECT coalesce(t.scope, c.scope), coalesce(t.slice, c.slice), coalesce(t.day, c.day), coalesce(t.measure, c.measure),
       coalesce(t.n, 0), coalesce(c.n, 0)
FROM tallied t FULL JOIN counted c
  ON (t.scope, t.slice, coalesce(t.day, 'infinity'), t.measure)
   = (c.scope, c.slice, coalesce(c.day, 'infinity'), c.measure)
WHERE coalesce(t.n, 0) <> coalesce(c.n, 0)
ORDER BY 1, 2, 3, 4 LIMIT %s"""


def recount(*, limit: int = 100) -> list[Mismatch]:
    """Compare tallies with the rows of applications and memberships, in one statement; empty when all agree."""
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT, [limit])
        return [Mismatch(*row) for row in cursor.fetchall()]
