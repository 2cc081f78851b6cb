"""Months of settlement: which have ended, and when one begins and ends. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.refusals import Conflict, Invalid


def month_of(day: date) -> str:
    """Return the month of a day, such as 2026-11."""
    return f"{day:%Y-%m}"


def month_before(now: datetime) -> str:
    """Return the month that ended last."""
    return month_of(local_day(now).replace(day=1) - timedelta(days=1))


def end_of(month: str) -> datetime:
    """Return the moment at which a month ends. :raises Invalid: no month such as 2026-11."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise Invalid("bad_month", _("Please write a month such as 2026-11."), field="month") from None
    if month_of(first) != month or not 2000 <= first.year < 2100:
        raise Invalid("bad_month", _("Please write a month such as 2026-11."), field="month")
    following = (first + timedelta(days=31)).replace(day=1)
    return datetime.combine(following, time(), tzinfo=ZONE)


def check_ended(month: str, now: datetime) -> datetime:
    """Return when a month ended. :raises Conflict: it goes on; :raises Invalid: no month."""
    end = end_of(month)
    if end > now:
        raise Conflict("month_goes_on", _("This month has not ended: it is closed from the first day of the next."))
    return end
