"""What the registry knows of the people of some thousand rows, in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection

from nuanxin.members.rules.rosters.decide import Known
from nuanxin.members.states import OPEN, MembershipState

if TYPE_CHECKING:
    from collections.abc import Collection

_KNOWN = """
SELECT w.id, w.id_digest, w.phone_digest, w.name, w.sealed_key, m.id, m.union_id, m.state
FROM members_worker w LEFT JOIN members_membership m ON m.worker_id = w.id AND m.state <> %s
WHERE w.id IN (
    SELECT id FROM members_worker WHERE id_digest = ANY(%s::bytea[])
    UNION SELECT id FROM members_worker WHERE phone_digest = ANY(%s::bytea[])
)
"""
_APPLIED = "SELECT id_digest FROM members_application WHERE id_digest = ANY(%s::bytea[]) AND state = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Registry:
    """What is known by identity, who holds which phone, and who waits for a decision."""

    people: dict[bytes, Known]
    phones: dict[bytes, UUID]
    applied: frozenset[bytes]

    def phone_held(self, of_id: bytes, of_phone: bytes) -> bool:
        """Answer whether a phone belongs to somebody else than this identity."""
        holder = self.phones.get(of_phone)
        known = self.people.get(of_id)
        return holder is not None and (known is None or known.worker_id != holder)


def known_people(ids: Collection[bytes], phones: Collection[bytes]) -> Registry:
    """Return what is known of identities and phones, by two statements whatever their number."""
    identities = _array(ids)
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [MembershipState.ENDED, identities, _array(phones)])
        rows = cursor.fetchall()
        cursor.execute(_APPLIED, [identities, list(map(str, OPEN))])
        applied = frozenset(bytes(row[0]) for row in cursor.fetchall())
    people, holders = {}, {}
    for worker, id_digest, phone_digest, name, key, membership, union, state in rows:
        people[bytes(id_digest)] = Known(worker, name, bytes(key), membership, union, state or "")
        if phone_digest is not None:
            holders[bytes(phone_digest)] = worker
    return Registry(people, holders, applied)


def _array(digests: Collection[bytes]) -> str:
    """Return digests as the text of an array: the driver would spend more on each than the database on finding it."""
    return "{" + ",".join(f'"\\\\x{digest.hex()}"' for digest in digests) + "}"


def open_unions(ids: Collection[UUID]) -> dict[UUID, tuple[str, str]]:
    """Return path and region of those of these unions that are open, and keep them open until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, path, coalesce(region_id, '') FROM organizations_union "
            "WHERE id = ANY(%s) AND closed_at IS NULL ORDER BY id FOR SHARE",
            [sorted(ids)],
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def taken_numbers(numbers: Collection[str]) -> set[str]:
    """Return those of these member numbers that somebody has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number FROM members_membership WHERE number = ANY(%s::varchar[])", ["{" + ",".join(numbers) + "}"]
        )
        return {row[0] for row in cursor.fetchall()}
