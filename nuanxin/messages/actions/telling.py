"""Telling: rows of the inbox and of the outbox, written in the transaction of the fact they tell."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction

from nuanxin.kernel.rows import columns, insert, load
from nuanxin.kernel.secrets import digest, seal
from nuanxin.messages.models import Notice, TextMessage
from nuanxin.messages.queries import visible_to
from nuanxin.messages.rules import sentence
from nuanxin.messages.states import TextState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor


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
        try_at=now,
    )
    insert(message)
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


#: How long after each try the next one may come; a worker that dies meanwhile delays a message by as much.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (20, 60, 300, 1800, 0))
#: Tries before a message is given up.
TRIES = len(PAUSES)


_CLAIM = f"""
UPDATE notices_textmessage AS taken
SET attempts = attempts + 1, try_at = %(now)s + (%(pauses)s::interval[])[attempts + 1]
WHERE id IN (
    SELECT id FROM notices_textmessage WHERE state = 'queued' AND try_at <= %(now)s AND attempts < %(tries)s
    ORDER BY try_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
RETURNING {columns(TextMessage, "taken")}
"""


def claim(*, now: datetime, most: int) -> list[TextMessage]:
    """Take the queued messages that are due for one try each; no other worker gets them meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "pauses": list(PAUSES), "tries": TRIES, "most": most})
        messages = [load(TextMessage, row) for row in cursor.fetchall()]
    return sorted(messages, key=lambda message: message.created_at)


def settle_sent(messages: Collection[TextMessage], *, now: datetime) -> None:
    """Write down that messages were taken by the gateway: they forget number and text."""
    TextMessage.objects.filter(pk__in=[message.pk for message in messages], state=TextState.QUEUED).update(
        state=TextState.SENT, sent_at=now, last_error="", sealed_phone=b"", sealed_text=b""
    )


def settle_failed(message: TextMessage, *, error: str) -> None:
    """Write down that a try failed; after the last one the message is given up and forgets number and text."""
    changes: dict[str, object] = {"last_error": error[:200]}
    if message.attempts >= TRIES:
        changes |= {"state": TextState.FAILED, "sealed_phone": b"", "sealed_text": b""}
    TextMessage.objects.filter(pk=message.pk, state=TextState.QUEUED).update(**changes)
