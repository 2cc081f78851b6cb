"""Kinds of coupons, their stock, and coupons that people have."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from nuanxin.access.actors import system
from nuanxin.benefits.actions.coupons import issue_stock, make_kind
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.models import Booking
from tests.factories import NOW, TODAY
from tests.factories.members import worker_of

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
