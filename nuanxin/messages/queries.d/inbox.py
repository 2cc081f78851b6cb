"""Reading what was told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nuanxin.messages.models import Notice
from nuanxin.messages.rules import sentence

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor


@dataclass(frozen=True)
class Told:
    """One notice in words."""

    id: UUID
    text: str
    link: str
    at: datetime
    is_read: bool


def visible_to(actor: Actor) -> QuerySet[Notice]:
    """Return the actor's own notices; of nobody else, whatever the post."""
    if actor.account_id is None:
        return Notice.objects.none()
    return Notice.objects.filter(account_id=actor.account_id)


def inbox(actor: Actor, *, language: str = "", most: int = 50) -> list[Told]:
    """Return the newest notices of the actor in words."""
    rows = visible_to(actor).order_by("-created_at", "-pk")[:most]
    return [
        Told(row.pk, sentence(row.template, row.values, language), row.link, row.created_at, row.read_at is not None)
        for row in rows
    ]


def unread_count(actor: Actor) -> int:
    """Return how many notices the actor has not read."""
    return visible_to(actor).filter(read_at=None).count()
