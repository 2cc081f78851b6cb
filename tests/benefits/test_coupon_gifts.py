"""Coupons for single people: a thank-you, the film ticket of a welcome pack; and one anew each day from one stock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nuanxin.access.actors import system
from nuanxin.benefits.actions.gifts import give_coupon, keep_stock_back, take_gift_back
from nuanxin.benefits.actions.packs import hand_out
from nuanxin.benefits.actions.redeeming import redeem
from nuanxin.benefits.actions.tickets import give_tickets
from nuanxin.benefits.models import CouponGift, CouponIssue, CouponKind, PackRight
from nuanxin.benefits.queries.coupons import coupon_of_offer, coupons_here, coupons_of
from nuanxin.benefits.queries.gifts import get_gift, giveable_kinds, reasons_of
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.ending import cancel
from nuanxin.bookings.models import Booking, Pool
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal
from nuanxin.kernel.remember import forget
from nuanxin.kernel.states import Moved
from nuanxin.members.models import Membership
from nuanxin.messages.models import Notice
from nuanxin.records.models import AuditEntry
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for
from tests.factories.coupons import make_coupon, make_coupon_kind, make_issue
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree
from tests.factories.partners import at_counter, make_place, make_right, make_stock

WHY = "感谢您在暴雨中救助老人"


@pytest.fixture
def shop(tree: Tree) -> Any:
    forget("bookings.terms.")
    return make_place(union=tree.city)


@pytest.fixture
def kind(tree: Tree, shop: Any) -> CouponKind:
    return make_coupon_kind(union=tree.city, places=[(shop.partner, None)])


def kept(kind: CouponKind, stock: int = 5, **fields: Any) -> CouponIssue:
    return keep_stock_back(actor=system(), kind=kind, fields={"stock": stock} | fields, now=NOW)


def taken() -> tuple[int, int]:
    return sum(Pool.objects.values_list("taken", flat=True)), Booking.objects.count()


def test_one_member_is_given_one_is_told_and_uses_it(tree: Tree, shop: Any, kind: CouponKind) -> None:
    kept(kind)
    cadre = actor_for("services", union=tree.city)
    member = make_member(union=tree.couriers, with_account=True)
    assert [(each.pk, left) for each, left in giveable_kinds(cadre, on=TODAY)] == [(kind.pk, 5)]
    gift = give_coupon(actor=cadre, kind=kind, number=member.number, reason=WHY, now=NOW)
    assert (gift.worker_id, gift.given_by_id, gift.reason) == (member.worker_id, cadre.account_id, WHY)
    notice = Notice.objects.get(template="coupon.given")
    assert (notice.account_id, notice.values["reason"], notice.link) == (member.worker.account_id, WHY, "/coupons/")
    assert AuditEntry.objects.get(action="benefits.coupon_given").account_id == cadre.account_id
    [mine] = coupons_of(member.worker_id, NOW)
    assert reasons_of([mine.id]) == {mine.id: WHY}
    actor, here = at_counter(shop)
    [thing] = coupons_here(member.worker, here, NOW)
    assert not redeem(actor=actor, worker=member.worker, here=here, key=thing.key, now=NOW).again
    with pytest.raises(Moved):
        take_gift_back(actor=cadre, gift=get_gift(cadre, gift.pk), reason="发错了", now=NOW)
    assert taken() == (1, 1)


def test_limit_and_stock_are_kept(tree: Tree, kind: CouponKind) -> None:
    kept(kind, 1, limit_count=2, limit_period="month")
    kept(kind, 2, limit_count=2, limit_period="month")
    cadre = actor_for("services", union=tree.city)
    one, other, third = (make_member(union=tree.couriers) for _number in range(3))

    def give(member: Membership) -> str:
        try:
            return give_coupon(actor=cadre, kind=kind, number=member.number, reason=WHY, now=NOW).reason
        except Conflict as refusal:
            return refusal.code

    assert [give(one), give(one), give(one)] == [WHY, WHY, "limit_reached"]
    assert taken() == (2, 2)
    assert [give(other), give(third)] == [WHY, "none_left"]
    assert taken() == (3, 3)
    later = NOW + timedelta(days=31)
    with pytest.raises(Conflict):
        give_coupon(actor=cadre, kind=kind, number=one.number, reason=WHY, now=later)
    assert (CouponGift.objects.count(), giveable_kinds(cadre, on=TODAY)) == (3, [])


def test_refusals_leave_everything_as_it_was(tree: Tree, kind: CouponKind) -> None:
    kept(kind)
    cadre, member = actor_for("services", union=tree.city), make_member(union=tree.couriers)
    elsewhere, ended = make_member(union=tree.province), make_member(union=tree.couriers, state="suspended")

    def refused(**more: Any) -> str:
        call: dict[str, Any] = {"actor": cadre, "kind": kind, "number": member.number, "reason": WHY, "now": NOW} | more
        with pytest.raises(Refusal) as refusal:
            give_coupon(**call)
        return refusal.value.code

    assert refused(actor=actor_for("reviewer", union=tree.city)) == "not_allowed"
    assert refused(actor=actor_for("services", union=tree.couriers)) == "not_found"
    assert refused(reason="  ") == "missing"
    assert refused(number="12345") == "unknown_member"
    assert refused(number=elsewhere.number) == "unknown_member"
    assert refused(number=elsewhere.number, actor=system()) == "other_union"
    assert refused(number=ended.number) in {"not_active", "not_a_member", "suspended"}
    assert refused(now=NOW + timedelta(days=61)) == "kind_ended"
    with pytest.raises(NotAllowed):
        keep_stock_back(actor=actor_for("reviewer", union=tree.city), kind=kind, fields={"stock": 1}, now=NOW)
    with pytest.raises(Invalid):
        kept(kind, 0)
    with pytest.raises(NotFound):
        get_gift(actor_for("services", union=tree.couriers), kind.pk)
    assert (taken(), CouponGift.objects.count(), CouponIssue.objects.count()) == ((0, 0), 0, 1)


def test_nobody_takes_what_is_kept_back(tree: Tree, kind: CouponKind) -> None:
    issue, member = kept(kind), make_member(union=tree.couriers)
    done = book(actor=worker_of(member), offer=issue.offer_id, session=None, worker=member.worker_id, now=NOW)
    assert (str(done.answer), [each.code for each in done.reasons]) == ("refused", ["not_offered"])
    assert taken() == (0, 0)


def test_what_was_given_by_a_slip_is_taken_back_and_given_again(tree: Tree, kind: CouponKind) -> None:
    kept(kind, 1)
    cadre, member = actor_for("services", union=tree.city), make_member(union=tree.couriers, with_account=True)
    gift = give_coupon(actor=cadre, kind=kind, number=member.number, reason=WHY, now=NOW)
    found = get_gift(cadre, gift.pk)
    with pytest.raises(Invalid):
        take_gift_back(actor=cadre, gift=found, reason="", now=NOW)
    take_gift_back(actor=cadre, gift=found, reason="发错了人", now=NOW)
    with pytest.raises(Moved):
        take_gift_back(actor=cadre, gift=get_gift(cadre, gift.pk), reason="再来一次", now=NOW)
    assert Notice.objects.get(template="coupon.taken_back").values["reason"] == "发错了人"
    assert give_coupon(actor=cadre, kind=kind, number=member.number, reason=WHY, now=NOW).pk != gift.pk
    assert Pool.objects.get().taken == 1


def ticket(right: PackRight) -> str:
    right.refresh_from_db()
    return right.state


def test_the_film_ticket_of_a_welcome_pack_is_a_coupon_where_some_is_kept_back(tree: Tree, shop: Any) -> None:
    film = make_coupon_kind(union=tree.city, places=[(shop.partner, None)], name="电影票", in_packs=True)
    members = [make_member(union=tree.couriers, with_account=True) for _number in range(3)]
    rights = [make_right(member, item="ticket") for member in members]
    late = make_right(make_member(union=tree.couriers), item="ticket", until=TODAY - timedelta(days=1))
    make_right(members[0])  # a kit stays a kit
    elsewhere = make_right(make_member(union=tree.province), item="ticket")
    assert give_tickets(now=NOW) == 0
    kept(film, 2)
    assert give_tickets(now=NOW) == 2
    assert give_tickets(now=NOW) == 0
    assert [ticket(right) for right in (*rights, late, elsewhere)] == [
        "as_coupon", "as_coupon", "granted", "granted", "granted",
    ]  # fmt: skip
    assert [gift.given_by for gift in CouponGift.objects.all()] == [None, None]
    assert Notice.objects.filter(template="coupon.given").count() == 2
    kept(film, 1)
    assert give_tickets(now=NOW) == 1
    cadre = actor_for("services", union=tree.city)
    gift = CouponGift.objects.get(right=rights[0])
    take_gift_back(actor=cadre, gift=get_gift(cadre, gift.pk), reason="入会已撤销", now=NOW)
    assert ticket(rights[0]) == "withdrawn"
    cancel(actor=cadre, booking_id=CouponGift.objects.get(right=rights[1]).coupon_id, now=NOW)
    assert ticket(rights[1]) == "withdrawn"


def test_a_ticket_that_is_a_coupon_is_not_handed_out_from_a_shelf(tree: Tree, shop: Any) -> None:
    film = make_coupon_kind(union=tree.city, places=[(shop.partner, None)], in_packs=True)
    member = make_member(union=tree.couriers)
    right = make_right(member, item="ticket")
    make_stock(shop, item="ticket")
    kept(film)
    give_tickets(now=NOW)
    actor, here = at_counter(shop)
    with pytest.raises(Conflict):
        hand_out(actor=actor, worker=member.worker, here=here, key=str(right.pk), now=NOW)
    assert ticket(right) == "as_coupon"


def test_one_anew_each_day_from_one_stock(tree: Tree, shop: Any, kind: CouponKind) -> None:
    with pytest.raises(Invalid):
        make_issue(kind, renews=True)
    with pytest.raises(Invalid):
        make_issue(kind, renews=True, limit_count=2, limit_period="day")
    issue = make_issue(kind, stock=3, renews=True, limit_period="day")
    member = make_member(union=tree.couriers)
    coupon = make_coupon(member, issue)
    assert make_coupon(member, issue).pk == coupon.pk
    actor, here = at_counter(shop)
    redeem(actor=actor, worker=member.worker, here=here, key=str(coupon.pk), now=NOW)
    assert make_coupon(member, issue).pk == coupon.pk  # today's is used: no second one today
    tomorrow = NOW + timedelta(days=1)
    assert coupon_of_offer(issue.offer, member.worker_id, tomorrow) is None
    for _tap in range(2):
        done = book(actor=worker_of(member), offer=issue.offer_id, session=None, worker=member.worker_id, now=tomorrow)
        assert done.booking_id not in {None, coupon.pk}
    found = coupon_of_offer(issue.offer, member.worker_id, tomorrow)
    assert found is not None
    assert (found.pk, found.turn) == (done.booking_id, f"{TODAY + timedelta(days=1)}")
    assert taken() == (2, 2)
