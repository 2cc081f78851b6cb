"""What licensing systems send, and everything that was done with it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nuanxin.access.models import ApiClient
from nuanxin.formation.models.invitation import Invitation, Offer
from nuanxin.formation.states import Fate, MessageState, PermitKind, Signing, StepKind
from nuanxin.kernel.ids import new_id
from nuanxin.organizations.models import Enterprise, Union


class PermitSource(models.Model):
    """A licensing system that may send messages for the area of one union; it signs each with a key of its own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.OneToOneField(ApiClient, on_delete=models.PROTECT, related_name="+")
    #: Messages are told apart within a sender, whose keys may change.
    name = models.CharField(max_length=60)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    signing = models.CharField(max_length=12, choices=Signing.choices)
    sealed_secret = models.BinaryField(default=bytes)
    public_key = models.BinaryField(default=bytes)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(signing=Signing.HMAC, public_key=b"") & ~Q(sealed_secret=b"")
                | Q(signing=Signing.ECDSA, sealed_secret=b"") & ~Q(public_key=b""),
                name="permit_source_one_key",
            )
        ]

    def __str__(self) -> str:
        return self.name


class PermitMessage(models.Model):
    """One message, kept with what came of it: carried out once, however often it arrives."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.ForeignKey(PermitSource, on_delete=models.PROTECT, related_name="+")
    sender = models.CharField(max_length=60)
    external_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=24, choices=PermitKind.choices)
    body_digest = models.BinaryField()
    #: The paper that it is about: a later message about it overtakes an earlier one.
    paper_digest = models.BinaryField()
    sealed_payload = models.BinaryField()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=MessageState.choices)
    fate = models.CharField(max_length=20, choices=Fate.choices, blank=True)
    #: Why it failed, in every language: list of {"field", "code", "zh-hans", "en"}.
    problems = models.JSONField(default=list)
    attempts = models.SmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    #: The first answer: the same message again gets it again.
    answer = models.JSONField(default=dict)
    #: Who answers for it: the union that acts, or until there is one the union of the licensing system.
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, null=True, related_name="+")
    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, null=True, related_name="+")
    offer = models.ForeignKey(Offer, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sender", "external_id"], name="permit_message_once"),
            models.CheckConstraint(
                condition=Q(state=MessageState.DONE) & ~Q(fate="") | ~Q(state=MessageState.DONE) & Q(fate=""),
                name="permit_message_fate",
            ),
        ]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="permit_message_day"),
            models.Index(fields=["paper_digest", "-occurred_at"], name="permit_message_paper"),
            models.Index(
                fields=["received_at"], condition=Q(state=MessageState.RECEIVED), name="permit_message_waiting"
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class PermitStep(models.Model):
    """One thing that happened to a message."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(PermitMessage, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    what = models.CharField(max_length=12, choices=StepKind.choices)
    #: Name of whoever tried it by hand.
    who = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [models.Index(fields=["message", "at", "id"], name="permit_step_order")]
