"""A machine that does anything in any order: no pool is ever oversold, nobody waits beside a place they may have."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from nuanxin.access.actors import system
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.clockwork import fill_free, turn_offers
from nuanxin.bookings.actions.confirming import confirm
from nuanxin.bookings.actions.ending import cancel, expire_holds
from nuanxin.bookings.actions.filling import fill
from nuanxin.bookings.actions.grouping import book_group
from nuanxin.bookings.actions.outcomes import Wish
from nuanxin.bookings.actions.places import ShareDraft
from nuanxin.bookings.actions.pools import release_share, resize_pool
from nuanxin.bookings.actions.waiting import leave_waiting
from nuanxin.bookings.models import Booking, Pool, Share, Waiting
from nuanxin.bookings.states import LIVE, SEATED
from nuanxin.kernel.refusals import Refusal
from nuanxin.members.models import Membership
from tests.factories import NOW
from tests.factories.bookings import make_open_offer
from tests.factories.members import make_member
from tests.factories.organizations import Tree, make_tree

pytestmark = pytest.mark.django_db
DRIVERS = [{"check": "group", "groups": ["truck_driver"]}]
PEOPLE = 7
person = st.integers(0, PEOPLE - 1)


class Places(RuleBasedStateMachine):
    """Two offers with one limit, the first with every kind of share; seven people, two of them drivers."""

    tree: Tree
    people: list[Membership]

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.now = NOW
        limit: dict[str, Any] = {"limit_kind": "check_up", "limit_count": 1, "most_seats": 2, "waits": True}
        couriers = [{"check": "group", "groups": ["courier"]}]
        self.offers = [
            make_open_offer(
                union=self.tree.city,
                places=3,
                hold_minutes=5,
                offer_minutes=10,
                shares=(
                    ShareDraft("drivers", "货车司机", "reserved", amount=1, who=DRIVERS),
                    ShareDraft("later", "第二批", amount=1, opens_at=NOW + timedelta(minutes=12)),
                    ShareDraft("open", "公开"),
                    ShareDraft("most", "快递员至多", "most", amount=2, who=couriers),
                ),
                **limit,
            ),
            make_open_offer(union=self.tree.city, places=1, offer_minutes=0, **limit),
        ]

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    def tried(self, work: Any) -> None:
        try:
            with transaction.atomic():
                work()
        except Refusal:
            pass

    @rule(who=person, which=st.integers(0, 1), seats=st.integers(1, 2))
    def ask(self, who: int, which: int, seats: int) -> None:
        worker, offer = self.people[who].worker_id, self.offers[which].pk
        self.tried(
            lambda: book(actor=system(), offer=offer, session=None, worker=worker, now=self.now, wish=Wish(seats=seats))
        )

    @rule(which=st.integers(0, 1), seats=st.integers(1, 2))
    def all_ask(self, which: int, seats: int) -> None:
        for who in range(PEOPLE):
            self.ask(who, which, seats)

    @rule(which=person)
    def give_back(self, which: int) -> None:
        held = list(Booking.objects.filter(state__in=("held", "booked")).order_by("pk"))
        if not held:
            return
        booking = held[which % len(held)]
        self.tried(lambda: cancel(actor=system(), booking_id=booking.pk, now=self.now))
        for offer in self.offers:  # as the clock does: a limit that comes free in one offer opens the other one
            if offer.pk != booking.offer_id:
                fill(offer_id=offer.pk, session_id=None, now=self.now)

    @rule(which=person)
    def take(self, which: int) -> None:
        held = list(Booking.objects.filter(state="held").order_by("pk"))
        if held:
            booking = held[which % len(held)]
            self.tried(lambda: confirm(actor=system(), booking_id=booking.pk, now=self.now))

    @rule(who=person)
    def leave(self, who: int) -> None:
        for row in Waiting.objects.filter(worker=self.people[who].worker_id, state="waiting"):
            self.tried(lambda row=row: leave_waiting(actor=system(), waiting_id=row.pk, now=self.now))

    @rule(minutes=st.integers(1, 8))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        turn_offers(now=self.now)
        expire_holds(actor=system(), now=self.now)
        fill_free(now=self.now)

    @rule(which=st.integers(0, 4), capacity=st.integers(0, 4))
    def resize(self, which: int, capacity: int) -> None:
        pool = list(Pool.objects.select_related("offer__union").order_by("pk"))[which]
        self.tried(lambda: resize_pool(actor=system(), pool=pool, capacity=capacity, now=self.now))

    @rule()
    def release(self) -> None:
        share = Share.objects.select_related("offer__union").get(code="drivers")
        self.tried(lambda: release_share(actor=system(), share=share, now=self.now))

    @rule(group=st.sets(person, min_size=2, max_size=3))
    def together(self, group: set[int]) -> None:
        numbers = [self.people[who].number for who in sorted(group)]
        self.tried(
            lambda: book_group(actor=system(), offer=self.offers[0].pk, session=None, numbers=numbers, now=self.now)
        )
        made = Booking.objects.exclude(group=None).values_list("group", flat=True)
        assert set(Counter(made).values()) <= {2, 3}, "a group is whole"

    @invariant()
    def counts_are_rows_and_nothing_is_oversold(self) -> None:
        for pool in Pool.objects.select_related("share"):
            rows = Booking.objects.filter(state__in=SEATED)
            rows = rows.filter(caps__contains=[pool.pk]) if pool.share.kind == "most" else rows.filter(pool=pool)
            assert pool.taken == (rows.aggregate(total=Sum("seats"))["total"] or 0)
            assert 0 <= pool.taken <= pool.capacity

    @invariant()
    def nobody_has_more_than_the_limit(self) -> None:
        for member in self.people:
            live = Booking.objects.filter(worker=member.worker_id, state__in=LIVE)
            assert live.count() <= 1

    @invariant()
    def nobody_waits_beside_a_place_they_may_have(self) -> None:
        pools = list(Pool.objects.select_related("share"))
        room = {pool.pk: pool.capacity - pool.taken for pool in pools}
        for row in Waiting.objects.filter(state="waiting"):
            if Booking.objects.filter(worker=row.worker_id, nth__isnull=False).exists():
                continue  # the limit: no place may be had
            if any(room[cap] < row.seats for cap in row.caps):
                continue  # the group has its most
            free = [
                pool
                for pool in pools
                if pool.share_id in row.shares
                and room[pool.pk] >= row.seats
                and (pool.share.opens_at is None or pool.share.opens_at <= self.now)
            ]
            assert not free, (row.pk, free)

    @invariant()
    def whoever_is_offered_a_place_has_it_kept(self) -> None:
        for row in Waiting.objects.filter(state="offered").select_related("booking"):
            assert row.booking is not None
            assert row.booking.state == "held"


def _run(tree: Tree, examples: int, steps: int) -> None:
    Places.tree = tree
    Places.people = [
        make_member(union=tree.couriers, group="truck_driver" if number < 2 else "courier") for number in range(PEOPLE)
    ]
    run_state_machine_as_test(
        Places,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(300)
def test_anything_in_any_order() -> None:
    _run(make_tree(), 4, 25)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_anything_in_any_order_for_long() -> None:
    _run(make_tree(), 150, 60)
