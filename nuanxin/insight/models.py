"""Tallies: deltas, days, totals. Marginals are kept, never the cross product."""

from __future__ import annotations

from django.db import models

from nuanxin.kernel.ids import new_id


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
