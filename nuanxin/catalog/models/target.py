"""Targets: what a union promised for a year. Nobody types in how far it is: that is counted from deliveries."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nuanxin.catalog.models.service import Area, Service
from nuanxin.catalog.states import Unit
from nuanxin.kernel.ids import new_id
from nuanxin.organizations.models import OccupationGroup, Union


class TargetClass(models.Model):
    """One class of the yearly list; a code list."""

    code = models.CharField(max_length=30, primary_key=True)
    name = models.CharField(max_length=30)
    name_en = models.CharField(max_length=60)
    position = models.SmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Target(models.Model):
    """One item of a union's list for a year: so much of one service, of one area, or of everything, by its last day.

    What counts: every delivery of that year to somebody of the union's subtree, or only to one occupation group.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.SmallIntegerField()
    heading = models.ForeignKey(TargetClass, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.SmallIntegerField()
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=10, choices=Unit.choices)
    amount = models.BigIntegerField()
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    group = models.ForeignKey(OccupationGroup, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    #: Who answers for it.
    owner = models.CharField(max_length=60)
    owner_en = models.CharField(max_length=120, blank=True)
    due_on = models.DateField()
    created_at = models.DateTimeField()
    #: Taken off the list; its number may be given again.
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["union", "year", "number"], condition=Q(dropped_at=None), name="target_number_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="target_amount"),
            models.CheckConstraint(condition=Q(service=None) | Q(area=None), name="target_counts_one_thing"),
            models.CheckConstraint(condition=Q(due_on__year=F("year")), name="target_due_in_its_year"),
        ]

    def __str__(self) -> str:
        return self.name
