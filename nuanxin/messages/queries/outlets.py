"""The ways out that this installation has, and how they fare."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, Min, Q

from nuanxin.kernel.remember import remembered
from nuanxin.messages.models import GroupChat, Outlet, TextMessage
from nuanxin.messages.rules.quiet import Quiet, quiet_hours
from nuanxin.messages.rules.weixin import SENDERS
from nuanxin.messages.states import Channel, TextState

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger(__name__)


def has_weixin() -> bool:
    """Answer whether the settings name an app at WeChat that may send subscribe messages."""
    named = settings.NUANXIN_WEIXIN_NOTICES
    return len(named) == 3 and named[0] in SENDERS


def weixin_templates() -> dict[str, Any]:
    """Return what the file of WeChat templates says; a minute old at most. Nothing when it cannot be read."""
    file = settings.NUANXIN_WEIXIN_TEMPLATES
    return remembered(f"messages.weixin.{file}", seconds=60, make=lambda: _read(file)) if file else {}


def _read(file: str) -> dict[str, Any]:
    try:
        read = json.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        log.error("NUANXIN_WEIXIN_TEMPLATES cannot be read: %s", error)
        return {}
    return read if isinstance(read, dict) else {}


def weixin_knows(template: str) -> bool:
    """Answer whether a notice has a template at WeChat."""
    return template in weixin_templates().get("templates", {})


def ways_set_up() -> frozenset[str]:
    """Return the ways to one person that the settings name; text messages at least go to the console."""
    ways = {Channel.APP, Channel.SMS}
    if settings.NUANXIN_MAIL_URL:
        ways.add(Channel.EMAIL)
    if has_weixin():
        ways.add(Channel.WEIXIN)
    return frozenset(ways)


def quiet() -> Quiet:
    """Return the quiet hours that the settings name."""
    return quiet_hours(settings.NUANXIN_QUIET_HOURS)


@dataclass(frozen=True, slots=True)
class Health:
    """How one way out fares.

    :param waiting: texts on their way, those that wait for the morning among them.
    :param oldest: when the oldest of them was put into the outbox.
    :param day: numbers of the last 24 hours, by state.
    """

    channel: Channel
    is_set_up: bool
    outlet: Outlet | None
    waiting: int
    oldest: datetime | None
    day: dict[str, int]


def outlets_health(*, now: datetime) -> list[Health]:
    """Return how every way out fares; four statements."""
    outlets = {row.channel: row for row in Outlet.objects.all()}
    queued = TextMessage.objects.filter(state=TextState.QUEUED).values("channel")
    waiting: dict[str, Any] = {
        row["channel"]: row for row in queued.annotate(count=Count("pk"), oldest=Min("created_at")).order_by()
    }
    recent = TextMessage.objects.filter(created_at__gte=now - timedelta(days=1)).values("channel", "state")
    days: dict[str, dict[str, int]] = {}
    for row in recent.annotate(count=Count("pk")).order_by():
        days.setdefault(row["channel"], {})[row["state"]] = row["count"]
    chats = set(GroupChat.objects.filter(Q(removed_at=None)).values_list("channel", flat=True).distinct())
    have = ways_set_up() | chats
    return [
        Health(
            channel=channel,
            is_set_up=channel in have and not (channel == Channel.SMS and not settings.NUANXIN_SMS_URL),
            outlet=outlets.get(channel),
            waiting=waiting.get(channel, {}).get("count", 0),
            oldest=waiting.get(channel, {}).get("oldest"),
            day=days.get(channel, {}),
        )
        for channel in Channel
        if channel != Channel.APP
    ]
