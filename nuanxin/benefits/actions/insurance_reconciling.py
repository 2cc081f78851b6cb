"""Comparing what came back with the frozen list, to the unit, and issuing what agrees: set by set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import uuid_utils
from django.db import connection, transaction

from nuanxin.access.actors import system
from nuanxin.benefits.actions.insurance_returns import note_returned
from nuanxin.benefits.models import Difference, InsuranceBatch, Policy, PolicyReturn
from nuanxin.benefits.states.insurance import BATCH_MOVES, WITH_INSURER, BatchState, ReturnState
from nuanxin.kernel.events import announce
from nuanxin.kernel.states import move
from nuanxin.members.actions.rosters.copying import Target, text
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from decimal import Decimal

#: Policies issued by one transaction.
CHUNK = 20_000
#: Rows that have just been written are planned by figures from before: without this they are joined one by one.
_IN_BULK = "SET LOCAL enable_nestloop = off"


@dataclass(frozen=True, slots=True)
class Issued:
    """One policy that was issued."""

    policy_id: UUID
    worker_id: UUID
    union_id: UUID


@dataclass(frozen=True, slots=True)
class PoliciesIssued:
    """People are insured now: each has a policy that agrees with the list."""

    batch_id: UUID
    plan_code: str
    #: What one of them costs the union, in yuan.
    premium: Decimal
    policies: Sequence[Issued]
    day: date
    now: datetime


_REPLACED = """
UPDATE benefits_policyrow r SET is_replaced = true
FROM benefits_policyreturn b
WHERE r.batch_id = %(batch)s AND b.id = r.back_id AND NOT r.is_replaced AND r.policy_number <> '' AND EXISTS (
  SELECT FROM benefits_policyrow n JOIN benefits_policyreturn nb ON nb.id = n.back_id
  WHERE n.batch_id = r.batch_id AND n.policy_number = r.policy_number AND nb.number > b.number
    AND (n.id_digest = r.id_digest OR n.ref = r.ref))
"""
#: Whose number was wrong before answers the same line now; and a number of a stranger's is now somebody's on the list.
_CORRECTED = """
UPDATE benefits_policyrow r SET is_replaced = true
FROM benefits_policyreturn b
WHERE r.batch_id = %(batch)s AND b.id = r.back_id AND NOT r.is_replaced AND r.policy_number <> '' AND EXISTS (
  SELECT FROM benefits_policyrow n JOIN benefits_policyreturn nb ON nb.id = n.back_id
  WHERE n.batch_id = r.batch_id AND n.policy_number = r.policy_number AND nb.number > b.number
    AND n.insured_id IS NOT NULL AND coalesce(r.insured_id, n.insured_id) = n.insured_id)
"""
#: A row answers the line with its ID number; a row whose number nobody on the list has, the line that it names, or the
#: only one of that name that nobody answers.
_BY_ID = """
UPDATE benefits_policyrow r SET insured_id = i.id FROM benefits_insured i
WHERE r.batch_id = %(batch)s AND r.insured_id IS NULL AND i.batch_id = r.batch_id AND i.id_digest = r.id_digest
"""
_BY_LINE = """
UPDATE benefits_policyrow r SET insured_id = i.id FROM benefits_insured i
WHERE r.batch_id = %(batch)s AND r.insured_id IS NULL AND i.batch_id = r.batch_id AND i.line = r.ref AND i.name = r.name
  AND NOT EXISTS (SELECT FROM benefits_policyrow o WHERE o.insured_id = i.id AND NOT o.is_replaced)
"""
_BY_NAME = """
WITH alone AS (
  SELECT (array_agg(id))[1] AS id, name FROM benefits_policyrow
  WHERE batch_id = %(batch)s AND insured_id IS NULL AND ref IS NULL AND NOT is_replaced AND name <> ''
  GROUP BY name HAVING count(*) = 1
), waiting AS (
  SELECT (array_agg(i.id))[1] AS id, i.name FROM benefits_insured i
  WHERE i.batch_id = %(batch)s AND i.name IN (SELECT name FROM alone)
    AND NOT EXISTS (SELECT FROM benefits_policyrow o WHERE o.insured_id = i.id AND NOT o.is_replaced)
  GROUP BY i.name HAVING count(*) = 1
)
UPDATE benefits_policyrow r SET insured_id = w.id FROM alone a JOIN waiting w ON w.name = a.name WHERE r.id = a.id
"""
_LIVE = """
live AS (
  SELECT r.id, r.insured_id, r.policy_number, r.name, r.id_digest, r.ref, r.cover_from, r.cover_until, r.sum_insured,
    i.name AS i_name, i.id_digest AS i_digest, i.worker_id, i.union_id,
    (r.policy_number = '' OR (r.name = '' AND r.insured_id IS NULL)) AS unreadable,
    x.id IS NOT NULL AS dropped,
    row_number() OVER (PARTITION BY coalesce(r.insured_id, r.id) ORDER BY (p.id IS NULL), b.number, r.line) AS nth,
    row_number() OVER (PARTITION BY coalesce(nullif(r.policy_number, ''), r.id::text)
      ORDER BY (p.id IS NULL), b.number, r.line) AS nth_number,
    EXISTS (SELECT FROM benefits_policy q WHERE q.insurer_id = %(insurer)s AND q.number = r.policy_number
      AND q.batch_id <> r.batch_id) AS elsewhere
  FROM benefits_policyrow r
  JOIN benefits_policyreturn b ON b.id = r.back_id
  LEFT JOIN benefits_insured i ON i.id = r.insured_id
  LEFT JOIN benefits_policy p ON p.insured_id = r.insured_id AND p.number = r.policy_number
  LEFT JOIN benefits_difference x ON x.batch_id = r.batch_id AND x.insured_id = r.insured_id AND x.kind = 'missing'
    AND x.settlement = 'drop'
  WHERE r.batch_id = %(batch)s AND NOT r.is_replaced
)
"""
#: Whoever was left out by the union is a stranger from then on; a row that is not the first of a person is one thing
#: too many, whatever else it says.
_DIFFERENCES = f"""
WITH {_LIVE}, said AS (SELECT * FROM live WHERE NOT unreadable AND NOT dropped), first AS (
  SELECT * FROM said WHERE insured_id IS NOT NULL AND nth = 1
)
SELECT 'missing' AS kind, i.id AS insured_id, NULL::uuid AS row_id FROM benefits_insured i
  WHERE i.batch_id = %(batch)s AND NOT EXISTS (SELECT FROM said s WHERE s.insured_id = i.id)
UNION ALL SELECT 'unreadable', insured_id, id FROM live WHERE unreadable
UNION ALL SELECT 'extra', NULL, id FROM live WHERE NOT unreadable AND (insured_id IS NULL OR dropped)
UNION ALL SELECT 'doubled_person', insured_id, id FROM said WHERE insured_id IS NOT NULL AND nth > 1
UNION ALL SELECT 'doubled_number', insured_id, id FROM first WHERE nth_number > 1 OR elsewhere
UNION ALL SELECT 'name', insured_id, id FROM first WHERE name <> i_name AND i_name <> ''
UNION ALL SELECT 'id', insured_id, id FROM first WHERE id_digest <> i_digest AND i_name <> ''
UNION ALL SELECT 'dates', insured_id, id FROM first
  WHERE cover_from IS DISTINCT FROM %(from)s OR cover_until IS DISTINCT FROM %(until)s
UNION ALL SELECT 'sum', insured_id, id FROM first WHERE sum_insured IS DISTINCT FROM %(sum)s
"""
_KEEP = """
INSERT INTO benefits_difference (id, batch_id, kind, insured_id, row_id, state, settlement, note, found_at)
SELECT x.id, %(batch)s, x.kind, x.insured_id, x.row_id, 'open', '', '', %(now)s
FROM unnest(%(ids)s::uuid[], %(kinds)s::text[], %(insured)s::uuid[], %(rows)s::uuid[])
  AS x (id, kind, insured_id, row_id)
ON CONFLICT (batch_id, kind, insured_id, row_id) DO UPDATE SET state = 'open'
WHERE benefits_difference.state = 'mended'
"""
_MEND = """
UPDATE benefits_difference d SET state = 'mended', settled_at = %(now)s
WHERE d.batch_id = %(batch)s AND d.state = 'open' AND NOT EXISTS (
  SELECT FROM unnest(%(kinds)s::text[], %(insured)s::uuid[], %(rows)s::uuid[]) AS x (kind, insured_id, row_id)
  WHERE x.kind = d.kind AND x.insured_id IS NOT DISTINCT FROM d.insured_id AND x.row_id IS NOT DISTINCT FROM d.row_id)
"""
#: What agrees, or was taken as the insurer has it.
_AGREED = """
l.insured_id IS NOT NULL AND l.nth = 1 AND l.nth_number = 1 AND NOT l.elsewhere AND NOT l.unreadable AND NOT l.dropped
  AND l.cover_until > l.cover_from AND l.sum_insured > 0
  AND NOT EXISTS (
    SELECT FROM benefits_difference d WHERE d.batch_id = %(batch)s AND d.row_id = l.id
      AND (d.state = 'open' OR d.settlement = 'refuse'))
"""
_CLEAN = f"""
WITH {_LIVE}
SELECT l.insured_id, l.worker_id, l.union_id, l.policy_number, l.cover_from, l.cover_until, l.sum_insured
FROM live l
WHERE {_AGREED} AND NOT EXISTS (SELECT FROM benefits_policy p WHERE p.insured_id = l.insured_id)
ORDER BY l.insured_id LIMIT {CHUNK}
"""
#: A policy in force says what a later return says of it, once that agrees or was taken.
_FOLLOW = f"""
WITH {_LIVE}
UPDATE benefits_policy p SET cover_from = l.cover_from, cover_until = l.cover_until, sum_insured = l.sum_insured
FROM live l
WHERE {_AGREED} AND p.insured_id = l.insured_id AND p.number = l.policy_number
  AND (p.cover_from, p.cover_until, p.sum_insured) IS DISTINCT FROM (l.cover_from, l.cover_until, l.sum_insured)
"""
_POLICIES = Target(
    Policy, "id batch_id insured_id insurer_id worker_id number cover_from cover_until sum_insured issued_at"
)


@transaction.atomic
def reconcile(*, batch_id: UUID, now: datetime) -> dict[str, int] | None:
    """Compare everything that came back with the list; return how many differences there are now of each kind.

    May be done again at any time: what is there already stays, what is gone is mended, what was settled stays settled.
    None when nothing has come back since.
    """
    batch = _held(batch_id)
    if batch.state not in WITH_INSURER:
        return None
    waiting = PolicyReturn.objects.filter(batch=batch, state=ReturnState.DONE, reconciled_at=None)
    if not waiting.filter(is_last=True).exists():
        return None
    values = _values(batch)
    with connection.cursor() as cursor:
        cursor.execute(_IN_BULK)
        again = (_REPLACED, _CORRECTED) if _came_again(batch) else ("", "")
        for statement in (again[0], _BY_ID, _BY_LINE, _BY_NAME, again[1]):
            if statement:
                cursor.execute(statement, values)
        cursor.execute(_DIFFERENCES, values)
        found = cursor.fetchall()
        columns = {
            "ids": [uuid_utils.uuid7().hex for _each in found],
            "kinds": [row[0] for row in found],
            "insured": [row[1] for row in found],
            "rows": [row[2] for row in found],
        }
        cursor.execute(_MEND, {**values, **columns, "now": now})
        cursor.execute(_KEEP, {**values, **columns, "now": now})
        cursor.execute("SET LOCAL enable_nestloop = on")
    waiting.update(reconciled_at=now)
    note_returned(batch=batch, now=now)
    counts: dict[str, int] = {}
    for kind, _insured, _row in found:
        counts[kind] = counts.get(kind, 0) + 1
    record(
        system(), "benefits.reconciled", batch, now=now, union_path=batch.union.path,
        number=batch.number, differences=counts,
    )  # fmt: skip
    return counts


def _came_again(batch: InsuranceBatch) -> bool:
    """Answer whether the insurer has answered more than once: only then is anything replaced."""
    return PolicyReturn.objects.filter(batch=batch).count() > 1


def _held(batch_id: UUID) -> InsuranceBatch:
    rows = InsuranceBatch.objects.select_for_update(of=("self",)).select_related("union", "plan")
    return rows.get(pk=batch_id)


def _values(batch: InsuranceBatch) -> dict[str, Any]:
    plan = batch.plan
    return {
        "batch": batch.pk,
        "insurer": plan.insurer_id,
        "from": batch.cover_from,
        "until": batch.cover_until,
        "sum": plan.sum_insured,
    }


@transaction.atomic
def issue_next(*, batch_id: UUID, day: date, now: datetime) -> int:
    """Issue some thousand policies that agree; return how many. With none left the batch may agree to the unit."""
    batch = _held(batch_id)
    if batch.state not in (BatchState.RETURNED, BatchState.SETTLED):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_IN_BULK)
        cursor.execute(_CLEAN, _values(batch))
        rows = cursor.fetchall()
        if not rows and _came_again(batch):
            cursor.execute(_FOLLOW, _values(batch))
        cursor.execute("SET LOCAL enable_nestloop = on")
    if not rows:
        _settle(batch, now)
        return 0
    ids = [uuid_utils.uuid7() for _row in rows]
    head, tail = f"\t{batch.pk.hex}\t", f"\t{now.isoformat()}{_POLICIES.end}"
    insurer = batch.plan.insurer_id.hex
    _POLICIES.copy(
        f"{pk.hex}{head}{insured.hex}\t{insurer}\t{worker.hex}\t{text(number)}\t{begin}\t{end}\t{amount}{tail}"
        for pk, (insured, worker, _union, number, begin, end, amount) in zip(ids, rows, strict=True)
    )
    issued = [Issued(UUID(int=pk.int), row[1], row[2]) for pk, row in zip(ids, rows, strict=True)]
    announce(PoliciesIssued(batch.pk, batch.plan.code, batch.plan.premium, issued, day, now))
    InsuranceBatch.objects.filter(pk=batch.pk).update(beat_at=now)
    return len(rows)


def _settle(batch: InsuranceBatch, now: datetime) -> None:
    """Let a batch agree to the unit: nothing is open, and nothing waits to be compared."""
    if batch.state != BatchState.RETURNED:
        return
    is_open = Difference.objects.filter(batch=batch, state="open").exists()
    waits = PolicyReturn.objects.filter(batch=batch, reconciled_at=None).exclude(state=ReturnState.FAILED).exists()
    if is_open or waits:
        return
    move(batch, BATCH_MOVES, BatchState.SETTLED, settled_at=now, beat_at=now)
    PolicyReturn.objects.filter(batch=batch).exclude(sealed_content=b"").update(sealed_content=b"")
    record(
        system(), "benefits.batch_settled", batch, now=now, union_path=batch.union.path,
        number=batch.number, policies=Policy.objects.filter(batch=batch).count(), people=batch.people,
    )  # fmt: skip
