"""An offer's life: drafts, places, hours, groups, arrivals, fewer places, other times, ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nuanxin.access.actors import system
from nuanxin.bookings.actions.arriving import AlreadyIn, check_in, mark_no_shows
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.clockwork import end_offers, fill_free, turn_offers
from nuanxin.bookings.actions.ending import cancel
from nuanxin.bookings.actions.grouping import GroupRefused, book_group
from nuanxin.bookings.actions.offers import Draft, announce_offer, cancel_offer, change_offer, close_offer, make_offer
from nuanxin.bookings.actions.outcomes import Outcome, Wish
from nuanxin.bookings.actions.places import EVERYBODY, SessionDraft, ShareDraft, add_session, divide_places
from nuanxin.bookings.actions.pools import WouldLose, release_share, resize_pool
from nuanxin.bookings.actions.sessions import cancel_session, reschedule_session
from nuanxin.bookings.actions.waiting import leave_waiting
from nuanxin.bookings.models import Booking, Offer, Pool, Waiting
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound
from nuanxin.kernel.states import Moved
from nuanxin.members.models import Membership
from nuanxin.messages.models import TextMessage
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.bookings import a_session, make_open_offer, sessions_of
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree, make_tree

pytestmark = pytest.mark.django_db
DRAFT = Draft("event", "护理知识讲座", NOW + timedelta(hours=1), NOW + timedelta(days=3))


@pytest.fixture
def tree(db: None) -> Tree:
    return make_tree()


def ask(member: Membership, offer: Offer, *, session: Any = None, now: Any = NOW, **wish: Any) -> Outcome:
    return book(
        actor=worker_of(member),
        offer=offer.pk,
        session=session.pk if session else None,
        worker=member.worker_id,
        now=now,
        wish=Wish(**wish),
    )


def members(tree: Tree, count: int, **fields: Any) -> list[Membership]:
    return [make_member(union=tree.couriers, **fields) for _number in range(count)]


def pools(offer: Offer) -> list[tuple[int, int]]:
    return list(
        Pool.objects.filter(offer=offer)
        .order_by("session__starts_at", "share__order", "pk")
        .values_list("capacity", "taken")
    )


def texts(template: str) -> int:
    return TextMessage.objects.filter(template=f"booking.{template}").count()


def test_an_offer_is_made_divided_announced_and_opens_by_the_hour(tree: Tree) -> None:
    officer = actor_for("services", union=tree.city)
    offer = make_offer(actor=officer, union=tree.city, draft=DRAFT, now=NOW)
    with pytest.raises(Conflict) as refusal:
        announce_offer(actor=officer, offer=offer, now=NOW)
    assert refusal.value.code == "no_places"
    divide_places(actor=officer, offer=offer, places=30, now=NOW)
    announce_offer(actor=officer, offer=offer, now=NOW)
    (member,) = members(tree, 1)
    assert ask(member, offer).reasons[0].code == "not_yet_open"
    hour = NOW + timedelta(hours=1)
    assert ask(member, offer, now=hour).answer == "booked", "the hour lets in, not the background"
    assert turn_offers(now=hour) == 1
    assert Offer.objects.get().state == "open"
    assert turn_offers(now=NOW + timedelta(days=3)) == 1
    assert Offer.objects.get().state == "closed"


def test_who_may_not_make_offers_makes_none(tree: Tree) -> None:
    for actor, error in (
        (actor_for("reviewer", union=tree.city), NotAllowed),
        (actor_for("services", union=tree.township), NotFound),
    ):
        with pytest.raises(error):
            make_offer(actor=actor, union=tree.city, draft=DRAFT, now=NOW)
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "missing"),
        ({"closes_at": NOW}, "closes_before_opening"),
        ({"way": "auction"}, "unknown_choice"),
        ({"most_seats": 0}, "out_of_bounds"),
        ({"no_show": "bars"}, "missing"),
        ({"checks": [{"check": "horoscope"}]}, "unknown_check"),
        ({"checks": [{"check": "group"}]}, "bad_check"),
        ({"checks": [{"check": "group", "groups": ["astronaut"]}]}, "unknown_code"),
    ],
)
def test_what_cannot_be_right_is_refused(tree: Tree, changes: dict[str, Any], code: str) -> None:
    draft = Draft(**{field: getattr(DRAFT, field) for field in DRAFT.__slots__} | changes)
    with pytest.raises(Invalid) as refusal:
        make_offer(actor=system(), union=tree.city, draft=draft, now=NOW)
    assert refusal.value.code == code
    assert not Offer.objects.exists()


def test_what_people_were_promised_does_not_change_any_more(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, places=3)
    draft = Draft(**{field: getattr(offer, field) for field in Draft.__slots__})
    longer = {field: getattr(draft, field) for field in Draft.__slots__} | {"closes_at": NOW + timedelta(days=9)}
    change_offer(actor=system(), offer=offer, draft=Draft(**longer), now=NOW)
    assert Offer.objects.get().closes_at == NOW + timedelta(days=9)
    with pytest.raises(Conflict) as refusal:
        change_offer(actor=system(), offer=offer, draft=Draft(**longer | {"checks": [], "limit_count": 1}), now=NOW)
    assert refusal.value.code == "already_announced"
    assert Offer.objects.get().limit_count == 0


def test_places_are_divided_with_minimums_rounded_up(tree: Tree) -> None:
    who = [{"check": "group", "groups": ["truck_driver"]}]
    shares = (ShareDraft("drivers", "货车司机", "reserved", percent=10, who=who), EVERYBODY)
    offer = make_open_offer(union=tree.city, shares=shares, sessions=[a_session(places=36)])
    assert pools(offer) == [(4, 0), (32, 0)]
    add_session(actor=system(), offer=offer, draft=a_session(places=10, starts_at=NOW + timedelta(days=11)), now=NOW)
    assert pools(offer) == [(4, 0), (32, 0), (1, 0), (9, 0)]
    with pytest.raises(Invalid) as refusal:
        make_open_offer(union=tree.city, shares=(ShareDraft("x", "甲", "reserved", amount=5, who=who),), places=4)
    assert refusal.value.code == "shares_too_large"
    with pytest.raises(Invalid) as refusal:
        make_open_offer(union=tree.city, shares=(ShareDraft("x", "甲", "reserved", amount=3, who=who),), places=4)
    assert refusal.value.code == "places_left"


def test_a_group_is_booked_together_or_not_at_all(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, sessions=[a_session(places=3)], limit_count=1)
    (session,) = sessions_of(offer)
    officer = actor_for("services", union=tree.county)
    people = members(tree, 3)
    resting = members(tree, 1, state="suspended")
    numbers = [member.number for member in people]

    def together(numbers: list[str]) -> list[Booking]:
        return book_group(actor=officer, offer=offer.pk, session=session.pk, numbers=numbers, now=NOW)

    with pytest.raises(GroupRefused) as refusal:
        together([*numbers[:2], resting[0].number])
    assert {number: [each.code for each in why] for number, why in refusal.value.against.items()} == {
        resting[0].number: ["suspended"]
    }
    with pytest.raises(GroupRefused) as refusal:
        together([*numbers, members(tree, 1)[0].number])
    assert [why[0].code for why in refusal.value.against.values()] == ["sold_out"]
    assert (pools(offer), Booking.objects.count()) == ([(3, 0)], 0)
    made = together(numbers)
    assert len({booking.group for booking in made}) == 1
    assert (pools(offer), texts("booked_session")) == ([(3, 3)], 3)
    with pytest.raises(Invalid):
        together(["12345"])
    with pytest.raises(NotFound):
        book_group(
            actor=actor_for("services", union=tree.township),
            offer=offer.pk,
            session=session.pk,
            numbers=numbers[:1],
            now=NOW,
        )


def test_a_pool_is_not_made_smaller_than_what_is_taken(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, places=3)
    people = members(tree, 3)
    for minute, member in enumerate(people):
        ask(member, offer, now=NOW + timedelta(minutes=minute))
    pool = offer.pools.get()
    with pytest.raises(WouldLose) as refusal:
        resize_pool(actor=system(), pool=pool, capacity=1, now=NOW)
    last = Booking.objects.order_by("-booked_at").values_list("number", flat=True)[:2]
    assert [loser.number for loser in refusal.value.losers] == list(last)
    assert pools(offer) == [(3, 3)]
    assert resize_pool(actor=system(), pool=pool, capacity=5, now=NOW).capacity == 5


def test_more_places_go_to_who_waits(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, places=1, waits=True, offer_minutes=0)
    people = members(tree, 4)
    assert [ask(member, offer).answer for member in people] == ["booked", "waiting", "waiting", "waiting"]
    resize_pool(actor=system(), pool=offer.pools.get(), capacity=3, now=NOW)
    assert pools(offer) == [(3, 3)]
    assert texts("booked") == 2
    left = Waiting.objects.get(state="waiting")
    with pytest.raises(NotFound):
        leave_waiting(actor=worker_of(people[0]), waiting_id=left.pk, now=NOW)
    assert leave_waiting(actor=worker_of(people[3]), waiting_id=left.pk, now=NOW).state == "left"
    with pytest.raises(Moved):
        leave_waiting(actor=worker_of(people[3]), waiting_id=left.pk, now=NOW)


def test_what_a_group_has_not_taken_goes_to_everybody_at_its_hour(tree: Tree) -> None:
    who = [{"check": "group", "groups": ["truck_driver"]}]
    hour = NOW + timedelta(days=1)
    shares = (ShareDraft("drivers", "货车司机", "reserved", amount=2, who=who, releases_at=hour), EVERYBODY)
    offer = make_open_offer(union=tree.city, places=3, shares=shares, waits=True, offer_minutes=0)
    assert ask(members(tree, 1, group="truck_driver")[0], offer).answer == "booked"
    assert [ask(member, offer).answer for member in members(tree, 2)] == ["booked", "waiting"]
    assert pools(offer) == [(2, 1), (1, 1)]
    assert turn_offers(now=hour) == 2
    assert pools(offer) == [(1, 1), (2, 2)]
    with pytest.raises(Conflict):
        release_share(actor=system(), share=offer.shares.get(code="drivers"), now=hour)


def test_people_who_wait_for_a_share_get_it_when_its_hour_comes(tree: Tree) -> None:
    hour = NOW + timedelta(hours=5)
    shares = (ShareDraft("first", "第一批", amount=1), ShareDraft("second", "第二批", opens_at=hour))
    offer = make_open_offer(union=tree.city, places=2, shares=shares, waits=True, offer_minutes=0)
    people = members(tree, 2)
    assert [ask(member, offer).answer for member in people] == ["booked", "waiting"]
    assert fill_free(now=NOW) == 0
    assert fill_free(now=hour) == 1
    assert pools(offer) == [(1, 1), (1, 1)]


def test_arrival_is_written_down_once_within_the_hours(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, sessions=[a_session()])
    (session,) = sessions_of(offer)
    (member,) = members(tree, 1)
    key = ask(member, offer, session=session).booking
    clerk = actor_for("services", union=tree.city)
    with pytest.raises(Conflict) as refusal:
        check_in(actor=clerk, booking_id=key, now=NOW)
    assert refusal.value.code == "too_early"
    with pytest.raises(NotAllowed):
        check_in(actor=actor_for("reviewer", union=tree.city), booking_id=key, now=session.starts_at)
    with pytest.raises(Conflict) as refusal:
        check_in(actor=clerk, booking_id=key, now=NOW, at=session.starts_at)
    assert refusal.value.code == "clock_ahead"
    assert check_in(actor=clerk, booking_id=key, now=session.starts_at).state == "checked_in"
    with pytest.raises(AlreadyIn):
        check_in(actor=clerk, booking_id=key, now=session.starts_at)
    with pytest.raises(Moved):
        cancel(actor=clerk, booking_id=key, now=session.starts_at)
    assert pools(offer) == [(10, 1)]


@pytest.mark.parametrize(("rule", "again"), [("free", "booked"), ("counts", "refused"), ("bars", "refused")])
def test_what_comes_of_not_coming_is_the_offers_rule(tree: Tree, rule: str, again: str) -> None:
    rules: dict[str, Any] = {"no_show": rule, "bar_days": 30, "limit_count": 1, "limit_period": "year"}
    first, second = (
        make_open_offer(union=tree.city, sessions=[a_session(starts_at=NOW + timedelta(hours=day))], **rules)
        for day in (1, 100)
    )
    (member,) = members(tree, 1)
    key = ask(member, first, session=sessions_of(first)[0]).booking
    later = NOW + timedelta(hours=2 + 24)
    assert mark_no_shows(actor=system(), now=later - timedelta(hours=1)) == 0
    assert mark_no_shows(actor=system(), now=later) == 1
    outcome = ask(member, second, session=sessions_of(second)[0], now=later)
    assert outcome.answer == again
    assert {"barred"} <= {each.code for each in outcome.reasons} if rule == "bars" else True
    told_late = check_in(actor=system(), booking_id=key, now=later, at=sessions_of(first)[0].starts_at)
    assert (told_late.state, told_late.barred_until) == ("checked_in", None)


def test_a_session_at_another_time_keeps_every_booking(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, sessions=[a_session()])
    (session,) = sessions_of(offer)
    for member in members(tree, 2):
        ask(member, offer, session=session)
    start = NOW + timedelta(days=12)
    told = reschedule_session(
        actor=system(), session=session, starts_at=start, ends_at=start + timedelta(hours=1), reason="车辆故障", now=NOW
    )
    assert (told, texts("moved"), pools(offer)) == (2, 2, [(10, 2)])
    with pytest.raises(Invalid):
        reschedule_session(
            actor=system(), session=session, starts_at=start, ends_at=start + timedelta(hours=1), reason=" ", now=NOW
        )


def test_a_session_or_an_offer_that_is_cancelled_gives_everything_back(tree: Tree) -> None:
    offer = make_open_offer(
        union=tree.city,
        sessions=[a_session(places=1), a_session(places=2, starts_at=NOW + timedelta(days=11))],
        waits=True,
        limit_count=1,
    )
    one, two = sessions_of(offer)
    people = members(tree, 3)
    ask(people[0], offer, session=one)
    assert ask(people[1], offer, session=one).answer == "waiting"
    assert cancel_session(actor=system(), session=one, reason="暴雨", now=NOW) == 1
    assert (pools(offer), Waiting.objects.get().state) == ([(1, 0), (2, 0)], "closed")
    assert (texts("cancelled"), texts("off_list")) == (1, 1)
    with pytest.raises(Conflict):
        cancel_session(actor=system(), session=one, reason="暴雨", now=NOW)
    assert ask(people[0], offer, session=one).reasons[0].code == "session_cancelled"
    assert ask(people[0], offer, session=two).answer == "booked"
    cancel_offer(actor=system(), offer=offer, reason="车辆报废", now=NOW)
    assert (pools(offer), texts("cancelled")) == ([(1, 0), (2, 0)], 2)
    assert ask(people[2], offer, session=two).reasons[0].code == "cancelled"


def test_an_offer_ends_by_itself_and_nobody_waits_on(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, sessions=[a_session(places=1)], waits=True)
    people = members(tree, 2)
    for member in people:
        ask(member, offer, session=sessions_of(offer)[0])
    close_offer(actor=system(), offer=offer, now=NOW)
    assert end_offers(now=NOW + timedelta(days=11)) == 0
    assert end_offers(now=NOW + timedelta(days=13)) == 1
    assert (Offer.objects.get().state, Waiting.objects.get().state, texts("off_list")) == ("ended", "closed", 1)


def test_sessions_must_end_after_they_start(tree: Tree) -> None:
    backwards = SessionDraft(NOW + timedelta(days=2), NOW + timedelta(days=1), 5)
    with pytest.raises(Invalid):
        make_open_offer(union=tree.city, sessions=[backwards])
