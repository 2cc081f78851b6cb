"""Spreading: from one fact told to one person to the ways by which it goes out. In the background, never in a request.

A notice begins in the app and is sent on by the person's ways; a text begins with a phone and is put into the app of
whoever has it. Either way the same fact goes to the same address once.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction

from nuanxin.kernel.identifiers import mask_phone
from nuanxin.kernel.rows import columns, load
from nuanxin.kernel.secrets import digest, seal, unseal
from nuanxin.messages.models import GroupChat, Notice, TextMessage
from nuanxin.messages.queries.outlets import weixin_knows
from nuanxin.messages.queries.readers import Reach, chats_of, reaches, readers
from nuanxin.messages.rules import worded
from nuanxin.messages.rules.addresses import mask_email
from nuanxin.messages.rules.kinds import WAYS, first_ways, for_chats, kind_of, next_way
from nuanxin.messages.states import Channel, Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

_TO_SPREAD = f"""
UPDATE notices_notice AS taken SET spread_at = %(now)s
WHERE id IN (
    SELECT id FROM notices_notice WHERE spread_at IS NULL
    ORDER BY created_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
RETURNING {columns(Notice, "taken")}
"""
#: Purposes of the blind indexes, by channel.
_PURPOSES = {Channel.SMS: "phone", Channel.EMAIL: "email", Channel.WEIXIN: "openid"}


@transaction.atomic
def spread_notices(*, channels: Collection[str], now: datetime, most: int) -> int:
    """Send on, by the ways of each person and to the chats of each union, what was told in the app; return how many.

    :param channels: the ways that this installation has.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TO_SPREAD, {"now": now, "most": most})
        notices = [load(Notice, row) for row in cursor.fetchall()]
    if not notices:
        return 0
    found = reaches(readers(accounts={notice.account_id for notice in notices}), channels=channels)
    texts = []
    for notice in notices:
        kind, reach = kind_of(notice.template), found.get(notice.account_id)
        if reach is not None:
            ways = first_ways(kind, reach.choice(kind), _has(reach, notice.template))
            texts += [text_of_notice(notice, reach, way, now=now) for way in ways]
    chats = chats_of({n.union_id for n in notices if n.union_id is not None and for_chats(n.template)})
    for notice in notices:
        if for_chats(notice.template) and notice.union_id is not None:
            texts += [text_to_chat(notice, chat, now=now) for chat in chats.get(notice.union_id, ())]
    put(texts)
    return len(notices)


@transaction.atomic
def spread_texts(messages: Sequence[TextMessage], *, channels: Collection[str], now: datetime) -> list[TextMessage]:
    """Put texts into the app of whoever has the phone, and go by the ways they chose; return what is still to be sent.

    Done again it changes nothing: a worker that dies in between leaves nothing half told.
    """
    fresh = {
        message.pk: message
        for message in messages
        if message.kind != Kind.CODE and message.channel == Channel.SMS and message.notice_id is None
    }
    if not fresh:
        return list(messages)
    people = readers(phones={bytes(message.address_digest) for message in fresh.values()})
    found = reaches(people, channels=channels)
    by_phone = {bytes(reader.phone_digest): found[reader.account_id] for reader in people}
    told = {pk: by_phone[phone] for pk, one in fresh.items() if (phone := bytes(one.address_digest)) in by_phone}
    notices = _into_the_app([(fresh[pk], reach) for pk, reach in told.items()], now)
    texts, unwanted = [], []
    for pk, reach in told.items():
        message, notice = fresh[pk], notices[pk]
        ways = first_ways(Kind(message.kind), reach.choice(Kind(message.kind)), _has(reach, message.template))
        texts += [text_of_notice(notice, reach, way, now=now) for way in ways if way != Channel.SMS]
        message.notice_id, message.account_id = notice.pk, notice.account_id
        if Channel.SMS in ways:
            TextMessage.objects.filter(pk=pk).update(notice=notice, account_id=notice.account_id)
        else:
            unwanted.append(pk)
    TextMessage.objects.filter(pk__in=unwanted).delete()
    put(texts)
    return [message for message in messages if message.pk not in unwanted]


def _into_the_app(told: Sequence[tuple[TextMessage, Reach]], now: datetime) -> dict[UUID, Notice]:
    """Write the notices of texts, or find those that are there; by text."""
    rows = {}
    for message, reach in told:
        values = json.loads(unseal(message.sealed_values))
        values.pop("link", None)
        rows[message.pk] = Notice(
            account_id=reach.reader.account_id,
            template=message.template,
            values=values,
            link=message.link,
            fact=message.fact,
            union_id=message.union_id,
            created_at=message.created_at,
            spread_at=now,
        )
    Notice.objects.bulk_create(rows.values(), ignore_conflicts=True)
    accounts, facts = {row.account_id for row in rows.values()}, {row.fact for row in rows.values()}
    known = {
        (row.account_id, row.template, row.fact): row
        for row in Notice.objects.filter(account_id__in=accounts, fact__in=facts)
    }
    return {pk: known[row.account_id, row.template, row.fact] for pk, row in rows.items()}


def text_of_notice(notice: Notice, reach: Reach, channel: Channel, *, now: datetime) -> TextMessage:
    """Return the text that carries a notice to somebody by one of their ways, in their language; not written yet."""
    address = reach.addresses[channel]
    masked = {Channel.SMS: mask_phone, Channel.EMAIL: mask_email}.get(channel)
    kind = kind_of(notice.template)
    link = f"{settings.NUANXIN_BASE_URL}{notice.link or '/'}"
    return TextMessage(
        channel=channel,
        kind=kind,
        template=notice.template,
        fact=notice.fact,
        sealed_address=seal(address),
        address_digest=digest(_PURPOSES[channel], address),
        masked=masked(address) if masked else "",
        sealed_text=seal(worded(notice.template, notice.values, language=reach.reader.language, link=link)),
        sealed_values=seal(json.dumps({**notice.values, "link": link}, ensure_ascii=False)),
        link=notice.link,
        union_id=notice.union_id,
        account_id=notice.account_id,
        notice=notice,
        is_urgent=WAYS[kind].is_urgent,
        created_at=now,
        try_at=now,
    )


def text_to_chat(notice: Notice, chat: GroupChat, *, now: datetime) -> TextMessage:
    """Return the text that tells a chat what waits for its union, with the page where it is done; not written yet."""
    words = worded(notice.template, notice.values)
    return TextMessage(
        channel=chat.channel,
        kind=kind_of(notice.template),
        template=notice.template,
        fact=notice.fact,
        sealed_address=chat.sealed_address,
        address_digest=digest("chat", str(chat.pk)),
        masked=chat.name,
        sealed_text=seal(f"{words} {settings.NUANXIN_BASE_URL}{notice.link}" if notice.link else words),
        union_id=notice.union_id,
        chat=chat,
        created_at=now,
        try_at=now,
    )


def _has(reach: Reach, template: str) -> list[str]:
    """Return by which ways somebody can be told this: WeChat carries only what has a template there."""
    return [way for way in reach.addresses if way != Channel.WEIXIN or weixin_knows(template)]


def put(texts: Iterable[TextMessage]) -> None:
    """Put texts into the outbox; what went to the same address already is left out."""
    TextMessage.objects.bulk_create(texts, ignore_conflicts=True)


@transaction.atomic
def fall_back(message: TextMessage, *, channels: Collection[str], now: datetime) -> Channel | None:
    """Send a notice by the next way of the person, because one has failed for good; return the way, if there is one."""
    notice = Notice.objects.filter(pk=message.notice_id).first() if message.notice_id else None
    if notice is None:
        return None
    reach = reaches(readers(accounts={notice.account_id}), channels=channels).get(notice.account_id)
    if reach is None:
        return None
    kind = kind_of(notice.template)
    used = set(TextMessage.objects.filter(notice=notice).values_list("channel", flat=True))
    way = next_way(kind, reach.choice(kind), _has(reach, notice.template), used)
    if way is not None:
        put([text_of_notice(notice, reach, way, now=now)])
    return way


def purpose_of(channel: Channel) -> str:
    """Return the purpose of the blind index of a channel's addresses."""
    return _PURPOSES[channel]


def as_values(message: TextMessage) -> dict[str, Any]:
    """Return what filled a text's template; nothing once it is forgotten."""
    sealed = bytes(message.sealed_values)
    values: dict[str, Any] = json.loads(unseal(sealed)) if sealed else {}
    return values
