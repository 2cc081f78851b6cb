"""Keys of machines: API clients, cadres' tokens, partners' devices. Only digests of keys are held."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from nuanxin.access.models.account import Account
from nuanxin.access.models.post import Post
from nuanxin.kernel.ids import new_id
from nuanxin.organizations.models import Door, Partner, PartnerPlace, Union
from nuanxin.organizations.states import ScanKind


class ApiClient(models.Model):
    """A machine with a key, the scopes it may use, and the door through which its applications come."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60)
    key_digest = models.BinaryField(unique=True)
    scopes = ArrayField(models.CharField(max_length=40))
    door = models.ForeignKey(Door, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(revoked_at=None), name="api_client_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """A cadre's key: acts as the account, in the name of one post, until it ends."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    key_digest = models.BinaryField(unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)


class PartnerDevice(models.Model):
    """A counter's phone or scanner: enrolled by a code within minutes, then known by a key of its own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    partner = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    #: Where it stands; without a place it tells what stands behind a code, and does nothing more.
    place = models.ForeignKey(PartnerPlace, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    #: Of what the contract allows, what this device may do; everything, when empty.
    kinds = ArrayField(models.CharField(max_length=20, choices=ScanKind.choices), default=list, blank=True)
    enrollment_digest = models.BinaryField(null=True, unique=True)
    enrollment_expires_at = models.DateTimeField(null=True)
    key_digest = models.BinaryField(null=True, unique=True)
    created_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    enrolled_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.partner} {self.name}"


class PartnerStaff(models.Model):
    """Somebody who serves at a partner's counters, known there by six digits of their own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    #: At this place alone; at every place of the partner without one.
    place = models.ForeignKey(PartnerPlace, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=60)
    pin_digest = models.BinaryField()
    #: Of what the contract allows, what this person may do; everything, when empty.
    kinds = ArrayField(models.CharField(max_length=20, choices=ScanKind.choices), default=list, blank=True)
    created_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "pin_digest"], condition=Q(ended_at=None), name="partner_staff_pin_once"
            )
        ]
        indexes = [models.Index(fields=["partner", "created_at", "id"], name="partner_staff_order")]

    def __str__(self) -> str:
        return self.name
