"""Redeeming coupons over a partner's counter, once each and within the partner's caps, and taking that back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.actions.events import CouponGivenBack, CouponRedeemed
from nuanxin.benefits.models import MerchantTally, Redemption
from nuanxin.benefits.queries.coupons import coupon_here, local_name
from nuanxin.benefits.rules.coupons import (
    KIND,
    REFUND_WITHIN,
    day_full,
    is_same_tap,
    month_full,
    periods,
    why_not,
    yuan,
)
from nuanxin.benefits.states.coupons import MANAGE_COUPONS, RedemptionState
from nuanxin.bookings.actions.using import give_use_back, using_up
from nuanxin.catalog.rules.applies import Done
from nuanxin.kernel.events import announce
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound, Refusal
from nuanxin.kernel.rows import insert_from
from nuanxin.kernel.text import check_text
from nuanxin.messages.actions import notify
from nuanxin.records.actions import entry_of, record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.benefits.rules.coupons import Coupon
    from nuanxin.catalog.rules.applies import Here, Reason
    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Worker
    from nuanxin.records.models import AuditEntry

#: A counter takes its own slip back within this time; afterwards the union does.
SLIP: Final = timedelta(minutes=30)
_NO_CAP: Final = 2_000_000_000

#: The coupon is used up if it stands; then, and only then, the partner's day and month are counted, the day's row
#: first, so that two redemptions never wait for each other in a ring; and both rows are written. A cap that is reached
#: shows by fewer than two counted: the transaction ends without any of it.
_REDEEM = """
WITH used AS ({used}), counted AS (
  INSERT INTO benefits_merchanttally AS t (id, partner_id, period, count, amount)
  SELECT p.id, %s::uuid, p.period, 1, %s::numeric FROM used,
    (VALUES (%s::uuid, %s, 1), (%s::uuid, %s, 2)) AS p (id, period, nth) ORDER BY p.nth
  ON CONFLICT (partner_id, period) DO UPDATE SET count = t.count + 1, amount = t.amount + excluded.amount
   WHERE CASE WHEN length(t.period) = 10 THEN t.count < %s ELSE t.amount + excluded.amount <= %s END
  RETURNING 1
), redeemed AS ({redemption}), recorded AS ({entry})
SELECT (SELECT count(*) FROM used), (SELECT count(*) FROM counted)
"""
_UNCOUNT = """
UPDATE benefits_merchanttally SET count = count - 1, amount = amount - %(amount)s
 WHERE partner_id = %(partner)s AND period = %(period)s
"""


class NotHere(Refusal):
    """This counter, or whoever stands there, may not redeem coupons."""

    status = 403

    def __init__(self) -> None:
        super().__init__("not_here", _("This counter may not redeem coupons. The union says which kinds it may."))


@dataclass(frozen=True, slots=True)
class Redeemed(Done):
    """A redemption, for a till that writes it down."""

    redemption_id: UUID | None = None
    face: Decimal = Decimal(0)
    least_spend: Decimal = Decimal(0)


@transaction.atomic
def redeem(*, actor: Actor, worker: Worker, here: Here, key: str, now: datetime) -> Redeemed:
    """Redeem a coupon of the member whose code was scanned here; once, within the caps of the partner.

    The coupon is used up by a conditional UPDATE, then the partner's day and month are counted by another: of two
    counters only one redeems it, and the last of a day goes to one of two members.

    :param key: the coupon's id, as `coupons_here` told it.
    :returns: what was done; with `again` for a doubled tap of the same scan.
    :raises NotHere: the counter may not redeem coupons, or another device acts.
    :raises NotFound: no such coupon of this member.
    :raises Conflict: used, expired, not redeemed here, not now, or the partner's cap is reached; with the words.
    """
    if KIND not in here.kinds or here.place_id is None or here.partner_id is None or actor.source_id != here.device_id:
        raise NotHere
    coupon = _coupon(worker, here, key, now)
    if is_same_tap(coupon, here.scan_id):
        return _done(coupon, coupon.redemption_id, again=True)
    _refuse(why_not(coupon, now=now, place=here.place_name))
    redemption = _write(actor, coupon, worker, here, at=now, now=now)
    if redemption is None:
        return _why_not_used(_coupon(worker, here, key, now), here, now)
    return _done(coupon, redemption.pk)


@transaction.atomic
def redeem_as_of(
    *, actor: Actor, coupon: Coupon, worker: Worker, here: Here, at: datetime, now: datetime
) -> Redemption:
    """Redeem a coupon that was found to be redeemable, as of a moment. Part of what a counter tells late.

    :raises Conflict: it was used meanwhile, or the partner's cap of that day or month is reached.
    """
    redemption = _write(actor, coupon, worker, here, at=at, now=now)
    if redemption is None:
        raise Conflict("coupon_used", _("Somebody was quicker: this coupon has just been used."))
    return redemption


def _coupon(worker: Worker, here: Here, key: str, now: datetime) -> Coupon:
    try:
        pk = UUID(key)
    except ValueError:
        raise NotFound from None
    found = coupon_here(worker, here, pk, now)
    if found is None:
        raise NotFound
    return found


def _refuse(reasons: tuple[Reason, ...]) -> None:
    if reasons:
        raise Conflict(reasons[0].code, _("%(words)s %(remedy)s") % _said(reasons[0]))


def _said(reason: Reason) -> dict[str, object]:
    return {"words": reason.words, "remedy": reason.remedy}


def _why_not_used(coupon: Coupon, here: Here, now: datetime) -> Redeemed:
    """Say why a coupon was used up meanwhile; a doubled tap of the scan that did it is told the same as the first."""
    if is_same_tap(coupon, here.scan_id):
        return _done(coupon, coupon.redemption_id, again=True)
    _refuse(why_not(coupon, now=now, place=here.place_name))
    raise Conflict("coupon_used", _("Somebody was quicker: this coupon has just been used."))


def _write(
    actor: Actor, coupon: Coupon, worker: Worker, here: Here, *, at: datetime, now: datetime
) -> Redemption | None:
    """Use a coupon up, count and write it, by one statement; None when it was used up meanwhile.

    :raises Conflict: a cap of the partner is reached; says which.
    """
    if here.partner_id is None or here.place_id is None:
        raise NotHere
    redemption = Redemption(
        coupon_id=coupon.id,
        kind_id=coupon.terms.id,
        worker_id=worker.pk,
        partner_id=here.partner_id,
        place_id=here.place_id,
        device_id=here.device_id,
        staff_id=here.staff_id,
        scan_id=here.scan_id,
        at=at,
        told_at=now,
        face=coupon.terms.face,
        amount=coupon.terms.cost,
    )
    entry = entry_of(actor, "benefits.coupon_redeemed", redemption, now=now, union_path=here.union_path,
                     coupon=str(coupon.id), place=str(here.place_id))  # fmt: skip
    used, counted = _at_once(coupon, here.partner_id, redemption, entry)
    if not used:
        return None
    if counted < len(periods(at)):
        _refuse((_which_cap(coupon, here.partner_id, at),))
    announce(
        CouponRedeemed(actor, redemption.pk, worker.pk, coupon.terms.service, coupon.terms.cost, here.place_name, at)
    )
    return redemption


def _at_once(coupon: Coupon, partner_id: UUID, redemption: Redemption, entry: AuditEntry) -> tuple[int, int]:
    using, its_values = using_up(booking_id=coupon.id, at=redemption.at)
    redeeming, redemption_values = insert_from(redemption, "used")
    recording, entry_values = insert_from(entry, "used")
    caps = [
        coupon.day_cap if coupon.day_cap is not None else _NO_CAP,
        coupon.month_cap if coupon.month_cap is not None else _NO_CAP,
    ]
    statement = _REDEEM.format(used=using, redemption=redeeming, entry=recording)
    day, month = periods(redemption.at)
    values = [*its_values, partner_id, coupon.terms.cost, new_id(), day, new_id(), month, *caps]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *redemption_values, *entry_values])
        used, counted = cursor.fetchone()
    return used, counted


def _which_cap(coupon: Coupon, partner_id: UUID, at: datetime) -> Reason:
    day, _month = periods(at)
    rows = MerchantTally.objects.filter(partner_id=partner_id, period=day)
    count = rows.values_list("count", flat=True).first() or 0
    if coupon.day_cap is not None and count >= coupon.day_cap:
        return day_full(coupon.day_cap)
    return month_full()


def _done(coupon: Coupon, redemption_id: UUID | None, *, again: bool = False) -> Redeemed:
    terms = coupon.terms
    name = local_name(terms.name, terms.name_en)
    words = _("Take %(face)s yuan off the bill: %(name)s") % {"face": yuan(terms.face), "name": name}
    if terms.least_spend:
        words = _("Take %(face)s yuan off a bill of %(least)s yuan or more: %(name)s") % {
            "face": yuan(terms.face),
            "least": yuan(terms.least_spend),
            "name": name,
        }
    return Redeemed(words, again, redemption_id, terms.face, terms.least_spend)


@transaction.atomic
def give_back(*, actor: Actor, redemption: Redemption, reason: str, now: datetime) -> Redemption:
    """Take a redemption back: the member has the coupon again, for three days more at least, and is told why.

    By the union of the coupon; by the very counter within half an hour, for a slip of the finger. A month that is
    closed stays as it is: the next one corrects it.

    :raises NotAllowed, NotFound: neither of these; :raises Invalid: no reason.
    :raises Conflict: taken back before, or too long ago.
    """
    if actor.kind == "device":
        if actor.source_id != redemption.device_id:
            raise NotFound
        if now - redemption.told_at > SLIP:
            raise Conflict("too_late", _("A counter takes back within half an hour. Please ask the union: 12351."))
    else:
        actor.require(MANAGE_COUPONS, at=redemption.kind.union)
    words = check_text(reason, field="reason", most=200)
    if not words:
        raise Invalid("missing", _("Please say why: the member is told."), field="reason")
    if now - redemption.at > REFUND_WITHIN:
        raise Conflict("too_late", _("That is more than two months ago: it cannot be taken back any more."))
    taken = Redemption.objects.filter(pk=redemption.pk, state=RedemptionState.REDEEMED).update(
        state=RedemptionState.REFUNDED, refunded_at=now, refunded_by_id=actor.account_id, reason=words
    )
    if not taken or not give_use_back(booking_id=redemption.coupon_id):
        raise Conflict("given_back", _("It was taken back already: the member has the coupon again."))
    with connection.cursor() as cursor:
        for period in periods(redemption.at):
            cursor.execute(_UNCOUNT, {"partner": redemption.partner_id, "period": period, "amount": redemption.amount})
    record(actor, "benefits.coupon_given_back", redemption, now=now, union_path=redemption.kind.union.path,
           coupon=str(redemption.coupon_id))  # fmt: skip
    announce(CouponGivenBack(actor, redemption.pk, redemption.worker_id, words, now))
    _tell(redemption, words, now)
    return Redemption.objects.select_related("kind__union", "place", "partner").get(pk=redemption.pk)


def _tell(redemption: Redemption, words: str, now: datetime) -> None:
    account_id = redemption.worker.account_id
    if account_id is not None:
        notify(
            account_id=account_id,
            template="coupon.given_back",
            values={"coupon": redemption.kind.name, "reason": words},
            fact=f"coupon-back:{redemption.pk}",
            link="/coupons/",
            union_id=redemption.kind.union_id,
            now=now,
        )
