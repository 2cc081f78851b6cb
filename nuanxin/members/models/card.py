"""Cards, the short codes they show, and what counters were told."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nuanxin.kernel.ids import new_id
from nuanxin.members.models.membership import Membership
from nuanxin.members.states import CardAnswer


class Card(models.Model):
    """One card of one membership; a lost one is revoked and replaced. The printed code is held as a digest only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="cards")
    #: Digest of the static code on paper; none until one was printed.
    static_digest = models.BinaryField(null=True, unique=True)
    issued_at = models.DateTimeField()
    printed_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_reason = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership"], condition=Q(revoked_at=None), name="card_one_live")
        ]


class CardCode(models.Model):
    """A short code that a member asked for: ten digits, sixty seconds, one use."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="+", db_index=False)
    code_digest = models.BinaryField(unique=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at")), name="card_code_expires"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="card_code_age")]


class CardCheck(models.Model):
    """One question of a counter and its answer: counted, and shown to the member."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    source_id = models.UUIDField(null=True)
    account_id = models.UUIDField(null=True)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    answer = models.CharField(max_length=12, choices=CardAnswer.choices)
    #: What a counter without a network told by itself, its own id of the question, and when the report came in.
    told = models.CharField(max_length=12, choices=CardAnswer.choices, blank=True, default="")
    sent_id = models.UUIDField(null=True)
    reported_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_id", "sent_id"], condition=Q(sent_id__isnull=False), name="card_check_reported_once"
            ),
        ]
        indexes = [
            models.Index(fields=["membership", "-at"], name="card_check_member"),
            models.Index(fields=["source_id", "-at"], name="card_check_source"),
            models.Index(fields=["source_id", "at"], condition=Q(answer=CardAnswer.UNKNOWN), name="card_check_guesses"),
        ]
