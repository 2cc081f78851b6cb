"""Kinds of coupons, where they are redeemed, and their stock, which is given out through an offer."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.models import CouponIssue, CouponKind, CouponPlace
from nuanxin.benefits.rules.coupon_fields import read_kind, read_stock
from nuanxin.benefits.rules.coupons import KIND
from nuanxin.benefits.states.coupons import MANAGE_COUPONS
from nuanxin.bookings.actions.offers import Draft, announce_offer, make_offer
from nuanxin.bookings.actions.places import divide_places
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Partner, PartnerPlace, Union

#: What is changed later only by ending the kind and making a new one: it was promised, or is paid by.
_PROMISED = ("face", "least_spend", "cost", "valid_from", "days_valid", "weekdays", "from_time", "until_time")


@transaction.atomic
def make_kind(
    *,
    actor: Actor,
    union: Union,
    fields: Mapping[str, Any],
    places: Iterable[tuple[Partner, PartnerPlace | None]],
    now: datetime,
) -> CouponKind:
    """Enter a kind of coupon and where it is redeemed.

    :param places: partners, each with one of its places, or with none for all of them.
    :raises NotAllowed: without `benefits.manage_coupons` at the union.
    :raises Invalid: what cannot be right, field by field, or nowhere to redeem it.
    """
    actor.require(MANAGE_COUPONS, at=union)
    kind = CouponKind(union=union, created_at=now, **read_kind(fields))
    kind.save(force_insert=True)
    _place(kind, places)
    record(actor, "benefits.coupon_kind_made", kind, now=now, union_path=union.path, name=kind.name)
    return kind


@transaction.atomic
def change_kind(
    *,
    actor: Actor,
    kind: CouponKind,
    fields: Mapping[str, Any],
    places: Iterable[tuple[Partner, PartnerPlace | None]],
    now: datetime,
) -> CouponKind:
    """Change a kind. Once there is stock of it, what it is worth and when it is good stay; its end may come later.

    :raises Conflict: ended, or what was promised would change.
    """
    actor.require(MANAGE_COUPONS, at=kind.union)
    values = read_kind(fields)
    if kind.ended_at is not None:
        raise Conflict("kind_ended", _("This kind has ended."))
    changed = [name for name, value in values.items() if getattr(kind, name) != value]
    kept = [name for name in changed if name in _PROMISED]
    shorter = values["valid_until"] < kind.valid_until
    if (kept or shorter) and kind.issues.exists():
        raise Conflict(
            "already_given",
            _("There are coupons of this kind: what it is worth and when it is good stay. Make a new kind instead."),
        )
    CouponKind.objects.filter(pk=kind.pk).update(**values)
    kind.places.all().delete()
    _place(kind, places)
    kind.refresh_from_db()
    record(actor, "benefits.coupon_kind_changed", kind, now=now, union_path=kind.union.path, fields=changed)
    return kind


def _place(kind: CouponKind, places: Iterable[tuple[Partner, PartnerPlace | None]]) -> None:
    rows = [CouponPlace(kind=kind, partner=partner, place=place) for partner, place in places]
    if not rows:
        raise Invalid("missing", _("Please choose at least one partner."), field="partners")
    for row in rows:
        if row.place is not None and row.place.partner_id != row.partner_id:
            raise Invalid("bad_value", _("Please choose from the list."), field="partners")
        if not row.partner.union.path.startswith(kind.union.path) and not kind.union.path.startswith(
            row.partner.union.path
        ):
            raise Invalid("bad_value", _("Please choose from the list."), field="partners")
    CouponPlace.objects.bulk_create(rows)


@transaction.atomic
def end_kind(*, actor: Actor, kind: CouponKind, now: datetime) -> CouponKind:
    """End a kind: no further stock of it. What people have stays good.

    :raises Conflict: ended before.
    """
    actor.require(MANAGE_COUPONS, at=kind.union)
    if not CouponKind.objects.filter(pk=kind.pk, ended_at=None).update(ended_at=now):
        raise Conflict("kind_ended", _("This kind has ended."))
    kind.ended_at = now
    record(actor, "benefits.coupon_kind_ended", kind, now=now, union_path=kind.union.path)
    return kind


@transaction.atomic
def issue_stock(
    *,
    actor: Actor,
    kind: CouponKind,
    fields: Mapping[str, Any],
    checks: Sequence[dict[str, Any]] = ({"check": "member"},),
    now: datetime,
) -> CouponIssue:
    """Make a stock of a kind and announce when it is given out; the offer's engine keeps count of it.

    Each person gets at most `limit_count` of this kind in a period, whatever the number of stocks.

    :param checks: for whom, as offers say it.
    :raises NotAllowed: without `benefits.manage_coupons` and `bookings.edit` at the union.
    :raises Conflict: the kind has ended; :raises Invalid: what cannot be right, field by field.
    """
    actor.require(MANAGE_COUPONS, at=kind.union)
    values = read_stock(fields, now=now)
    issue = make_stock(actor=actor, kind=kind, values=values, checks=checks, now=now)
    announce_offer(actor=actor, offer=issue.offer, now=now)
    return issue


def make_stock(
    *,
    actor: Actor,
    kind: CouponKind,
    values: Mapping[str, Any],
    checks: Sequence[dict[str, Any]] = ({"check": "member"},),
    kept: bool = False,
    now: datetime,
) -> CouponIssue:
    """Make a stock of a kind and the draft of its offer. Part of the acts that announce it, or keep it back.

    :param values: as `rules.coupon_fields` read them.
    :raises Conflict: the kind has ended.
    """
    if kind.ended_at is not None:
        raise Conflict("kind_ended", _("This kind has ended."))
    draft = Draft(
        kind=KIND,
        name=kind.name,
        name_en=kind.name_en,
        about=kind.about,
        about_en=kind.about_en,
        service=kind.service,
        opens_at=values["opens_at"],
        closes_at=values["closes_at"],
        limit_kind=f"coupon-{kind.pk.hex[-12:]}",
        limit_period=values["limit_period"],
        limit_count=values["limit_count"],
        renews=values.get("renews", False),
        checks=list(checks),
    )
    offer = make_offer(actor=actor, union=kind.union, draft=draft, now=now)
    divide_places(actor=actor, offer=offer, places=values["stock"], now=now)
    issue = CouponIssue(
        kind=kind,
        offer=offer,
        kept=kept,
        has_line=values.get("has_line", False),
        per_second=values.get("per_second", 200),
        seed=secrets.token_bytes(32),
    )
    issue.save(force_insert=True)
    act = "benefits.coupons_kept_back" if kept else "benefits.coupons_issued"
    record(actor, act, issue, now=now, union_path=kind.union.path, stock=values["stock"], number=offer.number)
    return issue
