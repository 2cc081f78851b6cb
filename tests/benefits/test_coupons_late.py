"""Coupons redeemed without a network: within limits, once, as of then; what the books contradict is a clash, unpaid."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nuanxin.benefits.actions.redeeming import redeem
from nuanxin.benefits.actions.redeeming_late import Late, redeem_late
from nuanxin.benefits.models import CouponClash, CouponKind, MerchantTally, Redemption
from nuanxin.benefits.queries.coupons import offline_kinds
from nuanxin.kernel.ids import new_id
from tests.factories import NOW, TODAY
from tests.factories.coupons import make_coupon, make_coupon_kind, make_issue
from tests.factories.members import make_member
from tests.factories.organizations import Tree
from tests.factories.partners import at_counter, make_place

LATER = NOW + timedelta(hours=5)


@pytest.fixture
def shop(tree: Tree) -> Any:
    return make_place(union=tree.city)


@pytest.fixture
def kind(tree: Tree, shop: Any) -> CouponKind:
    return make_coupon_kind(union=tree.city, places=[(shop.partner, None)], offline_limit=2)


def test_a_counter_takes_along_what_it_may_redeem_alone(tree: Tree, shop: Any, kind: CouponKind) -> None:
    make_coupon_kind(union=tree.city, places=[(shop.partner, None)], name="只限联网")
    _actor, here = at_counter(shop)
    assert offline_kinds(here, TODAY) == [kind]
    _actor, elsewhere = at_counter(make_place(union=tree.city))
    assert offline_kinds(elsewhere, TODAY) == []


def test_told_late_it_counts_as_of_then_and_once(tree: Tree, shop: Any, kind: CouponKind) -> None:
    member = make_member(union=tree.couriers)
    coupon = make_coupon(member, make_issue(kind))
    actor, here = at_counter(shop)
    late = Late(new_id(), kind.pk, member.worker, NOW + timedelta(minutes=5))
    for _time in range(2):
        assert redeem_late(actor=actor, here=here, late=late, now=LATER) is None
    redemption = Redemption.objects.get()
    coupon.refresh_from_db()
    assert (redemption.at, redemption.told_at, coupon.state) == (late.at, LATER, "checked_in")
    assert sum(MerchantTally.objects.filter(period=f"{TODAY}").values_list("count", flat=True)) == 1


def test_what_the_books_contradict_is_a_clash_and_not_paid(tree: Tree, shop: Any, kind: CouponKind) -> None:
    issue = make_issue(kind)
    used, none, gone = (make_member(union=tree.couriers) for _number in range(3))
    coupon = make_coupon(used, issue)
    online, there = at_counter(shop)
    redeem(actor=online, worker=used.worker, here=there, key=str(coupon.pk), now=NOW)
    make_coupon(gone, issue)
    actor, here = at_counter(shop)
    soon = NOW + timedelta(minutes=1)
    told = {
        "used": Late(new_id(), kind.pk, used.worker, soon),
        "no_coupon": Late(new_id(), kind.pk, none.worker, soon),
        "unknown": Late(new_id(), kind.pk, None, soon),
        "refused": Late(new_id(), kind.pk, gone.worker, soon, refused="已暂停"),
    }
    for why, late in told.items():
        for _time in range(2):
            clash = redeem_late(actor=actor, here=here, late=late, now=LATER)
            assert clash is not None
            assert clash.why == why
    future = Late(new_id(), kind.pk, gone.worker, LATER + timedelta(hours=1))
    clash = redeem_late(actor=actor, here=here, late=future, now=LATER)
    assert clash is not None
    assert clash.why == "refused"
    assert (CouponClash.objects.count(), Redemption.objects.count()) == (5, 1)


def test_beyond_the_limit_of_a_day_and_device_is_a_clash(tree: Tree, shop: Any, kind: CouponKind) -> None:
    issue = make_issue(kind)
    members = [make_member(union=tree.couriers) for _number in range(4)]
    for member in members:
        make_coupon(member, issue)
    actor, here = at_counter(shop)
    found = [
        redeem_late(actor=actor, here=here, late=Late(new_id(), kind.pk, member.worker, NOW), now=LATER)
        for member in members[:3]
    ]
    assert [clash.why if clash else "" for clash in found] == ["", "", "limit"]
    other, there = at_counter(shop)
    late = Late(new_id(), kind.pk, members[3].worker, NOW)
    assert redeem_late(actor=other, here=there, late=late, now=LATER) is None
