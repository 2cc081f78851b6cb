"""Clashes of coupons, decided by hand: whether a partner is paid for what its counter redeemed without a network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.actions.redeeming import redeem_as_of
from nuanxin.benefits.models import CouponClash, SettlementLine
from nuanxin.benefits.queries.coupons import coupons_of_kind
from nuanxin.benefits.rules.coupons import KIND
from nuanxin.benefits.states.coupons import SETTLE_COUPONS, ClashState, LineKind
from nuanxin.bookings.states import BookingState
from nuanxin.catalog.rules.applies import Here
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.text import check_text
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from nuanxin.benefits.models import CouponKind, Redemption
    from nuanxin.kernel.actor import Actor


@transaction.atomic
def decide_clash(*, actor: Actor, clash: CouponClash, pay: bool, reason: object, now: datetime) -> CouponClash:
    """Pay a partner for what the books contradict, or do not; with a reason that the partner reads, too.

    Paid, a coupon of this kind that the member still has is redeemed as of then, whatever the limit of the device or
    the caps of the partner, and is paid as every redemption is. Where there is none, the settlement of the month pays
    the partner what the union pays for one. It may be decided otherwise later: a closed month is corrected by the next.

    :raises NotAllowed: without `benefits.settle_coupons` at the partner's union.
    :raises Invalid: no reason.
    :raises Conflict: decided so before; it became a redemption, which is taken back as such; a closed month has
        corrected it; or nobody knows what was redeemed.
    """
    union = clash.partner.union
    actor.require(SETTLE_COUPONS, at=union)
    words = check_text(reason, field="reason", most=200)
    if not words:
        raise Invalid("missing", _("Please say why: the partner reads it."), field="reason")
    rows = CouponClash.objects.select_related("kind", "worker", "place", "partner__union")
    # Of two who decide at once, the second looks at what the first one wrote; so does whoever closes the month.
    found = rows.select_for_update(of=("self",), no_key=True).get(pk=clash.pk)
    settled = set(SettlementLine.objects.filter(clash=found).values_list("kind", flat=True))
    _check(found, pay=pay, settled=settled)
    found.state = ClashState.PAID if pay else ClashState.UNPAID
    found.reason, found.decided_at, found.decided_by_id = words, now, actor.account_id
    if pay:
        found.amount = _worth(found.kind)
        found.redemption = None if settled else _redeem(actor, found, now)
    found.save(update_fields=["state", "reason", "decided_at", "decided_by", "amount", "redemption"])
    record(actor, "benefits.coupon_clash_decided", found, now=now, union_path=union.path, state=found.state.value,
           amount=str(found.amount), why=found.why)  # fmt: skip
    return found


def _check(clash: CouponClash, *, pay: bool, settled: set[str]) -> None:
    if clash.state == (ClashState.PAID if pay else ClashState.UNPAID):
        raise Conflict("decided_before", _("This was decided so already."))
    if clash.redemption_id is not None:
        words = _("The coupon was redeemed by that decision. To undo it, take the redemption back.")
        raise Conflict("became_redemption", words)
    if LineKind.REFUNDED in settled:
        raise Conflict("month_closed", _("A closed month has corrected this: it stays as it is."))
    if pay and clash.kind is None:
        raise Conflict("no_kind", _("Nobody knows which coupon it was: there is nothing that could be paid."))


def _worth(kind: CouponKind | None) -> Decimal:
    assert kind is not None
    return kind.cost


def _redeem(actor: Actor, clash: CouponClash, now: datetime) -> Redemption | None:
    """Redeem a coupon of this kind that the member had then and still has; None where there is none."""
    if clash.worker is None or clash.kind_id is None:
        return None
    here = Here(
        device_id=clash.device_id,
        union_path=clash.partner.union.path,
        place_id=clash.place_id,
        partner_id=clash.partner_id,
        place_name=clash.place.name,
        kinds=frozenset({KIND}),
        scan_id=clash.pk,
    )
    day = local_day(clash.at)
    had = coupons_of_kind(clash.worker, here, clash.kind_id, clash.at)
    for coupon in sorted(had, key=lambda each: each.last_day):
        if coupon.state != BookingState.BOOKED or not coupon.terms.valid_from <= day <= coupon.last_day:
            continue
        uncapped = replace(coupon, day_cap=None, month_cap=None)
        try:
            with transaction.atomic():
                return redeem_as_of(actor=actor, coupon=uncapped, worker=clash.worker, here=here, at=clash.at, now=now)
        except Conflict:
            continue  # used elsewhere at this very moment
    return None
