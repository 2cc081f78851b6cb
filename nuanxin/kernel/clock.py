"""The working calendar: limits are counted in working days, with real holidays and make-up workdays (调休)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import chinese_calendar

if TYPE_CHECKING:
    from collections.abc import Mapping

ZONE = ZoneInfo("Asia/Shanghai")
#: Public holidays on fixed dates of the solar calendar, for years the State Council has not announced yet.
_FIXED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are worked, and from when to when.

    :param overrides: days that an installation declares worked (True) or free (False), whatever the state's calendar.
    :param closes: local hour at which a working day, and so a limit in days, ends.
    """

    overrides: Mapping[date, bool] = field(default_factory=dict)
    opens: time = time(8, 30)
    closes: time = time(17, 30)

    def is_working(self, day: date) -> bool:
        """Answer whether a day is worked; a year not announced yet counts weekends and fixed holidays only."""
        if day in self.overrides:
            return self.overrides[day]
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            return day.weekday() < 5 and (day.month, day.day) not in _FIXED

    def is_provisional(self, day: date) -> bool:
        """Answer whether the state's calendar for that year was unknown when this was asked."""
        try:
            chinese_calendar.is_workday(day)
        except NotImplementedError:
            return True
        return False

    def closed_by(self, moment: datetime) -> datetime:
        """Return the last close of a working day that a moment has seen."""
        local = moment.astimezone(ZONE)
        day = local.date() if local.time() >= self.closes else local.date() - timedelta(days=1)
        while not self.is_working(day):
            day -= timedelta(days=1)
        return datetime.combine(day, self.closes, tzinfo=ZONE)

    def due(self, start: datetime, working_days: int) -> datetime:
        """Return the end of the limit: close of the n-th working day after the day of `start`.

        A start on a free day, or after closing, counts from the next working day; so does the day of receipt itself
        (civil code, article 201: the day on which a period begins is not counted).
        """
        day = start.astimezone(ZONE).date()
        left = working_days
        while left > 0:
            day += timedelta(days=1)
            if self.is_working(day):
                left -= 1
        return datetime.combine(day, self.closes, tzinfo=ZONE)


def local_day(moment: datetime) -> date:
    """Return the day in China on which a moment falls."""
    return moment.astimezone(ZONE).date()
