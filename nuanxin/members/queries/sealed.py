"""What the audit holds sealed under a person's key: a cadre's reason for those who read the audit, and what is gone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag

from nuanxin.kernel.secrets import KeyDestroyed, PersonKey
from nuanxin.members.models import Application, Membership, Worker

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from nuanxin.records.models import AuditEntry


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
