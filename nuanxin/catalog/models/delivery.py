"""Deliveries, and what is counted from them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nuanxin.access.models import Account
from nuanxin.catalog.models.service import Service
from nuanxin.catalog.states import CORRECTION
from nuanxin.kernel.ids import new_id
from nuanxin.members.models import Worker
from nuanxin.organizations.models import Enterprise, Union


class Delivery(models.Model):
    """Somebody was served once: a person or an enterprise, of one union, on one day, at a cost. Never changed.

    What was wrong is taken back by a counter-entry of its own, with the day of what it takes back.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    #: Written from the service's own row, which nobody deletes: a key would lock that one row with every delivery.
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    #: Whose member the person was on that day; of an enterprise, the union that serves it.
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    group_code = models.CharField(max_length=30, blank=True)
    day = models.DateField()
    at = models.DateTimeField()
    #: One, or minus one for a counter-entry.
    times = models.SmallIntegerField(default=1)
    #: In yuan.
    cost = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    place = models.CharField(max_length=120, blank=True)
    place_en = models.CharField(max_length=200, blank=True)
    #: What it came of, such as a booking that was checked in: one delivery each, however often it is told.
    source_kind = models.CharField(max_length=20)
    source_id = models.CharField(max_length=64)
    corrects = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="correction")
    reason = models.CharField(max_length=200, blank=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    post_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_kind", "source_id"], name="delivery_once"),
            models.CheckConstraint(condition=Q(worker=None) ^ Q(enterprise=None), name="delivery_serves_one"),
            models.CheckConstraint(
                condition=Q(corrects=None, times=1, cost__gte=0) & ~Q(source_kind=CORRECTION)
                | Q(corrects__isnull=False, times=-1, cost__lte=0, source_kind=CORRECTION),
                name="delivery_or_counter_entry",
            ),
        ]
        indexes = [
            models.Index(fields=["worker", "day"], condition=Q(worker__isnull=False), name="delivery_of_worker"),
            models.Index(
                fields=["enterprise", "day"], condition=Q(enterprise__isnull=False), name="delivery_of_enterprise"
            ),
            models.Index(fields=["-day", "-id"], name="delivery_day"),
            models.Index(fields=["union", "-day", "-id"], name="delivery_of_union"),
            models.Index(fields=["service", "-day", "-id"], name="delivery_of_service"),
        ]


class Uncounted(models.Model):
    """A delivery that no tally counts yet; written with it, deleted by the fold that counts it in."""

    delivery = models.OneToOneField(Delivery, on_delete=models.CASCADE, primary_key=True, related_name="+")


class Reached(models.Model):
    """A person or an enterprise is counted once a year for one counter: where, and in which month, first served.

    Counters: `` everything, `a:AREA`, `s:SERVICE`. Kept so that persons add up over unions and nobody counts twice.
    """

    pk = models.CompositePrimaryKey("counter", "year", "subject_id")
    counter = models.CharField(max_length=32)
    year = models.SmallIntegerField()
    subject_id = models.UUIDField()
    is_enterprise = models.BooleanField()
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    group_code = models.CharField(max_length=30, blank=True)
    month = models.DateField()


class ServiceTally(models.Model):
    """What one month counts, for one union with everything below it, one counter and one slice (`` all, `g:GROUP`)."""

    pk = models.CompositePrimaryKey("scope", "counter", "slice", "month")
    scope = models.CharField(max_length=12)
    counter = models.CharField(max_length=32)
    slice = models.CharField(max_length=32)
    #: The first day of the month.
    month = models.DateField()
    people = models.IntegerField(default=0)
    enterprises = models.IntegerField(default=0)
    times = models.IntegerField(default=0)
    cost = models.DecimalField(max_digits=14, decimal_places=2, default=0)
