"""Dated code lists: occupation groups in their sets, and doors."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nuanxin.kernel.ids import new_id


class OccupationGroup(models.Model):
    """One occupation group, such as couriers."""

    code = models.CharField(max_length=30, primary_key=True)
    name = models.CharField(max_length=30)
    name_en = models.CharField(max_length=60)
    icon = models.CharField(max_length=30, default="user")
    position = models.SmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class OccupationSet(models.Model):
    """A published list of groups: the eight of 2018, the nine of Liaocheng, a city's own."""

    code = models.CharField(max_length=30, primary_key=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=100, blank=True)
    source_note = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)


class GroupListing(models.Model):
    """A group is in a set, from a day to a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    occupation_set = models.ForeignKey(OccupationSet, on_delete=models.CASCADE, related_name="listings")
    group = models.ForeignKey(OccupationGroup, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["occupation_set", "group"], condition=Q(valid_until=None), name="group_listed_once"
            )
        ]


class Door(models.Model):
    """A way in: the H5 page, a poster, a government app, a counter, a platform's app."""

    code = models.CharField(max_length=30, primary_key=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
