"""Accounts and what proves that somebody is theirs."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from nuanxin.access.states import CodePurpose
from nuanxin.kernel.ids import new_id


class AccountManager(BaseUserManager["Account"]):
    """Find accounts by the name they sign in with."""

    def get_by_natural_key(self, username: str | None) -> Account:
        """Return the account of a sign-in name."""
        return self.get(username=username)


class Account(AbstractBaseUser):
    """Somebody who signs in: a worker by phone code, a cadre or HR clerk by password and one-time code, or both."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=60, unique=True)
    #: Display name of a cadre; a worker's name is with the worker.
    name = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=10, blank=True)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    #: A worker closed it: until this moment it can be kept after all, then it is gone.
    closes_at = models.DateTimeField(null=True)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.username


class PhoneCode(models.Model):
    """A code sent to a phone, for one purpose and one subject; used once, within minutes, after few tries."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    purpose = models.CharField(max_length=12, choices=CodePurpose.choices)
    subject_id = models.UUIDField(null=True)
    phone_digest = models.BinaryField()
    code_digest = models.BinaryField()
    tries = models.SmallIntegerField(default=0)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(tries__lte=5), name="phone_code_few_tries")]
        indexes = [models.Index(fields=["phone_digest", "-sent_at"], name="phone_code_recent")]


class TrustedDevice(models.Model):
    """A phone or browser on which a worker has proved more than the code; known by a secret in a cookie."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="trusted_devices")
    token_digest = models.BinaryField(unique=True)
    label = models.CharField(max_length=80, blank=True)
    trusted_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class Throttle(models.Model):
    """How often something was tried in the running window: sign-ins, codes, public requests."""

    key = models.BinaryField(primary_key=True)
    tries = models.IntegerField()
    #: When the window ends: from then on the row counts for nothing.
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["until"], name="throttle_end")]
