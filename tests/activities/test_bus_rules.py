"""Who is let in, which small numbers are hidden, and which recuperation the rules allow."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from nuanxin.activities.queries.snapshots import read_snapshot
from nuanxin.activities.rules.arrivals import Seen, judge_arrival, part_of, queue_number
from nuanxin.activities.rules.counts import suppressed
from nuanxin.activities.rules.recuperation import (
    DAYS_INSIDE,
    DAYS_OUTSIDE,
    PER_YEAR,
    YEARS_OUTSIDE,
    YUAN,
    check_allowed,
)
from nuanxin.kernel.refusals import Invalid
from nuanxin.members.rules.credentials import decode

#: Read by the script of the scanner, too: tests/front/arrivals.test.mjs.
KNOWN: dict[str, Any] = json.loads(Path(__file__).with_name("arrival_cases.json").read_text(encoding="utf-8"))
EIGHT = datetime.fromisoformat(KNOWN["from"])
SNAPSHOT = read_snapshot(json.dumps(KNOWN["snapshot"]).encode())


def _of(letter: str) -> bytes:
    return letter.encode() * 6


@pytest.mark.parametrize("case", KNOWN["cases"], ids=lambda case: f"{case['answer']} {case['hours']}")
def test_a_scanner_answers_by_list_window_and_places(case: dict[str, Any]) -> None:
    now = EIGHT + case["hours"] * timedelta(hours=1)
    assert judge_arrival(SNAPSHOT, decode(case["handle"]), now, Seen()).answer == case["answer"]


def test_whoever_was_let_in_is_not_let_in_again_whatever_code_is_shown() -> None:
    seen = Seen()
    first = judge_arrival(SNAPSHOT, _of("a"), EIGHT, seen)
    seen.note(first.answer, _of("a"), first.booking, first.window)
    assert judge_arrival(SNAPSHOT, _of("b"), EIGHT, seen).answer == "already"
    walk = judge_arrival(SNAPSHOT, _of("x"), EIGHT, seen, walk_in=True)
    assert walk.answer == "walk_in"
    seen.note(walk.answer, _of("x"), None, walk.window)
    assert judge_arrival(SNAPSHOT, _of("x"), EIGHT, seen, walk_in=True).answer == "already"
    assert judge_arrival(SNAPSHOT, _of("y"), EIGHT, seen, walk_in=True).answer == "walk_ins_full"


@pytest.mark.parametrize(("places", "scanners"), [(0, 3), (1, 3), (7, 3), (9, 3), (5, 1)])
def test_all_scanners_together_give_out_what_there_is(places: int, scanners: int) -> None:
    parts = [part_of(places, scanners, nth) for nth in range(scanners)]
    assert sum(parts) == places
    assert max(parts) - min(parts) <= 1


@pytest.mark.parametrize(("letter", "nth", "number"), KNOWN["numbers"])
def test_numbers_of_the_queue_can_be_read_from_afar(letter: str, nth: int, number: str) -> None:
    assert queue_number(letter, nth) == number


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
