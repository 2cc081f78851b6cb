"""What a counter redeemed without a network, told later: judged as of then, kept once, contradictions for the union.

Within limits: a kind says how many of it a device may redeem in a day without asking; what goes beyond, and what
another counter used meanwhile, is a clash. A clash is never paid by itself: the union reads it and decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import connection, transaction
from django.db.models import F

from nuanxin.benefits.actions.redeeming import NotHere, redeem_as_of
from nuanxin.benefits.models import CouponClash, CouponKind, Redemption
from nuanxin.benefits.queries.coupons import coupons_of_kind
from nuanxin.benefits.rules.coupons import KIND, TOLD_WITHIN, why_not
from nuanxin.benefits.states.coupons import ClashKind
from nuanxin.bookings.states import BookingState
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Conflict
from nuanxin.kernel.rows import insert
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.catalog.rules.applies import Here
    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Worker

#: What is told later than this was done without a network.
_LATE: Final = timedelta(seconds=60)
_ONE_AFTER_THE_OTHER = "SELECT 1 FROM access_partnerdevice WHERE id = %s FOR NO KEY UPDATE"


@dataclass(frozen=True, slots=True)
class Late:
    """One redemption that a counter tells late.

    :param sent_id: made by the device: told twice, it is one.
    :param worker: who showed the code; None: the code is of nobody.
    """

    sent_id: UUID
    kind_id: UUID
    worker: Worker | None
    at: datetime
    #: What the registry says of the code as of then, where that was not good.
    refused: str = ""


@transaction.atomic
def redeem_late(*, actor: Actor, here: Here, late: Late, now: datetime) -> CouponClash | None:
    """Take over one redemption of the acting device; return the clash, if the books contradict it.

    Told again, nothing happens twice, and the same is answered. What one device tells is taken in one after the other,
    so that its daily limit is kept.

    :raises NotHere: the counter stands at no place.
    """
    if here.partner_id is None or here.place_id is None:
        raise NotHere
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AFTER_THE_OTHER, [actor.source_id])
    known = CouponClash.objects.filter(pk=late.sent_id).first()
    if known is not None or Redemption.objects.filter(device_id=here.device_id, scan_id=late.sent_id).exists():
        return known
    there = replace(here, scan_id=late.sent_id, staff_id=None)
    kind = CouponKind.objects.filter(pk=late.kind_id).first()
    why, words = _try(actor, there, kind, late, now)
    if not why:
        return None
    clash = CouponClash(
        pk=late.sent_id,
        kind=kind,
        worker=late.worker,
        partner_id=here.partner_id,
        place_id=here.place_id,
        device_id=here.device_id,
        at=late.at,
        told_at=now,
        why=why,
        words=words[:200],
    )
    insert(clash)
    record(
        actor, "benefits.coupon_clashed", clash, now=now, union_path=here.union_path, why=why, place=str(here.place_id)
    )
    return clash


def _try(actor: Actor, here: Here, kind: CouponKind | None, late: Late, now: datetime) -> tuple[str, str]:
    """Redeem it if it can be; otherwise say why not."""
    if late.worker is None:
        return ClashKind.UNKNOWN, late.refused
    if late.refused:
        return ClashKind.REFUSED, late.refused
    if kind is None or KIND not in here.kinds or not now - TOLD_WITHIN <= late.at <= now:
        return ClashKind.REFUSED, ""
    if _without_network(here, kind, late) >= kind.offline_limit:
        return ClashKind.LIMIT, ""
    coupons = coupons_of_kind(late.worker, here, kind.pk, late.at)
    if not coupons:
        return ClashKind.NO_COUPON, ""
    words = ""
    for coupon in sorted(coupons, key=lambda each: each.last_day):
        reasons = why_not(coupon, now=late.at, place=here.place_name)
        if reasons:
            words = words or str(reasons[0].words)
            continue
        try:
            with transaction.atomic():
                redeem_as_of(actor=actor, coupon=coupon, worker=late.worker, here=here, at=late.at, now=now)
        except Conflict as refusal:
            words = str(refusal.message)
            continue
        return "", ""
    used = all(coupon.state == BookingState.CHECKED_IN for coupon in coupons)
    return (ClashKind.USED if used else ClashKind.REFUSED), words


def _without_network(here: Here, kind: CouponKind, late: Late) -> int:
    """Return how many of a kind this device has redeemed without a network on that day."""
    day = local_day(late.at)
    told = Redemption.objects.filter(device_id=here.device_id, kind=kind, told_at__gt=F("at") + _LATE)
    near = told.filter(at__gt=late.at - timedelta(days=1), at__lt=late.at + timedelta(days=1))
    return sum(local_day(at) == day for at in near.values_list("at", flat=True))
