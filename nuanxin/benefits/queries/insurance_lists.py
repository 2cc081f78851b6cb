"""Who would be on a list of gifted insurance, and the frozen lists themselves: by few statements over many people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

from nuanxin.benefits.models import InsuranceBatch, Insured
from nuanxin.benefits.rules.insurance import Checks, born_between, digest_of, mark_of, read_checks
from nuanxin.benefits.states.insurance import STANDING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

_ELIGIBLE = """
FROM members_membership m
JOIN members_worker w ON w.id = m.worker_id
JOIN organizations_union u ON u.id = m.union_id
WHERE u.path LIKE %(under)s AND m.state = ANY(%(states)s) AND m.began_on <= %(on)s
  AND w.erased_at IS NULL AND w.merged_into_id IS NULL
"""
_GROUP = """
  AND (w.occupation_group_id = ANY(%(groups)s) OR EXISTS (
    SELECT FROM members_workeroccupation o
    WHERE o.worker_id = w.id AND o.group_id = ANY(%(groups)s) AND o.valid_from <= %(on)s
      AND (o.valid_until IS NULL OR o.valid_until >= %(on)s)))
"""
_UNINSURED = """
  AND NOT EXISTS (
    SELECT FROM benefits_insured i JOIN benefits_insurancebatch b ON b.id = i.batch_id
    WHERE i.worker_id = w.id AND b.state = ANY(%(standing)s)
      AND b.cover_from <= %(cover_until)s AND b.cover_until >= %(cover_from)s
      AND NOT EXISTS (
        SELECT FROM benefits_difference d
        WHERE d.insured_id = i.id AND d.state = 'settled' AND d.settlement = 'drop')
      AND (b.state <> 'settled' OR EXISTS (SELECT FROM benefits_policy p WHERE p.insured_id = i.id)))
"""
_WELCOME = """
  AND EXISTS (
    SELECT FROM benefits_packright r WHERE r.worker_id = w.id AND r.item = 'insurance' AND r.state = 'granted')
"""
_COLUMNS = "SELECT w.id, m.id, m.union_id, m.number, w.name, w.id_kind, w.id_digest, w.sealed_id, w.sealed_phone"
_ORDER = " ORDER BY m.began_on, m.number"


def eligible_rows(batch: InsuranceBatch) -> list[tuple[Any, ...]]:
    """Return whoever is eligible now for a batch, members longest first: one statement, one moment."""
    where, values = _eligible(read_checks(batch.checks), batch.union.path, batch.on, batch)
    limit = " LIMIT %(most)s" if batch.most else ""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS + where + _ORDER + limit, values | {"most": batch.most})
        return list(cursor.fetchall())


def count_eligible(batch: InsuranceBatch) -> int:
    """Return how many people would be on the list if it were frozen now."""
    where, values = _eligible(read_checks(batch.checks), batch.union.path, batch.on, batch)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*)" + where, values)
        count = int(cursor.fetchone()[0])
    return min(count, batch.most) if batch.most else count


def _eligible(checks: Checks, path: str, on: date, batch: InsuranceBatch) -> tuple[str, dict[str, Any]]:
    first, last = born_between(checks, on)
    sql = _ELIGIBLE
    sql += _GROUP if checks.groups else ""
    sql += " AND w.birth_on >= %(born_first)s" if first else ""
    sql += " AND w.birth_on <= %(born_last)s" if last else ""
    sql += _UNINSURED if checks.uninsured else ""
    sql += _WELCOME if checks.welcome else ""
    return sql, {
        "under": f"{path}%",
        "states": list(checks.states),
        "on": on,
        "groups": list(checks.groups),
        "born_first": first,
        "born_last": last,
        "standing": list(STANDING),
        "cover_from": batch.cover_from,
        "cover_until": batch.cover_until,
    }


def list_is_whole(batch: InsuranceBatch) -> bool:
    """Answer whether a frozen list is what its digest says, line by line; lines of erased people keep their marks."""
    count = 0

    def marks() -> Iterator[bytes]:
        nonlocal count
        for line, number, name, digest, mark in rows.iterator(chunk_size=5000):
            count += 1
            if line != count or (name and mark_of(line, number, name, bytes(digest)) != bytes(mark)):
                return
            yield bytes(mark)

    rows = (
        Insured.objects.filter(batch=batch).order_by("line").values_list("line", "number", "name", "id_digest", "mark")
    )
    return digest_of(marks()) == bytes(batch.digest) and count == batch.people
