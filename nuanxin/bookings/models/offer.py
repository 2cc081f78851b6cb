"""What is offered: offers, their sessions, the shares of their places, and pools, the rows that count."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nuanxin.access.models import Account
from nuanxin.bookings.states import NoShowRule, OfferState, Period, SessionState, ShareKind, Way
from nuanxin.kernel.ids import new_id
from nuanxin.organizations.models import Union
from nuanxin.regions.models import Region


class Offer(models.Model):
    """Something scarce of one union, and the rules by which it is given."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=20, unique=True)
    #: Code of the package above that knows what it is: check_up, recuperation, event, coupon, pack.
    kind = models.CharField(max_length=30)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=150, blank=True)
    about = models.TextField(blank=True)
    about_en = models.TextField(blank=True)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    #: Code of the service in the catalog; empty: none.
    service = models.CharField(max_length=40, blank=True)
    way = models.CharField(max_length=10, choices=Way.choices, default=Way.FIRST_COME)
    state = models.CharField(max_length=10, choices=OfferState.choices, default=OfferState.DRAFT)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    #: Whether people may wait for a place once all are taken.
    waits = models.BooleanField(default=False)
    #: How long a place may be kept before it is confirmed; 0: it is booked at once.
    hold_minutes = models.PositiveSmallIntegerField(default=0)
    #: How long a place that came free is kept for the one who waited longest.
    offer_minutes = models.PositiveSmallIntegerField(default=120)
    #: Most places of one booking: one for the member, the rest for companions.
    most_seats = models.PositiveSmallIntegerField(default=1)
    #: A person gets at most `limit_count` of all offers with this `limit_kind` in a period; 0: no limit.
    limit_kind = models.CharField(max_length=30, blank=True)
    limit_period = models.CharField(max_length=5, choices=Period.choices, default=Period.EVER)
    limit_count = models.PositiveSmallIntegerField(default=0)
    #: A person may have one anew in each period of the limit, from the same places.
    renews = models.BooleanField(default=False, db_default=False)
    #: Who may take part: list of {"check": code, …arguments}, see `rules/eligibility.py`.
    checks = models.JSONField(default=list)
    #: A booking may be given back until so many hours before its session (or before the offer closes).
    cancel_until_hours = models.PositiveSmallIntegerField(default=0)
    no_show = models.CharField(max_length=6, choices=NoShowRule.choices, default=NoShowRule.COUNTS)
    bar_days = models.PositiveSmallIntegerField(default=0)
    #: People may check in so long before a session begins.
    early_minutes = models.PositiveSmallIntegerField(default=60)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="offer_dates"),
            models.CheckConstraint(condition=Q(limit_count=0) | ~Q(limit_kind=""), name="offer_limit_named"),
            models.CheckConstraint(
                condition=Q(renews=False) | Q(limit_count=1) & ~Q(limit_period=Period.EVER), name="offer_renews"
            ),
            models.CheckConstraint(condition=Q(most_seats__gte=1), name="offer_seats"),
            models.CheckConstraint(
                condition=Q(no_show=NoShowRule.BARS, bar_days__gte=1) | ~Q(no_show=NoShowRule.BARS),
                name="offer_bar_days",
            ),
        ]
        indexes = [
            models.Index(fields=["union", "-id"], name="offer_of_union"),
            models.Index(fields=["state", "closes_at", "id"], name="offer_state"),
        ]

    def __str__(self) -> str:
        return self.name


class Session(models.Model):
    """One time and place of an offer; an offer without sessions gives its places without."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="sessions", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=120, blank=True)
    place_en = models.CharField(max_length=200, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=SessionState.choices, default=SessionState.PLANNED)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_dates")]
        indexes = [
            models.Index(fields=["offer", "starts_at", "id"], name="session_of_offer"),
            models.Index(fields=["ends_at"], condition=Q(state=SessionState.PLANNED), name="session_ending"),
        ]


class Share(models.Model):
    """A part of an offer's places, for whom it is, and from when."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="shares", db_index=False)
    code = models.CharField(max_length=30)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=8, choices=ShareKind.choices, default=ShareKind.OPEN)
    #: How many places of each session (of the whole offer, where it has none, and for a share that says how many a
    #: group gets at most), or what percentage of them, rounded up.
    amount = models.PositiveIntegerField(null=True)
    percent = models.PositiveSmallIntegerField(null=True)
    #: For whom: checks as those of the offer; empty: everybody who may take part.
    who = models.JSONField(default=list)
    #: Places of this share are given from here on, not from the offer's opening.
    opens_at = models.DateTimeField(null=True)
    #: What is left of the share then goes to the first open share; `released_at` is when it did.
    releases_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    #: Shares are filled in this order.
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "code"], name="share_code_once"),
            models.CheckConstraint(condition=Q(percent=None) | Q(percent__lte=100), name="share_percent"),
            models.CheckConstraint(
                condition=Q(amount=None, percent__isnull=False)
                | Q(amount__isnull=False, percent=None)
                | Q(kind=ShareKind.OPEN),
                name="share_how_many",
            ),
        ]


class Pool(models.Model):
    """The places of one share at one session: the row that counts, and the only one that people compete for.

    `taken` is the sum of `seats` of the bookings that take its places. It changes by one conditional UPDATE only.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="pools", db_index=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, related_name="pools", db_index=False)
    share = models.ForeignKey(Share, on_delete=models.PROTECT, related_name="pools", db_index=False)
    capacity = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(taken__gte=0, taken__lte=F("capacity")), name="pool_never_oversold"),
            models.UniqueConstraint(
                fields=["session", "share"], nulls_distinct=False, name="pool_once_for_session_and_share"
            ),
        ]
        indexes = [models.Index(fields=["offer", "session"], name="pool_of_offer")]
