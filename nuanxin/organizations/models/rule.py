"""Rules as dated rows: they differ by province and year, so none of them is code."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from nuanxin.kernel.ids import new_id
from nuanxin.organizations.models.union import Union
from nuanxin.organizations.states import EmployerScope
from nuanxin.regions.models import Region


class AdmissionRule(models.Model):
    """Whom a union admits directly, from a day (inclusive) to a day (exclusive).

    Empty lists mean every occupation group, every platform, and the union's own region.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    union = models.ForeignKey(Union, on_delete=models.CASCADE, related_name="admission_rules")
    employers = models.CharField(max_length=10, choices=EmployerScope.choices)
    occupation_groups = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    region_codes = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    platforms = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    source_note = models.CharField(max_length=200)
    source_note_en = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")), name="admission_rule_dates"
            )
        ]
        indexes = [
            models.Index(fields=["union", "valid_from"], name="admission_rule_of_union"),
            GinIndex(fields=["region_codes"], name="admission_rule_elsewhere"),
        ]


class DatedRule(models.Model):
    """One parameter for a union's subtree, a region, or everywhere, from a day to a day; the narrower wins."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60)
    value = models.JSONField()
    union = models.ForeignKey(Union, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    source_note = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(union__isnull=True) | Q(region__isnull=True), name="dated_rule_one_scope"
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")), name="dated_rule_dates"
            ),
        ]
        indexes = [models.Index(fields=["name", "valid_from"], name="dated_rule_name")]
