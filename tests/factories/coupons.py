"""Kinds of coupons, their stock, and coupons that people have."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from nuanxin.access.actors import system
from nuanxin.benefits.actions.coupons import issue_stock, make_kind
from nuanxin.benefits.actions.gifts import give_coupon, keep_stock_back
from nuanxin.benefits.models import CouponClash, Redemption, Settlement, SettlementLine
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.models import Booking
from nuanxin.kernel.ids import new_id
from tests.factories import NOW, TODAY
from tests.factories.members import worker_of
from tests.factories.partners import make_place

if TYPE_CHECKING:
    from nuanxin.benefits.models import CouponIssue, CouponKind
    from nuanxin.members.models import Membership
    from nuanxin.organizations.models import Partner, PartnerPlace, Union

KIND_FIELDS: dict[str, Any] = {
    "name": "清凉券",
    "name_en": "Cool-drink coupon",
    "face": "1.99",
    "least_spend": "2",
    "cost": "1.99",
    "valid_from": TODAY - timedelta(days=30),
    "until": TODAY + timedelta(days=60),
}


def make_coupon_kind(*, union: Union, places: list[tuple[Partner, PartnerPlace | None]], **fields: Any) -> CouponKind:
    """Make a kind that takes 1.99 yuan off from 2 yuan."""
    return make_kind(actor=system(), union=union, fields=KIND_FIELDS | fields, places=places, now=NOW)


def make_issue(kind: CouponKind, *, stock: int = 10, **fields: Any) -> CouponIssue:
    """Make a stock that is open at NOW and given without a line."""
    values: dict[str, Any] = {
        "stock": stock,
        "opens_at": NOW - timedelta(hours=1),
        "closes_at": NOW + timedelta(days=7),
        "has_line": False,
    }
    return issue_stock(actor=system(), kind=kind, fields=values | fields, now=NOW)


def make_coupon(member: Membership, issue: CouponIssue) -> Booking:
    """Give a member a coupon of a stock."""
    done = book(actor=worker_of(member), offer=issue.offer_id, session=None, worker=member.worker_id, now=NOW)
    assert done.booking_id is not None, done
    return Booking.objects.get(pk=done.booking_id)


def coupon_things(union: Union, member: Membership) -> dict[str, Any]:
    """Make one of everything that belongs to a coupon; return the ids, and a settlement's number, by what they are."""
    place = make_place(union=union)
    kind = make_coupon_kind(union=union, places=[(place.partner, place)])
    keep_stock_back(actor=system(), kind=kind, fields={"stock": 3}, now=NOW)
    gift = give_coupon(actor=system(), kind=kind, number=member.number, reason="慰问", now=NOW)
    where: dict[str, Any] = {"kind": kind, "worker": member.worker, "partner": place.partner, "place": place}
    told = {"device_id": new_id(), "at": NOW, "told_at": NOW}
    worth = {"face": Decimal("1.99"), "amount": Decimal("1.99")}
    redemption = Redemption.objects.create(coupon=make_coupon(member, make_issue(kind)), **where, **told, **worth)
    clash = CouponClash.objects.create(pk=new_id(), why="no_coupon", **where, **told)
    closed = {"month": "2026-10", "count": 1, "amount": redemption.amount, "closed_at": NOW}
    settlement = Settlement.objects.create(number="2026110100000001", partner=place.partner, **closed)
    SettlementLine.objects.create(
        settlement=settlement, redemption=redemption, kind="redeemed", amount=redemption.amount
    )
    return {
        "coupon_kind": kind.pk,
        "coupon_gift": gift.pk,
        "coupon_clash": clash.pk,
        "redemption": redemption.pk,
        "settlement": settlement.number,
    }
