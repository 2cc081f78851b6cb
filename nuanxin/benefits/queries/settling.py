"""What partners are to be paid: what is due now, months that are closed, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from nuanxin.benefits.models import CouponClash, Redemption, Settlement, SettlementLine
from nuanxin.benefits.states.coupons import SETTLE_COUPONS, ClashState, LineKind, RedemptionState
from nuanxin.kernel.refusals import NotFound, NotSignedIn
from nuanxin.organizations.models import Partner

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Due:
    """What a partner would be paid if the month were closed now. Unit of `count`: coupons."""

    partner: Partner
    count: int
    amount: Decimal


def _paid(kind: LineKind) -> Exists:
    return Exists(SettlementLine.objects.filter(redemption=OuterRef("pk"), kind=kind))


def _new(rows: QuerySet[Redemption]) -> QuerySet[Redemption]:
    return rows.filter(~_paid(LineKind.REDEEMED), state=RedemptionState.REDEEMED)


def _corrected(rows: QuerySet[Redemption]) -> QuerySet[Redemption]:
    return rows.filter(_paid(LineKind.REDEEMED), ~_paid(LineKind.REFUNDED), state=RedemptionState.REFUNDED)


def _settled(kind: LineKind) -> Exists:
    return Exists(SettlementLine.objects.filter(clash=OuterRef("pk"), kind=kind))


def _decided(rows: QuerySet[CouponClash]) -> QuerySet[CouponClash]:
    return rows.filter(~_settled(LineKind.CLASH), state=ClashState.PAID, redemption=None)


def _undecided(rows: QuerySet[CouponClash]) -> QuerySet[CouponClash]:
    return rows.filter(_settled(LineKind.CLASH), ~_settled(LineKind.REFUNDED), state=ClashState.UNPAID)


def due_lines(partner: Partner, end: datetime) -> list[SettlementLine]:
    """Return the lines of a settlement until a moment, not saved: what is to be paid, and to be paid back."""
    rows = Redemption.objects.filter(partner=partner, at__lt=end).order_by("at", "pk")
    clashes = CouponClash.objects.filter(partner=partner, at__lt=end).order_by("at", "pk")
    return [
        *(SettlementLine(redemption=row, kind=LineKind.REDEEMED, amount=row.amount) for row in _new(rows)),
        *(SettlementLine(redemption=row, kind=LineKind.REFUNDED, amount=-row.amount) for row in _corrected(rows)),
        *(SettlementLine(clash=row, kind=LineKind.CLASH, amount=row.amount) for row in _decided(clashes)),
        *(SettlementLine(clash=row, kind=LineKind.REFUNDED, amount=-row.amount) for row in _undecided(clashes)),
    ]


def visible_partners_of(actor: Actor) -> QuerySet[Partner]:
    """Return the partners of the unions whose coupons the actor settles."""
    reach = Q(pk__in=[])
    for path in actor.reach(SETTLE_COUPONS):
        reach |= Q(union__path__startswith=path)
    return Partner.objects.filter(reach).select_related("union")


def get_merchant(actor: Actor, pk: UUID) -> Partner:
    """Return one partner whose coupons the actor settles. :raises NotFound: there is none such."""
    if actor.kind == "anonymous":
        raise NotSignedIn
    found = visible_partners_of(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def due_until(actor: Actor, end: datetime) -> list[Due]:
    """Return what partners in reach would be paid for what was redeemed until a moment. Five statements."""
    rows = Redemption.objects.filter(partner__in=visible_partners_of(actor), at__lt=end).order_by()
    clashes = CouponClash.objects.filter(partner__in=visible_partners_of(actor), at__lt=end).order_by()
    found: dict[UUID, tuple[int, Decimal]] = {}
    for chosen, sign in ((_new(rows), 1), (_corrected(rows), -1), (_decided(clashes), 1), (_undecided(clashes), -1)):
        for row in chosen.values("partner").annotate(n=Count("pk"), sum=Sum("amount")):
            count, amount = found.get(row["partner"], (0, Decimal(0)))
            found[row["partner"]] = (count + sign * row["n"], amount + sign * row["sum"])
    partners = visible_partners_of(actor).filter(pk__in=found).order_by("name", "pk")
    return [Due(partner, *found[partner.pk]) for partner in partners]


def visible_settlements(actor: Actor) -> QuerySet[Settlement]:
    """Return the closed months of the partners whose coupons the actor settles."""
    return Settlement.objects.filter(partner__in=visible_partners_of(actor)).select_related("partner__union")


def get_settlement(actor: Actor, number: str) -> Settlement:
    """Return one closed month in reach. :raises NotFound: there is none such."""
    if actor.kind == "anonymous":
        raise NotSignedIn
    found = visible_settlements(actor).filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def lines_of(settlement: Settlement) -> QuerySet[SettlementLine]:
    """Return the lines of a closed month that was fetched before, in the order of what they pay."""
    rows = SettlementLine.objects.filter(settlement=settlement).select_related(
        "redemption__kind", "redemption__place", "redemption__coupon", "clash__kind", "clash__place"
    )
    return rows.order_by(Coalesce("redemption__at", "clash__at"), "pk")


def settlements_of(partner_id: UUID) -> list[Settlement]:
    """Return a partner's own closed months, the newest first."""
    return list(Settlement.objects.filter(partner_id=partner_id).order_by("-month")[:24])
