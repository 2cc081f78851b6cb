"""Identities at other platforms by which an account is known."""

from __future__ import annotations

from django.db import models

from nuanxin.access.models.account import Account
from nuanxin.access.states import Platform
from nuanxin.kernel.ids import new_id


class LinkedIdentity(models.Model):
    """A WeChat or DingTalk identity that signs an account in; of the identity itself only a keyed digest is held."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="linked_identities", db_index=False)
    platform = models.CharField(max_length=10, choices=Platform.choices)
    subject_digest = models.BinaryField()
    #: Linked at the desk, after password and second factor: it counts there as the first factor.
    for_desk = models.BooleanField(default=False)
    linked_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "subject_digest"], name="linked_identity_one_account"),
            models.UniqueConstraint(fields=["account", "platform"], name="linked_identity_one_each"),
        ]
