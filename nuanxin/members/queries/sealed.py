"""What the audit holds sealed under a person's key: a cadre's reason for those who read the audit, and what is gone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag

from nuanxin.kernel.secrets import KeyDestroyed, PersonKey
from nuanxin.members.models import Application, Membership, Worker
from nuanxin.records.models import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

#: Acts whose sealed values name the number that was there before.
_PHONE_ACTS = ("members.phone_changed", "members.phone_corrected")


@dataclass(frozen=True, slots=True)
class Sealed:
    """What may be told of the sealed part of an entry: the reason that was written, or that it was erased."""

    reason: str = ""
    is_erased: bool = False


def sealed_parts(entries: Iterable[AuditEntry]) -> dict[UUID, Sealed]:
    """Return, by entry, the reason of a reveal and whether the person was erased since; three statements at most."""
    rows = [entry for entry in entries if entry.sealed]
    ids = {entry.subject_id for entry in rows}
    if not ids:
        return {}
    keys = dict(Worker.objects.filter(pk__in=ids).values_list("pk", "sealed_key"))
    keys |= dict(Application.objects.filter(pk__in=ids).values_list("pk", "sealed_key"))
    keys |= dict(Membership.objects.filter(pk__in=ids).values_list("pk", "worker__sealed_key"))
    return {entry.pk: _told(entry, keys.get(entry.subject_id)) for entry in rows}


def former_phones(worker: Worker) -> set[str]:
    """Return the numbers that a person had before, as long as the person's key still opens what the audit says.

    Messages that were sent to them are found by nothing else.
    """
    rows = AuditEntry.objects.filter(subject_id=worker.pk, action__in=_PHONE_ACTS).exclude(sealed=b"")
    key = PersonKey(worker.sealed_key)
    found = (json.loads(key.unseal(sealed)).get("before") for sealed in rows.values_list("sealed", flat=True))
    return {phone for phone in found if phone}


def _told(entry: AuditEntry, sealed_key: bytes | memoryview | None) -> Sealed:
    key = PersonKey(sealed_key or b"")
    if key.is_destroyed:
        return Sealed(is_erased=True)
    if entry.action != "members.revealed":
        return Sealed()
    try:
        return Sealed(reason=str(json.loads(key.unseal(entry.sealed)).get("reason", "")))
    except (InvalidTag, KeyDestroyed):
        return Sealed(is_erased=True)
