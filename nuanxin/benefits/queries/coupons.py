"""Coupons of one person, with everything that decides about them at one counter: one statement."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import get_language

from nuanxin.benefits.models import CouponKind, CouponPlace
from nuanxin.benefits.rules.coupons import KIND, Coupon, Terms, periods, why_not
from nuanxin.bookings.models import Booking
from nuanxin.bookings.rules.limits import period_of
from nuanxin.bookings.states import LIVE, BookingState
from nuanxin.catalog.rules.applies import Applies
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotSignedIn
from nuanxin.members.states import MembershipState

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from nuanxin.bookings.models import Offer
    from nuanxin.catalog.rules.applies import Here
    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Worker

#: A counter still hears of what was used or ran out so lately; what is longer ago only makes the list long.
_LATELY: Final = timedelta(days=1)
_RAN_OUT_LATELY: Final = timedelta(days=7)

_SQL = f"""
SELECT b.id, b.state, b.booked_at, coalesce(m.state, ''),
  k.id, k.name, k.name_en, k.face, k.least_spend, k.cost, k.valid_from, k.valid_until, k.days_valid, k.weekdays,
  k.from_time, k.until_time, k.service, k.ended_at IS NOT NULL,
  EXISTS (SELECT 1 FROM benefits_couponplace x
           WHERE x.kind_id = k.id AND x.partner_id = %(partner)s AND (x.place_id IS NULL OR x.place_id = %(place)s)),
  coalesce(day.count, 0), c.day_cap, coalesce(month.amount, 0), c.month_cap,
  r.at, r.name, r.name_en, r.scan_id, r.id, r.refunded_at
FROM bookings_booking b
JOIN benefits_couponissue i ON i.offer_id = b.offer_id
JOIN benefits_couponkind k ON k.id = i.kind_id
LEFT JOIN LATERAL (
  SELECT state FROM members_membership WHERE worker_id = coalesce(%(kept)s, %(worker)s)
   ORDER BY state = '{MembershipState.ENDED.value}', id DESC LIMIT 1) m ON true
LEFT JOIN LATERAL (
  SELECT r.id, r.at, r.scan_id, r.refunded_at, p.name, p.name_en FROM benefits_redemption r
    JOIN organizations_partnerplace p ON p.id = r.place_id
   WHERE r.coupon_id = b.id ORDER BY r.id DESC LIMIT 1) r ON true
LEFT JOIN LATERAL (
  SELECT day_cap, month_cap FROM organizations_partnercontract
   WHERE partner_id = %(partner)s AND ended_at IS NULL AND valid_from <= %(day)s AND valid_until > %(day)s
   ORDER BY valid_from DESC, id DESC LIMIT 1) c ON true
LEFT JOIN benefits_merchanttally day ON day.partner_id = %(partner)s AND day.period = %(day_period)s
LEFT JOIN benefits_merchanttally month ON month.partner_id = %(partner)s AND month.period = %(month_period)s
WHERE b.worker_id = ANY(ARRAY(SELECT id FROM members_worker WHERE id = %(worker)s OR merged_into_id = %(worker)s))
"""
_ONE = f"{_SQL} AND b.id = %(key)s"
_ALL = f"{_SQL} AND b.state = ANY(%(states)s) ORDER BY b.id DESC LIMIT 200"


def coupon_here(worker: Worker, here: Here, key: UUID, now: datetime) -> Coupon | None:
    """Return one coupon of a person as it stands at a counter; none: the person never had it."""
    found = _ask(_ONE, _values(worker, here, now) | {"key": key})
    return found[0] if found else None


def coupons_here(worker: Worker, here: Here, now: datetime) -> list[Applies]:
    """Return a person's coupons at a counter: those to be redeemed first, then the others with the reasons."""
    if KIND not in here.kinds:
        return []
    states = [BookingState.BOOKED.value, BookingState.CHECKED_IN.value]
    found = []
    for coupon in _ask(_ALL, _values(worker, here, now) | {"states": states}):
        if _is_past(coupon, now):
            continue
        reasons = why_not(coupon, now=now, place=here.place_name)
        terms, last = coupon.terms, coupon.last_day
        name = terms.name_en or terms.name
        words = f"{terms.offer()} · {last:%Y-%m-%d}"
        found.append(Applies(KIND, str(coupon.id), terms.name, name, words, "redeem", reasons))
    return sorted(found, key=lambda each: bool(each.refused))


def coupons_of_kind(worker: Worker, here: Here, kind_id: UUID, at: datetime) -> list[Coupon]:
    """Return a person's coupons of one kind, used ones too, as they stood at a counter at a moment."""
    states = [BookingState.BOOKED.value, BookingState.CHECKED_IN.value]
    found = _ask(_ALL, _values(worker, here, at) | {"states": states})
    return [coupon for coupon in found if coupon.terms.id == kind_id and coupon.got_at <= at]


def offline_kinds(here: Here, on: date) -> list[CouponKind]:
    """Return the kinds that a counter may redeem without a network on a day. One statement."""
    if KIND not in here.kinds:
        return []
    places = CouponPlace.objects.filter(
        Q(place=None) | Q(place=here.place_id), kind=OuterRef("pk"), partner=here.partner_id
    )
    rows = CouponKind.objects.filter(Exists(places), offline_limit__gt=0, ended_at=None)
    return list(rows.filter(valid_from__lte=on, valid_until__gt=on).order_by("name", "pk")[:20])


def _is_past(coupon: Coupon, now: datetime) -> bool:
    if coupon.state == BookingState.CHECKED_IN:
        return coupon.used_at is None or now - coupon.used_at > _LATELY
    return local_day(now) > coupon.last_day + _RAN_OUT_LATELY


def my_coupons(actor: Actor, now: datetime) -> list[Coupon]:
    """Return all coupons of the signed-in worker, the newest first. :raises NotSignedIn: no worker is signed in."""
    if actor.worker_id is None:
        raise NotSignedIn
    return coupons_of(actor.worker_id, now)


def coupons_of(worker_id: UUID, now: datetime) -> list[Coupon]:
    """Return all coupons of a person, the newest first; where they are redeemed is not looked at."""
    values = _plain(worker_id, None, now) | {"partner": None, "place": None, "states": [*LIVE, "cancelled"]}
    return _ask(_ALL, values)


def coupon_of_offer(offer: Offer, worker_id: UUID, now: datetime) -> Booking | None:
    """Return the coupon that a person has of a stock, if any; of one that renews, that of the period."""
    turn = period_of(offer.limit_period, local_day(now)) if offer.renews else ""
    return Booking.objects.filter(offer=offer, worker_id=worker_id, turn=turn, state__in=LIVE).first()


def terms_of_kind(kind: CouponKind) -> Terms:
    """Return what a kind says."""
    return Terms(
        id=kind.pk,
        name=kind.name,
        name_en=kind.name_en,
        face=kind.face,
        least_spend=kind.least_spend,
        cost=kind.cost,
        valid_from=kind.valid_from,
        valid_until=kind.valid_until,
        days_valid=kind.days_valid,
        weekdays=tuple(kind.weekdays),
        from_time=kind.from_time,
        until_time=kind.until_time,
        service=kind.service,
        ended=kind.ended_at is not None,
    )


def local_name(name: str, name_en: str) -> str:
    """Return a name in the reader's language, where there is one."""
    return (name_en if (get_language() or "").startswith("en") else "") or name


def _values(worker: Worker, here: Here, now: datetime) -> dict[str, Any]:
    return _plain(worker.pk, worker.merged_into_id, now) | {"partner": here.partner_id, "place": here.place_id}


def _plain(worker_id: UUID, kept: UUID | None, now: datetime) -> dict[str, Any]:
    day, month = periods(now)
    return {
        "worker": worker_id,
        "kept": kept,
        "day": local_day(now),
        "day_period": day,
        "month_period": month,
    }


def _ask(statement: str, values: dict[str, Any]) -> list[Coupon]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [_coupon(row) for row in cursor.fetchall()]


def _coupon(row: tuple[Any, ...]) -> Coupon:
    booking, state, got_at, membership, *said = row
    kind, rest = said[:14], said[14:]
    is_here, day_count, day_cap, month_amount, month_cap, used_at, place, place_en, scan, redemption, refunded = rest
    weekdays = tuple(kind[9])
    terms = Terms(
        id=kind[0],
        name=kind[1],
        name_en=kind[2],
        face=kind[3],
        least_spend=kind[4],
        cost=kind[5],
        valid_from=kind[6],
        valid_until=kind[7],
        days_valid=kind[8],
        weekdays=weekdays,
        from_time=kind[10],
        until_time=kind[11],
        service=kind[12],
        ended=kind[13],
    )
    return Coupon(
        id=booking,
        terms=terms,
        state=state,
        got_at=got_at,
        membership=membership,
        is_here=is_here,
        day_count=day_count,
        day_cap=day_cap,
        month_amount=month_amount,
        month_cap=month_cap,
        used_at=used_at,
        used_place=place or "",
        used_place_en=place_en or "",
        used_scan=scan,
        redemption_id=redemption,
        refunded_at=refunded,
    )
