"""One coupon for one person: a thank-you of the union, or the film ticket of a welcome pack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.actions.coupons import make_stock
from nuanxin.benefits.models import CouponGift, PackRight
from nuanxin.benefits.queries.gifts import kept_of
from nuanxin.benefits.rules.coupon_fields import read_kept
from nuanxin.benefits.rules.coupons import KIND
from nuanxin.benefits.states.coupons import MANAGE_COUPONS
from nuanxin.benefits.states.packs import RightState
from nuanxin.bookings.actions.ending import end_booking
from nuanxin.bookings.actions.keeping import NoneLeft, give_place
from nuanxin.bookings.actions.offers import keep_back
from nuanxin.bookings.states import EndReason
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.kernel.text import check_text
from nuanxin.members.queries.memberships import get_member
from nuanxin.messages.actions import notify
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nuanxin.benefits.models import CouponIssue, CouponKind
    from nuanxin.bookings.actions.events import BookingCancelled
    from nuanxin.bookings.models import Booking
    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Membership, Worker


@dataclass(frozen=True, slots=True)
class _Wish:
    """Who is given a coupon of which kind, and why; `right` is that of a welcome pack."""

    kind: CouponKind
    worker: Worker
    reason: str
    right: PackRight | None = None


@transaction.atomic
def keep_stock_back(*, actor: Actor, kind: CouponKind, fields: Mapping[str, Any], now: datetime) -> CouponIssue:
    """Keep a stock of a kind back, from which the union gives single coupons; nobody sees or takes them.

    :param fields: `stock`, and how many one person may be given in a period.
    :raises NotAllowed: without `benefits.manage_coupons` and `bookings.edit` at the union.
    :raises Conflict: the kind has ended or run out; :raises Invalid: what cannot be right, field by field.
    """
    actor.require(MANAGE_COUPONS, at=kind.union)
    until = datetime.combine(kind.valid_until, time(), tzinfo=ZONE)
    if until <= now:
        raise Conflict("kind_ended", _("This kind has run out: its last day has passed."))
    values = read_kept(fields) | {"opens_at": now, "closes_at": until}
    issue = make_stock(actor=actor, kind=kind, values=values, kept=True, now=now)
    keep_back(actor=actor, offer=issue.offer, now=now)
    return issue


@transaction.atomic
def give_coupon(*, actor: Actor, kind: CouponKind, number: str, reason: object, now: datetime) -> CouponGift:
    """Give a member one coupon of a kind, from what was kept back; the member is told, with the reason.

    :param number: the member's number; a member of the kind's union or below it.
    :raises NotAllowed: without `benefits.manage_coupons` at the kind's union.
    :raises Invalid: no reason, no such member in reach, or one of another union.
    :raises Conflict: the kind has ended or run out, nothing is left, the limit is reached, or no member in good
        standing.
    """
    actor.require(MANAGE_COUPONS, at=kind.union)
    words = check_text(reason, field="reason", most=200)
    if not words:
        raise Invalid("missing", _("Please say why: the member reads it."), field="reason")
    member = _member(actor, number)
    if not member.union.path.startswith(kind.union.path):
        raise Invalid("other_union", _("This is no member of the union that gives these coupons."), field="member")
    return _give(actor, _Wish(kind, member.worker, words), now)


def _member(actor: Actor, number: str) -> Membership:
    try:
        return get_member(actor, number)
    except NotFound:
        raise Invalid(
            "unknown_member", _("No member has the number %(number)s.") % {"number": number}, field="member"
        ) from None


@transaction.atomic
def give_ticket(*, actor: Actor, kind: CouponKind, right: PackRight, now: datetime) -> CouponGift:
    """Give the film ticket of a welcome pack as a coupon, by the right to it. Part of what gives packs.

    :raises Conflict: the right was used meanwhile, nothing is left, or no member in good standing.
    """
    if not PackRight.objects.filter(pk=right.pk, state=RightState.GRANTED).update(state=RightState.AS_COUPON):
        raise Conflict("handed_out", _("This was handed out meanwhile."))
    return _give(actor, _Wish(kind, right.worker.merged_into or right.worker, right.source_note, right), now)


def _give(actor: Actor, wish: _Wish, now: datetime) -> CouponGift:
    """Give one from the oldest stock that is kept back and has one."""
    if wish.kind.ended_at is not None or local_day(now) >= wish.kind.valid_until:
        raise Conflict("kind_ended", _("This kind has ended or run out: nothing is given of it any more."))
    made: list[CouponGift] = []

    def follow(booking: Booking) -> None:
        gift = CouponGift(
            kind=wish.kind,
            coupon=booking,
            worker=wish.worker,
            right=wish.right,
            reason=wish.reason,
            given_at=now,
            given_by_id=actor.account_id,
        )
        gift.save(force_insert=True)
        made.append(gift)

    for offer_id in kept_of(wish.kind):
        try:
            give_place(actor=actor, offer_id=offer_id, worker_id=wish.worker.pk, counts=wish.right is None,
                       then=follow, now=now)  # fmt: skip
        except NoneLeft:
            continue
        break
    if not made:
        raise NoneLeft
    gift = made[0]
    record(actor, "benefits.coupon_given", gift, now=now, union_path=wish.kind.union.path, name=wish.kind.name,
           number=gift.coupon.number)  # fmt: skip
    _tell(gift, "coupon.given", wish.reason, now)
    return gift


@transaction.atomic
def take_gift_back(*, actor: Actor, gift: CouponGift, reason: object, now: datetime) -> CouponGift:
    """Take a coupon back that was given and not used: a slip of the finger. Its place can be given again.

    :raises NotAllowed: without `benefits.manage_coupons` at the kind's union.
    :raises Invalid: no reason; :raises Moved: used or taken back before.
    """
    actor.require(MANAGE_COUPONS, at=gift.kind.union)
    words = check_text(reason, field="reason", most=200)
    if not words:
        raise Invalid("missing", _("Please say why: the member reads it."), field="reason")
    _take_right_back(gift, words)
    end_booking(actor=actor, booking=gift.coupon, why=EndReason.DESK, now=now)
    record(actor, "benefits.coupon_gift_ended", gift, now=now, union_path=gift.kind.union.path,
           number=gift.coupon.number)  # fmt: skip
    _tell(gift, "coupon.taken_back", words, now)
    return gift


def note_ended(event: BookingCancelled) -> None:
    """Let the right to a film ticket be granted again whose coupon ended at the desk, or with its whole stock."""
    if event.kind != KIND:
        return
    gifts = CouponGift.objects.filter(coupon=event.booking_id, right__isnull=False).select_related("coupon")
    for gift in gifts.exclude(coupon__end_reason=EndReason.OWN):
        _take_right_back(gift, str(EndReason(gift.coupon.end_reason).label))


def _take_right_back(gift: CouponGift, reason: str) -> None:
    """Let the right of a welcome pack be open to be granted again, and fulfilled by another coupon."""
    if gift.right_id is not None:
        rights = PackRight.objects.filter(pk=gift.right_id, state=RightState.AS_COUPON)
        rights.update(state=RightState.WITHDRAWN, reason=reason)
        CouponGift.objects.filter(pk=gift.pk).update(right=None)


def _tell(gift: CouponGift, template: str, reason: str, now: datetime) -> None:
    """Tell the member in the app and by the ways chosen; whoever has never signed in finds it on the first page."""
    if gift.worker.account_id is not None:
        notify(
            account_id=gift.worker.account_id,
            template=template,
            values={"coupon": gift.kind.name, "reason": reason},
            fact=f"{template}:{gift.pk}",
            link="/coupons/",
            union_id=gift.kind.union_id,
            now=now,
        )
