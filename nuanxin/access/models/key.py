"""Keys of machines: API clients, cadres' tokens, partners' devices. Only digests of keys are held."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from nuanxin.access.models.account import Account
from nuanxin.access.models.post import Post
from nuanxin.kernel.ids import new_id
from nuanxin.organizations.models import Door, Union


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
    enrollment_digest = models.BinaryField(null=True, unique=True)
    enrollment_expires_at = models.DateTimeField(null=True)
    key_digest = models.BinaryField(null=True, unique=True)
    created_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    enrolled_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.partner} {self.name}"
