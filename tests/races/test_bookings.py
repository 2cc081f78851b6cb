"""Races for the same places, live threads, each with a control that oversells: the same thing without the condition."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F, Sum

from nuanxin.access.actors import Actor, system
from nuanxin.access.states import Scope
from nuanxin.bookings.actions.arriving import check_in
from nuanxin.bookings.actions.booking import book, book_for_member
from nuanxin.bookings.actions.confirming import confirm
from nuanxin.bookings.actions.ending import cancel, expire_holds
from nuanxin.bookings.actions.grouping import book_group
from nuanxin.bookings.actions.outcomes import Wish
from nuanxin.bookings.actions.places import EVERYBODY, ShareDraft
from nuanxin.bookings.actions.pools import release_share, resize_pool
from nuanxin.bookings.models import Booking, Offer, Pool, Waiting
from nuanxin.bookings.states import SEATED
from nuanxin.kernel.refusals import Refusal
from nuanxin.members.models import Membership
from nuanxin.wiring import connect
from tests.factories import NOW
from tests.factories.bookings import a_session, make_open_offer, sessions_of
from tests.factories.members import make_member
from tests.factories.organizations import Tree, make_tree
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
MACHINE = Actor(kind="client", scopes=frozenset({Scope.BOOK}))


@pytest.fixture
def tree(transactional_db: None) -> Tree:
    connect()
    return make_tree()


def members(tree: Tree, count: int) -> list[Membership]:
    return [make_member(union=tree.couriers) for _number in range(count)]


def counted(count: int, work: Any) -> Counter[Any]:
    def result(index: int) -> Any:
        try:
            return work(index)
        except Refusal as refusal:
            return refusal.code

    return Counter(at_once(result, count))


def ask(member: Membership, offer: Offer, *, session: Any = None, **wish: Any) -> str:
    return book(
        actor=MACHINE,
        offer=offer.pk,
        session=session.pk if session else None,
        worker=member.worker_id,
        now=NOW,
        wish=Wish(**wish),
    ).answer


def check_books(offer: Offer) -> None:
    """Every pool holds what its bookings take, and no more than it has; nobody has two places of an offer."""
    for pool in Pool.objects.filter(offer=offer).select_related("share"):
        rows = Booking.objects.filter(offer=offer, state__in=SEATED)
        rows = rows.filter(caps__contains=[pool.pk]) if pool.share.kind == "most" else rows.filter(pool=pool)
        assert pool.taken == (rows.aggregate(total=Sum("seats"))["total"] or 0) <= pool.capacity
    people = Booking.objects.filter(offer=offer, state__in=("held", "booked", "checked_in"))
    assert people.count() == people.values("worker").distinct().count()


def test_twenty_people_for_seven_places(tree: Tree) -> None:
    offer, people = make_open_offer(union=tree.city, places=7), members(tree, 20)
    assert counted(20, lambda index: ask(people[index], offer)) == {"booked": 7, "refused": 13}
    check_books(offer)


def test_control_counting_first_oversells(tree: Tree) -> None:
    """The same race with the place counted before it is taken: what the conditional UPDATE is for."""
    offer, people = make_open_offer(union=tree.city, places=7), members(tree, 20)
    barrier = Barrier(20)

    def check_then_act(index: int) -> str:
        pool = Pool.objects.get(offer=offer)
        taken = Booking.objects.filter(pool=pool).count()
        barrier.wait(timeout=60)
        if taken >= pool.capacity:
            return "refused"
        Booking.objects.create(
            number=str(index), offer=offer, pool=pool, worker=people[index].worker, booked_at=NOW, state="booked"
        )
        return "booked"

    assert counted(20, check_then_act)["booked"] > 7


@pytest.mark.full
def test_one_person_on_twenty_phones_has_one_place(tree: Tree) -> None:
    offer, (member,) = make_open_offer(union=tree.city, places=20), members(tree, 1)
    assert counted(20, lambda _index: ask(member, offer)) == {"booked": 20}
    assert Booking.objects.count() == 1
    check_books(offer)


def test_a_limit_holds_over_offers_asked_at_once(tree: Tree) -> None:
    limit: dict[str, Any] = {"limit_kind": "coupon", "limit_count": 2, "limit_period": "month"}
    offers = [make_open_offer(union=tree.city, places=5, **limit) for _number in range(12)]
    (member,) = members(tree, 1)
    answers = counted(12, lambda index: ask(member, offers[index]))
    assert answers == {"booked": 2, "refused": 10}
    assert set(Booking.objects.values_list("nth", flat=True)) == {1, 2}
    assert Pool.objects.aggregate(total=Sum("taken"))["total"] == 2


@pytest.mark.full
def test_control_a_limit_that_is_read_first_is_broken(tree: Tree) -> None:
    offers = [make_open_offer(union=tree.city, places=5) for _number in range(12)]
    (member,) = members(tree, 1)
    barrier = Barrier(12)

    def check_then_act(index: int) -> str:
        has = Booking.objects.filter(worker=member.worker).count()
        barrier.wait(timeout=60)
        return "refused" if has >= 2 else ask(member, offers[index])

    assert counted(12, check_then_act)["booked"] > 2


@pytest.mark.full
def test_one_key_sent_twenty_times_books_once(tree: Tree) -> None:
    offer, people = make_open_offer(union=tree.city, places=20), members(tree, 2)

    def send(index: int) -> str:
        return book_for_member(
            actor=MACHINE,
            offer=offer.pk,
            session=None,
            number=people[index % 2].number,
            now=NOW,
            wish=Wish(request=b"one"),
        ).answer

    assert counted(20, send) == {"booked": 10, "idempotency_key_reused": 10}
    assert Booking.objects.count() == 1
    check_books(offer)


@pytest.mark.full
def test_a_groups_most_is_kept_while_everybody_asks(tree: Tree) -> None:
    who = [{"check": "union", "paths": [tree.couriers.path]}]
    shares = (EVERYBODY, ShareDraft("most", "至多", "most", amount=3, who=who))
    offer, people = make_open_offer(union=tree.city, places=20, shares=shares), members(tree, 15)
    others = [make_member(union=tree.township) for _number in range(5)]
    answers = counted(20, lambda index: (index % 4 == 0, ask([*people, *others][index], offer)))
    assert sum(count for (_which, answer), count in answers.items() if answer == "booked") == 8
    check_books(offer)


def test_places_given_back_meet_who_begins_to_wait(tree: Tree) -> None:
    """Half give back while half join the list: nobody waits in the end while a place is free."""
    for _round in range(3):
        offer = make_open_offer(union=tree.city, places=8, waits=True, offer_minutes=0)
        people = members(tree, 16)
        keys = [
            book(actor=MACHINE, offer=offer.pk, session=None, worker=each.worker_id, now=NOW).booking
            for each in people[:8]
        ]

        def act(index: int, offer: Offer = offer, keys: Any = keys, people: Any = people) -> str:
            if index < 8:
                return cancel(actor=system(), booking_id=keys[index], now=NOW).state
            return ask(people[index], offer)

        counted(16, act)
        check_books(offer)
        pool = Pool.objects.get(offer=offer)
        waiting = Waiting.objects.filter(offer=offer, state="waiting").count()
        assert waiting == 0 or pool.taken == pool.capacity, (waiting, pool.taken)
        assert pool.taken == 8


@pytest.mark.full
def test_control_a_list_joined_without_the_lock_waits_beside_a_free_place(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, places=1, waits=True, offer_minutes=0)
    first, second = members(tree, 2)
    key = book(actor=MACHINE, offer=offer.pk, session=None, worker=first.worker_id, now=NOW).booking
    barrier = Barrier(2)

    def act(index: int) -> str:
        with transaction.atomic():
            if index:
                full = not Pool.objects.filter(offer=offer, taken__lt=F("capacity")).exists()
                barrier.wait(timeout=60)
                if full:
                    Waiting.objects.create(
                        offer=offer,
                        worker=second.worker,
                        shares=list(offer.shares.values_list("pk", flat=True)),
                        joined_at=NOW,
                    )
                return "waiting"
            cancel(actor=system(), booking_id=key, now=NOW)
            barrier.wait(timeout=60)
            return "cancelled"

    counted(2, act)
    assert Waiting.objects.filter(state="waiting").count() == 1
    assert Pool.objects.get(offer=offer).taken == 0


@pytest.mark.full
def test_one_place_given_back_goes_to_one_of_many(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, places=4, waits=True, offer_minutes=30)
    people = members(tree, 12)
    for each in people:
        ask(each, offer)
    keys = list(Booking.objects.values_list("pk", flat=True))
    counted(4, lambda index: cancel(actor=system(), booking_id=keys[index], now=NOW).state)
    check_books(offer)
    assert Waiting.objects.filter(state="offered").count() == 4
    first = set(Waiting.objects.order_by("joined_at", "pk").values_list("pk", flat=True)[:4])
    assert set(Waiting.objects.filter(state="offered").values_list("pk", flat=True)) == first


@pytest.mark.full
def test_confirmed_and_expired_at_once_is_one_or_the_other(tree: Tree) -> None:
    offer, people = make_open_offer(union=tree.city, places=10, hold_minutes=10), members(tree, 10)
    for each in people:
        ask(each, offer)
    keys = list(Booking.objects.order_by("pk").values_list("pk", flat=True))
    late = NOW + timedelta(minutes=10)

    def act(index: int) -> str:
        if index < 10:
            return confirm(actor=system(), booking_id=keys[index], now=late - timedelta(seconds=1)).state
        return str(expire_holds(actor=system(), now=late) >= 0)

    counted(14, act)
    check_books(offer)
    assert set(Booking.objects.values_list("state", flat=True)) <= {"booked", "expired"}


def test_a_pool_shrinks_or_sells_never_both(tree: Tree) -> None:
    offer, people = make_open_offer(union=tree.city, places=12), members(tree, 12)
    pool = Pool.objects.get(offer=offer)

    def act(index: int) -> Any:
        if index < 12:
            return ask(people[index], offer)
        return resize_pool(actor=system(), pool=Pool.objects.get(pk=pool.pk), capacity=index - 8, now=NOW).capacity

    counted(20, act)
    check_books(offer)


@pytest.mark.full
def test_a_share_is_released_once_while_people_book(tree: Tree) -> None:
    who = [{"check": "group", "groups": ["truck_driver"]}]
    shares = (ShareDraft("drivers", "货车司机", "reserved", amount=6, who=who), EVERYBODY)
    offer = make_open_offer(union=tree.city, places=10, shares=shares)
    share, people = offer.shares.get(code="drivers"), members(tree, 16)

    def act(index: int) -> Any:
        if index < 16:
            return ask(people[index], offer)
        return release_share(actor=system(), share=share, now=NOW)

    answers = counted(20, act)
    assert answers["already_released"] == 3
    check_books(offer)
    assert Pool.objects.filter(offer=offer).aggregate(total=Sum("capacity"))["total"] == 10


@pytest.mark.full
def test_groups_are_booked_whole_or_not_at_all_beside_single_people(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, sessions=[a_session(places=10)])
    (session,) = sessions_of(offer)
    groups, people = [members(tree, 4) for _number in range(4)], members(tree, 8)

    def act(index: int) -> Any:
        if index < 8:
            return ask(people[index], offer, session=session)
        numbers = [each.number for each in groups[index - 8]]
        return len(book_group(actor=system(), offer=offer.pk, session=session.pk, numbers=numbers, now=NOW))

    counted(12, act)
    check_books(offer)
    sizes = Counter(Booking.objects.exclude(group=None).values_list("group", flat=True)).values()
    assert set(sizes) <= {4}


@pytest.mark.full
def test_twenty_scanners_check_one_person_in_once(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, sessions=[a_session(starts_at=NOW + timedelta(minutes=30))])
    (session,), (member,) = sessions_of(offer), members(tree, 1)
    ask(member, offer, session=session)
    key = Booking.objects.get().pk
    answers = counted(20, lambda _index: check_in(actor=system(), booking_id=key, now=NOW).state)
    assert answers == {"checked_in": 1, "already_checked_in": 19}


@pytest.mark.full
def test_given_back_and_checked_in_at_once_is_one_of_both(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, sessions=[a_session(starts_at=NOW + timedelta(minutes=30))])
    (session,), people = sessions_of(offer), members(tree, 8)
    for each in people:
        ask(each, offer, session=session)
    keys = list(Booking.objects.values_list("pk", flat=True))

    def act(index: int) -> str:
        if index % 2:
            return check_in(actor=system(), booking_id=keys[index // 2], now=NOW).state
        return cancel(actor=system(), booking_id=keys[index // 2], now=NOW).state

    counted(16, act)
    check_books(offer)
    assert set(Booking.objects.values_list("state", flat=True)) <= {"checked_in", "cancelled"}
