"""Rows of the messages floor."""

from __future__ import annotations

from django.db import models

from nuanxin.kernel.ids import new_id
from nuanxin.messages.states import TextState


class Notice(models.Model):
    """One fact told to one account, in the app: a template's name and the plain values that fill it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account_id = models.UUIDField()
    template = models.CharField(max_length=60)
    values = models.JSONField(default=dict)
    link = models.CharField(max_length=200, blank=True)
    #: Names the fact: the same fact is told once.
    fact = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "fact"], name="notice_once_per_fact")]
        indexes = [models.Index(fields=["account_id", "-created_at"], name="notice_inbox")]


class TextMessage(models.Model):
    """One text message in the outbox: number and text sealed under the installation's key, erased once sent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=8, choices=TextState.choices, default=TextState.QUEUED)
    template = models.CharField(max_length=60)
    sealed_phone = models.BinaryField()
    phone_digest = models.BinaryField()
    sealed_text = models.BinaryField()
    attempts = models.SmallIntegerField(default=0)
    #: Not before this moment: a try that fails, or a worker that dies with the message in hand, moves it on.
    try_at = models.DateTimeField()
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], name="text_age"),
            models.Index(fields=["try_at", "id"], condition=models.Q(state=TextState.QUEUED), name="text_outbox"),
        ]
