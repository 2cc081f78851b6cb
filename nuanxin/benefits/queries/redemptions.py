"""Kinds of coupons, their stock and redemptions, as cadres and partners see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from nuanxin.benefits.models import CouponClash, CouponIssue, CouponKind, Redemption
from nuanxin.benefits.states.coupons import MANAGE_COUPONS, SETTLE_COUPONS, ClashState, RedemptionState
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import NotFound, NotSignedIn
from nuanxin.members.models import Membership

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class RedemptionFilters:
    """Which redemptions to list."""

    kind: UUID | None = None
    text: str = ""
    state: str = ""
    #: Days, both included.
    since: date | None = None
    until: date | None = None


def _reach(actor: Actor, name: str, permission: str = MANAGE_COUPONS) -> Q:
    reach = Q(pk__in=[])
    for path in actor.reach(permission):
        reach |= Q(**{f"{name}__startswith": path})
    return reach


def visible_kinds(actor: Actor) -> QuerySet[CouponKind]:
    """Return the kinds of the unions whose coupons the actor looks after."""
    return CouponKind.objects.filter(_reach(actor, "union__path")).select_related("union")


def list_kinds(actor: Actor) -> QuerySet[CouponKind]:
    """Return the kinds in reach with how many were issued, taken and redeemed so far."""
    redeemed = Redemption.objects.filter(kind=OuterRef("pk"), state=RedemptionState.REDEEMED).order_by().values("kind")
    return visible_kinds(actor).annotate(
        stock=_sum_of("capacity"),
        taken=_sum_of("taken"),
        redeemed=Coalesce(Subquery(redeemed.annotate(n=Count("pk")).values("n")), 0),
    )


def _sum_of(field: str) -> Any:
    issues = CouponIssue.objects.filter(kind=OuterRef("pk")).order_by().values("kind")
    return Coalesce(Subquery(issues.annotate(n=Sum(f"offer__pools__{field}")).values("n")), 0)


def get_kind(actor: Actor, pk: UUID) -> CouponKind:
    """Return one kind in reach. :raises NotFound: there is none that the actor may see."""
    if actor.kind == "anonymous":
        raise NotSignedIn
    found = visible_kinds(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def issues_of(kind: CouponKind) -> list[CouponIssue]:
    """Return the stocks of a kind that was fetched before, the newest first, with what is taken."""
    rows = CouponIssue.objects.filter(kind=kind).select_related("offer")
    counted = rows.annotate(stock=Sum("offer__pools__capacity"), taken=Sum("offer__pools__taken"))
    return list(counted.order_by("-pk")[:100])


def visible_redemptions(actor: Actor) -> QuerySet[Redemption]:
    """Return the redemptions of the kinds in reach."""
    rows = Redemption.objects.filter(_reach(actor, "kind__union__path"))
    return rows.select_related("kind__union", "place__partner", "worker", "coupon")


def list_redemptions(actor: Actor, filters: RedemptionFilters) -> QuerySet[Redemption]:
    """Return the redemptions that fit."""
    found = visible_redemptions(actor)
    if filters.kind:
        found = found.filter(kind_id=filters.kind)
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.since:
        found = found.filter(at__gte=datetime.combine(filters.since, time(), tzinfo=ZONE))
    if filters.until:
        found = found.filter(at__lt=datetime.combine(filters.until + timedelta(days=1), time(), tzinfo=ZONE))
    if text := filters.text.strip()[:60]:
        places = Q(place__name__icontains=text) | Q(partner__name__icontains=text)
        people = Membership.objects.filter(number=text).values_list("worker_id", flat=True)
        found = found.filter(places | Q(coupon__number=text) | Q(worker__in=list(people)))
    return found


def get_redemption(actor: Actor, pk: UUID) -> Redemption:
    """Return one redemption: in reach of a cadre, or made by the acting device. :raises NotFound: neither."""
    if actor.kind == "anonymous":
        raise NotSignedIn
    if actor.kind == "device" and actor.source_id is not None:
        own = Redemption.objects.filter(device_id=actor.source_id).select_related("kind__union", "place", "worker")
        found = own.filter(pk=pk).first()
    else:
        found = visible_redemptions(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def redeemed_at(place_id: UUID, *, since: datetime) -> list[Redemption]:
    """Return what was redeemed at a counter's own place since a moment, the newest first."""
    rows = Redemption.objects.filter(place_id=place_id, at__gte=since).select_related("kind")
    return list(rows.order_by("-at", "-pk")[:100])


@dataclass(frozen=True, slots=True)
class Sums:
    """How many coupons, and for how much. Units: coupons, yuan."""

    count: int
    amount: Decimal


def sums_of(partner_id: UUID, *, since: datetime) -> Sums:
    """Return what a partner has redeemed since a moment and what it will be paid for it."""
    rows = Redemption.objects.filter(partner_id=partner_id, at__gte=since, state=RedemptionState.REDEEMED)
    found = rows.aggregate(n=Count("pk"), sum=Sum("amount"))
    return Sums(found["n"], found["sum"] or Decimal(0))


def visible_clashes(actor: Actor) -> QuerySet[CouponClash]:
    """Return what counters redeemed without a network and the books contradict, at partners in reach."""
    rows = CouponClash.objects.filter(_reach(actor, "partner__union__path"))
    return rows.select_related("kind", "worker", "place__partner__union")


def list_clashes(actor: Actor, *, text: str = "", state: str = "") -> QuerySet[CouponClash]:
    """Return the clashes in reach that fit: a part of the place's or partner's name, and what was decided."""
    found = visible_clashes(actor)
    if state:
        found = found.filter(state=state)
    if text := text.strip()[:60]:
        found = found.filter(Q(place__name__icontains=text) | Q(partner__name__icontains=text))
    return found


def clashes_to_decide(actor: Actor) -> QuerySet[CouponClash]:
    """Return the clashes that wait for somebody who settles with their partners."""
    rows = CouponClash.objects.filter(_reach(actor, "partner__union__path", SETTLE_COUPONS), state=ClashState.OPEN)
    return rows.select_related("kind", "worker", "place__partner__union")


def get_clash(actor: Actor, pk: UUID) -> CouponClash:
    """Return one clash that the actor may decide. :raises NotFound: there is none such."""
    if actor.kind == "anonymous":
        raise NotSignedIn
    rows = CouponClash.objects.filter(_reach(actor, "partner__union__path", SETTLE_COUPONS))
    found = rows.select_related("kind", "worker", "place", "partner__union").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def clashes_of(partner_id: UUID) -> list[CouponClash]:
    """Return a partner's own clashes, the newest first, with what the union decided."""
    rows = CouponClash.objects.filter(partner_id=partner_id).select_related("kind")
    return list(rows.order_by("-told_at", "-pk")[:30])
