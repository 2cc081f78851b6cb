"""Periods in which something counts once: the day, the month, the year, or ever. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

DAY, MONTH, YEAR, EVER = "day", "month", "year", "ever"
PERIODS: Final = (DAY, MONTH, YEAR, EVER)


def period_of(period: str, day: date) -> str:
    """Return the period in which a day lies, as limits are counted by it: 2026-11-22, 2026-11, 2026, or empty."""
    if period == DAY:
        return day.isoformat()
    if period == MONTH:
        return f"{day:%Y-%m}"
    return f"{day:%Y}" if period == YEAR else ""


def next_period(period: str, day: date) -> date | None:
    """Return the first day of the next period; none where there is only one."""
    if period == DAY:
        return day + timedelta(days=1)
    if period == MONTH:
        return date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date(day.year + 1, 1, 1) if period == YEAR else None
