"""Texts and chats as they lie in the outbox."""

from __future__ import annotations

from typing import Any

from nuanxin.kernel.secrets import digest, seal
from nuanxin.messages.actions import send_text
from nuanxin.messages.models import GroupChat, TextMessage
from tests.factories import NOW

BOT = "wecombot://10000000-0000-4000-8000-000000000001"


def make_text(*, phone: str = "15412340001", **changes: Any) -> TextMessage:
    """Queue a text about a membership, and change its row as told."""
    message = send_text(phone=phone, template="membership.suspended", values={"reason": "未缴会费"}, now=NOW)
    for name, value in changes.items():
        setattr(message, name, value)
    message.save()
    return message


def make_chat(*, union: Any, address: str = BOT, channel: str = "wecom") -> GroupChat:
    """Name a chat of a union's cadres."""
    return GroupChat.objects.create(
        union_id=union.pk,
        channel=channel,
        name="审核群",
        sealed_address=seal(address),
        address_digest=digest("chat", address),
        created_at=NOW,
    )
