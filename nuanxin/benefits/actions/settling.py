"""Closing a partner's month: every redemption is paid once, and what was taken back after that is paid back once."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.models import Settlement, SettlementLine
from nuanxin.benefits.queries.settling import due_lines
from nuanxin.benefits.rules.settling import check_ended
from nuanxin.benefits.states.coupons import SETTLE_COUPONS, LineKind
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.ids import random_digits
from nuanxin.kernel.refusals import Conflict
from nuanxin.organizations.models import Partner
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor

#: What is taken back, or decided otherwise, while its month is being closed: it is either in, or corrected later.
_LOCKS = (
    """SELECT 1 FROM benefits_redemption r WHERE partner_id = %s AND at < %s
          AND NOT EXISTS (SELECT 1 FROM benefits_settlementline l WHERE l.redemption_id = r.id)
        ORDER BY id FOR NO KEY UPDATE""",
    """SELECT 1 FROM benefits_couponclash WHERE partner_id = %s AND at < %s AND state <> 'open'
        ORDER BY id FOR NO KEY UPDATE""",
)


@transaction.atomic
def close_month(*, actor: Actor, partner: Partner, month: str, now: datetime) -> Settlement:
    """Close what a partner is paid for one month; it never changes afterwards.

    Paid is every redemption until the end of the month that no settlement holds yet and that stands, and every clash
    that the union decided to pay; what was taken back although an earlier settlement paid it is a line below zero. So
    what a counter tells late, and what is decided or corrected late, comes with the next month.

    :param month: such as 2026-11; it must have ended, and months are closed in their order.
    :raises NotAllowed: without `benefits.settle_coupons` at the partner's union.
    :raises Conflict: the month goes on, was closed, or a later one was; or there is nothing to pay.
    """
    actor.require(SETTLE_COUPONS, at=partner.union)
    end = check_ended(month, now)
    # Of two who close a month of one partner, the second hears that it is closed.
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    last = Settlement.objects.filter(partner=partner).order_by("-month").values_list("month", flat=True).first()
    if last is not None and last >= month:
        raise _closed(last)
    with connection.cursor() as cursor:
        for lock in _LOCKS:
            cursor.execute(lock, [partner.pk, end])
    lines = due_lines(partner, end)
    if not lines:
        raise Conflict("nothing_due", _("Nothing was redeemed that is not settled yet."))
    settlement = Settlement(
        number=f"{local_day(now):%Y%m%d}{random_digits(8)}",
        partner=partner,
        month=month,
        count=sum(-1 if line.kind == LineKind.REFUNDED else 1 for line in lines),
        amount=sum((line.amount for line in lines), Decimal(0)),
        closed_at=now,
        closed_by_id=actor.account_id,
    )
    try:
        with transaction.atomic():
            settlement.save(force_insert=True)
    except IntegrityError as error:
        if "settlement_once" not in str(error):
            raise
        raise _closed(month) from error
    for line in lines:
        line.settlement = settlement
    SettlementLine.objects.bulk_create(lines, batch_size=2000)
    record(actor, "benefits.month_settled", settlement, now=now, union_path=partner.union.path, month=month,
           count=settlement.count, amount=str(settlement.amount), number=settlement.number)  # fmt: skip
    return settlement


def _closed(month: str) -> Conflict:
    return Conflict(
        "month_closed",
        _("%(month)s is closed and stays as it is. What came later is settled with the next month.") % {"month": month},
    )
