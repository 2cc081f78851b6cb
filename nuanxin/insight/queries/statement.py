"""The one statement behind every dashboard: folded rows and waiting deltas of one moment.

Its cost follows the number of days, slices and children shown, never the number of members: it reads marginals by key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection

if TYPE_CHECKING:
    from datetime import date

    from nuanxin.insight.queries.scopes import ScopeView
    from nuanxin.insight.rules import Period

_SUMS = "sum(applications), sum(admissions), sum(refusals), sum(active)"
_MEASURES = "applications, admissions, refusals, active"
_NOTHING = "NULL::text, NULL::text, NULL::text"

#: Deltas of the scope that no fold has counted yet. A union's deltas count under the path it has today.
_FRESH = {
    "union": """
    SELECT d.day, d.group_code, d.door_code, split_part(coalesce(u.path, d.union_path), '/', %(child_part)s) AS child,
           '' AS grandchild, d.applications, d.admissions, d.refusals, d.active
    FROM insight_tallydelta d LEFT JOIN organizations_union u ON u.code = split_part(d.union_path, '/', -2)
    WHERE starts_with(coalesce(u.path, d.union_path), %(prefix)s)""",
    "region": """
    SELECT day, group_code, door_code, left(region_code, %(near)s) AS child, left(region_code, %(far)s) AS grandchild,
           applications, admissions, refusals, active
    FROM insight_tallydelta WHERE starts_with(region_code, %(prefix)s)""",
}
#: Rows directly below the scope. Codes of regions are in C collation: compared so, no key of a tally would be used.
#: A region that only fills its level (市辖区) gives way to what is below it.
_CHILDREN = {
    "union": """
    SELECT code::text AS code, 'u:' || code AS scope, name::text AS name, name_en::text AS name_en,
           coalesce(nullif(pinyin, ''), name)::text AS sorting
    FROM organizations_union WHERE parent_id = %(union_id)s""",
    "region": """
    SELECT code::text AS code, ('r:' || code) COLLATE "default" AS scope, name::text AS name,
           name_pinyin::text AS name_en,
           name_pinyin::text AS sorting
    FROM regions_region
    WHERE level = %(near_level)s AND code BETWEEN %(prefix)s AND %(prefix)s || '~' AND NOT is_pseudo
    UNION ALL
    SELECT r.code::text, ('r:' || r.code) COLLATE "default", r.name::text, r.name_pinyin::text, r.name_pinyin::text
    FROM regions_region p JOIN regions_region r
      ON r.code BETWEEN p.code AND p.code || '~' AND r.level = %(near_level)s + 1
    WHERE p.level = %(near_level)s AND p.code BETWEEN %(prefix)s AND %(prefix)s || '~' AND p.is_pseudo""",
}
#: Order of the children → (expression and order, condition that skips what came before a cursor).
SORTS = {
    "-active": ("active DESC, code", "(-active, code) > (-%(after_number)s, %(after_code)s)"),
    "active": ("active, code", "(active, code) > (%(after_number)s, %(after_code)s)"),
    "name": ("sorting, code", "(sorting, code) > (%(after_text)s, %(after_code)s)"),
    "-name": ("sorting DESC, code DESC", "(sorting, code) < (%(after_text)s, %(after_code)s)"),
}

_NUMBERS = f"""
WITH fresh AS MATERIALIZED ({{fresh}}
), totals AS (
    SELECT 'total', slice, {_NOTHING}, NULL::date, {_SUMS} FROM (
        SELECT slice, {_MEASURES} FROM insight_tallytotal WHERE scope = %(scope)s
        UNION ALL
        SELECT cut.slice, {_MEASURES} FROM fresh
        CROSS JOIN LATERAL (VALUES (''), ('g:' || group_code), ('d:' || door_code)) cut (slice)
    ) both_kinds GROUP BY slice
), days AS (
    SELECT 'day', '', {_NOTHING}, day, {_SUMS} FROM (
        SELECT day, {_MEASURES} FROM insight_tallyday WHERE scope = %(scope)s AND slice = '' AND day >= %(earliest)s
        UNION ALL
        SELECT day, {_MEASURES} FROM fresh WHERE day >= %(earliest)s
    ) both_kinds GROUP BY day
), slices AS (
    SELECT 'slice', slice, {_NOTHING}, NULL::date, {_SUMS} FROM (
        SELECT d.slice, d.applications, d.admissions, d.refusals, d.active
        FROM insight_tallytotal t CROSS JOIN LATERAL (
            SELECT * FROM insight_tallyday d
            WHERE d.scope = t.scope AND d.slice = t.slice AND d.day BETWEEN %(since)s AND %(until)s
        ) d
        WHERE t.scope = %(scope)s AND t.slice <> ''
        UNION ALL
        SELECT cut.slice, {_MEASURES} FROM fresh
        CROSS JOIN LATERAL (VALUES ('g:' || group_code), ('d:' || door_code)) cut (slice)
        WHERE day BETWEEN %(since)s AND %(until)s
    ) both_kinds GROUP BY slice
)
SELECT * FROM totals UNION ALL SELECT * FROM days UNION ALL SELECT * FROM slices"""

#: `OFFSET 0` holds the planner to looking each total up by its key: it overrates how many children a region has, and
#: would read the totals of all regions instead.
_KIDS = f"""
, children AS MATERIALIZED ({{children}}
), fresh_child AS MATERIALIZED (
    SELECT child, day, {_MEASURES} FROM fresh
    UNION ALL SELECT grandchild, day, {_MEASURES} FROM fresh WHERE grandchild <> child AND grandchild <> ''
), standing AS MATERIALIZED (
    SELECT c.*, coalesce(t.active, 0) + coalesce(f.active, 0) AS active
    FROM children c
    LEFT JOIN LATERAL (
        SELECT active FROM insight_tallytotal WHERE scope = c.scope AND slice = '' OFFSET 0
    ) t ON true
    LEFT JOIN (SELECT child, sum(active) AS active FROM fresh_child GROUP BY child) f ON f.child = c.code
), page AS MATERIALIZED (
    SELECT * FROM standing WHERE {{after}} ORDER BY {{order}} LIMIT %(limit)s
)"""
_KID_ROWS = """
UNION ALL
SELECT 'children', '', NULL, NULL, NULL, NULL, count(*), 0, 0, coalesce(sum(active), 0)::bigint FROM standing
UNION ALL
SELECT * FROM (
    SELECT 'child', p.code, p.name, p.name_en, p.sorting, NULL::date, coalesce(s.applications, 0),
           coalesce(s.admissions, 0), coalesce(s.refusals, 0), p.active AS active
    FROM page p LEFT JOIN LATERAL (
        SELECT sum(applications) AS applications, sum(admissions) AS admissions, sum(refusals) AS refusals FROM (
            SELECT applications, admissions, refusals FROM insight_tallyday d
            WHERE d.scope = p.scope AND d.slice = '' AND d.day BETWEEN %(since)s AND %(until)s
            UNION ALL
            SELECT applications, admissions, refusals FROM fresh_child f
            WHERE f.child = p.code AND f.day BETWEEN %(since)s AND %(until)s
        ) both_kinds
    ) s ON true
) shown"""


class NumberRow(NamedTuple):
    """One row of the statement; `kind` says which part of the dashboard it is for."""

    kind: str
    key: str
    name: str | None
    name_en: str | None
    sorting: str | None
    day: date | None
    applications: int
    admissions: int
    refusals: int
    active: int


@dataclass(frozen=True)
class ChildPage:
    """Which children are asked for: order, how many, and after which one (its sorting value and its code)."""

    sort: str = "-active"
    limit: int = 25
    after: tuple[str, str] | None = None


def _after(page: ChildPage) -> tuple[str, dict[str, Any]]:
    _order, condition = SORTS[page.sort]
    if page.after is None:
        return "true", {}
    value, code = page.after
    number = int(value) if page.sort.endswith("active") else 0
    return condition, {"after_number": number, "after_text": value, "after_code": code}


def read_numbers(scope: ScopeView, period: Period, earliest: date, page: ChildPage | None) -> list[NumberRow]:
    """Run the statement for one scope; `page` None leaves the children out. One query."""
    near, far = scope.child_lengths
    parameters: dict[str, Any] = {
        "scope": scope.key,
        "prefix": scope.path if scope.kind == "union" else scope.code,
        "child_part": scope.path.count("/") + 1,
        "union_id": scope.union_id,
        "near": near,
        "far": far,
        "near_level": (2, 4, 6, 9, 12).index(near) + 1 if len(scope.code) < near else 9,
        "since": period.since,
        "until": period.until,
        "earliest": earliest,
    }
    statement = _NUMBERS.format(fresh=_FRESH[scope.kind])
    if page is not None:
        condition, after = _after(page)
        order, _condition = SORTS[page.sort]
        kids = _KIDS.format(children=_CHILDREN[scope.kind], after=condition, order=order)
        head, tail = statement.rsplit("\nSELECT * FROM totals", 1)
        statement = f"{head}{kids}\nSELECT * FROM totals{tail}{_KID_ROWS}"
        parameters |= after | {"limit": page.limit + 1}
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [NumberRow(*row) for row in cursor.fetchall()]
