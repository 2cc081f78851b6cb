"""What came of a check-up: sealed under the person's own key, counted without a name."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nuanxin.access.models import PartnerDevice
from nuanxin.activities.models.bus import BusDay, BusRoute
from nuanxin.activities.states.bus import Finding
from nuanxin.bookings.models import Booking
from nuanxin.kernel.ids import new_id
from nuanxin.members.models import Worker


class CheckResult(models.Model):
    """The report of one person as the clinic gave it; only that person and the clinic can open it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="+")
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+")
    bus_day = models.ForeignKey(BusDay, on_delete=models.PROTECT, related_name="+")
    #: The PDF, and what was found in a word: under the key of the person.
    sealed_report = models.BinaryField()
    sealed_finding = models.BinaryField()
    size = models.PositiveIntegerField()
    device = models.ForeignKey(PartnerDevice, on_delete=models.PROTECT, related_name="+")
    staff_id = models.UUIDField(null=True)
    given_at = models.DateTimeField()
    #: A later one took its place.
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["booking"], condition=Q(replaced_at=None), name="check_result_once")
        ]
        indexes = [models.Index(fields=["worker", "-id"], name="check_result_of_worker")]


class FindingCount(models.Model):
    """How many people of a route had a finding, by trade: all that the union learns."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    route = models.ForeignKey(BusRoute, on_delete=models.PROTECT, related_name="+", db_index=False)
    group_code = models.CharField(max_length=30, blank=True)
    finding = models.CharField(max_length=10, choices=Finding.choices)
    people = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["route", "group_code", "finding"], name="finding_count_once"),
        ]
