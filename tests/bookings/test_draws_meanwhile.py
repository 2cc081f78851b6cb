"""What happens between the list and the draw: people leave, tables and places change, limits are used up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nuanxin.access.actors import system
from nuanxin.bookings.actions.draws_clockwork import turn_draws
from nuanxin.bookings.actions.draws_deciding import reveal
from nuanxin.bookings.actions.draws_drawing import draw_lots
from nuanxin.bookings.actions.pools import resize_pool
from nuanxin.bookings.actions.sessions import cancel_session
from nuanxin.bookings.actions.waiting import leave_waiting
from nuanxin.bookings.models import Booking, Draw, Entry, Pool, Waiting
from nuanxin.bookings.queries.draw_lists import published as lines
from nuanxin.bookings.queries.draws import own_entry, public_file
from nuanxin.bookings.rules.draws import in_order, read_line
from tests.bookings.test_draws import members, recheck, refused
from tests.bookings.test_draws import tree as tree  # noqa: PLC0414 - the fixture
from tests.factories import NOW
from tests.factories.bookings import a_session, make_open_offer, sessions_of
from tests.factories.draws import CLOSES, HOUR, VALUE, decide, enter, make_draw, ticket_of
from tests.factories.members import worker_of
from tests.factories.organizations import Tree

pytestmark = pytest.mark.django_db


def test_who_left_is_not_on_the_list_and_may_enter_again_with_another_ticket(tree: Tree) -> None:
    draw = make_draw(union=tree.city, places=2)
    leaver, back, winner = members(tree, 3)
    for each in (leaver, back, winner):
        enter(each, draw)
    old = ticket_of(back).ticket
    for each in (leaver, back):
        leave_waiting(actor=worker_of(each), waiting_id=ticket_of(each).waiting_id, now=NOW)
    enter(back, draw)
    assert ticket_of(back).ticket != old
    turn_draws(now=CLOSES)
    listed = "\n".join(public_file(Draw.objects.select_related("offer__union").get())["tickets"])
    assert old not in listed
    assert ticket_of(leaver).ticket not in listed
    assert own_entry(worker_of(leaver), draw.offer.number).has_left


def test_who_leaves_after_the_list_is_published_wins_on_paper_and_the_place_goes_on(tree: Tree, tmp_path: Path) -> None:
    draw = make_draw(union=tree.city, places=1)
    people = members(tree, 3)
    for each in people:
        enter(each, draw)
    turn_draws(now=CLOSES)
    draw = decide(Draw.objects.select_related("offer__union").get())
    reveal(actor=system(), draw=draw, now=HOUR)
    for each in people:  # whoever would win, leaves
        leave_waiting(actor=worker_of(each), waiting_id=ticket_of(each).waiting_id, now=HOUR)
    Waiting.objects.filter(worker=people[2].worker).update(state="applied", ended_at=None)
    draw_lots(actor=system(), draw=draw, now=HOUR)
    published = public_file(draw)
    assert recheck(published, tmp_path).returncode == 0
    won = ticket_of(people[2]).ticket in published["winners"][0]
    assert Booking.objects.get().worker_id == people[2].worker_id
    assert Booking.objects.get().state == ("booked" if won else "held"), "won it, or is next in line"


@pytest.mark.parametrize("what", ["an entry", "a page", "somebody more"])
def test_nothing_is_drawn_from_a_list_that_was_changed(tree: Tree, what: str) -> None:
    draw = make_draw(union=tree.city, places=1)
    people = members(tree, 3)
    for each in people[:2]:
        enter(each, draw)
    turn_draws(now=CLOSES)
    draw = decide(Draw.objects.select_related("offer__union").get())
    reveal(actor=system(), draw=draw, now=HOUR)
    if what == "an entry":
        Entry.objects.filter(pk=ticket_of(people[0]).pk).update(ticket="ZZZZZZZZZZZZ")
    elif what == "a page":
        draw.pages.model.objects.filter(part="list").update(lines="ZZZZZZZZZZZZ open - 1")
    else:
        wish = Waiting.objects.create(offer=draw.offer, worker=people[2].worker, joined_at=NOW, state="applied")
        Entry.objects.create(draw=draw, waiting=wish, ticket="ZZZZZZZZZZZZ")
    refused("list_changed", lambda: draw_lots(actor=system(), draw=Draw.objects.get(), now=HOUR))
    assert not Booking.objects.exists()


def test_places_stand_from_the_published_list_to_the_draw(tree: Tree) -> None:
    draw = make_draw(union=tree.city, places=2)
    pool = Pool.objects.select_related("offer__union").get()
    turn_draws(now=CLOSES)
    refused("list_published", lambda: resize_pool(actor=system(), pool=pool, capacity=5, now=CLOSES))
    draw = decide(Draw.objects.select_related("offer__union").get())
    reveal(actor=system(), draw=draw, now=HOUR)
    Pool.objects.update(capacity=1)
    refused("places_changed", lambda: draw_lots(actor=system(), draw=Draw.objects.get(), now=HOUR))


def test_who_used_the_limit_up_elsewhere_wins_on_paper_and_the_place_goes_on(tree: Tree) -> None:
    limit: dict[str, Any] = {"limit_kind": "check_up", "limit_period": "year", "limit_count": 1}
    draw = make_draw(union=tree.city, places=1, **limit)
    elsewhere = make_open_offer(union=tree.city, places=9, **limit)
    people = members(tree, 2)
    for each in people:
        enter(each, draw)
    turn_draws(now=CLOSES)
    draw = decide(Draw.objects.select_related("offer__union").get())
    reveal(actor=system(), draw=draw, now=HOUR)
    first = in_order([read_line(line) for line in lines(draw, "list")], seed=bytes.fromhex(draw.seed), value=VALUE)[0]
    winner = Entry.objects.select_related("waiting").get(ticket=first.ticket).waiting.worker_id
    other = next(each for each in people if each.worker_id != winner)
    enter(next(each for each in people if each.worker_id == winner), Draw(offer=elsewhere))
    draw_lots(actor=system(), draw=draw, now=HOUR)
    assert first.ticket in public_file(draw)["winners"][0]
    booking = Booking.objects.get(offer=draw.offer)
    assert (booking.worker_id, booking.state) == (other.worker_id, "held")


def test_places_of_a_session_that_was_cancelled_are_on_no_list(tree: Tree) -> None:
    """Whoever takes any session would otherwise win a place on paper that there is not."""
    days = [a_session(places=2, starts_at=NOW + timedelta(days=days)) for days in (20, 21)]
    draw = make_draw(union=tree.city, sessions=days)
    people = members(tree, 3)
    for each in people:
        enter(each, draw)
    gone, kept = sessions_of(draw.offer)
    cancel_session(actor=system(), session=gone, reason="大雪", now=NOW)
    turn_draws(now=CLOSES)
    draw = decide(Draw.objects.select_related("offer__union").get())
    assert [(each["session"], each["places"]) for each in public_file(draw)["places"]] == [("2", 2)]
    turn_draws(now=HOUR)
    turn_draws(now=HOUR)
    assert list(Booking.objects.values_list("session", flat=True)) == [kept.pk] * 2
    assert Draw.objects.get().winners == 2
