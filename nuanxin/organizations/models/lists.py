"""Dated code lists: occupation groups in their sets, and doors."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nuanxin.kernel.ids import new_id
from nuanxin.organizations.states import DoorKind


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
    kind = models.CharField(max_length=20, choices=DoorKind.choices, default=DoorKind.H5, db_default=DoorKind.H5)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    #: The union whose door it is; none: the installation's.
    union = models.ForeignKey(
        "organizations.Union", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    #: What the app behind the door signs its launches with: a shared secret, sealed, or a public key of its own.
    sealed_secret = models.BinaryField(default=b"", db_default=b"")
    public_key = models.CharField(max_length=100, default="", db_default="", blank=True)
    keyed_at = models.DateTimeField(null=True)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_keyed(self) -> bool:
        """Answer whether an app may sign launches of this door."""
        return bool(bytes(self.sealed_secret) or self.public_key)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sealed_secret=b"") | Q(public_key=""), name="door_one_way_to_sign")
        ]
