"""Telling: rows of the inbox and of the outbox, written in the transaction of the fact they tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from nuanxin.kernel.secrets import digest, seal
from nuanxin.messages.models import Notice, TextMessage
from nuanxin.messages.queries import visible_to
from nuanxin.messages.rules import sentence
from nuanxin.messages.states import TextState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor

#: The background task that carries a text message to the gateway; lower floors call it by name.
DELIVER = "nuanxin.messages.deliver_text"


_COLUMNS = tuple(field.attname for field in TextMessage._meta.concrete_fields)
#: The row and the work of carrying it away, by the queue's own function, in one statement: every join sends two texts.
_SEND = f"""
WITH message AS (
    INSERT INTO {TextMessage._meta.db_table} ({", ".join(_COLUMNS)})
    VALUES ({", ".join(f"%({name})s" for name in _COLUMNS)}) RETURNING id
)
SELECT procrastinate_defer_jobs_v1(ARRAY[
    ROW('texts', '{DELIVER}', 0, NULL, NULL, jsonb_build_object('text_id', id), NULL)::procrastinate_job_to_defer_v1
]) FROM message
"""


def send_text(
    *, phone: str, template: str, values: Mapping[str, object], language: str = "", now: datetime
) -> TextMessage:
    """Put one text message into the outbox and have it carried away once this transaction is certain.

    :param phone: eleven digits, already judged.
    :param values: fill the template's placeholders; plain text, in the reader's language.
    """
    message = TextMessage(
        template=template,
        sealed_phone=seal(phone),
        phone_digest=digest("phone", phone),
        sealed_text=seal(sentence(template, values, language)),
        created_at=now,
    )
    with connection.cursor() as cursor:
        cursor.execute(_SEND, {name: getattr(message, name) for name in _COLUMNS})
    return message


@transaction.atomic
def notify(
    *, account_id: UUID, template: str, values: Mapping[str, object], fact: str, now: datetime, link: str = ""
) -> bool:
    """Tell an account one fact in the app. The same fact is told once; answer whether it was new.

    :param fact: names the fact, such as `approved:2026112300000000`.
    """
    sentence(template, values)
    notice = Notice(account_id=account_id, template=template, values=dict(values), link=link, fact=fact, created_at=now)
    Notice.objects.bulk_create([notice], ignore_conflicts=True)
    return Notice.objects.filter(pk=notice.pk).exists()


@transaction.atomic
def mark_read(*, actor: Actor, notice_id: UUID | None = None, now: datetime) -> int:
    """Mark one of the actor's own notices as read, or all of them; return how many were unread."""
    rows = visible_to(actor).filter(read_at=None)
    if notice_id is not None:
        rows = rows.filter(pk=notice_id)
    return rows.update(read_at=now)


def forget_texts(*, before: datetime) -> int:
    """Delete the outbox rows older than `before`; nothing in them is needed once sent. Return how many."""
    deleted: int = TextMessage.objects.filter(created_at__lt=before).delete()[0]
    return deleted


def forget_notices(*, before: datetime) -> int:
    """Delete the notices older than `before`. Return how many."""
    deleted: int = Notice.objects.filter(created_at__lt=before).delete()[0]
    return deleted


def claim(text_id: UUID) -> TextMessage | None:
    """Take a queued message for one try; None when it is sent, given up, or another worker is trying just now."""
    message = TextMessage.objects.filter(pk=text_id, state=TextState.QUEUED).first()
    if message is None:
        return None
    seen = message.attempts
    if not TextMessage.objects.filter(pk=text_id, state=TextState.QUEUED, attempts=seen).update(attempts=seen + 1):
        return None
    message.attempts = seen + 1
    return message


def settle(message: TextMessage, *, state: str, error: str = "", now: datetime) -> None:
    """Write down how a try ended; a message that is sent or given up forgets number and text."""
    changes: dict[str, object] = {"state": state, "last_error": error[:200]}
    if state == TextState.SENT:
        changes["sent_at"] = now
    if state != TextState.QUEUED:
        changes |= {"sealed_phone": b"", "sealed_text": b""}
    TextMessage.objects.filter(pk=message.pk, state=TextState.QUEUED).update(**changes)
