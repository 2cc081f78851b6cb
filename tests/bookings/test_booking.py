"""Asking for a place: what decides, in how many statements, and every reason when the answer is no."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nuanxin.access.actors import Actor, anonymous, system
from nuanxin.access.states import Scope
from nuanxin.bookings.actions.booking import book, book_for_member
from nuanxin.bookings.actions.confirming import HoldOver, accept_waiting, confirm
from nuanxin.bookings.actions.ending import TooLate, cancel, expire_holds
from nuanxin.bookings.actions.outcomes import Outcome, Wish
from nuanxin.bookings.actions.places import EVERYBODY, ShareDraft
from nuanxin.bookings.models import Booking, Offer, Pool, Waiting
from nuanxin.kernel.refusals import Conflict, NotAllowed, NotFound, NotSignedIn
from nuanxin.kernel.states import Moved
from nuanxin.members.models import Membership
from nuanxin.records.models import AuditEntry
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.bookings import a_session, make_open_offer, sessions_of
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree, make_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(db: None) -> Tree:
    return make_tree()


def ask(member: Membership, offer: Offer, *, session: Any = None, **wish: Any) -> Outcome:
    return book(
        actor=worker_of(member),
        offer=offer.pk,
        session=session.pk if session else None,
        worker=member.worker_id,
        now=wish.pop("now", NOW),
        wish=Wish(**wish),
    )


def taken(offer: Offer) -> list[int]:
    return list(Pool.objects.filter(offer=offer).order_by("share__order", "pk").values_list("taken", flat=True))


def codes(outcome: Outcome) -> list[str]:
    return [reason.code for reason in outcome.reasons]


def test_a_place_is_booked_by_two_statements_and_a_refusal_by_one(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, places=1)
    first, second = make_member(union=tree.couriers), make_member(union=tree.couriers)
    actors = {member.pk: worker_of(member) for member in (first, second)}

    def asked(member: Membership) -> tuple[Outcome, int]:
        with CaptureQueriesContext(connection) as seen:
            outcome = book(actor=actors[member.pk], offer=offer.pk, session=None, worker=member.worker_id, now=NOW)
        return outcome, len([each for each in seen.captured_queries if "SAVEPOINT" not in each["sql"]])

    asked(first)
    Booking.objects.all().delete()
    Pool.objects.update(taken=0)
    outcome, statements = asked(first)
    assert (outcome.answer, statements) == ("booked", 2)
    outcome, statements = asked(second)
    assert (outcome.answer, codes(outcome), statements) == ("refused", ["sold_out"], 1)
    assert taken(offer) == [1]
    assert AuditEntry.objects.filter(action="bookings.booked").count() == 2


def test_whoever_asks_again_hears_the_same(tree: Tree) -> None:
    offer, member = make_open_offer(union=tree.city, places=2), make_member(union=tree.couriers)
    first, again = ask(member, offer), ask(member, offer)
    assert (again.answer, again.booking_id, taken(offer)) == ("booked", first.booking_id, [1])


def test_a_repeated_request_gets_its_first_answer_even_when_it_was_cancelled_since(tree: Tree) -> None:
    offer, member = make_open_offer(union=tree.city, places=2), make_member(union=tree.couriers)
    first = ask(member, offer, request=b"one")
    cancel(actor=worker_of(member), booking_id=first.booking, now=NOW)
    again = ask(member, offer, request=b"one")
    assert (again.answer, again.booking_id, taken(offer)) == ("booked", first.booking_id, [0])
    assert ask(member, offer, request=b"two").booking_id != first.booking_id


def test_a_key_with_another_request_is_refused(tree: Tree) -> None:
    offer, other = make_open_offer(union=tree.city, places=2), make_open_offer(union=tree.city, places=2)
    member = make_member(union=tree.couriers)
    ask(member, offer, request=b"one")
    ask(member, offer)
    stranger = make_member(union=tree.couriers)
    with pytest.raises(Conflict) as refusal:
        ask(stranger, other, request=b"one")
    assert refusal.value.code == "idempotency_key_reused"
    assert taken(other) == [0]


def test_every_reason_is_told_at_once(tree: Tree) -> None:
    offer = make_open_offer(
        union=tree.city,
        checks=[
            {"check": "member"},
            {"check": "group", "groups": ["truck_driver", "ride_hailing_driver"]},
            {"check": "union", "paths": [tree.township.path]},
            {"check": "phone"},
            {"check": "assurance", "least": "verified"},
            {"check": "member_for", "days": 365},
        ],
    )
    member = make_member(union=tree.couriers, state="suspended", phone_proved=False)
    outcome = ask(member, offer, now=NOW + timedelta(days=30))
    assert outcome.answer == "refused"
    assert codes(outcome) == [
        "closed",
        "suspended",
        "other_group",
        "other_union",
        "phone_not_proved",
        "not_proved",
        "joined_lately",
    ]
    words = [str(reason.words) for reason in outcome.reasons]
    assert "货车司机" in words[2]
    assert tree.township.name in words[3]
    assert all(str(reason.remedy) for reason in outcome.reasons)
    assert taken(offer) == [0]


def test_nobody_books_for_somebody_else(tree: Tree) -> None:
    offer, member, other = (
        make_open_offer(union=tree.city),
        make_member(union=tree.couriers),
        make_member(union=tree.couriers),
    )

    def tried(actor: Actor) -> None:
        book(actor=actor, offer=offer.pk, session=None, worker=member.worker_id, now=NOW)

    with pytest.raises(NotFound):
        tried(worker_of(other))
    with pytest.raises(NotSignedIn):
        tried(anonymous())
    with pytest.raises(NotAllowed):
        tried(actor_for("reviewer", union=tree.city))
    with pytest.raises(NotFound):
        tried(actor_for("services", union=tree.township))
    with pytest.raises(NotAllowed):
        tried(Actor(kind="client", scopes=frozenset({Scope.APPLY})))
    assert taken(offer) == [0]
    tried(actor_for("services", union=tree.county))
    assert taken(offer) == [1]


def test_a_machine_names_the_member(tree: Tree) -> None:
    offer, member = make_open_offer(union=tree.city), make_member(union=tree.couriers)
    machine = Actor(kind="client", scopes=frozenset({Scope.BOOK}))
    outcome = book_for_member(actor=machine, offer=offer.pk, session=None, number=member.number, now=NOW)
    assert outcome.answer == "booked"
    with pytest.raises(NotFound):
        book_for_member(actor=machine, offer=offer.pk, session=None, number="37150000000000", now=NOW)


def test_a_limit_holds_over_all_offers_of_a_kind(tree: Tree) -> None:
    limit: dict[str, Any] = {"limit_kind": "coupon", "limit_period": "month", "limit_count": 2}
    offers = [make_open_offer(union=tree.city, **limit) for _number in range(3)]
    member = make_member(union=tree.couriers)
    answers = [ask(member, offer) for offer in offers]
    assert [each.answer for each in answers] == ["booked", "booked", "refused"]
    assert codes(answers[2]) == ["limit_reached"]
    assert str(answers[2].reasons[0].until) == "2026-12-01"
    assert taken(offers[2]) == [0]
    cancel(actor=worker_of(member), booking_id=answers[0].booking, now=NOW)
    assert ask(member, offers[2]).answer == "booked"


GROUP = [{"check": "group", "groups": ["truck_driver"]}]


def test_a_reserved_minimum_is_for_its_group_alone(tree: Tree) -> None:
    shares = (ShareDraft("drivers", "货车司机", "reserved", percent=10, who=GROUP), EVERYBODY)
    offer = make_open_offer(union=tree.city, places=5, shares=shares)
    couriers = [make_member(union=tree.couriers) for _number in range(5)]
    assert [ask(member, offer).answer for member in couriers] == ["booked"] * 4 + ["refused"]
    assert taken(offer) == [0, 4]
    driver = make_member(union=tree.couriers, group="truck_driver")
    assert ask(driver, offer).answer == "booked"
    assert taken(offer) == [1, 4]


def test_a_group_gets_at_most_so_many_and_the_rest_stays_for_others(tree: Tree) -> None:
    who = [{"check": "union", "paths": [tree.couriers.path]}]
    shares = (EVERYBODY, ShareDraft("most", "快递工会至多", "most", amount=2, who=who))
    offer = make_open_offer(union=tree.city, places=5, shares=shares)
    answers = [ask(make_member(union=tree.couriers), offer) for _number in range(3)]
    assert [each.answer for each in answers] == ["booked", "booked", "refused"]
    assert codes(answers[2]) == ["group_full"]
    assert ask(make_member(union=tree.township), offer).answer == "booked"
    assert taken(offer) == [3, 2]
    cancel(actor=system(), booking_id=answers[0].booking, now=NOW)
    assert taken(offer) == [2, 1]


def test_places_of_a_share_open_at_its_hour(tree: Tree) -> None:
    later = NOW + timedelta(hours=2)
    offer = make_open_offer(union=tree.city, places=3, shares=(ShareDraft("late", "第二批", opens_at=later),))
    member = make_member(union=tree.couriers)
    outcome = ask(member, offer)
    assert (codes(outcome), outcome.reasons[0].until) == (["share_later"], later)
    assert ask(member, offer, now=later).answer == "booked"


def test_walk_in_places_are_for_whoever_stands_there(tree: Tree) -> None:
    shares = (ShareDraft("walk_in", "现场", "walk_in", amount=1), ShareDraft("open", "公开", amount=0))
    offer = make_open_offer(union=tree.city, places=1, shares=shares)
    member = make_member(union=tree.couriers)
    assert codes(ask(member, offer)) == ["sold_out"]
    with pytest.raises(NotAllowed):
        ask(member, offer, walk_in=True)
    clerk = actor_for("services", union=tree.city)
    outcome = book(actor=clerk, offer=offer.pk, session=None, worker=member.worker_id, now=NOW, wish=Wish(walk_in=True))
    assert outcome.answer == "booked"


def test_companions_take_places_too(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, places=5, most_seats=3)
    assert codes(ask(make_member(union=tree.couriers), offer, seats=4)) == ["too_many_seats"]
    assert ask(make_member(union=tree.couriers), offer, seats=3).answer == "booked"
    assert codes(ask(make_member(union=tree.couriers), offer, seats=3)) == ["sold_out"]
    assert taken(offer) == [3]


def test_a_session_must_be_chosen_and_not_have_begun(tree: Tree) -> None:
    offer = make_open_offer(
        union=tree.city, sessions=[a_session(places=1), a_session(starts_at=NOW - timedelta(hours=1))]
    )
    past, coming = sessions_of(offer)
    member = make_member(union=tree.couriers)
    assert codes(ask(member, offer)) == ["choose_session"]
    assert codes(ask(member, offer, session=past)) == ["session_begun"]
    assert ask(member, offer, session=coming).answer == "booked"
    other = make_open_offer(union=tree.city, sessions=[a_session()])
    with pytest.raises(NotFound):
        ask(member, other, session=coming)


def test_a_place_that_is_kept_must_be_confirmed_in_time(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, places=2, hold_minutes=10)
    first, second = make_member(union=tree.couriers), make_member(union=tree.couriers)
    held = [ask(member, offer) for member in (first, second)]
    assert [each.answer for each in held] == ["held", "held"]
    assert held[0].until == NOW + timedelta(minutes=10)
    assert confirm(actor=worker_of(first), booking_id=held[0].booking, now=NOW).state == "booked"
    late = NOW + timedelta(minutes=10)
    with pytest.raises(HoldOver):
        confirm(actor=worker_of(second), booking_id=held[1].booking, now=late)
    assert expire_holds(actor=system(), now=late) == 1
    assert taken(offer) == [1]
    with pytest.raises(HoldOver):
        confirm(actor=worker_of(second), booking_id=held[1].booking, now=late)


def test_a_place_given_back_goes_to_who_waits_longest(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, places=1, waits=True, offer_minutes=60)
    first, second, third = (make_member(union=tree.couriers) for _number in range(3))
    booked = ask(first, offer)
    waiting = [ask(member, offer, now=NOW + timedelta(minutes=index)) for index, member in enumerate((second, third))]
    assert [each.answer for each in waiting] == ["waiting", "waiting"]
    cancel(actor=worker_of(first), booking_id=booked.booking, now=NOW)
    assert taken(offer) == [1]
    states = list(Waiting.objects.order_by("joined_at").values_list("state", flat=True))
    assert states == ["offered", "waiting"]
    late = NOW + timedelta(hours=1)
    assert expire_holds(actor=system(), now=late) == 1
    assert list(Waiting.objects.order_by("joined_at").values_list("state", flat=True)) == ["expired", "offered"]
    row = Waiting.objects.get(state="offered")
    with pytest.raises(NotFound):
        accept_waiting(actor=worker_of(first), waiting_id=row.pk, now=late)
    accepted = accept_waiting(actor=worker_of(third), waiting_id=row.pk, now=late)
    assert (accepted.state, accepted.worker_id) == ("booked", third.worker_id)
    assert (taken(offer), Waiting.objects.filter(state="taken").count()) == ([1], 1)


def test_it_is_too_late_to_give_back_after_the_hour_but_the_union_may(tree: Tree) -> None:
    offer = make_open_offer(
        union=tree.city, sessions=[a_session(starts_at=NOW + timedelta(hours=20))], cancel_until_hours=24
    )
    member = make_member(union=tree.couriers)
    outcome = ask(member, offer, session=sessions_of(offer)[0])
    with pytest.raises(TooLate):
        cancel(actor=worker_of(member), booking_id=outcome.booking, now=NOW)
    assert taken(offer) == [1]
    clerk = actor_for("services", union=tree.city)
    assert cancel(actor=clerk, booking_id=outcome.booking, now=NOW, reason="车辆故障").state == "cancelled"
    assert cancel(actor=clerk, booking_id=outcome.booking, now=NOW).end_reason == "desk"
    assert taken(offer) == [0]
    with pytest.raises(Moved):
        confirm(actor=worker_of(member), booking_id=outcome.booking, now=NOW)


def test_a_key_that_came_with_another_list_is_refused(tree: Tree) -> None:
    one, two = (make_open_offer(union=tree.city, places=1, waits=True) for _number in range(2))
    member, other = make_member(union=tree.couriers), make_member(union=tree.couriers)
    for offer in (one, two):
        ask(other, offer)
    assert ask(member, one, request=b"key").answer == "waiting"
    with pytest.raises(Conflict) as refusal:
        ask(member, two, request=b"key")
    assert refusal.value.code == "idempotency_key_reused"
    assert Waiting.objects.get().offer_id == one.pk


def test_a_smaller_limit_counts_what_a_larger_one_gave(tree: Tree) -> None:
    """Two offers of one kind: one lets each person have two, the other one only, whichever number it was."""
    first, second = (make_open_offer(union=tree.city, places=1, limit_count=2) for _number in range(2))
    strict = make_open_offer(union=tree.city, places=1, limit_count=1)
    member = make_member(union=tree.couriers)
    key = ask(member, first).booking
    assert ask(member, second).answer == "booked"
    cancel(actor=worker_of(member), booking_id=key, now=NOW)
    assert codes(ask(member, strict)) == ["limit_reached"]
