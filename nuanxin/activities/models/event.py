"""Mobile events: programs, each event with an offer of the engine, photos with consent, and calendar feeds."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nuanxin.access.models import Account
from nuanxin.activities.states.event import EventKind
from nuanxin.bookings.models import Offer
from nuanxin.kernel.ids import new_id
from nuanxin.members.models import Worker
from nuanxin.organizations.models import Union


class Program(models.Model):
    """Events of one union that belong together, such as those of a year."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=16, unique=True)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="program_dates")]
        indexes = [models.Index(fields=["union", "-id"], name="program_of_union")]

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """One event; when, where and for how many is its offer's one session."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="events")
    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=EventKind.choices, default=EventKind.OTHER)
    #: Where it can be watched; shown from half an hour before it begins until it ends.
    live_url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.offer)


class EventConsent(models.Model):
    """Somebody agreed to be seen on the photos of one event; withdrawn, the photos are gone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+", db_index=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "worker"], condition=Q(withdrawn_at=None), name="event_consent_once"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("given_at")), name="event_consent_dates"
            ),
        ]


class EventPhoto(models.Model):
    """One photo of an event; the file is an attachment of this row, sealed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+", db_index=False)
    caption = models.CharField(max_length=100, blank=True)
    added_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    added_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["event", "-id"], name="event_photo_newest")]


class EventPhotoPerson(models.Model):
    """Somebody can be recognized on a photo, and has agreed to it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    photo = models.ForeignKey(EventPhoto, on_delete=models.CASCADE, related_name="people", db_index=False)
    consent = models.ForeignKey(EventConsent, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["photo", "consent"], name="event_photo_person_once")]


class CalendarFeed(models.Model):
    """A member's secret link for a calendar: everything that the member has booked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    worker = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="+", db_index=False)
    token_digest = models.BinaryField(unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    #: When a calendar last asked for it.
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["worker"], condition=Q(revoked_at=None), name="calendar_feed_one_live")
        ]
