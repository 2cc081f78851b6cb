"""Draws under many hands: entering while the list is frozen, two who draw at once, and kills in the middle."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, connections, transaction

from nuanxin.access.actors import system
from nuanxin.bookings.actions.draws_clockwork import turn_draws
from nuanxin.bookings.actions.draws_deciding import confirm_value, enter_value, reveal
from nuanxin.bookings.actions.draws_drawing import draw_lots
from nuanxin.bookings.actions.draws_freezing import freeze
from nuanxin.bookings.models import Booking, Draw, DrawPage, Entry, Offer, Pool, Waiting
from nuanxin.bookings.queries.draw_lists import codes_of_sessions, lines_of, published
from nuanxin.bookings.queries.draws import public_file
from nuanxin.bookings.rules.draws import Places as Room
from nuanxin.bookings.rules.draws import in_order, read_line, winners
from nuanxin.kernel.refusals import Refusal
from nuanxin.records.models import AuditEntry
from nuanxin.wiring import connect
from tests.factories import NOW
from tests.factories.access import make_roles
from tests.factories.draws import CLOSES, HOUR, LINK, VALUE, decide, enter, make_draw, make_tickets, two_cadres
from tests.factories.members import make_member
from tests.factories.organizations import Tree, make_tree
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parent.parent.parent
KILLS = int(os.environ.get("NUANXIN_KILLS", "20"))


def build() -> Tree:
    connect()
    make_roles()
    return make_tree()


def fresh() -> Draw:
    return Draw.objects.select_related("offer__union").get()


def test_whoever_is_entering_while_the_list_is_frozen_is_on_it_or_is_told_no() -> None:
    tree = build()
    draw = make_draw(union=tree.city, places=3)
    people = [make_member(union=tree.couriers) for _number in range(8)]
    just_before = CLOSES - timedelta(seconds=1)

    def one(number: int) -> str:
        try:
            if number == 8:
                Offer.objects.update(state="closed")
                freeze(actor=system(), draw=fresh(), now=CLOSES)
                return "frozen"
            return str(enter(people[number], draw, now=just_before).answer)
        except Refusal as refusal:
            return refusal.code

    told = [str(each) for each in at_once(one, 9)]
    assert told[8] == "frozen"
    assert set(told[:8]) <= {"entered", "refused", "list_frozen"}
    assert len(published(fresh(), "list")) == Entry.objects.count() == told.count("entered")


def test_the_list_waits_for_an_entry_that_is_being_written() -> None:
    tree = build()
    draw = make_draw(union=tree.city, places=3)
    member = make_member(union=tree.couriers)
    written, go = Event(), Event()

    def slowly() -> None:
        with transaction.atomic():
            enter(member, draw, now=CLOSES - timedelta(seconds=1))
            written.set()
            go.wait(20)
        connections.close_all()

    entering = Thread(target=slowly)
    entering.start()
    assert written.wait(20)
    # the control: who only reads the rows misses who is just being written
    assert lines_of(fresh(), codes_of_sessions(draw.offer_id)) == []

    def close() -> None:
        freeze(actor=system(), draw=fresh(), now=CLOSES)
        connections.close_all()

    freezing = Thread(target=close)
    freezing.start()
    time.sleep(0.3)
    assert freezing.is_alive(), "it waits"
    go.set()
    entering.join()
    freezing.join()
    assert len(published(fresh(), "list")) == 1


def test_of_several_who_freeze_and_draw_at_once_one_does() -> None:
    tree = build()
    draw = make_draw(union=tree.city, places=2)
    for _number in range(4):
        enter(make_member(union=tree.couriers), draw)

    def tries(work: Any, now: Any) -> list[object]:
        def one(_number: int) -> str:
            try:
                work(actor=system(), draw=fresh(), now=now)
            except Refusal as refusal:
                return refusal.code
            return "done"

        return at_once(one, 4)

    assert sorted(map(str, tries(freeze, CLOSES))).count("done") == 1
    decide(fresh())
    for work in (reveal, draw_lots):
        assert sorted(map(str, tries(work, HOUR))).count("done") == 1
    assert DrawPage.objects.count() == 2
    assert Booking.objects.count() == Pool.objects.get().taken == 2
    assert AuditEntry.objects.filter(action="bookings.drawn").count() == 1


#: Does what the clock does, in the database of the test.
_WORKER = """
import sys, django
from datetime import datetime
django.setup()
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[1]
from nuanxin.bookings.actions.draws_clockwork import turn_draws
from nuanxin.wiring import connect
connect()
print("ready", flush=True)
turn_draws(now=datetime.fromisoformat(sys.argv[2]))
"""


def start(now: Any) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", _WORKER, str(connection.settings_dict["NAME"]), now.isoformat()]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    return process


def kill_and_finish(now: Any, kills: int, chance: random.Random) -> int:
    killed = 0
    for _kill in range(kills):
        both = [start(now), start(now)]
        time.sleep(chance.uniform(0.01, 0.6))
        killed += any(process.poll() is None for process in both)
        for process in both:
            process.kill()
            process.wait()
    assert [process.wait() for process in [start(now), start(now)]] == [0, 0]
    return killed


@pytest.mark.full
@pytest.mark.timeout(1500)
def test_killed_at_random_moments_the_draw_ends_as_its_file_says() -> None:
    tree = build()
    draw = make_draw(union=tree.city, places=700)
    make_tickets(draw, 3000)
    before = sorted(Entry.objects.values_list("ticket", flat=True))
    chance = random.Random(3715)
    killed = kill_and_finish(CLOSES, KILLS // 2, chance)
    file = public_file(fresh())
    assert [line.split(" ")[0] for line in file["tickets"]] == before, "nobody is lost, nobody is twice"
    first, second = two_cadres(tree.city)
    enter_value(actor=first, draw=fresh(), value=VALUE, link=LINK, now=HOUR)
    confirm_value(actor=second, draw=fresh(), value=VALUE, now=HOUR)
    killed += kill_and_finish(HOUR, KILLS // 2, chance)
    assert killed >= KILLS // 4, killed
    done = public_file(fresh())
    order = in_order(
        [read_line(line) for line in file["tickets"]], seed=bytes.fromhex(done["reveal"]["seed"]), value=VALUE
    )
    expected = winners(order, fill=["open"], places=[Room("open", "-", 700)], most={})
    assert done["winners"] == [each.line() for each in expected]
    booked = Booking.objects.values_list("worker__pk", flat=True)
    won = Entry.objects.filter(ticket__in=[each.ticket for each in expected])
    assert sorted(booked) == sorted(won.values_list("waiting__worker", flat=True))
    assert Pool.objects.get().taken == Booking.objects.count() == 700
    line = Waiting.objects.filter(state="waiting").order_by("-score", "joined_at", "pk")
    assert list(line.values_list("entry__ticket", flat=True)) == [
        each.ticket for each in order if each.ticket not in {one.ticket for one in expected}
    ]
    assert AuditEntry.objects.filter(action__in=("bookings.draw_frozen", "bookings.drawn")).count() == 2


@pytest.mark.full
@pytest.mark.timeout(900)
def test_sixty_thousand_tickets() -> None:
    tree = build()
    draw = make_draw(union=tree.city, places=5000)
    make_tickets(draw, 60_000)
    took = {}
    for step, now in (("freeze", CLOSES), ("draw", HOUR)):
        if step == "draw":
            decide(fresh())
            reveal(actor=system(), draw=fresh(), now=now)
        began = time.perf_counter()
        assert turn_draws(now=now) == 1
        took[step] = time.perf_counter() - began
    began = time.perf_counter()
    assert len(public_file(fresh())["winners"]) == 5000
    took["file"] = time.perf_counter() - began
    print("60,000 tickets, 5,000 places:", {step: f"{seconds:.1f} s" for step, seconds in took.items()})
    assert Booking.objects.count() == 5000
    assert Waiting.objects.filter(state="waiting").count() == 55_000
    assert took["draw"] < 120
    assert NOW < CLOSES
