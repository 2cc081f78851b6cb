"""Chats of a union's cadres at WeCom and DingTalk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import apprise
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.wecombot import NotifyWeComBot
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.secrets import digest, seal
from nuanxin.kernel.text import check_text
from nuanxin.messages.actions.spreading import put
from nuanxin.messages.models import GroupChat, TextMessage
from nuanxin.messages.rules import sentence
from nuanxin.messages.rules.kinds import kind_of
from nuanxin.messages.states import Channel
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor

_PLUGINS = {NotifyWeComBot: Channel.WECOM, NotifyDingTalk: Channel.DINGTALK}


def _read(address: object) -> tuple[Channel, str]:
    """Read the address of a bot, as Apprise or the platform itself writes it; return its channel and Apprise's words.

    :raises Invalid: it is of neither platform.
    """
    text = str(address or "").strip()
    plugin = apprise.Apprise.instantiate(text) if text and len(text) <= 500 else None
    channel = _PLUGINS.get(type(plugin))
    if plugin is None or channel is None:
        raise Invalid(
            "bad_chat", _("This is no address of a chat's bot at WeCom or DingTalk. Copy it whole."), field="address"
        )
    return channel, str(plugin.url())  # type: ignore[no-untyped-call]


@transaction.atomic
def add_chat(
    *, actor: Actor, union_id: UUID, union_path: str, name: object, address: object, now: datetime
) -> GroupChat:
    """Have a chat told what waits for a union.

    :param address: what the platform shows for the bot, or `wecombot://key`, `dingtalk://secret@token`.
    :raises NotAllowed: without `notices.manage` at the union.
    :raises Invalid: no name, or no address of a bot.
    :raises Conflict: this union tells this chat already.
    """
    actor.require("notices.manage", at=union_path)
    label = check_text(name, field="name", most=60)
    if not label:
        raise Invalid("name_missing", _("Please give the chat a name."), field="name")
    channel, url = _read(address)
    chat = GroupChat(
        union_id=union_id,
        channel=channel,
        name=label,
        sealed_address=seal(url),
        address_digest=digest("chat", url),
        created_at=now,
    )
    try:
        with transaction.atomic():
            chat.save(force_insert=True)
    except IntegrityError as error:
        if "group_chat_once" not in str(error):
            raise
        raise Conflict("chat_known", _("This union tells this chat already.")) from None
    record(actor, "notices.chat_added", chat, now=now, union_path=union_path, channel=channel, name=label)
    return chat


@transaction.atomic
def remove_chat(*, actor: Actor, chat: GroupChat, union_path: str, now: datetime) -> None:
    """Tell a chat nothing more; its address is forgotten at once.

    :raises NotAllowed: without `notices.manage` at the union.
    :raises Conflict: it was removed already.
    """
    actor.require("notices.manage", at=union_path)
    rows = GroupChat.objects.filter(pk=chat.pk, removed_at=None)
    if not rows.update(removed_at=now, sealed_address=b""):
        raise Conflict("chat_removed", _("This chat was removed already."))
    record(actor, "notices.chat_removed", chat, now=now, union_path=union_path, name=chat.name)


@transaction.atomic
def try_chat(*, actor: Actor, chat: GroupChat, union_path: str, union_name: str, now: datetime) -> None:
    """Send a chat a line that says what it will be told.

    :raises NotAllowed: without `notices.manage` at the union.
    """
    actor.require("notices.manage", at=union_path)
    text = TextMessage(
        channel=chat.channel,
        kind=kind_of("chat.test"),
        template="chat.test",
        fact=f"{now:%Y%m%d%H%M%S}",
        sealed_address=chat.sealed_address,
        address_digest=digest("chat", str(chat.pk)),
        masked=chat.name,
        sealed_text=seal(sentence("chat.test", {"union": union_name})),
        union_id=chat.union_id,
        chat=chat,
        is_urgent=True,
        created_at=now,
        try_at=now,
    )
    put([text])
