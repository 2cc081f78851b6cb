"""Two whole installations, two databases, and lines that lose, double, delay, reorder and spoil what is sent.

At every checkpoint: nobody is lost, nobody is counted twice, and whoever counts somebody is whom the directory names.
"""

from __future__ import annotations

import time
from itertools import count, pairwise
from typing import Any

import pytest

from tests.cells.conftest import Pair
from tests.cells.instances import Instance
from tests.factories.members import make_id_number

pytestmark = pytest.mark.timeout(900)
_phones = count(1)
_IN_TRANSIT = {"waiting", "elsewhere", "leaving", "handed"}


def people(number: int) -> list[dict[str, str]]:
    """Return people who do not exist."""
    return [
        {"name": "王小芳", "id_number": make_id_number(), "phone": f"1546{next(_phones):07d}"}
        for _each in range(number)
    ]


def check(facts: dict[str, dict[str, Any]], *, expected: int) -> None:
    """Hold what both cells keep against what must be true at every moment."""
    rows = facts["A"]["directory"]
    for digest, (holder, claim, _version) in rows.items():
        counting = [
            (code, counted)
            for code, cell in facts.items()
            for counted in cell["people"].get(digest, {}).get("counted", [])
        ]
        assert counting in ([], [(holder, claim)]), (digest, counting, holder)
        if holder and not counting:
            # On the way: the holder knows the claim and has not settled it, or the package is still at the other side.
            state = facts[holder]["people"][digest]["claims"][claim]
            assert state in _IN_TRANSIT, (digest, holder, state)
            assert _somewhere(facts, digest), digest
    held = [row for row in rows.values() if row[0]]
    assert sum(facts["A"]["by_directory"].values()) == len(held) <= expected
    assert sum(cell["counted"] for cell in facts.values()) <= len(held)
    for code, cell in facts.items():
        assert cell["counted"] == cell["tallied"], code
        assert cell["mismatches"] == [], code


def _somewhere(facts: dict[str, dict[str, Any]], digest: str) -> bool:
    """Tell whether somebody who is counted nowhere is kept somewhere: a membership, or a package to be sent."""
    kept = [cell["people"].get(digest, {}) for cell in facts.values()]
    return any(one.get("state") or "package" in one.get("messages", []) for one in kept)


def settle(pair: Pair, *, expected: int, seconds: float = 600) -> dict[str, dict[str, Any]]:
    """Wait until nothing waits any more, and look in between."""
    until = time.monotonic() + seconds
    while True:
        facts = pair.facts()
        check(facts, expected=expected)
        if not any(cell["waiting"] for cell in facts.values()):
            return facts
        assert time.monotonic() < until, ({code: cell["waiting"] for code, cell in facts.items()}, troubles(pair))
        time.sleep(1.5)


def troubles(pair: Pair) -> dict[str, Any]:
    return {cell.code: cell.do("troubles") for cell in pair.both}


def check_quiet(facts: dict[str, dict[str, Any]], *, members: int) -> None:
    """Hold what is kept when nothing waits: each person counts in exactly one cell, and the numbers agree."""
    assert sum(cell["counted"] for cell in facts.values()) == members
    assert facts["A"]["by_directory"] == {code: cell["counted"] for code, cell in facts.items() if cell["counted"]}
    for cell in facts.values():
        for person in cell["people"].values():
            for earlier, later in pairwise(person["stays"]):
                assert earlier["ended_at"] == later["began_at"]


def move_all(pair: Pair, there: Instance, who: list[dict[str, str]]) -> None:
    """Let people join in another cell, and agree to move there as soon as they are asked."""
    there.do("join", people=who)
    moved = 0
    until = time.monotonic() + 600
    while moved < len(who):
        moved += there.do("answer_offers")
        check(pair.facts(), expected=len(who))
        assert time.monotonic() < until, (moved, troubles(pair))
        time.sleep(1)


def to_and_fro(pair: Pair, number: int, waves: int) -> None:
    """Move people from A to B and back, and look all the while."""
    who = people(number)
    pair.a.do("join", people=who)
    first = settle(pair, expected=number)
    check_quiet(first, members=number)
    numbers = {digest: person["number"] for digest, person in first["A"]["people"].items()}
    for wave in range(waves):
        there = pair.both[(wave + 1) % 2]
        move_all(pair, there, who)
        facts = settle(pair, expected=number)
        check_quiet(facts, members=number)
        now_there = facts[there.code]["people"]
        assert {digest: person["number"] for digest, person in now_there.items() if person["state"]} == numbers
        assert all(len(person["stays"]) == wave + 2 for person in now_there.values())


@pytest.mark.full
def test_sixty_transfers_over_faulty_lines(pair: Pair) -> None:
    to_and_fro(pair, 20, 3)
    assert sum(line.happened.get("lost", 0) + line.happened.get("doubled", 0) for line in pair.lines.values()) > 0


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_a_thousand_transfers_over_faulty_lines(pair: Pair) -> None:
    to_and_fro(pair, 100, 10)


@pytest.mark.full
def test_without_the_directory_cells_go_on_and_settle_later(pair: Pair) -> None:
    pair.lines["to the directory"].is_cut = True
    only_a, only_b, in_both = people(4), people(4), people(3)
    pair.a.do("join", people=only_a + in_both)
    pair.b.do("join", people=only_b + in_both)
    time.sleep(5)
    cut = pair.facts()
    check(cut, expected=0)
    assert cut["A"]["directory"] == {}
    for cell in cut.values():
        assert cell["counted"] == 0
        assert {person["state"] for person in cell["people"].values()} == {"active"}
    pair.lines["to the directory"].is_cut = False
    facts = settle(pair, expected=11)
    check_quiet(facts, members=11)
    said_yes = 0
    until = time.monotonic() + 300
    while said_yes < 3 and time.monotonic() < until:
        said_yes += sum(cell.do("answer_offers") for cell in pair.both)
        time.sleep(1)
    assert said_yes == 3
    moved = settle(pair, expected=11)
    check_quiet(moved, members=11)
    open_ones = [one for cell in moved.values() for one in cell["people"].values() if one["state"]]
    assert len(open_ones) == 11


@pytest.mark.full
def test_an_instance_killed_in_the_middle_goes_on_where_it_was(pair: Pair) -> None:
    who = people(10)
    pair.a.do("join", people=who)
    settle(pair, expected=10)
    pair.b.do("join", people=who)
    agreed = 0
    for _time in range(4):
        time.sleep(2)
        agreed += pair.b.do("answer_offers")
        for cell in pair.both:
            cell.stop()
            cell.start()
            cell.serve()
        pair.work()
    until = time.monotonic() + 300
    while agreed < len(who):
        agreed += pair.b.do("answer_offers")
        assert time.monotonic() < until, (agreed, troubles(pair))
        time.sleep(1)
    facts = settle(pair, expected=10)
    check_quiet(facts, members=10)
    assert facts["A"]["counted"] == 0
