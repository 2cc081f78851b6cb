"""Who is let in at a bus by a scanner that may have no network. Pure; `assets/js/offline/arrivals.js` answers the same.

A scanner takes along who booked which window, by the handles of their offline cards, and how many people without a
booking it may let in per window by itself: all scanners together never more than there are places.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from nuanxin.activities.states.bus import ArrivalAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Window:
    """One time of the day; `walk_ins`: people without a booking whom this scanner may let in."""

    starts_at: datetime
    ends_at: datetime
    walk_ins: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one scanner knows of its day: windows by time, and handle → (booking, its window).

    :param came: bookings of whom the register knows that they have come.
    """

    windows: tuple[Window, ...]
    booked: Mapping[bytes, tuple[str, int]]
    came: frozenset[str] = frozenset()
    early: timedelta = timedelta(minutes=60)


@dataclass(slots=True)
class Seen:
    """Whom one scanner has let in today: bookings, handles, and people without a booking by window."""

    bookings: set[str] = field(default_factory=set)
    handles: set[bytes] = field(default_factory=set)
    walked: dict[int, int] = field(default_factory=dict)

    def note(self, answer: str, handle: bytes, booking: str | None, window: int | None) -> None:
        """Remember somebody who was let in."""
        self.handles.add(handle)
        if booking is not None:
            self.bookings.add(booking)
        if answer == ArrivalAnswer.WALK_IN and window is not None:
            self.walked[window] = self.walked.get(window, 0) + 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the scanner answers, for which booking and window, by their places in the snapshot."""

    answer: ArrivalAnswer
    booking: str | None = None
    window: int | None = None


def judge_arrival(snapshot: Snapshot, handle: bytes, now: datetime, seen: Seen, *, walk_in: bool = False) -> Verdict:
    """Decide about somebody whose card is good.

    :param walk_in: let in without a booking, if there is a place; otherwise the scanner only says so.
    """
    booking, window = snapshot.booked.get(handle, (None, None))
    if handle in seen.handles or (booking is not None and (booking in seen.bookings or booking in snapshot.came)):
        return Verdict(ArrivalAnswer.ALREADY, booking, window)
    if booking is not None and window is not None:
        times = snapshot.windows[window]
        if now < times.starts_at - snapshot.early:
            return Verdict(ArrivalAnswer.EARLY, booking, window)
        late = now > times.ends_at
        return Verdict(ArrivalAnswer.LATE if late else ArrivalAnswer.BOOKED, booking, window)
    here = current_window(snapshot, now)
    if here is None:
        return Verdict(ArrivalAnswer.NO_WINDOW)
    if seen.walked.get(here, 0) >= snapshot.windows[here].walk_ins:
        return Verdict(ArrivalAnswer.WALK_INS_FULL, None, here)
    return Verdict(ArrivalAnswer.WALK_IN if walk_in else ArrivalAnswer.NOT_LISTED, None, here)


def current_window(snapshot: Snapshot, now: datetime) -> int | None:
    """Return the window that is on now; before the first one, the first, as early as people may come."""
    for at, window in enumerate(snapshot.windows):
        if window.starts_at <= now < window.ends_at:
            return at
    first = snapshot.windows[0] if snapshot.windows else None
    return 0 if first and first.starts_at - snapshot.early <= now < first.starts_at else None


def part_of(places: int, scanners: int, nth: int) -> int:
    """Return how many of so many places the nth scanner of a day may give by itself: together they give them all."""
    return places // scanners + (1 if nth < places % scanners else 0)


def queue_number(letter: str, nth: int) -> str:
    """Return the number that somebody waits with: A-017."""
    return f"{letter}-{nth:03d}"
