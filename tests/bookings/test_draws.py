"""A draw from its announcement to its recheck by the script in the docs, and all that is refused on the way."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nuanxin.access.actors import anonymous, system
from nuanxin.bookings.actions.draws import announce_draw, announce_new_hour
from nuanxin.bookings.actions.draws_clockwork import tell_drawn, turn_draws
from nuanxin.bookings.actions.draws_deciding import confirm_value, enter_value, reveal, take_value_back
from nuanxin.bookings.actions.draws_drawing import draw_lots
from nuanxin.bookings.actions.draws_freezing import freeze
from nuanxin.bookings.actions.ending import cancel
from nuanxin.bookings.actions.offers import Draft, change_offer, retract_offer
from nuanxin.bookings.actions.places import ShareDraft
from nuanxin.bookings.models import Booking, Draw, Entry, Offer, Pool, Waiting
from nuanxin.bookings.queries.draws import draws_to_do, own_entry, public_draw, public_file
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, Refusal
from nuanxin.members.models import Membership
from nuanxin.messages.models import TextMessage
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.bookings import a_session, make_open_offer, sessions_of
from tests.factories.draws import (
    CLOSES,
    HOUR,
    LINK,
    SOURCE,
    VALUE,
    announced,
    decide,
    enter,
    make_draw,
    ticket_of,
    two_cadres,
)
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree, make_tree

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db
SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "recheck_draw.py"
DAY_LATER = HOUR + timedelta(hours=24)


@pytest.fixture
def tree(db: None) -> Tree:
    return make_tree()


def members(tree: Tree, count: int, **fields: Any) -> list[Membership]:
    return [make_member(union=tree.couriers, **fields) for _number in range(count)]


def recheck(published: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the script of the docs on a published file, and on nothing else."""
    file = folder / "draw.json"
    file.write_text(json.dumps(published), encoding="utf-8")
    command = [sys.executable, "-I", str(SCRIPT), str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def drawn(draw: Draw) -> Draw:
    """Lead a draw from its close to its end, as the clock and two cadres do."""
    assert turn_draws(now=CLOSES) == 1
    decide(Draw.objects.select_related("offer__union").get(pk=draw.pk))
    assert turn_draws(now=HOUR + timedelta(minutes=1)) == 2
    return Draw.objects.select_related("offer__union").get(pk=draw.pk)


def refused(code: str, work: Callable[[], object], kind: type[Refusal] = Conflict) -> None:
    """Expect a refusal with a code, and nothing changed in the draw."""
    before = list(Draw.objects.values())
    with pytest.raises(kind) as refusal:
        work()
    assert refusal.value.code == code
    assert list(Draw.objects.values()) == before


def test_from_entry_to_recheck(tree: Tree, tmp_path: Path) -> None:
    draw = make_draw(union=tree.city, places=3)
    first = public_file(draw)
    assert len(first["commitment"]) == 64
    assert first["tickets"] == []
    assert first["reveal"] == {"seed": "", "by_value_alone": False, "at": None}
    people = members(tree, 8)
    assert {enter(each, draw).answer for each in people} == {"entered"}
    ticket = ticket_of(people[0]).ticket
    assert enter(people[0], draw).answer == "entered", "tapping twice"
    assert Entry.objects.count() == 8

    draw = drawn(draw)
    published = public_file(draw)
    assert published["commitment"] == first["commitment"]
    assert len(published["tickets"]) == 8
    assert sorted(line.split(" ")[0] for line in published["tickets"]) == [
        line.split(" ")[0] for line in published["tickets"]
    ]
    assert ticket in json.dumps(published)
    done = recheck(published, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    winners = {line.split(" ")[0] for line in published["winners"]}
    assert len(winners) == 3
    booked = {ticket_of(each).ticket for each in people if Booking.objects.filter(worker=each.worker).exists()}
    assert booked == winners, "who won has a place, and nobody else"
    assert Pool.objects.get().taken == 3
    waiting = Waiting.objects.filter(state="waiting").order_by("-score", "joined_at", "pk")
    order = [each.entry.position or 0 for each in waiting.select_related("entry")]
    assert order == sorted(order)
    assert len(order) == 5, "the others wait, in the drawn order"
    assert draw.offer.state == "drawn"

    nobody = [each.worker.pk for each in people]
    assert not any(str(pk) in json.dumps(published) for pk in nobody), "no person is in it"
    assert tell_drawn(draw_id=draw.pk, now=HOUR) == 8
    assert tell_drawn(draw_id=draw.pk, now=HOUR) == 0
    assert TextMessage.objects.filter(template="booking.drawn_waiting").count() == 5


def test_a_winner_who_gives_the_place_back_gives_it_to_the_next_in_the_drawn_order(tree: Tree) -> None:
    draw = make_draw(union=tree.city, places=1)
    people = members(tree, 4)
    for each in people:
        enter(each, draw)
    drawn(draw)
    by_position = {ticket_of(each).position: each for each in people}
    booking = Booking.objects.get(worker=by_position[1].worker)
    cancel(actor=worker_of(by_position[1]), booking_id=booking.pk, now=HOUR - timedelta(days=2))
    assert Waiting.objects.get(worker=by_position[2].worker).state == "offered"


def test_shares_are_filled_in_the_published_order_and_groups_get_at_most_their_number(
    tree: Tree, tmp_path: Path
) -> None:
    group = [{"check": "group", "groups": ["courier"]}]
    union = [{"check": "union", "paths": [tree.couriers.path]}]
    shares = (
        ShareDraft("new", "新就业形态", kind="reserved", amount=2, who=group),
        ShareDraft("open", "公开"),
        ShareDraft("most", "最多", kind="most", amount=3, who=union),
    )
    offer = make_open_offer(
        union=tree.city,
        way="lottery",
        waits=False,
        shares=shares,
        sessions=[a_session(places=4), a_session(places=4, starts_at=NOW + timedelta(days=11))],
        most_seats=2,
    )
    draw = announced(offer)
    first, second = sessions_of(offer)
    people = members(tree, 6) + [make_member(union=tree.city) for _number in range(4)]
    for number, each in enumerate(people):
        wanted = (None, first, second)[number % 3]
        assert enter(each, draw, session=wanted, seats=1 + number % 2).answer == "entered"
    draw = drawn(draw)
    published = public_file(draw)
    done = recheck(published, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert published["fill"] == ["new", "open"]
    of_couriers = Booking.objects.filter(worker__in=[each.worker for each in people[:6]])
    assert sum(each.seats for each in of_couriers) <= 3
    won = {line.split(" ")[0]: line.split(" ")[1:] for line in published["winners"]}
    codes = {session["id"]: session["code"] for session in published["sessions"]}
    assert len(won) == Booking.objects.count()
    for booking in Booking.objects.select_related("pool__share"):
        entry = Entry.objects.get(waiting__worker=booking.worker)
        assert won[entry.ticket] == [booking.pool.share.code, codes[str(booking.session_id)]]
    assert set(Waiting.objects.values_list("state", flat=True)) == {"taken", "closed"}
    assert tell_drawn(draw_id=draw.pk, now=HOUR) == 10
    assert TextMessage.objects.filter(template="booking.not_drawn").count() == 10 - len(won)


def test_any_change_of_the_published_file_is_found(tree: Tree, tmp_path: Path) -> None:
    draw = make_draw(union=tree.city, places=8)
    for each in members(tree, 12):
        enter(each, draw)
    published = public_file(drawn(draw))
    tickets, winners = published["tickets"], published["winners"]
    loser = next(line for line in tickets if line.split(" ")[0] not in " ".join(winners))
    changes: dict[str, dict[str, Any]] = {
        "an entry": {"tickets": [tickets[0].replace(" open", " vip"), *tickets[1:]]},
        "an entry less": {"tickets": tickets[1:]},
        "an entry more": {"tickets": [*tickets, "ZZZZZZZZZZZZ open - 1"]},
        "the seed": {"reveal": published["reveal"] | {"seed": "00" * 32}},
        "no seed": {"reveal": published["reveal"] | {"seed": ""}},
        "a winner": {"winners": [f"{loser.split(' ')[0]} open -", *winners[1:]]},
        "the order": {"winners": winners[::-1]},
        "the places": {"places": [published["places"][0] | {"places": 7}]},
    }
    for what, change in changes.items():
        done = recheck(published | change, tmp_path)
        assert done.returncode == 1, what
        assert "False" in done.stdout, what
    assert recheck(published | {"value": {"text": "3834.8912"}}, tmp_path).returncode == 1, "another value"


def test_without_the_seed_in_time_the_value_alone_decides(tree: Tree, tmp_path: Path) -> None:
    draw = make_draw(union=tree.city, places=2)
    people = members(tree, 6)
    for each in people:
        enter(each, draw)
    turn_draws(now=CLOSES)
    Draw.objects.update(sealed_seed=b"\x01\x63nothing that opens")
    draw = Draw.objects.select_related("offer__union").get()
    decide(draw)
    assert turn_draws(now=HOUR + timedelta(minutes=1)) == 0, "the seed is lost: wait for it"
    refused("seed_lost", lambda: reveal(actor=system(), draw=Draw.objects.get(), now=HOUR))
    assert turn_draws(now=DAY_LATER) == 2
    published = public_file(Draw.objects.select_related("offer__union").get())
    assert published["reveal"]["seed"] == ""
    assert published["reveal"]["by_value_alone"] is True
    done = recheck(published, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert Booking.objects.count() == 2


def test_a_seed_that_comes_too_late_counts_no_more(tree: Tree) -> None:
    draw = make_draw(union=tree.city, places=2)
    turn_draws(now=CLOSES)
    draw = Draw.objects.select_related("offer__union").get()
    decide(draw, now=DAY_LATER)
    reveal(actor=system(), draw=draw, now=DAY_LATER)
    assert draw.by_value_alone
    assert draw.seed == ""


def test_what_is_out_of_turn_is_refused(tree: Tree) -> None:
    draw = make_draw(union=tree.city, places=2)
    first, second = two_cadres(tree.city)
    someone, late = members(tree, 2)
    enter(someone, draw)
    refused("entries_open", lambda: freeze(actor=first, draw=draw, now=NOW))
    refused("not_frozen", lambda: enter_value(actor=first, draw=draw, value=VALUE, link=LINK, now=HOUR))
    refused("hour_passed", lambda: freeze(actor=first, draw=draw, now=HOUR))
    freeze(actor=first, draw=draw, now=CLOSES)
    refused("frozen_before", lambda: freeze(actor=second, draw=draw, now=CLOSES))
    assert enter(late, draw, now=CLOSES).answer == "refused"
    refused("list_frozen", lambda: enter(late, draw, now=CLOSES - timedelta(seconds=1)))
    refused("hour_not_come", lambda: enter_value(actor=first, draw=draw, value=VALUE, link=LINK, now=CLOSES))
    refused("missing", lambda: enter_value(actor=first, draw=draw, value=" ", link=LINK, now=HOUR), Invalid)
    refused("bad_link", lambda: enter_value(actor=first, draw=draw, value=VALUE, link="sse", now=HOUR), Invalid)
    refused("no_value_waits", lambda: confirm_value(actor=second, draw=draw, value=VALUE, now=HOUR))
    enter_value(actor=first, draw=draw, value=f" {VALUE} ", link=LINK, now=HOUR)
    refused("value_entered", lambda: enter_value(actor=second, draw=draw, value=VALUE, link=LINK, now=HOUR))
    refused("same_person", lambda: confirm_value(actor=first, draw=draw, value=VALUE, now=HOUR))
    refused("values_differ", lambda: confirm_value(actor=second, draw=draw, value="3834.89", now=HOUR), Invalid)
    take_value_back(actor=second, draw=draw, now=HOUR)
    refused("nothing_to_take_back", lambda: take_value_back(actor=second, draw=draw, now=HOUR))
    enter_value(actor=second, draw=draw, value=VALUE, link=LINK, now=HOUR)
    refused("already_moved", lambda: reveal(actor=first, draw=draw, now=HOUR))
    confirm_value(actor=first, draw=draw, value=VALUE, now=HOUR)
    refused("already_moved", lambda: draw_lots(actor=first, draw=draw, now=HOUR))
    reveal(actor=first, draw=draw, now=HOUR)
    draw_lots(actor=first, draw=draw, now=HOUR)
    for again in (reveal, draw_lots):
        refused("already_moved", lambda again=again: again(actor=first, draw=draw, now=HOUR))  # type: ignore[misc]
    assert Booking.objects.count() == 1


def test_a_draw_is_announced_once_before_entries_close_with_a_value_that_comes_later(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, way="lottery", places=2)
    (member,) = members(tree, 1)

    def announce(actor: Any = None, **fields: Any) -> Draw:
        values: dict[str, Any] = {"source": SOURCE, "source_link": LINK, "value_at": HOUR, "now": NOW} | fields
        return announce_draw(actor=actor or system(), offer=offer, **values)

    with pytest.raises(Conflict) as refusal:
        enter(member, Draw(offer=offer))
    assert refusal.value.code == "no_draw"
    refused("missing", lambda: announce(source=""), Invalid)
    refused("bad_link", lambda: announce(source_link="javascript:alert(1)"), Invalid)
    refused("hour_too_early", lambda: announce(value_at=CLOSES + timedelta(minutes=9)), Invalid)
    refused("entries_over", lambda: announce(now=CLOSES))
    refused("not_allowed", lambda: announce(actor_for("reviewer", union=tree.city)), NotAllowed)
    refused("not_found", lambda: announce(actor_for("services", union=tree.township)), NotFound)
    announce()
    refused("announced_before", announce)
    refused("not_by_lot", lambda: announced(make_open_offer(union=tree.city)))


def test_an_offer_keeps_what_its_draw_has_promised(tree: Tree) -> None:
    offer = make_draw(union=tree.city, places=2, opens_at=NOW + timedelta(hours=1)).offer
    refused("draw_announced", lambda: retract_offer(actor=system(), offer=offer, now=NOW))
    draft = Draft(**{field: getattr(offer, field) for field in Draft.__slots__})

    def close_at(hour: Any) -> Offer:
        return change_offer(actor=system(), offer=offer, draft=replace(draft, closes_at=hour), now=NOW)

    refused("closes_after_value", lambda: close_at(HOUR - timedelta(minutes=9)))
    assert close_at(HOUR - timedelta(minutes=10)).closes_at == HOUR - timedelta(minutes=10)


def test_only_a_list_that_was_not_published_in_time_lets_another_hour_be_named(tree: Tree) -> None:
    draw = make_draw(union=tree.city, places=2)
    later = HOUR + timedelta(days=1)

    def another(now: Any) -> Draw:
        return announce_new_hour(
            actor=system(), draw=draw, source="深证成份指数", source_link=LINK, value_at=later, now=now
        )

    refused("hour_stands", lambda: another(CLOSES))
    assert turn_draws(now=HOUR) == 0
    another(HOUR)
    assert draws_to_do(system(), now=HOUR) == 0
    published = public_file(draw)["source"]
    assert published["name"] == "深证成份指数"
    assert published["earlier"][0]["source"] == SOURCE
    assert turn_draws(now=HOUR + timedelta(minutes=1)) == 1
    draw.refresh_from_db()
    refused("hour_stands", lambda: another(later))
    assert draws_to_do(system(), now=later) == 1


def test_everybody_sees_what_is_published_and_nobody_sees_a_draft(tree: Tree) -> None:
    draw = make_draw(union=tree.city, places=2)
    number = draw.offer.number
    assert public_draw(number) == public_draw(str(draw.pk)) == public_draw(str(draw.offer_id)) == draw
    draft = make_open_offer(union=tree.city, way="lottery", announced=False)
    refused("still_a_draft", lambda: announced(draft))
    for key in (draft.number, "nothing", "../etc"):
        with pytest.raises(NotFound):
            public_draw(key)
    with pytest.raises(NotSignedIn):
        own_entry(anonymous(), number)
    with pytest.raises(NotFound):
        own_entry(worker_of(members(tree, 1)[0]), number)


def test_a_value_is_not_shown_before_a_second_person_confirms_it(tree: Tree) -> None:
    draw = make_draw(union=tree.city, places=2)
    turn_draws(now=CLOSES)
    draw = Draw.objects.select_related("offer__union").get()
    enter_value(actor=two_cadres(tree.city)[0], draw=draw, value=VALUE, link=LINK, now=HOUR)
    assert VALUE not in json.dumps(public_file(draw))
