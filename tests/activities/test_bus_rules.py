"""Who is let in, which small numbers are hidden, and which recuperation the rules allow."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from nuanxin.activities.rules.arrivals import Seen, Snapshot, Window, judge_arrival, part_of, queue_number
from nuanxin.activities.rules.counts import suppressed
from nuanxin.activities.rules.recuperation import (
    DAYS_INSIDE,
    DAYS_OUTSIDE,
    PER_YEAR,
    YEARS_OUTSIDE,
    YUAN,
    check_allowed,
)
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import Invalid

EIGHT = datetime(2026, 11, 23, 8, 0, tzinfo=ZONE)
HOUR = timedelta(hours=1)
SNAPSHOT = Snapshot(
    (Window(EIGHT, EIGHT + HOUR, 1), Window(EIGHT + 2 * HOUR, EIGHT + 3 * HOUR, 0)),
    {b"a": ("1", 0), b"b": ("1", 0), b"c": ("2", 1), b"d": ("3", 0)},
    came=frozenset({"3"}),
)
#: handle, hour after eight → answer
CASES = [
    (b"a", 0.1, "booked"),
    (b"a", -0.9, "booked"),
    (b"a", -1.1, "early"),
    (b"a", 1.01, "late"),
    (b"c", 0.1, "early"),
    (b"c", 2.0, "booked"),
    (b"d", 0.1, "already"),
    (b"x", 0.1, "not_listed"),
    (b"x", -0.5, "not_listed"),
    (b"x", 1.5, "no_window"),
    (b"x", 2.5, "walk_ins_full"),
]


@pytest.mark.parametrize(("handle", "after", "answer"), CASES)
def test_a_scanner_answers_by_list_window_and_places(handle: bytes, after: float, answer: str) -> None:
    assert judge_arrival(SNAPSHOT, handle, EIGHT + after * HOUR, Seen()).answer == answer


def test_whoever_was_let_in_is_not_let_in_again_whatever_code_is_shown() -> None:
    seen = Seen()
    first = judge_arrival(SNAPSHOT, b"a", EIGHT, seen)
    seen.note(first.answer, b"a", first.booking, first.window)
    assert judge_arrival(SNAPSHOT, b"b", EIGHT, seen).answer == "already"
    walk = judge_arrival(SNAPSHOT, b"x", EIGHT, seen, walk_in=True)
    assert walk.answer == "walk_in"
    seen.note(walk.answer, b"x", None, walk.window)
    assert judge_arrival(SNAPSHOT, b"x", EIGHT, seen, walk_in=True).answer == "already"
    assert judge_arrival(SNAPSHOT, b"y", EIGHT, seen, walk_in=True).answer == "walk_ins_full"


@pytest.mark.parametrize(("places", "scanners"), [(0, 3), (1, 3), (7, 3), (9, 3), (5, 1)])
def test_all_scanners_together_give_out_what_there_is(places: int, scanners: int) -> None:
    parts = [part_of(places, scanners, nth) for nth in range(scanners)]
    assert sum(parts) == places
    assert max(parts) - min(parts) <= 1


def test_numbers_of_the_queue_can_be_read_from_afar() -> None:
    assert (queue_number("A", 7), queue_number("B", 1234)) == ("A-007", "B-1234")


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        ({"good": 50, "follow_up": 20, "urgent": 9}, {"good": 50, "follow_up": 20, "urgent": 9}),
        ({"good": 50, "follow_up": 20, "urgent": 2}, {"good": 50, "follow_up": None, "urgent": None}),
        ({"good": 50, "follow_up": 3, "urgent": 2}, {"good": 50, "follow_up": None, "urgent": None}),
        ({"good": 50, "follow_up": 0, "urgent": 4}, {"good": None, "follow_up": 0, "urgent": None}),
        ({"good": 4, "follow_up": 0, "urgent": 0}, {"good": None, "follow_up": None, "urgent": None}),
    ],
)
def test_no_small_number_can_be_seen_or_worked_out(cells: dict[str, int], shown: dict[str, int | None]) -> None:
    assert suppressed(cells) == shown


ANHUI = {DAYS_INSIDE: 5, DAYS_OUTSIDE: 7, YUAN: 400, YEARS_OUTSIDE: 3, PER_YEAR: 1}


@pytest.mark.parametrize(
    ("is_outside", "days", "yuan", "code"),
    [
        (False, 5, 400, ""),
        (True, 7, 400, ""),
        (False, 6, 400, "too_long"),
        (True, 8, 400, "too_long"),
        (False, 5, 401, "too_dear"),
        (False, 0, 1, "too_long"),
    ],
)
def test_the_dated_rules_bound_a_stay(is_outside: bool, days: int, yuan: int, code: str) -> None:
    def ask() -> None:
        check_allowed(is_outside=is_outside, days=days, yuan_per_day=Decimal(yuan), rules=ANHUI)

    if not code:
        return ask()
    with pytest.raises(Invalid) as refused:
        ask()
    assert refused.value.code == code
    return None
