"""Reading what somebody was told in the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nuanxin.kernel.refusals import NotFound
from nuanxin.messages.models import Notice
from nuanxin.messages.rules import worded

if TYPE_CHECKING:
    from collections.abc import Iterable
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
    return in_words(visible_to(actor).order_by("-created_at", "-pk")[:most], language=language)


def in_words(rows: Iterable[Notice], *, language: str = "") -> list[Told]:
    """Return notices in words, in the order given."""
    return [
        Told(row.pk, text_of(row, language=language), row.link, row.created_at, row.read_at is not None) for row in rows
    ]


def text_of(notice: Notice, *, language: str = "") -> str:
    """Return a notice as it is read in the app."""
    return worded(notice.template, notice.values, language=language)


def get_notice(actor: Actor, pk: UUID) -> Notice:
    """Return one of the actor's own notices.

    :raises NotFound: it is somebody else's, or none.
    """
    notice = visible_to(actor).filter(pk=pk).first()
    if notice is None:
        raise NotFound
    return notice


def unread_count(actor: Actor) -> int:
    """Return how many notices the actor has not read."""
    return visible_to(actor).filter(read_at=None).count()
