"""Who has a place, and who waits for one."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from nuanxin.bookings.models.offer import Offer, Pool, Session
from nuanxin.bookings.states import LISTED, LIVE, BookingState, EndReason, WaitingState
from nuanxin.kernel.ids import new_id
from nuanxin.members.models import Worker


class Booking(models.Model):
    """A place of one person, never of another one; it says how it ended.

    Offer and session are those of the pool, whose own keys hold them: a key of the booking itself would lock the one
    row of the offer with every booking.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=12, unique=True)
    offer = models.ForeignKey(
        Offer, on_delete=models.DO_NOTHING, related_name="bookings", db_index=False, db_constraint=False
    )
    session = models.ForeignKey(
        Session, on_delete=models.DO_NOTHING, null=True, related_name="bookings", db_index=False, db_constraint=False
    )
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="bookings", db_index=False)
    #: Pools of shares that say how many a group gets at most, which count this booking, too.
    caps = ArrayField(models.UUIDField(), default=list)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+", db_index=False)
    #: Which one of several that a person may have of one offer: the period, where the offer renews; the own number,
    #: where the union gives places that it keeps back; empty where there is one for each person.
    turn = models.CharField(max_length=10, blank=True, default="", db_default="")
    #: The person's union when it was booked.
    union_path = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=BookingState.choices, default=BookingState.BOOKED)
    #: The member and companions.
    seats = models.PositiveSmallIntegerField(default=1)
    #: Booked together: all or none.
    group = models.UUIDField(null=True)
    #: Where it counts for the limit per person; all empty and no `nth`: it does not, or does no more.
    limit_kind = models.CharField(max_length=30, blank=True)
    #: 2026-11-22, 2026-11, 2026, or empty for ever.
    period = models.CharField(max_length=10, blank=True)
    nth = models.PositiveSmallIntegerField(null=True)
    booked_at = models.DateTimeField()
    hold_until = models.DateTimeField(null=True)
    checked_in_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=12, choices=EndReason.choices, blank=True)
    #: Did not come: no offers of this kind until then, where the offer says so.
    barred_until = models.DateTimeField(null=True)
    #: Digest of who asked and with which Idempotency-Key: asked again, this booking is the answer again.
    request_digest = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "worker", "turn"], condition=Q(state__in=LIVE), name="booking_once_per_person"
            ),
            models.UniqueConstraint(
                fields=["worker", "limit_kind", "period", "nth"],
                condition=Q(nth__isnull=False),
                name="booking_limit_per_person",
            ),
            models.UniqueConstraint(
                fields=["request_digest"],
                condition=Q(request_digest__isnull=False),
                name="booking_request_once",
            ),
            models.CheckConstraint(condition=Q(seats__gte=1), name="booking_seats"),
            models.CheckConstraint(
                condition=Q(state=BookingState.HELD, hold_until__isnull=False)
                | ~Q(state=BookingState.HELD) & Q(hold_until=None),
                name="booking_held_until",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(BookingState.CANCELLED, BookingState.EXPIRED)) | Q(nth=None),
                name="booking_ended_frees_limit",
            ),
        ]
        indexes = [
            models.Index(fields=["worker", "-id"], name="booking_of_worker"),
            models.Index(fields=["offer", "state", "id"], name="booking_of_offer"),
            models.Index(
                fields=["session", "state", "id"], condition=Q(session__isnull=False), name="booking_of_session"
            ),
            models.Index(fields=["hold_until"], condition=Q(state=BookingState.HELD), name="booking_holds"),
        ]

    def __str__(self) -> str:
        return self.number


class Waiting(models.Model):
    """Somebody who wants a place: an applicant whose turn priority decides, or a person on the waiting list."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="waiting", db_index=False)
    #: The session that is wanted; none: any.
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+", db_index=False)
    union_path = models.CharField(max_length=200, blank=True)
    seats = models.PositiveSmallIntegerField(default=1)
    #: Shares that this person may have a place of, and pools that count how many the person's group gets at most.
    shares = ArrayField(models.UUIDField(), default=list)
    caps = ArrayField(models.UUIDField(), default=list)
    #: Higher goes first; then who joined first. `points` says what it is made of.
    score = models.IntegerField(default=0)
    points = models.JSONField(default=list)
    #: What the person stated, such as {"employer_check_up": false}.
    said = models.JSONField(default=dict)
    joined_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=WaitingState.choices, default=WaitingState.WAITING)
    offered_until = models.DateTimeField(null=True)
    #: The place that is kept for, or was taken by, this person.
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    request_digest = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "worker"], condition=Q(state__in=LISTED), name="waiting_once_per_person"
            ),
            models.UniqueConstraint(
                fields=["request_digest"],
                condition=Q(request_digest__isnull=False),
                name="waiting_request_once",
            ),
            models.CheckConstraint(
                condition=Q(state=WaitingState.OFFERED, offered_until__isnull=False, booking__isnull=False)
                | ~Q(state=WaitingState.OFFERED) & Q(offered_until=None),
                name="waiting_offered_until",
            ),
        ]
        indexes = [
            models.Index(fields=["offer", "state", "-score", "joined_at", "id"], name="waiting_order"),
            models.Index(fields=["worker", "-id"], name="waiting_of_worker"),
        ]
