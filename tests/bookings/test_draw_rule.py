"""The rule of a draw by itself: no preference, nothing oversold, nobody passed over, and every change shows."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nuanxin.bookings.rules.allocation import Applicant, Place, allocate
from nuanxin.bookings.rules.draws import (
    Places,
    Ticket,
    Won,
    commitment_of,
    digest_of,
    grouped,
    in_order,
    read_line,
    winners,
)
from nuanxin.kernel.ids import new_id
from tests.bookings.test_draws import SCRIPT

if TYPE_CHECKING:
    from uuid import UUID

#: Draws of the χ² test, each with a seed and a value made from its number.
DRAWS = 10_000
PEOPLE, SEATS = 20, 5


def a_seed(number: int) -> bytes:
    return sha256(f"seed {number}".encode()).digest()


def test_ten_thousand_draws_prefer_nobody() -> None:
    """χ² over who wins and over who comes first; 43.82 is passed once in a thousand times with 19 degrees."""
    tickets = [Ticket(f"TICKET{number:06d}", ("open",)) for number in range(PEOPLE)]
    won: Counter[str] = Counter()
    first: Counter[str] = Counter()
    for number in range(DRAWS):
        order = in_order(tickets, seed=a_seed(number), value=f"3834.{number:04d}")
        first[order[0].ticket] += 1
        won.update(each.ticket for each in winners(order, fill=["open"], places=[Places("open", "-", SEATS)], most={}))
    expected_first, expected = DRAWS / PEOPLE, DRAWS * SEATS / PEOPLE
    chi_first = sum((first[each.ticket] - expected_first) ** 2 / expected_first for each in tickets)
    # Winners of one draw exclude each other: the sum shrinks by (n - k) / (n - 1), and is scaled back.
    scale = (PEOPLE - 1) / (PEOPLE - SEATS)
    chi_won = scale * sum((won[each.ticket] - expected) ** 2 / expected for each in tickets)
    assert chi_first < 43.82, chi_first
    assert chi_won < 43.82, chi_won


def test_a_rule_with_a_preference_would_be_found() -> None:
    """The control: whoever stands early on the list gets one chance in fifty more."""
    first: Counter[str] = Counter()
    tickets = [Ticket(f"TICKET{number:06d}", ("open",)) for number in range(PEOPLE)]
    for number in range(DRAWS):
        order = in_order(tickets, seed=a_seed(number), value="x")
        favored = number % 50 == 0
        first[tickets[0].ticket if favored else order[0].ticket] += 1
    expected = DRAWS / PEOPLE
    assert sum((first[each.ticket] - expected) ** 2 / expected for each in tickets) > 43.82


CODES = ("a", "b", "c", "m")
SESSIONS = ("-", "1", "2")


@st.composite
def lists(draw: st.DrawFn) -> list[Ticket]:
    count = draw(st.integers(0, 25))
    return [
        Ticket(
            f"T{number:011d}",
            tuple(sorted(draw(st.sets(st.sampled_from(CODES), min_size=1)))),
            draw(st.sampled_from(SESSIONS)),
            draw(st.integers(1, 3)),
        )
        for number in range(count)
    ]


places = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(("1", "2")), st.integers(0, 8)),
    max_size=6,
    unique_by=lambda p: p[:2],
).map(lambda rows: [Places(*row) for row in rows])


@settings(max_examples=60, deadline=None)
@given(lists(), places, st.integers(0, 12), st.binary(min_size=32, max_size=32), st.text(max_size=12))
def test_whatever_is_drawn_is_fair(
    tickets: list[Ticket], rooms: list[Places], most: int, seed: bytes, value: str
) -> None:
    order = in_order(tickets, seed=seed, value=value)
    assert sorted(each.ticket for each in order) == [each.ticket for each in tickets]
    won = winners(order, fill=["a", "b", "c"], places=rooms, most={"m": most})
    by_ticket = {each.ticket: each for each in tickets}
    assert len({each.ticket for each in won}) == len(won), "nobody twice"
    taken: Counter[tuple[str, str]] = Counter()
    for each in won:
        ticket = by_ticket[each.ticket]
        assert each.share in ticket.shares
        assert ticket.session in ("-", each.session)
        taken[each.share, each.session] += ticket.seats
    assert all(taken[each.share, each.session] <= each.places for each in rooms), "nothing oversold"
    assert sum(by_ticket[each.ticket].seats for each in won if "m" in by_ticket[each.ticket].shares) <= most
    left = {(each.share, each.session): each.places - taken[each.share, each.session] for each in rooms}
    room = most - sum(by_ticket[each.ticket].seats for each in won if "m" in by_ticket[each.ticket].shares)
    lucky = {each.ticket for each in won}
    for one in order:
        if one.ticket in lucky or ("m" in one.shares and room < one.seats):
            continue
        free = [seats for (share, at), seats in left.items() if share in one.shares and one.session in ("-", at)]
        assert all(seats < one.seats for seats in free), "nobody goes without while there is room"


@settings(max_examples=60, deadline=None)
@given(lists(), places, st.integers(0, 12))
def test_the_published_rule_and_the_one_that_books_agree(tickets: list[Ticket], rooms: list[Places], most: int) -> None:
    """What wins by codes and lines wins by the allocation of the engine, too."""
    order = in_order(tickets, seed=b"s" * 32, value="v")
    rooms.sort(key=lambda each: each.share)
    shares: dict[str, UUID] = {code: new_id() for code in CODES}
    sessions = {"1": new_id(), "2": new_id()}
    cap = new_id()
    pools = {(each.share, each.session): new_id() for each in rooms}
    given_places = allocate(
        [
            Place(pools[each.share, each.session], shares[each.share], sessions[each.session], each.places)
            for each in rooms
        ],
        [shares["a"], shares["b"], shares["c"]],
        ranked := [
            Applicant(
                new_id(),
                sessions.get(each.session),
                frozenset(shares[code] for code in each.shares if code != "m"),
                (cap,) if "m" in each.shares else (),
                each.seats,
            )
            for each in order
        ],
        {cap: most},
    )
    ours = winners(order, fill=["a", "b", "c"], places=rooms, most={"m": most})
    theirs = {
        order[number].ticket: given_places[each.key] for number, each in enumerate(ranked) if each.key in given_places
    }
    assert {each.ticket: pools[each.share, each.session] for each in ours} == theirs


@settings(max_examples=20)
@given(lists().filter(bool), st.data())
def test_a_changed_entry_or_seed_changes_the_digest(tickets: list[Ticket], data: st.DataObject) -> None:
    lines = [each.line() for each in tickets]
    assert [read_line(line) for line in lines] == tickets
    at = data.draw(st.integers(0, len(lines) - 1))
    for other in (lines[:at] + lines[at + 1 :], [*lines[:at], lines[at] + "0", *lines[at + 1 :]], [*lines, lines[at]]):
        assert digest_of(other) != digest_of(lines)
    seed = data.draw(st.binary(min_size=32, max_size=32))
    assert commitment_of(seed) != commitment_of(bytes([seed[0] ^ 1, *seed[1:]]))


def test_known_answers() -> None:
    """What anybody can check with a calculator of SHA-256."""
    assert commitment_of(bytes(32)).hex() == "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
    tickets = [Ticket("7Q2M9XK4T0ZB", ("open",)), Ticket("VC38H1TPNE6W", ("open",))]
    order = in_order(tickets, seed=bytes(32), value="3834.8911")
    assert [each.ticket for each in order] == ["7Q2M9XK4T0ZB", "VC38H1TPNE6W"]
    alone = in_order(tickets, seed=b"", value="3834.8911")
    keys = {each: sha256(b"3834.8911" + each.encode()).hexdigest() for each in ("7Q2M9XK4T0ZB", "VC38H1TPNE6W")}
    assert [each.ticket for each in alone] == sorted(keys, key=keys.__getitem__)
    assert digest_of(each.line() for each in tickets).hex().startswith("afea43b78a25839b")
    assert Won("7Q2M9XK4T0ZB", "open", "-").line() == "7Q2M9XK4T0ZB open -"
    assert grouped("7Q2M9XK4T0ZB") == "7Q2M 9XK4 T0ZB"


@pytest.mark.parametrize("line", ["", "ONE", "T open -", "T open - x"])
def test_a_line_that_is_none_is_not_read(line: str) -> None:
    with pytest.raises(ValueError, match=r"unpack|invalid literal"):
        read_line(line)


def test_the_script_is_short_and_needs_nothing_else() -> None:
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 30
    assert {line for line in lines if line.startswith(("import", "from"))} == {
        "import json",
        "import sys",
        "from hashlib import sha256",
        "from pathlib import Path",
    }
