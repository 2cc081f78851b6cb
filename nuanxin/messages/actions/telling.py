"""Telling: rows of the inbox and of the outbox, written in the transaction of the fact they tell.

Nothing is looked up here and nothing goes out: `spreading` finds the person's other ways, in the background.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from nuanxin.kernel.identifiers import mask_phone
from nuanxin.kernel.rows import insert, pipelined
from nuanxin.kernel.secrets import digest, seal
from nuanxin.messages.models import Notice, TextMessage
from nuanxin.messages.queries import visible_to
from nuanxin.messages.rules import sentence, worded
from nuanxin.messages.rules.kinds import WAYS, kind_of
from nuanxin.messages.states import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor

#: Rows of one statement, so that its text is short enough for the driver to remember.
_AT_ONCE = 25


def send_text(
    *,
    phone: str,
    template: str,
    values: Mapping[str, object],
    language: str = "",
    now: datetime,
    fact: str = "",
    union_id: UUID | None = None,
    link: str = "",
) -> TextMessage:
    """Put one text message into the outbox and have it carried away once this transaction is certain. One insert.

    Whoever has the phone finds it in the app too, if they have an account.

    :param phone: eleven digits, already judged.
    :param values: fill the template's placeholders; plain text, in the reader's language.
    :param fact: names the fact; told to the same phone by the same template once. Without one, this call is the fact.
    :param union_id: the union that tells it: its cadres may see that it was told.
    :param link: page for somebody signed in; the one that the text leads to, unless that is a secret of its own.
    """
    message = _text(phone, template, values, language, now, union_id, link)
    message.fact = fact or str(message.pk)
    insert(message, skip_known=bool(fact))
    return message


@dataclass(frozen=True, slots=True)
class Telling:
    """One fact for one phone: see `send_text`."""

    phone: str
    values: Mapping[str, object]
    fact: str
    union_id: UUID | None = None


def send_texts(told: Iterable[Telling], *, template: str, now: datetime) -> None:
    """Put many texts of one template into the outbox; a fact that was told to its phone already is left out."""
    rest = iter(told)
    with pipelined():
        while some := list(islice(rest, _AT_ONCE)):
            messages = [_text(one.phone, template, one.values, "", now, one.union_id, "") for one in some]
            for message, one in zip(messages, some, strict=True):
                message.fact = one.fact
            insert(*messages, skip_known=True)


def _text(
    phone: str,
    template: str,
    values: Mapping[str, object],
    language: str,
    now: datetime,
    union_id: UUID | None,
    link: str,
) -> TextMessage:
    kind = kind_of(template)
    return TextMessage(
        kind=kind,
        template=template,
        sealed_address=seal(phone),
        address_digest=digest("phone", phone),
        masked=mask_phone(phone),
        sealed_text=seal(sentence(template, values, language)),
        sealed_values=b"" if kind == Kind.CODE else seal(json.dumps(values, ensure_ascii=False, default=str)),
        link=link or _inside(values),
        union_id=union_id,
        is_urgent=WAYS[kind].is_urgent,
        created_at=now,
        try_at=now,
    )


def _inside(values: Mapping[str, object]) -> str:
    """Return the path of the page that a text leads to; none for a secret link, which is not to lie about."""
    link = str(values.get("link", ""))
    path = link.removeprefix(settings.NUANXIN_BASE_URL)
    return path if path != link and path.startswith("/") and not path.startswith("/a/") else ""


@transaction.atomic
def notify(
    *,
    account_id: UUID,
    template: str,
    values: Mapping[str, object],
    fact: str,
    now: datetime,
    link: str = "",
    union_id: UUID | None = None,
) -> bool:
    """Tell an account one fact in the app. The same fact is told once; answer whether it was new.

    :param fact: names the fact, such as `approved:2026112300000000`.
    :param union_id: the union that tells it; its chats hear what waits for it.
    """
    worded(template, values)
    notice = Notice(
        account_id=account_id,
        template=template,
        values=dict(values),
        link=link,
        fact=fact,
        union_id=union_id,
        created_at=now,
    )
    Notice.objects.bulk_create([notice], ignore_conflicts=True)
    return Notice.objects.filter(pk=notice.pk).exists()


@transaction.atomic
def mark_read(*, actor: Actor, notice_id: UUID | None = None, now: datetime) -> int:
    """Mark one of the actor's own notices as read, or all of them; return how many were unread."""
    rows = visible_to(actor).filter(read_at=None)
    if notice_id is not None:
        rows = rows.filter(pk=notice_id)
    return rows.update(read_at=now)
