"""Races over coupons: one coupon at many counters, the last of a partner's day, refund beside redemption, the line.

Each has a control, which decides by looking first, and must fail.
"""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from nuanxin.access.actors import system
from nuanxin.benefits.actions.clashes import decide_clash
from nuanxin.benefits.actions.gifts import give_coupon, keep_stock_back
from nuanxin.benefits.actions.line import join_line, take_coupon
from nuanxin.benefits.actions.redeeming import give_back, redeem
from nuanxin.benefits.actions.redeeming_late import Late, redeem_late
from nuanxin.benefits.actions.settling import close_month
from nuanxin.benefits.models import (
    CouponClash,
    CouponGift,
    CouponIssue,
    LineEntry,
    MerchantTally,
    Redemption,
    SettlementLine,
)
from nuanxin.benefits.queries.line import stock_now
from nuanxin.benefits.queries.redemptions import get_redemption
from nuanxin.bookings.models import Booking, Pool
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.remember import forget
from nuanxin.wiring import connect
from tests.factories import NOW, TODAY
from tests.factories.coupons import make_coupon, make_coupon_kind, make_issue
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import make_tree
from tests.factories.partners import at_counter, make_place
from tests.races.test_applications import counted

pytestmark = pytest.mark.django_db(transaction=True)

_MANY = 12


def _books_agree() -> bool:
    """Answer whether used coupons, redemptions that stand and the partners' counts are one and the same number."""
    used = Booking.objects.filter(state="checked_in").count()
    standing = list(Redemption.objects.filter(state="redeemed"))
    days = MerchantTally.objects.extra(where=["length(period) = 10"])
    count, amount = sum(row.count for row in days), sum(row.amount for row in days)
    return bool(used == len(standing) == count and amount == sum(row.amount for row in standing))


def _stand() -> tuple[Any, Any, CouponIssue]:
    connect()
    forget("benefits.line.")
    tree = make_tree()
    shop = make_place(union=tree.city)
    return tree, shop, make_issue(make_coupon_kind(union=tree.city, places=[(shop.partner, None)]), stock=40)


def test_one_coupon_is_redeemed_by_one_of_many_counters() -> None:
    tree, shop, issue = _stand()
    member = make_member(union=tree.couriers)
    coupon = make_coupon(member, issue)
    counters = [at_counter(shop) for _number in range(_MANY)]

    def scan(index: int) -> bool:
        actor, here = counters[index]
        return redeem(actor=actor, worker=member.worker, here=here, key=str(coupon.pk), now=NOW).again

    assert counted(_MANY, scan) == {False: 1, "coupon_used": _MANY - 1}
    assert _books_agree()


def test_twenty_taps_of_one_scan_are_one_redemption() -> None:
    tree, shop, issue = _stand()
    member = make_member(union=tree.couriers)
    coupon = make_coupon(member, issue)
    actor, here = at_counter(shop)

    def tap(_index: int) -> bool:
        return redeem(actor=actor, worker=member.worker, here=here, key=str(coupon.pk), now=NOW).again

    assert counted(20, tap) == {False: 1, True: 19}
    assert _books_agree()


def test_control_reading_the_state_first_redeems_one_coupon_several_times() -> None:
    tree, shop, issue = _stand()
    coupon = make_coupon(make_member(union=tree.couriers), issue)
    barrier = Barrier(_MANY)

    def read_then_write(_index: int) -> str:
        mine = Booking.objects.get(pk=coupon.pk)
        barrier.wait(timeout=60)
        if mine.state != "booked":
            return "coupon_used"
        mine.state, mine.checked_in_at = "checked_in", NOW
        mine.save(update_fields=["state", "checked_in_at"])
        return "redeemed"

    assert counted(_MANY, read_then_write)["redeemed"] > 1
    assert shop is not None


def test_the_last_of_a_partners_day_goes_to_one_of_many_members() -> None:
    tree, shop, issue = _stand()
    shop.partner.contracts.update(day_cap=3)
    members = [make_member(union=tree.couriers) for _number in range(_MANY)]
    coupons = [make_coupon(member, issue) for member in members]
    counters = [at_counter(shop) for _number in range(_MANY)]

    def scan(index: int) -> str:
        actor, here = counters[index]
        redeem(actor=actor, worker=members[index].worker, here=here, key=str(coupons[index].pk), now=NOW)
        return "redeemed"

    assert counted(_MANY, scan) == {"redeemed": 3, "day_full": _MANY - 3}
    assert _books_agree()
    assert Booking.objects.filter(state="booked").count() == _MANY - 3


def test_control_counting_first_passes_the_cap() -> None:
    _tree, shop, _issue = _stand()
    tally = MerchantTally.objects.create(partner=shop.partner, period=f"{TODAY}", count=2)
    barrier = Barrier(_MANY)

    def count_then_write(_index: int) -> str:
        found = MerchantTally.objects.get(pk=tally.pk)
        barrier.wait(timeout=60)
        if found.count >= 3:
            return "day_full"
        with connection.cursor() as cursor:
            cursor.execute("UPDATE benefits_merchanttally SET count = count + 1 WHERE id = %s", [tally.pk])
        return "redeemed"

    assert counted(_MANY, count_then_write)["redeemed"] > 1
    tally.refresh_from_db()
    assert tally.count > 3


def test_taken_back_while_it_is_redeemed_again_the_books_agree() -> None:
    tree, shop, issue = _stand()
    member = make_member(union=tree.couriers)
    coupon = make_coupon(member, issue)
    actor, here = at_counter(shop)
    redeem(actor=actor, worker=member.worker, here=here, key=str(coupon.pk), now=NOW)
    redemption = get_redemption(system(), Redemption.objects.get().pk)
    counters = [at_counter(shop) for _number in range(_MANY)]

    def go(index: int) -> str:
        if index % 2:
            give_back(actor=system(), redemption=redemption, reason="机器故障", now=NOW)
            return "given back"
        one, there = counters[index]
        redeem(actor=one, worker=member.worker, here=there, key=str(coupon.pk), now=NOW)
        return "redeemed"

    found = counted(_MANY, go)
    assert found["given back"] == 1
    assert found["redeemed"] <= 1
    assert _books_agree()


def test_a_month_closed_while_things_are_taken_back_pays_each_once() -> None:
    tree, shop, issue = _stand()
    for _number in range(6):
        member = make_member(union=tree.couriers)
        coupon = make_coupon(member, issue)
        actor, here = at_counter(shop)
        redeem(actor=actor, worker=member.worker, here=here, key=str(coupon.pk), now=NOW)
    redemptions = [get_redemption(system(), pk) for pk in Redemption.objects.values_list("pk", flat=True)]
    after = (NOW + timedelta(days=31)).replace(day=3)

    def go(index: int) -> str:
        if index < 6:
            give_back(actor=system(), redemption=redemptions[index], reason="机器故障", now=after)
            return "given back"
        close_month(actor=system(), partner=shop.partner, month=f"{TODAY:%Y-%m}", now=after)
        return "closed"

    found = counted(8, go)
    assert found["given back"] == 6
    assert found["closed"] <= 1
    paid = sum(line.amount for line in SettlementLine.objects.all())
    if paid:
        later = (after + timedelta(days=31)).replace(day=3)
        close_month(actor=system(), partner=shop.partner, month=f"{after:%Y-%m}", now=later)
    assert sum(line.amount for line in SettlementLine.objects.all()) == 0


@pytest.mark.full
def test_what_is_kept_back_is_given_within_limit_and_stock_whoever_gives() -> None:
    tree, _shop, issue = _stand()
    keep_stock_back(actor=system(), kind=issue.kind, fields={"stock": 4}, now=NOW)
    members = [make_member(union=tree.couriers) for _number in range(_MANY)]

    def give(index: int) -> str:
        # the first six are one member, given by six cadres at once
        member = members[max(0, index - 5)]
        give_coupon(actor=system(), kind=issue.kind, number=member.number, reason="慰问", now=NOW)
        return "given"

    found = counted(_MANY, give)
    assert found["given"] == 4
    assert found["given"] + found["limit_reached"] + found["none_left"] == _MANY
    gifts = list(CouponGift.objects.values_list("worker", flat=True))
    assert len(set(gifts)) == len(gifts) == Booking.objects.count() == 4
    assert Pool.objects.get(offer__state="kept").taken == 4


@pytest.mark.full
def test_a_clash_decided_to_and_fro_while_months_are_closed_is_paid_as_it_stands() -> None:
    tree, shop, issue = _stand()
    actor, here = at_counter(shop)
    late = Late(new_id(), issue.kind_id, make_member(union=tree.couriers).worker, NOW)
    redeem_late(actor=actor, here=here, late=late, now=NOW + timedelta(hours=1))
    clash, after = CouponClash.objects.get(), (NOW + timedelta(days=31)).replace(day=3)

    def go(index: int) -> str:
        if index % 3 == 2:
            close_month(actor=system(), partner=shop.partner, month=f"{TODAY:%Y-%m}", now=after)
            return "closed"
        decide_clash(actor=system(), clash=clash, pay=index % 3 == 0, reason="核对小票", now=after)
        return "decided"

    found = counted(_MANY, go)
    assert found["decided"] >= 1
    assert found["closed"] <= 1
    later = (after + timedelta(days=31)).replace(day=3)
    counted(1, lambda _index: close_month(
        actor=system(), partner=shop.partner, month=f"{after:%Y-%m}", now=later) and "closed")  # fmt: skip
    clash.refresh_from_db()
    paid = sum(line.amount for line in SettlementLine.objects.all())
    assert paid == (clash.amount if clash.state == "paid" else 0)


def test_many_join_at_once_and_every_place_is_one_persons() -> None:
    tree, shop, _issue = _stand()
    issue = make_issue(
        make_coupon_kind(union=tree.city, places=[(shop.partner, None)], name="健身券"),
        stock=5,
        has_line=True,
        opens_at=NOW + timedelta(minutes=1),
    )
    members = [make_member(union=tree.couriers) for _number in range(_MANY)]

    def join(index: int) -> bool:
        # every second one taps twice, from two phones
        member, late = members[index // 2 * 2 if index < 8 else index], index >= 8
        at = NOW + timedelta(minutes=2) if late else NOW
        return join_line(actor=worker_of(member), number=issue.offer.number, now=at).entry is not None

    counted(_MANY, join)
    line = stock_now(issue.offer.number, NOW + timedelta(minutes=3)).line
    entries = list(LineEntry.objects.filter(issue=issue))
    places = sorted(line.place(is_early=each.is_early, nth=each.nth) or 0 for each in entries)
    assert places == list(range(1, len(entries) + 1)) == list(range(1, line.early + line.late + 1))
    assert len({each.worker_id for each in entries}) == len(entries) == 8
    later = NOW + timedelta(minutes=3)
    forget("benefits.line.")
    people = [next(m for m in members if m.worker_id == each.worker_id) for each in entries]

    def take(index: int) -> str:
        return str(take_coupon(actor=worker_of(people[index]), number=issue.offer.number, now=later).answer)

    found = counted(8, take)
    assert found["booked"] == 5
    assert (Pool.objects.get(offer=issue.offer).taken, Booking.objects.filter(offer=issue.offer).count()) == (5, 5)
