"""Quiet hours: what is not urgent waits for the morning. China has one time and no summer time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from nuanxin.kernel.clock import ZONE


@dataclass(frozen=True, slots=True)
class Quiet:
    """From when to when, by local time; across midnight when the end is the earlier one; never when both are equal."""

    start: time
    end: time

    def is_quiet(self, moment: datetime) -> bool:
        """Answer whether a moment lies in the quiet hours; their end itself does not."""
        at = moment.astimezone(ZONE).time()
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    def allowed(self, moment: datetime) -> datetime:
        """Return the moment itself, or the end of the quiet hours that it lies in."""
        if not self.is_quiet(moment):
            return moment
        local = moment.astimezone(ZONE)
        day = local.date() + timedelta(days=1 if local.time() >= self.end else 0)
        return datetime.combine(day, self.end, tzinfo=ZONE)


def quiet_hours(text: str) -> Quiet:
    """Read quiet hours such as `21:00-08:00`; `none` for none.

    :raises ValueError: neither.
    """
    if text.strip().lower() == "none":
        return Quiet(time(0), time(0))
    start, _dash, end = text.partition("-")
    return Quiet(time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))
