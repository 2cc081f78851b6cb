"""Coupons: what one is worth, its stock and the line in front of it, each redemption, and what partners are paid."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from nuanxin.access.models import Account
from nuanxin.benefits.models.packs import PackRight
from nuanxin.benefits.states.coupons import ClashKind, ClashState, LineKind, RedemptionState
from nuanxin.bookings.models import Booking, Offer
from nuanxin.kernel.ids import new_id
from nuanxin.members.models import Worker
from nuanxin.organizations.models import Partner, PartnerPlace, Union


class CouponKind(models.Model):
    """A kind of coupon: what it takes off, on which conditions, and what the union pays the partner for it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120, blank=True)
    about = models.CharField(max_length=300, blank=True)
    about_en = models.CharField(max_length=400, blank=True)
    #: What it takes off for the member, in yuan.
    face = models.DecimalField(max_digits=8, decimal_places=2)
    #: The least a member must spend; 0: nothing.
    least_spend = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    #: What the union pays the partner for one, in yuan.
    cost = models.DecimalField(max_digits=8, decimal_places=2)
    #: Redeemed from this day (inclusive) to that day (exclusive).
    valid_from = models.DateField()
    valid_until = models.DateField()
    #: For so many days from the one on which somebody got it; 1: that day only; none: as long as the kind.
    days_valid = models.PositiveSmallIntegerField(null=True, blank=True)
    #: Monday is 0; empty: every day.
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    #: Hours of the day; both or none.
    from_time = models.TimeField(null=True, blank=True)
    until_time = models.TimeField(null=True, blank=True)
    #: Code of the service in the catalog that a redemption is a delivery of; empty: none.
    service = models.CharField(max_length=40, blank=True)
    #: How many a device may redeem in a day without a network; 0: none.
    offline_limit = models.PositiveSmallIntegerField(default=0)
    #: Whether it is the film ticket of welcome packs, below the union of the kind.
    in_packs = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="coupon_kind_dates"),
            models.CheckConstraint(condition=Q(face__gt=0, least_spend__gte=0, cost__gte=0), name="coupon_kind_money"),
            models.CheckConstraint(
                condition=Q(least_spend=0) | Q(face__lte=F("least_spend")), name="coupon_kind_never_pays_out"
            ),
            models.CheckConstraint(
                condition=Q(from_time=None, until_time=None) | Q(until_time__gt=F("from_time")),
                name="coupon_kind_hours",
            ),
            models.CheckConstraint(condition=Q(days_valid=None) | Q(days_valid__gte=1), name="coupon_kind_days"),
        ]

    def __str__(self) -> str:
        return self.name


class CouponPlace(models.Model):
    """Where a kind is redeemed: at one place of a partner, or at all of them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.ForeignKey(CouponKind, on_delete=models.CASCADE, related_name="places", db_index=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(PartnerPlace, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "partner", "place"], nulls_distinct=False, name="coupon_place_once")
        ]


class CouponIssue(models.Model):
    """A stock of one kind, given through an offer of the bookings floor, and the line in front of it.

    `early` and `late` count who stands in line: before the opening, and since. They change by one conditional UPDATE
    only, together with the entry they number.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.ForeignKey(CouponKind, on_delete=models.PROTECT, related_name="issues")
    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="+")
    #: Kept back: nobody takes them, the union gives them to single people.
    kept = models.BooleanField(default=False)
    #: Whether people stand in line for it.
    has_line = models.BooleanField(default=True)
    #: How many people of the line are let in each second.
    per_second = models.PositiveSmallIntegerField(default=200)
    #: What puts the early ones in order; its SHA-256 is shown from the first day, itself from the opening on.
    seed = models.BinaryField(max_length=32)
    early = models.PositiveIntegerField(default=0)
    late = models.PositiveIntegerField(default=0)
    #: When the number of early ones was fixed: the first time that anybody asked at or after the opening.
    drawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(per_second__gte=1), name="coupon_issue_pace"),
            models.CheckConstraint(
                condition=Q(late=0) | Q(drawn_at__isnull=False), name="coupon_issue_late_after_draw"
            ),
        ]


class CouponGift(models.Model):
    """A coupon that the union gave to one person, for a reason that the person reads."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.ForeignKey(CouponKind, on_delete=models.PROTECT, related_name="+", db_index=False)
    #: The booking that is the coupon.
    coupon = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="+")
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+")
    #: The right of a welcome pack that it fulfills; none for a gift of its own.
    right = models.ForeignKey(PackRight, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=200, blank=True)
    given_at = models.DateTimeField()
    #: None: the rule of welcome packs.
    given_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["right"], condition=Q(right__isnull=False), name="coupon_gift_right_once")
        ]
        indexes = [models.Index(fields=["kind", "-id"], name="coupon_gift_of_kind")]


class LineEntry(models.Model):
    """Somebody in line; once for each stock, whatever the phone does."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    issue = models.ForeignKey(CouponIssue, on_delete=models.PROTECT, related_name="+", db_index=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()
    #: Came before the opening: `nth` says when among those, and the seed which place that gives.
    is_early = models.BooleanField()
    nth = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issue", "worker"], name="line_entry_once"),
            models.UniqueConstraint(fields=["issue", "is_early", "nth"], name="line_entry_number"),
        ]


class Redemption(models.Model):
    """A coupon went over a counter: at most one that counts for each coupon."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    #: The booking that is the coupon.
    coupon = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.ForeignKey(CouponKind, on_delete=models.PROTECT, related_name="+", db_index=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+", db_index=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+", db_index=False)
    place = models.ForeignKey(PartnerPlace, on_delete=models.PROTECT, related_name="+", db_index=False)
    device_id = models.UUIDField()
    staff_id = models.UUIDField(null=True)
    #: The scan by which it was redeemed: the same scan again is a doubled tap.
    scan_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    #: When this installation heard of it: later than `at`, where the counter had no network.
    told_at = models.DateTimeField()
    #: What the member got and what the partner gets, as the kind said then, in yuan.
    face = models.DecimalField(max_digits=8, decimal_places=2)
    amount = models.DecimalField(max_digits=8, decimal_places=2)
    state = models.CharField(max_length=8, choices=RedemptionState.choices, default=RedemptionState.REDEEMED)
    refunded_at = models.DateTimeField(null=True)
    refunded_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["coupon"], condition=Q(state=RedemptionState.REDEEMED), name="redemption_once"
            ),
            models.CheckConstraint(
                condition=Q(state=RedemptionState.REFUNDED, refunded_at__isnull=False)
                | Q(state=RedemptionState.REDEEMED, refunded_at=None, reason=""),
                name="redemption_refunded",
            ),
        ]
        indexes = [
            models.Index(fields=["coupon", "-id"], name="redemption_of_coupon"),
            models.Index(fields=["partner", "-at", "-id"], name="redemption_of_partner"),
            models.Index(fields=["kind", "-id"], name="redemption_of_kind"),
            models.Index(fields=["place", "-at", "-id"], name="redemption_of_place"),
        ]


class MerchantTally(models.Model):
    """How much a partner has redeemed on a day (2026-11-22) and in a month (2026-11): the rows that caps stand on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+", db_index=False)
    period = models.CharField(max_length=10)
    count = models.IntegerField(default=0)
    amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "period"], name="merchant_tally_once"),
            models.CheckConstraint(condition=Q(count__gte=0, amount__gte=0), name="merchant_tally_not_below_zero"),
        ]


class Settlement(models.Model):
    """What a partner is paid for one month. Closed once, never changed: what comes later is a line of a later month."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=20, unique=True)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+", db_index=False)
    #: 2026-11.
    month = models.CharField(max_length=7)
    count = models.IntegerField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "month"], name="settlement_once")]

    def __str__(self) -> str:
        return self.number


class SettlementLine(models.Model):
    """One redemption or decided clash that is paid, or paid back; each at most once in all months together."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="lines")
    redemption = models.ForeignKey(Redemption, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    clash = models.ForeignKey("CouponClash", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=LineKind.choices)
    amount = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["redemption", "kind"], name="settlement_line_once"),
            models.UniqueConstraint(
                fields=["clash", "kind"], condition=Q(clash__isnull=False), name="settlement_clash_once"
            ),
            models.CheckConstraint(
                condition=Q(redemption__isnull=False, clash=None) | Q(redemption=None, clash__isnull=False),
                name="settlement_line_of_one",
            ),
            models.CheckConstraint(
                condition=Q(kind=LineKind.REDEEMED, clash=None, amount__gte=0)
                | Q(kind=LineKind.CLASH, redemption=None, amount__gte=0)
                | Q(kind=LineKind.REFUNDED, amount__lte=0),
                name="settlement_line_sign",
            ),
        ]


class CouponClash(models.Model):
    """What a counter redeemed without a network and the books contradict; the union decides whether it is paid.

    Paid, it is the redemption of a coupon that the member still had, or else a line of the settlement by itself.
    """

    #: Made by the device: sent twice, it is one.
    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.ForeignKey(CouponKind, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+", db_index=False)
    place = models.ForeignKey(PartnerPlace, on_delete=models.PROTECT, related_name="+", db_index=False)
    device_id = models.UUIDField()
    at = models.DateTimeField()
    told_at = models.DateTimeField()
    why = models.CharField(max_length=10, choices=ClashKind.choices)
    words = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=6, choices=ClashState.choices, default=ClashState.OPEN)
    #: What the partner is paid for it, once that is decided.
    amount = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    reason = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    #: What it became where the member still had the coupon.
    redemption = models.OneToOneField(Redemption, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ClashState.OPEN, decided_at=None, amount=0)
                | ~Q(state=ClashState.OPEN) & Q(decided_at__isnull=False, amount__gte=0),
                name="coupon_clash_decided",
            ),
            models.CheckConstraint(
                condition=Q(redemption=None) | Q(state=ClashState.PAID), name="coupon_clash_redeemed"
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-told_at", "-id"], name="coupon_clash_of_partner"),
            models.Index(fields=["partner", "at"], condition=~Q(state=ClashState.OPEN), name="coupon_clash_due"),
        ]
