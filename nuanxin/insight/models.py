"""Tallies: deltas, days, totals. Marginals are kept, never the cross product."""

from __future__ import annotations

from django.db import models

from nuanxin.kernel.ids import new_id
from nuanxin.organizations.models import Union


class Counts(models.Model):
    """The counted measures: applications sent, people admitted, applications refused, net change of active members."""

    applications = models.IntegerField(default=0)
    admissions = models.IntegerField(default=0)
    refusals = models.IntegerField(default=0)
    active = models.IntegerField(default=0)

    class Meta:
        abstract = True


class TallyDelta(Counts):
    """What one act changed; appended with the act, deleted by the fold that counts it in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    day = models.DateField()
    union_path = models.CharField(max_length=200)
    region_code = models.CharField(max_length=12)
    group_code = models.CharField(max_length=30)
    door_code = models.CharField(max_length=30)


class TallyDay(Counts):
    """Counts of a day, for one scope (`u:CODE` or `r:REGION`, `r:` the nation) and one slice (`` all, `g:…`, `d:…`)."""

    pk = models.CompositePrimaryKey("scope", "slice", "day")
    scope = models.CharField(max_length=20)
    slice = models.CharField(max_length=32)
    day = models.DateField()


class TallyTotal(Counts):
    """Counts since the beginning, for one scope and one slice."""

    pk = models.CompositePrimaryKey("scope", "slice")
    scope = models.CharField(max_length=20)
    slice = models.CharField(max_length=32)


class AssuranceCount(models.Model):
    """How many active members of a union stood at a level when it was last counted, by whether the phone is proved."""

    pk = models.CompositePrimaryKey("union_id", "level", "phone_proved")
    union = models.ForeignKey(Union, on_delete=models.CASCADE, related_name="+", db_index=False)
    level = models.CharField(max_length=10)
    phone_proved = models.BooleanField()
    members = models.IntegerField()
    counted_at = models.DateTimeField()


class DoorDelta(models.Model):
    """One step through a door, of nobody in particular; appended, and deleted by the fold that counts it in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    day = models.DateField()
    door_code = models.CharField(max_length=30)
    #: The union on the link; empty when it named none.
    union_code = models.CharField(max_length=12, blank=True)
    opened = models.SmallIntegerField(default=0)
    started = models.SmallIntegerField(default=0)


class DoorDay(models.Model):
    """What came through a door on a day, by the union on the link: pages opened and forms begun on that day.

    Of the applications sent on that day, how many were admitted by now; and in how many minutes they were filled in
    and admitted, as counts by minute.
    """

    pk = models.CompositePrimaryKey("door_code", "union_code", "day")
    door_code = models.CharField(max_length=30)
    union_code = models.CharField(max_length=12)
    day = models.DateField()
    opened = models.IntegerField(default=0)
    started = models.IntegerField(default=0)
    sent = models.IntegerField(default=0)
    admitted = models.IntegerField(default=0)
    fills = models.JSONField(default=dict)
    waits = models.JSONField(default=dict)
