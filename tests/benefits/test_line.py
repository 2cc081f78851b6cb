"""The line for coupons: a fair shuffle, a place that lasts, admission by pace, and answers that cost nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from nuanxin.access.actors import anonymous
from nuanxin.benefits.actions.line import NotInLine, NotYourTurn, SoldOut, join_line, take_coupon
from nuanxin.benefits.models import CouponIssue, LineEntry
from nuanxin.benefits.queries.line import my_entry, stock_now
from nuanxin.benefits.rules.line import Line, commitment, shuffled
from nuanxin.bookings.models import Booking
from nuanxin.kernel.refusals import Conflict, NotFound, NotSignedIn
from nuanxin.kernel.remember import forget
from tests.factories import NOW
from tests.factories.coupons import make_coupon_kind, make_issue
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree
from tests.factories.partners import make_place

VECTORS = Path(__file__).parent / "line_vectors.json"
JS = Path(__file__).parents[2] / "assets" / "js" / "kit" / "shuffle.js"
OPENS = NOW + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def fresh() -> Any:
    """Remember nothing of other tests."""
    forget("benefits.line.")
    forget("bookings.terms.")


@pytest.fixture
def issue(tree: Tree) -> CouponIssue:
    place = make_place(union=tree.city)
    kind = make_coupon_kind(union=tree.city, places=[(place.partner, None)])
    return make_issue(kind, stock=3, has_line=True, per_second=2, opens_at=OPENS)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 16, 17, 100, 1000, 4097])
def test_nobody_shares_a_place(count: int) -> None:
    seed = Random(count).randbytes(32)
    assert sorted(shuffled(seed, count, nth) for nth in range(1, count + 1)) == list(range(1, count + 1))


def test_a_number_outside_has_no_place() -> None:
    for nth in (0, 11):
        with pytest.raises(ValueError, match="outside"):
            shuffled(bytes(32), 10, nth)


def test_every_number_has_the_same_chance_of_every_place() -> None:
    """χ² over 3,000 seeds for the first, a middle and the last of 20: 19 degrees of freedom, 43.8 at p = 0.001."""
    chance = Random(20261122)
    seeds = [chance.randbytes(32) for _turn in range(3000)]
    for nth in (1, 2, 11, 20):
        found = Counter(shuffled(seed, 20, nth) for seed in seeds)
        assert sum((found[place] - 150) ** 2 / 150 for place in range(1, 21)) < 43.8


def test_the_phone_counts_alike() -> None:
    cases = json.loads(VECTORS.read_text())
    for case in cases:
        seed = bytes.fromhex(case["seed"])
        assert [shuffled(seed, case["count"], nth) for nth in case["nths"]] == case["places"]
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node on this machine")
    program = (
        f"import {{ shuffled }} from {json.dumps(JS.as_uri())};"
        f"const cases = {json.dumps(cases)};"
        "console.log(JSON.stringify(cases.map((c) => c.nths.map((n) => shuffled(c.seed, c.count, n)))));"
    )
    told = subprocess.run(
        [node, "--input-type=module", "-e", program], check=True, capture_output=True, text=True, timeout=30
    )
    assert json.loads(told.stdout) == [case["places"] for case in cases]


def test_admission_goes_by_pace_and_chances_are_honest() -> None:
    line = Line(OPENS, OPENS + timedelta(hours=1), 10, 10, 2, 30, 0, bytes(32), drawn=True)
    assert line.admitted(OPENS - timedelta(seconds=1)) == 0
    assert [line.admitted(OPENS + timedelta(seconds=s)) for s in (0, 1, 5)] == [2, 4, 12]
    assert [line.wait(place, OPENS) for place in (1, 2, 3, 30)] == [0, 0, 1, 14]
    assert [line.chance(place, OPENS) for place in (10, 11)] == ["within", "beyond"]
    assert (line.lacking(10), line.lacking(25)) == (0, 15)
    assert line.chance(11, OPENS + timedelta(seconds=9)) == "within"


def test_who_comes_before_is_shuffled_and_who_comes_later_stands_behind(tree: Tree, issue: CouponIssue) -> None:
    number = issue.offer.number
    people = [make_member(union=tree.couriers) for _number in range(5)]
    for member in people[:4]:
        joined = join_line(actor=worker_of(member), number=number, now=NOW)
        assert joined.entry is not None
        assert joined.entry.is_early
    again = join_line(actor=worker_of(people[0]), number=number, now=NOW)
    assert (again.entry and again.entry.nth, LineEntry.objects.count()) == (1, 4)
    assert stock_now(number, NOW).line.place(is_early=True, nth=1) is None
    with pytest.raises(NotYourTurn):
        take_coupon(actor=worker_of(people[0]), number=number, now=NOW)
    forget("benefits.line.")
    late = join_line(actor=worker_of(people[4]), number=number, now=OPENS).entry
    assert late is not None
    assert (late.is_early, late.nth) == (False, 1)
    found = stock_now(number, OPENS)
    assert (found.line.early, found.line.late, found.line.drawn) == (4, 1, True)
    entries = LineEntry.objects.order_by("is_early", "nth")
    assert sorted(found.line.place(is_early=e.is_early, nth=e.nth) or 0 for e in entries) == [1, 2, 3, 4, 5]
    assert found.line.place(is_early=False, nth=1) == 5
    assert len(commitment(found.line.seed)) == 64
    # whoever asks once more finds the same place
    assert my_entry(issue.pk, people[4].worker_id) == late


def test_turns_come_in_order_and_nobody_passes_by(tree: Tree, issue: CouponIssue) -> None:
    number = issue.offer.number
    people = [make_member(union=tree.couriers) for _number in range(5)]
    for member in people:
        join_line(actor=worker_of(member), number=number, now=NOW)
    stranger = make_member(union=tree.couriers)
    places = {}
    line = stock_now(number, OPENS).line
    for member in people:
        entry = my_entry(issue.pk, member.worker_id)
        assert entry is not None
        places[line.place(is_early=True, nth=entry.nth)] = member
    forget("benefits.line.")
    with pytest.raises(NotInLine):
        take_coupon(actor=worker_of(stranger), number=number, now=OPENS)
    with pytest.raises(NotYourTurn) as early:
        take_coupon(actor=worker_of(places[3]), number=number, now=OPENS)
    assert "1" in str(early.value.message)
    for place in (1, 2):
        assert take_coupon(actor=worker_of(places[place]), number=number, now=OPENS).answer == "booked"
    later = OPENS + timedelta(seconds=2)
    assert take_coupon(actor=worker_of(places[3]), number=number, now=later).answer == "booked"
    forget("benefits.line.")
    with pytest.raises(SoldOut):
        take_coupon(actor=worker_of(places[4]), number=number, now=later)
    with pytest.raises(SoldOut):
        join_line(actor=worker_of(stranger), number=number, now=later)
    assert Booking.objects.filter(offer=issue.offer).count() == 3


def test_whoever_may_not_have_one_hears_why_at_once_and_waits_for_nothing(tree: Tree, issue: CouponIssue) -> None:
    member = make_member(union=tree.couriers, state="suspended")
    joined = join_line(actor=worker_of(member), number=issue.offer.number, now=NOW)
    assert (joined.entry, [reason.code for reason in joined.against]) == (None, ["suspended"])
    with pytest.raises(NotSignedIn):
        join_line(actor=anonymous(), number=issue.offer.number, now=NOW)
    with pytest.raises(NotFound):
        join_line(actor=worker_of(member), number="nothing", now=NOW)
    assert not LineEntry.objects.exists()
    issue.refresh_from_db()
    assert (issue.early, issue.late) == (0, 0)


def test_a_stock_without_a_line_is_taken_at_once(tree: Tree) -> None:
    place = make_place(union=tree.city)
    issue = make_issue(make_coupon_kind(union=tree.city, places=[(place.partner, None)]))
    member = make_member(union=tree.couriers)
    with pytest.raises(Conflict):
        join_line(actor=worker_of(member), number=issue.offer.number, now=NOW)
    assert take_coupon(actor=worker_of(member), number=issue.offer.number, now=NOW).answer == "booked"
    assert take_coupon(actor=worker_of(member), number=issue.offer.number, now=NOW).answer == "booked"
    assert Booking.objects.count() == 1


def test_when_all_are_gone_the_answer_costs_nothing(tree: Tree) -> None:
    place = make_place(union=tree.city)
    issue = make_issue(make_coupon_kind(union=tree.city, places=[(place.partner, None)]), stock=1, has_line=True)
    number = issue.offer.number
    first, second = make_member(union=tree.couriers), make_member(union=tree.couriers)
    for member in (first, second):
        join_line(actor=worker_of(member), number=number, now=NOW)
    take_coupon(actor=worker_of(first), number=number, now=NOW)
    actor = worker_of(second)
    forget("benefits.line.")
    stock_now(number, NOW)
    Client().get(f"/coupons/{number}/now/")
    with CaptureQueriesContext(connection) as asked:
        told = Client().get(f"/coupons/{number}/now/")
        with pytest.raises(SoldOut):
            take_coupon(actor=actor, number=number, now=NOW)
    assert len(asked) == 0
    assert (told.json()["left"], told.json()["stock"]) == (0, 1)
    assert "public" in told["Cache-Control"]
    assert not told.cookies
