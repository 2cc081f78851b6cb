"""Collective joining ceremonies: many people join on the spot by one code, and each gets a welcome kit once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nuanxin.access.models import Account
from nuanxin.kernel.ids import new_id
from nuanxin.members.models.application import Application
from nuanxin.members.models.membership import Membership
from nuanxin.members.states import CeremonyState
from nuanxin.organizations.models import Union


class Ceremony(models.Model):
    """One event of a union, with the code by which people join there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=20, unique=True)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=100)
    place = models.CharField(max_length=200)
    starts_at = models.DateTimeField()
    #: Who presides, by name and office, as the minutes say it.
    presided_by = models.CharField(max_length=100)
    state = models.CharField(max_length=8, choices=CeremonyState.choices)
    #: In the picture that people scan; says nothing of the ceremony.
    code = models.CharField(max_length=12, unique=True)
    #: Whether the big screen shows masked names.
    shows_names = models.BooleanField(default=False)
    created_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=CeremonyState.CLOSED, closed_at__isnull=False)
                | ~Q(state=CeremonyState.CLOSED) & Q(closed_at=None),
                name="ceremony_closed",
            )
        ]
        indexes = [models.Index(fields=["union", "-starts_at", "-id"], name="ceremony_of_union")]

    def __str__(self) -> str:
        return self.title


class CeremonyGuest(models.Model):
    """Somebody who is expected."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ceremony = models.ForeignKey(Ceremony, on_delete=models.CASCADE, related_name="guests")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=50)
    #: Tells people of one name apart; empty when no phone was told.
    phone_digest = models.BinaryField(default=bytes)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ceremony", "position"], name="ceremony_guest_position")]


class CeremonyJoining(models.Model):
    """An application that came by the ceremony's code, its phone proved."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ceremony = models.ForeignKey(Ceremony, on_delete=models.PROTECT, related_name="joinings")
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["ceremony", "at", "id"], name="ceremony_joining_order")]


class CeremonyKit(models.Model):
    """A welcome kit was handed to a member, once a ceremony."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ceremony = models.ForeignKey(Ceremony, on_delete=models.PROTECT, related_name="kits")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    handed_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ceremony", "membership"], name="ceremony_kit_once")]
