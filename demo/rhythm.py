"""When people join: growth over three years, busy weekdays, a quiet Spring Festival, campaigns in spring and autumn."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from nuanxin.kernel.clock import ZONE, WorkingCalendar

if TYPE_CHECKING:
    from demo.seeds import Seed

DAYS = 1095
_MONTHS = (0.8, 0.45, 1.1, 1.3, 1.2, 1.0, 0.9, 0.85, 1.25, 1.15, 1.1, 0.9)
_HOURS = (1, 0, 0, 0, 0, 1, 3, 6, 10, 12, 14, 13, 11, 9, 11, 12, 12, 11, 9, 7, 6, 5, 3, 2)


def joining_moments(seed: Seed, count: int) -> list[datetime]:
    """Return so many moments, oldest first, all before today's midnight."""
    calendar = WorkingCalendar()
    days = [seed.days_ago(ago) for ago in range(DAYS, 0, -1)]
    weights = []
    for order, day in enumerate(days):
        growth = 0.35 + 0.95 * order / DAYS
        rhythm = (1.15, 1.1, 1.05, 1.0, 1.0, 0.9, 0.9)[day.weekday()] if calendar.is_working(day) else 0.33
        campaign = 1.6 if day.month in (4, 9) and 10 <= day.day <= 20 else 1.0
        weights.append(growth * rhythm * campaign * _MONTHS[day.month - 1])
    chosen = seed.random.choices(days, cum_weights=list(accumulate(weights)), k=count)
    hours = seed.random.choices(range(24), cum_weights=list(accumulate(_HOURS)), k=count)
    moments = [
        datetime.combine(day, time(hour), tzinfo=ZONE) + timedelta(seconds=int(seed.random.random() * 3600))
        for day, hour in zip(chosen, hours, strict=True)
    ]
    return sorted(moments)
