"""Coupons that a union gave to single people: what is kept back for them, to whom they went, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, OuterRef, Q, Subquery, Sum

from nuanxin.benefits.models import CouponGift, CouponIssue, CouponKind
from nuanxin.benefits.queries.redemptions import visible_kinds
from nuanxin.bookings.states import OfferState
from nuanxin.kernel.refusals import NotFound, NotSignedIn
from nuanxin.members.models import Membership

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor


def _kept() -> QuerySet[CouponIssue]:
    rows = CouponIssue.objects.filter(kept=True, offer__state=OfferState.KEPT)
    return rows.filter(offer__pools__taken__lt=F("offer__pools__capacity"))


def kept_of(kind: CouponKind) -> list[UUID]:
    """Return the offers that keep coupons of a kind back and have one left, the oldest first."""
    return list(_kept().filter(kind=kind).order_by("pk").values_list("offer_id", flat=True))


def giveable_kinds(actor: Actor, *, on: date) -> list[tuple[CouponKind, int]]:
    """Return the kinds in reach of which single coupons can be given on a day, with how many are left."""
    left = _kept().filter(kind=OuterRef("pk")).order_by().values("kind")
    left = left.annotate(n=Sum(F("offer__pools__capacity") - F("offer__pools__taken")))
    rows = visible_kinds(actor).filter(ended_at=None, valid_until__gt=on).annotate(left=Subquery(left.values("n")))
    return [(kind, kind.left) for kind in rows.filter(left__gt=0).order_by("name", "pk")[:200]]


def ticket_kinds(*, on: date) -> list[CouponKind]:
    """Return the kinds that are the film ticket of welcome packs on a day and have one left; the narrowest first."""
    rows = CouponKind.objects.filter(in_packs=True, ended_at=None, valid_until__gt=on).select_related("union")
    kept = set(_kept().filter(kind__in=rows).values_list("kind_id", flat=True))
    found = [kind for kind in rows.order_by("-pk") if kind.pk in kept]
    return sorted(found, key=lambda kind: -len(kind.union.path))


def gifts_of(kind: CouponKind, text: str = "") -> QuerySet[CouponGift]:
    """Return to whom coupons of a kind, which was fetched before, were given; by name, member or coupon number."""
    rows = CouponGift.objects.filter(kind=kind).select_related("coupon", "worker", "given_by", "kind__union")
    if text := text.strip()[:60]:
        numbered = Membership.objects.filter(number=text).values_list("worker_id", flat=True)
        rows = rows.filter(Q(worker__name__icontains=text) | Q(coupon__number=text) | Q(worker__in=list(numbered)))
    return rows


def get_gift(actor: Actor, pk: UUID) -> CouponGift:
    """Return one gift of a kind in reach. :raises NotFound: there is none such."""
    if actor.kind == "anonymous":
        raise NotSignedIn
    rows = CouponGift.objects.filter(kind__in=visible_kinds(actor))
    found = rows.select_related("coupon__offer__union", "worker", "kind__union").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def reasons_of(coupons: Iterable[UUID]) -> dict[UUID, str]:
    """Return why each of some coupons was given, for those that the union gave."""
    return dict(CouponGift.objects.filter(coupon__in=list(coupons)).values_list("coupon_id", "reason"))
