"""How far a target is, and what that means on a day. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nuanxin.catalog.states import Standing

#: So many hundredths behind the time that has passed are still on time: services come in waves, not evenly.
LEEWAY = 10


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a target is: what was done of what was promised, and how much of its time has passed."""

    done: int
    amount: int
    standing: Standing
    #: What would be done by now if every day did its part.
    expected: int

    @property
    def percent(self) -> float:
        """Return done of the amount in percent with one place, rounded down: 99.99 % is not reached."""
        return int(1000 * self.done / self.amount) / 10

    @property
    def left(self) -> int:
        """Return how much is still to be done."""
        return max(0, self.amount - self.done)


def progress_of(done: int, amount: int, *, year: int, due_on: date, today: date) -> Progress:
    """Return how far a target is on a day.

    Reached, whenever that was; overdue from the day after it was due; behind when more than ten hundredths of the
    amount are missing against the share of its days that has passed.
    """
    first = date(year, 1, 1)
    days = (due_on - first).days + 1
    passed = min(max((today - first).days + 1, 0), days)
    expected = amount * passed // days
    if done >= amount:
        standing = Standing.DONE
    elif today > due_on:
        standing = Standing.OVERDUE
    elif 100 * done < 100 * expected - LEEWAY * amount:
        standing = Standing.BEHIND
    else:
        standing = Standing.AHEAD
    return Progress(done, amount, standing, expected)
