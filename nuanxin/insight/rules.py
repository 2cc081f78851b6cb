"""What numbers mean: periods, shares, and what they are compared with. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Days of the trend, ending with the period's last day.
TREND_DAYS = 365
#: Longest period that one question may ask for.
MOST_DAYS = 366
USUAL_DAYS = 30


@dataclass(frozen=True)
class Period:
    """Whole days, both ends counted."""

    since: date
    until: date

    @property
    def days(self) -> int:
        """Return how many days are counted."""
        return (self.until - self.since).days + 1

    @property
    def before(self) -> Period:
        """Return the period of the same length that ends the day before this one begins."""
        return Period(self.since - timedelta(days=self.days), self.since - timedelta(days=1))

    @property
    def trend_since(self) -> date:
        """Return the first day of the trend that ends with this period."""
        return self.until - timedelta(days=TREND_DAYS - 1)


def period_of(since: date | None, until: date | None, *, today: date) -> Period:
    """Return the period asked for; without ends the last 30 days up to today.

    :raises Invalid: an end before the beginning, a day after today, or more than 366 days.
    """
    until = until or today
    since = since or until - timedelta(days=USUAL_DAYS - 1)
    if until > today:
        raise Invalid("period_in_future", _("The last day is after today. Please choose an earlier day."), field="to")
    if since > until:
        raise Invalid("period_reversed", _("The first day is after the last day. Please check both."), field="from")
    if (until - since).days >= MOST_DAYS:
        raise Invalid("period_too_long", _("At most 366 days at once. Please choose a shorter period."), field="from")
    return Period(since, until)


@dataclass(frozen=True)
class Share:
    """A share that never goes without the two numbers it is made of."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> float | None:
        """Return the share in percent with one place, or None of nothing."""
        return round(100 * self.numerator / self.denominator, 1) if self.denominator else None


@dataclass(frozen=True)
class Sums:
    """The counted measures over some days: applications, people admitted, refused, net change of active members."""

    applications: int = 0
    admissions: int = 0
    refusals: int = 0
    active: int = 0

    @property
    def approval(self) -> Share:
        """Return admissions among decided applications: admitted and refused."""
        return Share(self.admissions, self.admissions + self.refusals)


def change(now: int, before: int) -> float | None:
    """Return by how many percent a number grew, or None where there was nothing before."""
    return round(100 * (now - before) / before, 1) if before else None


def median_of(counts: Mapping[int, int]) -> int | None:
    """Return the median of values that are given as how often each one occurs; None of nothing."""
    left = (sum(counts.values()) + 1) // 2
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return None
