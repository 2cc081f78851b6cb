"""Coupons at the counter: what applies, redeemed once, within caps, given back; and months that are closed."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nuanxin.access.actors import system
from nuanxin.benefits.actions.coupons import change_kind, end_kind, issue_stock, make_kind
from nuanxin.benefits.actions.redeeming import give_back, redeem
from nuanxin.benefits.actions.settling import close_month
from nuanxin.benefits.models import CouponIssue, CouponKind, MerchantTally, Redemption, Settlement, SettlementLine
from nuanxin.benefits.queries.coupons import coupons_here, coupons_of
from nuanxin.benefits.queries.redemptions import RedemptionFilters, get_redemption, list_kinds, list_redemptions
from nuanxin.benefits.queries.settling import due_until, lines_of
from nuanxin.benefits.rules.coupons import state_of
from nuanxin.bookings.models import Booking
from nuanxin.catalog.models import Delivery
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal
from nuanxin.members.models import Membership
from nuanxin.messages.models import Notice
from nuanxin.records.models import AuditEntry
from nuanxin.wiring import connect
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for
from tests.factories.catalog import make_service
from tests.factories.coupons import KIND_FIELDS, make_coupon, make_coupon_kind, make_issue
from tests.factories.members import make_member
from tests.factories.organizations import Tree
from tests.factories.partners import at_counter, make_place


@pytest.fixture
def shop(tree: Tree) -> Any:
    return make_place(union=tree.city)


def refused(**call: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        redeem(**call)
    return refusal.value.code


def nothing_redeemed(coupon: Booking) -> bool:
    coupon.refresh_from_db()
    return (
        coupon.state == "booked" and not Redemption.objects.exists() and not MerchantTally.objects.filter(count__gt=0)
    )


def test_a_coupon_is_redeemed_once_and_is_a_delivery(tree: Tree, shop: Any) -> None:
    connect()
    make_service(code="cool_drinks", union=tree.city)
    kind = make_coupon_kind(union=tree.city, places=[(shop.partner, None)], service="cool_drinks")
    member = make_member(union=tree.couriers)
    coupon = make_coupon(member, make_issue(kind))
    actor, here = at_counter(shop)
    [thing] = coupons_here(member.worker, here, NOW)
    assert (thing.kind, thing.key, thing.act, thing.refused) == ("coupon", str(coupon.pk), "redeem", ())
    done = redeem(actor=actor, worker=member.worker, here=here, key=thing.key, now=NOW)
    assert (done.again, done.face) == (False, Decimal("1.99"))
    assert redeem(actor=actor, worker=member.worker, here=here, key=thing.key, now=NOW).again
    coupon.refresh_from_db()
    assert (coupon.state, Redemption.objects.get().state) == ("checked_in", "redeemed")
    assert set(MerchantTally.objects.values_list("period", "count", "amount")) == {
        (f"{TODAY:%Y-%m-%d}", 1, Decimal("1.99")),
        (f"{TODAY:%Y-%m}", 1, Decimal("1.99")),
    }
    assert list(Delivery.objects.values_list("source_kind", "cost")) == [("coupon", Decimal("1.99"))]
    assert AuditEntry.objects.filter(action="benefits.coupon_redeemed").count() == 1
    _other, elsewhere = at_counter(shop)
    assert refused(actor=_other, worker=member.worker, here=elsewhere, key=thing.key, now=NOW) == "coupon_used"
    [thing] = coupons_here(member.worker, elsewhere, NOW)
    assert [reason.code for reason in thing.refused] == ["coupon_used"]


def test_what_a_redemption_costs(tree: Tree, shop: Any) -> None:
    connect()
    kind = make_coupon_kind(union=tree.city, places=[(shop.partner, shop)])
    member = make_member(union=tree.couriers)
    coupon = make_coupon(member, make_issue(kind))
    actor, here = at_counter(shop)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        coupons_here(member.worker, here, NOW)
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        redeem(actor=actor, worker=member.worker, here=here, key=str(coupon.pk), now=NOW)
    assert len([each for each in asked if "SAVEPOINT" not in each["sql"]]) <= 5


def test_refusals_say_why_and_change_nothing(tree: Tree, shop: Any) -> None:
    kind = make_coupon_kind(
        union=tree.city,
        places=[(shop.partner, None)],
        days_valid=2,
        weekdays=[TODAY.weekday()],
        from_time=time(9),
        until_time=time(21),
    )
    member, other = make_member(union=tree.couriers), make_member(union=tree.couriers)
    coupon = make_coupon(member, make_issue(kind))
    actor, here = at_counter(shop)
    stranger, elsewhere = at_counter(make_place(union=tree.city))
    key = str(coupon.pk)
    night = NOW.astimezone(ZONE).replace(hour=22)
    assert refused(actor=actor, worker=other.worker, here=here, key=key, now=NOW) == "not_found"
    assert refused(actor=actor, worker=member.worker, here=here, key="nonsense", now=NOW) == "not_found"
    assert refused(actor=stranger, worker=member.worker, here=elsewhere, key=key, now=NOW) == "wrong_merchant"
    assert refused(actor=stranger, worker=member.worker, here=here, key=key, now=NOW) == "not_here"
    assert refused(actor=actor, worker=member.worker, here=here, key=key, now=night) == "wrong_hour"
    assert refused(actor=actor, worker=member.worker, here=here, key=key, now=NOW + timedelta(days=1)) == "wrong_day"
    assert (
        refused(actor=actor, worker=member.worker, here=here, key=key, now=NOW + timedelta(days=7)) == "coupon_expired"
    )
    Membership.objects.filter(pk=member.pk).update(state="suspended")
    assert refused(actor=actor, worker=member.worker, here=here, key=key, now=NOW) == "not_a_member"
    packs_only, narrow = at_counter(shop, kinds=["pack"])
    assert refused(actor=packs_only, worker=member.worker, here=narrow, key=key, now=NOW) == "not_here"
    assert coupons_here(member.worker, narrow, NOW) == []
    assert nothing_redeemed(coupon)


def test_caps_of_a_partner_hold(tree: Tree, shop: Any) -> None:
    shop.partner.contracts.update(day_cap=2, month_cap=Decimal("5.97"))
    kind = make_coupon_kind(union=tree.city, places=[(shop.partner, None)])
    issue = make_issue(kind)
    members = [make_member(union=tree.couriers) for _number in range(5)]
    coupons = [make_coupon(member, issue) for member in members]
    actor, here = at_counter(shop)

    def at(index: int, now: datetime) -> Any:
        return redeem(actor=actor, worker=members[index].worker, here=here, key=str(coupons[index].pk), now=now)

    at(0, NOW)
    at(1, NOW)
    with pytest.raises(Conflict) as full:
        at(2, NOW)
    assert full.value.code == "day_full"
    at(2, NOW + timedelta(days=1))
    with pytest.raises(Conflict) as full:
        at(3, NOW + timedelta(days=1))
    assert full.value.code == "month_full"
    assert Redemption.objects.count() == 3


def test_what_is_given_back_is_the_members_again_and_takes_the_delivery_back(tree: Tree, shop: Any) -> None:
    connect()
    make_service(code="cool_drinks", union=tree.city)
    kind = make_coupon_kind(union=tree.city, places=[(shop.partner, None)], service="cool_drinks", days_valid=1)
    member = make_member(union=tree.couriers, with_account=True)
    coupon = make_coupon(member, make_issue(kind))
    actor, here = at_counter(shop)
    redeem(actor=actor, worker=member.worker, here=here, key=str(coupon.pk), now=NOW)
    cadre = actor_for("services", union=tree.city)
    redemption = get_redemption(cadre, Redemption.objects.get().pk)
    with pytest.raises(Invalid):
        give_back(actor=cadre, redemption=redemption, reason=" ", now=NOW)
    with pytest.raises(NotAllowed):
        give_back(actor=actor_for("reviewer", union=tree.city), redemption=redemption, reason="机器故障", now=NOW)
    later = NOW + timedelta(days=2)
    back = give_back(actor=cadre, redemption=redemption, reason="机器故障，商品没有给到", now=later)
    assert (back.state, back.reason) == ("refunded", "机器故障，商品没有给到")
    with pytest.raises(Conflict) as again:
        give_back(actor=cadre, redemption=redemption, reason="再退一次", now=later)
    assert again.value.code == "given_back"
    assert list(Delivery.objects.order_by("times").values_list("times", "cost")) == [
        (-1, Decimal("-1.99")),
        (1, Decimal("1.99")),
    ]
    assert set(MerchantTally.objects.values_list("count", "amount")) == {(0, Decimal(0))}
    assert Notice.objects.filter(template="coupon.given_back").count() == 1
    [mine] = coupons_of(member.worker_id, later)
    assert state_of(mine, on=TODAY + timedelta(days=2)) == "ready"
    redeem(actor=actor, worker=member.worker, here=here, key=str(coupon.pk), now=later + timedelta(days=3))
    assert sorted(Redemption.objects.values_list("state", flat=True)) == ["redeemed", "refunded"]
    assert Redemption.objects.filter(state="refunded").update(reason="") == 1  # as erasing the person does
    found = list_redemptions(cadre, RedemptionFilters(text=member.number, since=TODAY, until=TODAY))
    assert [row.state for row in found] == ["refunded"]


def test_a_counter_takes_its_own_slip_back_for_half_an_hour(tree: Tree, shop: Any) -> None:
    kind = make_coupon_kind(union=tree.city, places=[(shop.partner, None)])
    member = make_member(union=tree.couriers)
    coupon = make_coupon(member, make_issue(kind))
    actor, here = at_counter(shop)
    redeem(actor=actor, worker=member.worker, here=here, key=str(coupon.pk), now=NOW)
    redemption = get_redemption(actor, Redemption.objects.get().pk)
    stranger, _here = at_counter(shop)
    with pytest.raises(NotFound):
        get_redemption(stranger, redemption.pk)
    with pytest.raises(Conflict):
        give_back(actor=actor, redemption=redemption, reason="点错了", now=NOW + timedelta(minutes=31))
    assert give_back(actor=actor, redemption=redemption, reason="点错了", now=NOW).state == "refunded"


def test_a_closed_month_stays_and_the_next_one_corrects_it(tree: Tree, shop: Any) -> None:
    kind = make_coupon_kind(union=tree.city, places=[(shop.partner, None)], cost="12.34")
    issue = make_issue(kind, stock=10)
    actor, here = at_counter(shop)
    for number in range(4):
        member = make_member(union=tree.couriers)
        coupon = make_coupon(member, issue)
        redeem(actor=actor, worker=member.worker, here=here, key=str(coupon.pk), now=NOW + timedelta(minutes=number))
    redemptions = [
        get_redemption(system(), pk) for pk in Redemption.objects.order_by("at").values_list("pk", flat=True)
    ]
    give_back(actor=system(), redemption=redemptions[0], reason="顾客退货", now=NOW)
    cadre = actor_for("services", union=tree.city)
    month, after = f"{TODAY:%Y-%m}", (NOW + timedelta(days=31)).replace(day=2)
    with pytest.raises(Conflict) as early:
        close_month(actor=cadre, partner=shop.partner, month=month, now=NOW)
    assert early.value.code == "month_goes_on"
    [due] = due_until(cadre, after)
    assert (due.count, due.amount) == (3, Decimal("37.02"))
    closed = close_month(actor=cadre, partner=shop.partner, month=month, now=after)
    assert (closed.count, closed.amount) == (3, Decimal("37.02"))
    assert sum(line.amount for line in lines_of(closed)) == closed.amount
    for again in (month, "2026-01"):
        with pytest.raises(Conflict) as twice:
            close_month(actor=cadre, partner=shop.partner, month=again, now=after)
        assert twice.value.code == "month_closed"
    give_back(actor=system(), redemption=redemptions[1], reason="对账发现重复", now=after)
    late = member_with_redemption(tree, issue, actor, here, at=after)
    following = close_month(
        actor=cadre, partner=shop.partner, month=f"{after:%Y-%m}", now=(after + timedelta(days=31)).replace(day=2)
    )
    assert (following.count, following.amount) == (0, Decimal(0))
    assert [(line.kind, line.amount) for line in lines_of(following)] == [
        ("refunded", Decimal("-12.34")),
        ("redeemed", Decimal("12.34")),
    ]
    assert late is not None
    closed.refresh_from_db()
    assert (Settlement.objects.count(), SettlementLine.objects.count(), closed.amount) == (2, 5, Decimal("37.02"))


def member_with_redemption(tree: Tree, issue: CouponIssue, actor: Any, here: Any, *, at: datetime) -> Any:
    member = make_member(union=tree.couriers)
    coupon = make_coupon(member, issue)
    return redeem(actor=actor, worker=member.worker, here=here, key=str(coupon.pk), now=at)


def test_kinds_say_what_cannot_be(tree: Tree, shop: Any) -> None:
    wrong: list[dict[str, Any]] = [
        {"name": ""},
        {"face": "3"},
        {"face": "abc"},
        {"face": "1.999"},
        {"until": TODAY - timedelta(days=90)},
        {"from_time": time(9)},
        {"days_valid": 0},
    ]
    for fields in wrong:
        with pytest.raises(Invalid):
            make_coupon_kind(union=tree.city, places=[(shop.partner, None)], **fields)
    with pytest.raises(Invalid):
        make_coupon_kind(union=tree.city, places=[])
    with pytest.raises(NotAllowed):
        make_kind(actor=actor_for("reviewer", union=tree.city), union=tree.city, fields=KIND_FIELDS,
                  places=[(shop.partner, None)], now=NOW)  # fmt: skip
    assert not CouponKind.objects.exists()


def test_what_was_promised_stays(tree: Tree, shop: Any) -> None:
    places: list[Any] = [(shop.partner, None)]
    kind = make_coupon_kind(union=tree.city, places=places)
    cadre = actor_for("services", union=tree.city)
    change_kind(actor=cadre, kind=kind, fields=KIND_FIELDS | {"face": "1.50"}, places=places, now=NOW)
    issue = make_issue(kind)
    with pytest.raises(Conflict):
        change_kind(actor=cadre, kind=kind, fields=KIND_FIELDS | {"face": "1"}, places=places, now=NOW)
    changed = KIND_FIELDS | {"face": "1.50", "name": "清凉饮料券", "until": TODAY + timedelta(days=90)}
    assert change_kind(actor=cadre, kind=kind, fields=changed, places=places, now=NOW).name == "清凉饮料券"
    make_coupon(make_member(union=tree.couriers), issue)
    listed: Any = list_kinds(cadre)[0]
    assert (listed.stock, listed.taken, listed.redeemed) == (10, 1, 0)
    end_kind(actor=cadre, kind=kind, now=NOW)
    with pytest.raises(Conflict):
        issue_stock(actor=cadre, kind=get_kind_again(kind), fields={"stock": 1, "opens_at": NOW,
                    "closes_at": NOW + timedelta(days=1)}, now=NOW)  # fmt: skip


def get_kind_again(kind: CouponKind) -> CouponKind:
    return CouponKind.objects.select_related("union").get(pk=kind.pk)
