"""Limits as the desk says them: the moment, how long there is left, and whether it presses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.web.kit.templatetags.kit import date_cn

if TYPE_CHECKING:
    from datetime import date

#: A limit presses from here on.
NEAR = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in words: `at` absolute, `left` relative; `late` when it presses or has passed."""

    at: str
    left: str
    late: bool


def limit_in_words(due: datetime | None, now: datetime) -> Limit | None:
    """Say when a limit ends and how long that is from now; None stays None."""
    if due is None:
        return None
    local, gap = due.astimezone(ZONE), due - now
    text = _ahead(gap) if gap >= timedelta(0) else _("late by %(time)s") % {"time": _length(-gap)}
    return Limit(f"{_day(local.date(), local_day(now))} {local:%H:%M}", text, gap < NEAR)


def _ahead(gap: timedelta) -> str:
    return _("%(time)s left") % {"time": _length(gap)}


def _day(day: date, today: date) -> str:
    if day == today:
        return _("today")
    if day == today + timedelta(days=1):
        return _("tomorrow")
    if day.year != today.year:
        return date_cn(day)
    return _("%(month)s/%(day)s") % {"month": day.month, "day": day.day}


def _length(gap: timedelta) -> str:
    minutes = int(gap.total_seconds() // 60)
    if minutes < 60:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    if minutes < 48 * 60:
        return ngettext("%(count)s hour", "%(count)s hours", minutes // 60) % {"count": minutes // 60}
    return ngettext("%(count)s day", "%(count)s days", minutes // 1440) % {"count": minutes // 1440}
