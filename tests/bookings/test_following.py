"""Places follow the person: two records that were one, made two again, and memberships that end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from nuanxin.access.actors import system
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.following import follow_person
from nuanxin.bookings.models import Booking, Offer, Pool, Waiting
from nuanxin.members.actions.duplicates_merge import merge, undo_merge
from nuanxin.members.actions.endings import expel
from nuanxin.members.models import Duplicate, Membership
from nuanxin.messages.models import TextMessage
from nuanxin.wiring import connect
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for
from tests.factories.bookings import a_session, make_open_offer, sessions_of
from tests.factories.draws import make_draw
from tests.factories.draws import ticket_of as ticket
from tests.factories.members import make_id_number, make_member
from tests.factories.organizations import Tree, make_tree

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
LIMIT: dict[str, Any] = {"limit_kind": "check_up", "limit_period": "year", "limit_count": 1}


@pytest.fixture
def tree(db: None) -> Tree:
    connect()
    return make_tree()


class Two:
    """Two records of one person: the one that is kept, and the one that is dropped."""

    def __init__(self, tree: Tree) -> None:
        born = date(1985, 3, 12)
        self.kept, self.dropped = (
            make_member(
                union=union,
                name="王建国",
                id_number=make_id_number(birth_on=born, serial=serial),
                began_on=TODAY - timedelta(days=days),
            )
            for union, serial, days in ((tree.couriers, 1, 100), (tree.village, 2, 9))
        )
        one, other = sorted((self.kept.worker, self.dropped.worker), key=lambda worker: worker.pk)
        self.pair = Duplicate.objects.create(one=one, other=other, union=tree.county, points=36, found_at=NOW)
        self.who: dict[str, Any] = {
            "actor": actor_for("registrar", union=tree.county),
            "duplicate_id": self.pair.pk,
            "reason": "本人到窗口确认",
        }

    def merge(self) -> None:
        merge(**self.who, keep=self.kept.worker_id, now=LATER)
        self.follow()

    def undo(self) -> None:
        undo_merge(**self.who, now=LATER + timedelta(hours=1))
        self.follow()

    def follow(self) -> None:
        for _time in range(2):  # the second time changes nothing
            follow_person(worker_id=self.dropped.worker_id, now=LATER)


def ask(member: Membership, offer: Offer, *, minute: int = 0) -> str:
    session = sessions_of(offer)[0].pk if offer.sessions.exists() else None
    now = NOW + timedelta(minutes=minute)
    return str(book(actor=system(), offer=offer.pk, session=session, worker=member.worker_id, now=now).answer)


def of(member: Membership) -> list[tuple[str, str]]:
    rows = Booking.objects.filter(worker=member.worker_id).order_by("offer__name")
    return list(rows.values_list("offer__name", "state"))


def taken(offer: Offer) -> int:
    return Pool.objects.get(offer=offer).taken


def test_the_kept_record_gets_the_places_and_gives_them_back_when_it_is_undone(tree: Tree) -> None:
    two = Two(tree)
    offers = [make_open_offer(union=tree.city, name=name, places=3, limit_count=0) for name in ("一", "二")]
    full = make_open_offer(union=tree.city, name="满", places=1, waits=True)
    ask(make_member(union=tree.couriers), full)
    ask(two.kept, offers[0])
    ask(two.dropped, offers[1])
    assert ask(two.dropped, full) == "waiting"
    two.merge()
    assert (of(two.kept), of(two.dropped)) == ([("一", "booked"), ("二", "booked")], [])
    assert Waiting.objects.get().worker_id == two.kept.worker_id
    assert [taken(offer) for offer in offers] == [1, 1]
    two.undo()
    assert (of(two.kept), of(two.dropped)) == ([("一", "booked")], [("二", "booked")])
    assert Waiting.objects.get().worker_id == two.dropped.worker_id


@pytest.mark.parametrize("first", ["kept", "dropped"])
def test_of_two_places_of_one_offer_the_later_goes_to_who_waits(tree: Tree, first: str) -> None:
    two = Two(tree)
    offer = make_open_offer(union=tree.city, name="一", sessions=[a_session(places=2)], waits=True, offer_minutes=0)
    order = [two.kept, two.dropped] if first == "kept" else [two.dropped, two.kept]
    for minute, member in enumerate(order):
        assert ask(member, offer, minute=minute) == "booked"
    third = make_member(union=tree.couriers)
    assert ask(third, offer) == "waiting"
    two.merge()
    live = Booking.objects.get(worker=two.kept.worker_id, state="booked")
    assert live.booked_at == NOW, "the earlier one stands"
    assert Booking.objects.get(worker=third.worker_id).state == "booked"
    assert (taken(offer), Booking.objects.filter(end_reason="merged").count()) == (2, 1)
    assert TextMessage.objects.filter(template="booking.cancelled").count() == 1


def test_the_limit_holds_for_both_records_together(tree: Tree) -> None:
    two = Two(tree)
    one, other = (make_open_offer(union=tree.city, name=name, places=1, **LIMIT) for name in ("一", "二"))
    ask(two.dropped, one)
    ask(two.kept, other, minute=1)
    two.merge()
    assert of(two.kept) == [("一", "booked"), ("二", "cancelled")]
    assert Booking.objects.get(nth=1).offer_id == one.pk
    assert (taken(one), taken(other)) == (1, 0)


def test_what_happened_stands_and_counts(tree: Tree) -> None:
    two = Two(tree)
    limit = LIMIT | {"limit_count": 2}
    offers = [make_open_offer(union=tree.city, name=name, places=2, **limit) for name in ("一", "二", "三")]
    ask(two.dropped, offers[0])
    ask(two.kept, offers[0])
    ask(two.kept, offers[1])
    Booking.objects.filter(offer=offers[0]).update(state="checked_in", checked_in_at=NOW)
    two.merge()
    assert of(two.kept) == [("一", "checked_in"), ("二", "booked")], "no place is taken for what came twice"
    assert of(two.dropped) == [("一", "checked_in")]
    assert ask(two.kept, offers[2]) == "refused"


def test_one_person_stands_in_a_line_and_in_a_draw_once(tree: Tree) -> None:
    two = Two(tree)
    draw = make_draw(union=tree.city, places=1)
    for minute, member in enumerate((two.dropped, two.kept)):
        assert ask(member, draw.offer, minute=minute) == "entered"
    mine = ticket(two.dropped).ticket
    two.merge()
    listed = Waiting.objects.get(state="applied")
    assert (listed.worker_id, listed.entry.ticket) == (two.kept.worker_id, mine)


def test_whoever_is_no_member_any_more_gives_back_what_is_for_members(tree: Tree) -> None:
    member, other = make_member(union=tree.couriers), make_member(union=tree.couriers)
    mine = make_open_offer(union=tree.city, name="会员", sessions=[a_session(places=1)], waits=True, offer_minutes=0)
    anyone = make_open_offer(union=tree.city, name="任何人", places=1, checks=[])
    full = make_open_offer(union=tree.city, name="满", places=1, waits=True)
    begun = make_open_offer(
        union=tree.city, name="已开始", sessions=[a_session(places=1, starts_at=NOW + timedelta(minutes=5))]
    )
    ask(make_member(union=tree.couriers), full)
    for offer in (mine, anyone, full, begun):
        ask(member, offer)
    assert ask(other, mine) == "waiting"
    follow_person(worker_id=member.worker_id, now=LATER)
    assert Booking.objects.filter(worker=member.worker_id, state="booked").count() == 3, "still a member"
    expel(
        actor=actor_for("registrar", union=tree.county),
        number=member.number,
        reason="因犯罪被判刑",
        evidence="判决书",
        decided_by="工会委员会 2026-11-20",
        now=LATER,
    )
    assert ProcrastinateJob.objects.filter(task_name="bookings.follow_person").count() == 1
    follow_person(worker_id=member.worker_id, now=LATER)
    assert of(member) == [("任何人", "booked"), ("会员", "cancelled"), ("已开始", "booked")]
    assert Booking.objects.get(offer=mine, state="booked").worker_id == other.worker_id
    assert not Waiting.objects.filter(worker=member.worker_id, state="waiting").exists()
    assert TextMessage.objects.filter(template__in=("booking.cancelled", "booking.off_list")).count() == 2
