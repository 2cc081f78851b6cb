"""What is known of a person by identity or by phone: for actions only, never for a page before proof."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from nuanxin.kernel.documents import RESIDENT_ID, digest_text, kinds_of
from nuanxin.kernel.rows import columns, load, width
from nuanxin.kernel.secrets import digest
from nuanxin.members.models import Membership, Worker
from nuanxin.members.states import MembershipState


def id_digest(number: str, kind: str = RESIDENT_ID) -> bytes:
    """Return the blind index of a document, by kind and number in regular form."""
    return digest("id", digest_text(kind, number))


def id_digests(typed: str) -> list[bytes]:
    """Return the blind indexes of every document that a whole number, typed to find somebody, may be."""
    return [id_digest(number, kind) for kind, number in kinds_of(typed)]


def phone_digest(phone: str) -> bytes:
    """Return the blind index of a phone number."""
    return digest("phone", phone)


@dataclass(frozen=True, slots=True)
class Standing:
    """The worker of an identity, the membership that has not ended, and whoever else holds the phone."""

    worker: Worker | None
    membership: Membership | None
    phone_holder: Worker | None


def standing(*, of_id: bytes, of_phone: bytes) -> Standing:
    """Return what is known of an identity and a phone, in one statement; one more for a record merged into another."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [MembershipState.ENDED, of_id, of_phone])
        rows = cursor.fetchall()
    edge = width(Worker)
    found = [(load(Worker, row[:edge]), row[edge:]) for row in rows]
    worker, membership = next(((w, m) for w, m in found if bytes(w.id_digest) == of_id), (None, ()))
    if worker is not None and worker.merged_into_id:
        worker = Worker.objects.get(pk=worker.merged_into_id)
    known = worker.pk if worker else None
    holder = next((w for w, _m in found if w.pk != known and bytes(w.phone_digest or b"") == of_phone), None)
    return Standing(worker, load(Membership, membership) if membership and membership[0] else None, holder)


#: Written out and prepared once, for every application asks it (docs/adr/0007-hot-rows.md).
_KNOWN = f"""
SELECT {columns(Worker, "w")}, {columns(Membership, "m")}
FROM members_worker AS w
LEFT JOIN members_membership AS m ON m.worker_id = coalesce(w.merged_into_id, w.id) AND m.state <> %s
WHERE w.id_digest = %s OR w.phone_digest = %s
"""
