"""Coupons: until when one is good, every reason why it cannot be redeemed here and now, and caps. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.states.coupons import CouponState
from nuanxin.bookings.states import BookingState
from nuanxin.catalog.rules.applies import Reason
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.members.states import MembershipState

if TYPE_CHECKING:
    from uuid import UUID

    from django.utils.functional import _StrOrPromise

#: As a counter calls the kind: `organizations.states.ScanKind.COUPON`; also the kind of an offer of coupons.
KIND: Final = "coupon"
#: A coupon that a partner gave back is good for so many days more, though its own time be over.
AFTER_REFUND: Final = timedelta(days=3)
#: A redemption is taken back by the union within this time.
REFUND_WITHIN: Final = timedelta(days=62)
#: A counter without a network tells of its redemptions within this time.
TOLD_WITHIN: Final = timedelta(days=3)
_SERVED: Final = frozenset({MembershipState.ACTIVE, MembershipState.RETAINED})
_DAYS: Final = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a kind of coupon says."""

    id: UUID
    name: str
    name_en: str
    face: Decimal
    least_spend: Decimal
    cost: Decimal
    valid_from: date
    valid_until: date
    days_valid: int | None
    weekdays: tuple[int, ...]
    from_time: time | None
    until_time: time | None
    service: str
    ended: bool = False

    def last_day(self, got_on: date, refunded_on: date | None = None) -> date:
        """Return the last day on which a coupon is good that somebody got on a day."""
        last = self.valid_until - timedelta(days=1)
        if self.days_valid is not None:
            last = min(last, got_on + timedelta(days=self.days_valid - 1))
        return max(last, refunded_on + AFTER_REFUND) if refunded_on else last

    def offer(self) -> _StrOrPromise:
        """Say what it does: 满2元减1.99元."""
        if self.least_spend:
            words = _("%(face)s yuan off from %(least)s yuan")
            return words % {"face": yuan(self.face), "least": yuan(self.least_spend)}
        return _("worth %(face)s yuan") % {"face": yuan(self.face)}

    def hours(self) -> str:
        """Say on which weekdays and at which hours it is good; empty: always."""
        days = " ".join(str(_DAYS[day]) for day in self.weekdays)
        times = f"{self.from_time:%H:%M}-{self.until_time:%H:%M}" if self.from_time and self.until_time else ""
        return " ".join(part for part in (days, times) if part)


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon of one person, with all that decides whether it may be redeemed at one counter."""

    id: UUID
    terms: Terms
    state: str
    got_at: datetime
    membership: str
    #: Whether the counter's partner and place redeem this kind.
    is_here: bool = True
    #: What is gone of the partner's caps, and the caps; none: no cap.
    day_count: int = 0
    day_cap: int | None = None
    month_amount: Decimal = Decimal(0)
    month_cap: Decimal | None = None
    #: When, where and by which scan it was used last, and whether that was taken back.
    used_at: datetime | None = None
    used_place: str = ""
    used_place_en: str = ""
    used_scan: UUID | None = None
    redemption_id: UUID | None = None
    refunded_at: datetime | None = None

    @property
    def last_day(self) -> date:
        """Return the last day on which it is good."""
        refunded = local_day(self.refunded_at) if self.refunded_at else None
        return self.terms.last_day(local_day(self.got_at), refunded)


def yuan(amount: Decimal) -> str:
    """Return an amount as people write it: 5, 1.99, 2.50."""
    return f"{amount:.2f}".removesuffix(".00")


def why_not(coupon: Coupon, *, now: datetime, place: str) -> tuple[Reason, ...]:
    """Return every reason why a coupon cannot be redeemed at a counter now; none when it can."""
    if coupon.state == BookingState.CHECKED_IN:
        return (_used(coupon),)
    if coupon.state != BookingState.BOOKED:
        return (
            Reason(
                "coupon_gone",
                _("This coupon was given back or cancelled."),
                _("See what else there is."),
            ),
        )
    found = [*_time(coupon, now)]
    if not coupon.is_here:
        remedy = _("On the member's phone, under My coupons, is where it is redeemed.")
        found.append(Reason("wrong_merchant", _("It is not redeemed at %(place)s.") % {"place": place}, remedy))
    if coupon.membership not in _SERVED:
        words = _("The membership has ended or rests: nothing can be redeemed for now.")
        found.append(Reason("not_a_member", words, _("Ask the member's union why: call 12351.")))
    found.extend(_caps(coupon))
    return tuple(found)


def _used(coupon: Coupon) -> Reason:
    when = coupon.used_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") if coupon.used_at else ""
    words = _("It was used at %(place)s, %(when)s.") % {"place": coupon.used_place, "when": when}
    return Reason("coupon_used", words, _("If the member did not use it, the union can take that back: call 12351."))


def _time(coupon: Coupon, now: datetime) -> list[Reason]:
    terms, local = coupon.terms, now.astimezone(ZONE)
    day, clock = local.date(), local.time()
    if day < terms.valid_from:
        words = _("It is good from %(day)s on.") % {"day": date_format(terms.valid_from, "Y-m-d")}
        return [Reason("coupon_later", words, _("Come back then: it stays with the member."))]
    if day > coupon.last_day:
        words = _("It was good until %(day)s.") % {"day": date_format(coupon.last_day, "Y-m-d")}
        return [Reason("coupon_expired", words, _("New ones are told in the app before they are given out."))]
    found = []
    if terms.weekdays and day.weekday() not in terms.weekdays:
        words = _("It is good on these days: %(days)s.") % {"days": " ".join(str(_DAYS[d]) for d in terms.weekdays)}
        found.append(Reason("wrong_day", words, _("Come back on such a day: it stays with the member.")))
    if terms.from_time and terms.until_time and not terms.from_time <= clock < terms.until_time:
        words = _("It is good from %(start)s to %(end)s.") % {
            "start": f"{terms.from_time:%H:%M}",
            "end": f"{terms.until_time:%H:%M}",
        }
        found.append(Reason("wrong_hour", words, _("Come back at such an hour: it stays with the member.")))
    return found


def _caps(coupon: Coupon) -> list[Reason]:
    if coupon.day_cap is not None and coupon.day_count >= coupon.day_cap:
        return [day_full(coupon.day_cap)]
    if coupon.month_cap is not None and coupon.month_amount + coupon.terms.cost > coupon.month_cap:
        return [month_full()]
    return []


def day_full(cap: int) -> Reason:
    """Return the reason that a partner has redeemed all it may on this day."""
    words = _("This partner has redeemed all it may today: %(cap)s.") % {"cap": cap}
    return Reason("day_full", words, _("It stays with the member: come back tomorrow, or go to another place."))


def month_full() -> Reason:
    """Return the reason that a partner has been promised all it may be paid this month."""
    words = _("This partner has redeemed all it may this month.")
    return Reason("month_full", words, _("It stays with the member: go to another place, or come next month."))


def state_of(coupon: Coupon, *, on: date) -> CouponState:
    """Return how a coupon stands for the member who has it."""
    if coupon.state == BookingState.CHECKED_IN:
        return CouponState.USED
    if coupon.state != BookingState.BOOKED:
        return CouponState.GONE
    if on > coupon.last_day:
        return CouponState.EXPIRED
    return CouponState.LATER if on < coupon.terms.valid_from else CouponState.READY


def is_same_tap(coupon: Coupon, scan_id: UUID | None) -> bool:
    """Answer whether this very scan has redeemed the coupon already: a doubled tap."""
    return coupon.state == BookingState.CHECKED_IN and scan_id is not None and coupon.used_scan == scan_id


def periods(at: datetime) -> tuple[str, str]:
    """Return the day and the month for which a redemption counts against caps."""
    day = local_day(at)
    return day.isoformat(), f"{day:%Y-%m}"
