"""Writing into the record: called inside the transaction of the act that is recorded."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Conflict, Invalid, Refusal
from nuanxin.kernel.rows import insert
from nuanxin.kernel.secrets import keyring, seal, unseal
from nuanxin.records.models import Attachment, AuditEntry, IdempotencyKey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from django.db import models

    from nuanxin.kernel.actor import Actor
    from nuanxin.kernel.secrets import PersonKey


def record(
    actor: Actor,
    action: str,
    subject: models.Model,
    *,
    now: datetime,
    union_path: str = "",
    personal: Mapping[str, Any] | None = None,
    key: PersonKey | None = None,
    **detail: Any,
) -> AuditEntry:
    """Append one audit entry. Parameters as `entry_of`."""
    entry = entry_of(actor, action, subject, now=now, union_path=union_path, personal=personal, key=key, **detail)
    insert(entry)
    return entry


def entry_of(
    actor: Actor,
    action: str,
    subject: models.Model,
    *,
    now: datetime,
    union_path: str = "",
    personal: Mapping[str, Any] | None = None,
    key: PersonKey | None = None,
    **detail: Any,
) -> AuditEntry:
    """Return one audit entry that whoever asks inserts, together with the act, by one statement.

    :param action: dotted past-tense name such as `members.application_approved`.
    :param union_path: path of the union whose act it is; its subtree's auditors may read the entry.
    :param personal: personal values, kept only sealed under `key`.
    :param detail: plain values that are nobody's personal data.
    """
    sealed = key.seal(json.dumps(personal, ensure_ascii=False, default=str)) if personal and key else b""
    return AuditEntry(
        at=now,
        action=action,
        subject_type=subject._meta.label_lower,
        subject_id=subject_id(subject),
        union_path=union_path,
        actor_kind=actor.kind,
        account_id=actor.account_id,
        post_id=actor.post_id,
        source_id=actor.source_id,
        detail=detail,
        sealed=sealed,
    )


def subject_id(subject: models.Model) -> UUID:
    """Return the id under which a thing is recorded: its own, or for a row of a code list one made from its code."""
    return (
        subject.pk
        if isinstance(subject.pk, UUID)
        else uuid5(NAMESPACE_OID, f"{subject._meta.label_lower}:{subject.pk}")
    )


#: What may be given as evidence, and how much of it.
EVIDENCE_TYPES = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n": "image/png"}
MOST_BYTES = 5 * 1024 * 1024


def attach(actor: Actor, subject: models.Model, *, name: str, content: bytes, now: datetime) -> Attachment:
    """Keep a file given as evidence, sealed; what it is is read from its first bytes, not from its name.

    :raises Invalid: empty, over five megabytes, or neither PDF, JPEG nor PNG.
    """
    kind = next((kind for start, kind in EVIDENCE_TYPES.items() if content.startswith(start)), None)
    if kind is None:
        raise Invalid("bad_file", _("Please give a PDF, a JPEG or a PNG file."), field="file")
    if len(content) > MOST_BYTES:
        raise Invalid("file_too_large", _("The file is too large: five megabytes at most."), field="file")
    attachment = Attachment(
        subject_type=subject._meta.label_lower,
        subject_id=subject_id(subject),
        name=name.encode("utf-8", "replace").decode().replace("\0", "")[:120],
        media_type=kind,
        size=len(content),
        sha256=hashlib.sha256(content).digest(),
        sealed_content=keyring().seal(content),
        uploaded_by=actor.account_id,
        uploaded_at=now,
    )
    attachment.save(force_insert=True)
    return attachment


def once(
    *,
    scope: str,
    key: str,
    request: Mapping[str, Any],
    now: datetime,
    work: Callable[[], tuple[int, dict[str, Any]]],
) -> tuple[int, dict[str, Any]]:
    """Do the work once for a key and return its first answer ever after.

    The row and the work share one transaction: either both are there or neither is. The key is not asked for first: a
    repetition does the work again, meets the row, and is undone.

    :param scope: who sends: keys of different senders never meet.
    :param request: what was asked; the same key with another request is refused.
    :returns: status and body of the first answer.
    :raises Conflict: the key was used for a different request.
    """
    digest = hashlib.sha256(json.dumps(request, sort_keys=True, ensure_ascii=True, default=str).encode()).digest()
    try:
        with transaction.atomic():
            status, body = work()
            insert(
                IdempotencyKey(
                    scope=scope,
                    key=key,
                    request_digest=digest,
                    status=status,
                    sealed_body=seal(json.dumps(body, ensure_ascii=False, default=str)),
                    created_at=now,
                )
            )
    except IntegrityError as error:
        if "idempotency_once" not in str(error):
            raise
        return _first_answer(scope, key, digest) or (status, body)
    except Refusal:
        # What was done once may be refused the second time: the first answer stands.
        answer = _first_answer(scope, key, digest)
        if answer is None:
            raise
        return answer
    return status, body


def _first_answer(scope: str, key: str, digest: bytes) -> tuple[int, dict[str, Any]] | None:
    found = IdempotencyKey.objects.filter(scope=scope, key=key).first()
    if found is None:
        return None
    if bytes(found.request_digest) != digest:
        raise Conflict(
            "idempotency_key_reused", _("This Idempotency-Key was used for a different request. Use a new key.")
        )
    return found.status, json.loads(unseal(found.sealed_body))
