"""Limits per person: in which period something counts, and which of the allowed ones it would be."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from nuanxin.bookings.states import Period

if TYPE_CHECKING:
    from collections.abc import Collection


def period_of(period: str, day: date) -> str:
    """Return the period in which a day lies, as limits are counted by it: 2026-11-22, 2026-11, 2026, or empty."""
    if period == Period.DAY:
        return day.isoformat()
    if period == Period.MONTH:
        return f"{day:%Y-%m}"
    return f"{day:%Y}" if period == Period.YEAR else ""


def next_period(period: str, day: date) -> date | None:
    """Return the first day of the next period; none where there is only one."""
    if period == Period.DAY:
        return day + timedelta(days=1)
    if period == Period.MONTH:
        return date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date(day.year + 1, 1, 1) if period == Period.YEAR else None


def free_slot(used: Collection[int], count: int) -> int | None:
    """Return the first of the allowed ones that is not used; none when all are."""
    return next((nth for nth in range(1, count + 1) if nth not in used), None)
