"""Credentials of offline cards: one for each day and visit, and the minutes in which their codes were accepted."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nuanxin.kernel.ids import new_id
from nuanxin.members.models.card import Card
from nuanxin.members.rules.credentials import MINUTES, MOST_PER_DAY
from nuanxin.members.states import Withdrawn


class Credential(models.Model):
    """A credential that a phone holds for one day; its handle is all that links it to the card, and lies only here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="+", db_index=False)
    handle = models.BinaryField(unique=True)
    day = models.DateField()
    #: The how-manieth of the card and the day: what bounds them.
    serial = models.SmallIntegerField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn = models.CharField(max_length=9, choices=Withdrawn.choices, blank=True, default=Withdrawn.NO)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["card", "day", "serial"], name="credential_serial_once"),
            models.CheckConstraint(
                condition=Q(serial__gte=1, serial__lte=MOST_PER_DAY), name="credential_serial_bounded"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at")), name="credential_expires"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="credential_age"),
            models.Index(
                fields=["expires_at"],
                include=["withdrawn", "handle"],
                condition=~Q(withdrawn=Withdrawn.NO),
                name="credential_withdrawn",
            ),
        ]


class CredentialUse(models.Model):
    """A code of a credential, which names its minute, was accepted: where, and when first. Once for all counters."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="+", db_index=False)
    minute = models.SmallIntegerField()
    source_id = models.UUIDField(null=True)
    first_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["credential", "minute"], name="credential_use_once"),
            models.CheckConstraint(condition=Q(minute__gte=0, minute__lt=MINUTES), name="credential_use_minute"),
        ]
