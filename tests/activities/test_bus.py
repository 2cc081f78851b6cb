"""The check-up bus in acts: planned, moved, reminded of, its results sealed; and recuperation within the rules."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from nuanxin.access.actors import actor_of_key, system
from nuanxin.activities.actions.arrivals import call_next
from nuanxin.activities.actions.arriving import Arrived, arrive
from nuanxin.activities.actions.breakdown import excuse_moved, give_back, move_day
from nuanxin.activities.actions.recuperation import StayDraft, export_travelers, name_companions, offer_recuperation
from nuanxin.activities.actions.reminding import remind
from nuanxin.activities.actions.routes import RouteDraft, Stop, assign_device, plan_route, withdraw_device
from nuanxin.activities.models import Arrival, BusDay, BusDevice, BusRoute, BusWindow, MovedBooking, Recuperation
from nuanxin.activities.queries.recuperation import own_companions
from nuanxin.bookings.actions.arriving import check_in
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.offers import announce_offer
from nuanxin.bookings.actions.outcomes import Wish
from nuanxin.bookings.actions.sessions import cancel_session
from nuanxin.bookings.models import Booking
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound
from nuanxin.members.actions.cards import issue_code, print_card
from nuanxin.messages.models import TextMessage
from nuanxin.records.models import AuditEntry
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for, make_device
from tests.factories.activities import WINDOWS, day_of, make_route, put_scanner
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import make_dated_rule

if TYPE_CHECKING:
    from nuanxin.members.models import Membership
    from tests.factories.organizations import Tree

PDF = b"%PDF-1.7 report"


def _booked(tree: Tree, route: BusRoute, session: Any, **fields: Any) -> tuple[Membership, Booking]:
    member = make_member(union=tree.couriers, **fields)
    then = NOW - timedelta(days=2)
    done = book(actor=system(), offer=route.offer_id, session=session.pk, worker=member.worker_id, now=then)
    assert done.booking_id, done
    return member, Booking.objects.get(pk=done.booking_id)


def _sessions(bus_day: BusDay) -> list[Any]:
    rows = BusWindow.objects.filter(bus_day=bus_day).select_related("session__offer__union")
    return [row.session for row in rows.order_by("session__starts_at")]


def _draft(**changed: Any) -> RouteDraft:
    values: dict[str, Any] = {
        "name": "体检车",
        "stops": [Stop(TODAY, "一站")],
        "windows": WINDOWS,
        "places": 20,
        "opens_at": NOW,
        "closes_at": NOW + timedelta(days=1),
    } | changed
    return RouteDraft(**values)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"new_percent": 9}, "share_below_rule"),
        ({"stops": []}, "missing"),
        ({"stops": [Stop(TODAY, "一站"), Stop(TODAY, "二站")]}, "two_sites"),
        ({"stops": [Stop(TODAY - timedelta(days=1), "一站")]}, "day_passed"),
        ({"windows": [(time(9), time(8))]}, "bad_windows"),
        ({"windows": [(time(8), time(10)), (time(9), time(11))]}, "bad_windows"),
    ],
)
def test_what_cannot_be_planned_leaves_nothing(tree: Tree, changed: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        plan_route(actor=system(), union=tree.city, draft=_draft(**changed), now=NOW)
    assert refused.value.code == code
    assert not BusRoute.objects.exists()


def test_a_city_may_ask_for_a_larger_share_and_others_plan_nothing(tree: Tree) -> None:
    make_dated_rule(name="activities.check_up_new_share", value=30, union=tree.city)
    route = plan_route(actor=system(), union=tree.city, draft=_draft(), now=NOW)
    assert route.offer.shares.get(code="new").percent == 30
    assert {pool.capacity for pool in route.offer.pools.filter(share__code="new")} == {6}
    with pytest.raises(NotAllowed):
        plan_route(actor=actor_for("reviewer", union=tree.city), union=tree.city, draft=_draft(), now=NOW)


def test_a_day_moves_with_everybody_and_whoever_cannot_come_is_free(tree: Tree) -> None:
    route = make_route(union=tree.city, days=3)
    day = day_of(route, 1)
    sessions = _sessions(day)
    people = [_booked(tree, route, session) for session in sessions for _nth in range(2)]
    cadre = actor_for("services", union=tree.city)
    with pytest.raises(Conflict, match="bus_elsewhere"):
        move_day(actor=cadre, bus_day=day, to=TODAY + timedelta(days=2), reason="故障", now=NOW)
    with pytest.raises(Invalid):
        move_day(actor=cadre, bus_day=day, to=TODAY + timedelta(days=8), reason=" ", now=NOW)
    with pytest.raises(NotFound):
        move_day(actor=actor_for("services", union=tree.pool), bus_day=day, to=TODAY + timedelta(days=8), reason="故障",
                 now=NOW)  # fmt: skip
    cancel_session(actor=cadre, session=sessions.pop(), reason="医生请假", now=NOW)
    del people[-2:]
    before = Booking.objects.filter(state="booked").count()
    told = TextMessage.objects.filter(template="booking.moved").count()
    new = move_day(actor=cadre, bus_day=day, to=TODAY + timedelta(days=8), reason="车辆故障", now=NOW)
    assert Booking.objects.filter(state="booked").count() == before == len(people)
    assert TextMessage.objects.filter(template="booking.moved").count() - told == len(people)
    assert [each.starts_at - timedelta(days=7) for each in _sessions(new)] == [each.starts_at for each in sessions]
    assert MovedBooking.objects.count() == len(people)
    with pytest.raises(Conflict, match="moved_before"):
        move_day(actor=cadre, bus_day=day, to=TODAY + timedelta(days=9), reason="again", now=NOW)
    _gives_back(people)
    later = _sessions(new)[-1].ends_at + timedelta(hours=23, minutes=1)
    assert excuse_moved(now=later) == len(people) - 1
    ended = set(Booking.objects.values_list("state", "end_reason", "nth"))
    assert ended == {("cancelled", "moved", None), ("cancelled", "session", None)}


def _gives_back(people: list[tuple[Membership, Booking]]) -> None:
    member, booking = people[0]
    with pytest.raises(NotFound):
        give_back(actor=worker_of(people[1][0]), booking_id=booking.pk, now=NOW)
    assert booking.session is not None
    soon = booking.session.starts_at - timedelta(minutes=1)
    for _again in range(2):
        give_back(actor=worker_of(member), booking_id=booking.pk, now=soon)
    booking.refresh_from_db()
    assert (booking.state, booking.nth) == ("cancelled", None)


def test_people_are_reminded_once_in_the_evening_and_once_in_the_morning(tree: Tree) -> None:
    route = make_route(union=tree.city)
    _booked(tree, route, _sessions(day_of(route, 1))[2])
    rows = TextMessage.objects.filter(template="booking.reminder")
    for hour, count in ((12, 0), (18.5, 1), (19.5, 1), (23, 1), (30.7, 2), (31.5, 2), (34, 2)):
        remind(now=datetime(2026, 11, 23, tzinfo=ZONE) + timedelta(hours=hour))
        assert rows.count() == count, hour


def test_the_next_number_is_called_once(tree: Tree) -> None:
    route = make_route(union=tree.city)
    _device, key = put_scanner(day_of(route))
    assert call_next(actor=actor_of_key(key, NOW), now=NOW) == ""
    with pytest.raises(NotFound):
        call_next(actor=actor_of_key(make_device(union=tree.city)[1], NOW), now=NOW)
    _put_and_withdrawn(tree, route)
    arrivals = [
        Arrival(sent_id=uuid4(), device=_device, bus_day=day_of(route), number=f"A-00{nth}", at=NOW, told_at=NOW)
        for nth in (1, 2)
    ]
    Arrival.objects.bulk_create(arrivals)
    called = [call_next(actor=actor_of_key(key, NOW), now=NOW + timedelta(seconds=at)) for at in (0, 0.5, 3, 6)]
    assert called == ["A-001", "A-001", "A-002", ""]
    with pytest.raises(Conflict, match="has_let_in"):
        withdraw_device(actor=system(), bus_day=day_of(route), device_id=_device.pk, now=NOW)
    with pytest.raises(Conflict, match="assigned_before"):
        assign_device(actor=system(), bus_day=day_of(route), device=_device, now=NOW)


def _put_and_withdrawn(tree: Tree, route: BusRoute) -> None:
    """Put a device at every day of a route at once, and take it away from one where it let nobody in."""
    device, _key = make_device(union=tree.city, name="9号机")
    cadre = actor_for("services", union=tree.city)
    assert assign_device(actor=cadre, bus_day=day_of(route), device=device, also_later=True, now=NOW).letter == "B"
    rows = BusDevice.objects.filter(device=device).order_by("bus_day__day")
    assert list(rows.values_list("letter", flat=True)) == ["B", "A", "A"]
    with pytest.raises(NotFound):
        withdraw_device(
            actor=actor_for("services", union=tree.pool), bus_day=day_of(route), device_id=device.pk, now=NOW
        )
    withdraw_device(actor=cadre, bus_day=day_of(route), device_id=device.pk, now=NOW)
    with pytest.raises(NotFound):
        withdraw_device(actor=cadre, bus_day=day_of(route), device_id=device.pk, now=NOW)
    assert rows.count() == 2


def test_a_stay_is_bound_by_the_rules_in_force_and_counts_once_a_year(tree: Tree) -> None:
    cadre = actor_for("services", union=tree.city)
    draft: dict[str, Any] = {
        "name": "疗休养", "destination": "黄山", "is_outside": True, "days": 7, "yuan_per_day": Decimal(400),
        "departures": [TODAY + timedelta(days=20)], "places": 4, "opens_at": NOW, "closes_at": NOW + timedelta(days=9),
        "companions": 1, "way": "first_come",
    }  # fmt: skip
    wrongs: tuple[dict[str, Any], ...] = (
        {"days": 8},
        {"yuan_per_day": Decimal(500)},
        {"departures": []},
        {"is_outside": False},
    )
    for wrong in wrongs:
        with pytest.raises(Invalid):
            offer_recuperation(actor=cadre, union=tree.city, draft=StayDraft(**draft | wrong), now=NOW)
    stay = offer_recuperation(actor=cadre, union=tree.city, draft=StayDraft(**draft), now=NOW)
    announce_offer(actor=cadre, offer=stay.offer, now=NOW)
    session = stay.offer.sessions.get()
    member = make_member(union=tree.couriers)
    own = worker_of(member)
    done = book(
        actor=own, offer=stay.offer_id, session=session.pk, worker=member.worker_id, now=NOW, wish=Wish(seats=2)
    )
    assert done.booking_id, done
    with pytest.raises(Invalid):
        name_companions(actor=own, booking_id=done.booking_id, companions=[], now=NOW)
    with pytest.raises(NotFound):
        name_companions(
            actor=worker_of(make_member(union=tree.couriers)),
            booking_id=done.booking_id,
            companions=[("a", "b")],
            now=NOW,
        )
    name_companions(actor=own, booking_id=done.booking_id, companions=[("王大明", "父亲")], now=NOW)
    assert own_companions(member.worker_id, done.booking_id) == [("王大明", "父亲")]
    _taken_out_by_name(tree, cadre, stay, member)
    check_in(actor=cadre, booking_id=done.booking_id, now=session.starts_at)
    _not_again(tree, cadre, draft, member)


def _taken_out_by_name(tree: Tree, cadre: Any, stay: Recuperation, member: Membership) -> None:
    for stranger, refusal in (
        (actor_for("services", union=tree.pool), NotFound),
        (actor_for("organizer", union=tree.city), NotAllowed),
    ):
        with pytest.raises(refusal):
            export_travelers(actor=stranger, stay=stay, now=NOW)
    assert not AuditEntry.objects.filter(action="activities.travelers_exported").exists()
    rows = export_travelers(actor=cadre, stay=stay, session=stay.offer.sessions.get().pk, now=NOW)
    assert [(row.name, row.relation) for row in rows] == [(member.worker.name, ""), ("王大明", "父亲")]
    assert AuditEntry.objects.get(action="activities.travelers_exported").detail["rows"] == 2
    assert export_travelers(actor=cadre, stay=stay, session=uuid4(), now=NOW) == []


def _not_again(tree: Tree, cadre: Any, draft: dict[str, Any], member: Membership) -> None:
    """Two years later: not outside of the province again, but within it."""
    then = NOW + timedelta(days=2 * 365)
    times = {"departures": [then.date() + timedelta(days=20)], "opens_at": then, "closes_at": then + timedelta(days=9)}
    for outside, answer in ((True, "refused"), (False, "booked")):
        changed = StayDraft(**draft | times | {"is_outside": outside, "days": 5})
        stay = offer_recuperation(actor=cadre, union=tree.city, draft=changed, now=then)
        announce_offer(actor=cadre, offer=stay.offer, now=then)
        session = stay.offer.sessions.get()
        done = book(actor=system(), offer=stay.offer_id, session=session.pk, worker=member.worker_id, now=then)
        assert done.answer == answer, done
        if outside:
            assert [each.code for each in done.reasons] == ["served_lately"]


def test_any_code_lets_somebody_in_while_there_is_a_network(tree: Tree) -> None:
    route = make_route(union=tree.city, places=20)
    _device, key = put_scanner(day_of(route))
    scanner = actor_of_key(key, NOW)
    member, booking = _booked(tree, route, _sessions(day_of(route))[0])

    def ask(who: Membership, at: Any = NOW, *, walk_in: bool = False) -> Arrived:
        code = issue_code(actor=worker_of(who), number=who.number, now=at).code
        return arrive(actor=scanner, code=code, sent_id=uuid4(), number="A-001", walk_in=walk_in, now=at)

    assert ask(member).answer == "booked"
    booking.refresh_from_db()
    assert booking.state == "checked_in"
    assert ask(member, NOW + timedelta(minutes=3)).answer == "already"
    later, _booking = _booked(tree, route, _sessions(day_of(route))[2])
    assert ask(later).answer == "early"
    today = make_member(union=tree.couriers, began_on=TODAY)
    assert ask(today).answer == "not_listed"
    assert ask(today, NOW + timedelta(minutes=3), walk_in=True).answer == "walk_in"
    gone = make_member(union=tree.couriers, state="suspended")
    printed = print_card(actor=actor_for("registrar", union=tree.city), number=gone.number, now=NOW).code
    told = arrive(actor=scanner, code=printed, sent_id=uuid4(), number="A-9", walk_in=True, now=NOW)
    assert told.answer == "suspended"
    assert Arrival.objects.count() == 2
    assert {pool.taken for pool in route.offer.pools.filter(share__code="walk_in")} == {0, 1}
