"""Claims on a policy: what happened, what is asked, and every step until the money is there."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nuanxin.access.models import Account
from nuanxin.benefits.models.insurance import Policy
from nuanxin.benefits.states.insurance import CLAIM_OPEN, ClaimAct, ClaimState
from nuanxin.kernel.ids import new_id
from nuanxin.members.models import Worker
from nuanxin.organizations.models import Union


class Claim(models.Model):
    """One claim; what happened and where the money goes is sealed under the person's own key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=16, unique=True)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+")
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+")
    #: The union that handles it: the person's own when it was made.
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=ClaimState.choices, default=ClaimState.SENT)
    happened_on = models.DateField()
    sealed_words = models.BinaryField()
    sealed_account = models.BinaryField()
    asked = models.DecimalField(max_digits=14, decimal_places=2)
    approved = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    paid = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    paid_on = models.DateField(null=True)
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "happened_on"], condition=Q(state__in=CLAIM_OPEN), name="claim_one_open"
            ),
            models.CheckConstraint(condition=Q(asked__gt=0), name="claim_asked"),
            models.CheckConstraint(
                condition=Q(approved=None) | Q(approved__gt=0, approved__lte=F("asked")), name="claim_approved"
            ),
            models.CheckConstraint(
                condition=Q(paid=None, paid_on=None)
                | Q(paid__gt=0, paid__lte=F("approved"), paid_on__isnull=False, approved__isnull=False),
                name="claim_paid",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ClaimState.APPROVED, ClaimState.PAID]) | Q(approved__isnull=False),
                name="claim_state_approved",
            ),
            models.CheckConstraint(
                condition=Q(state=ClaimState.PAID, paid__isnull=False) | ~Q(state=ClaimState.PAID) & Q(paid=None),
                name="claim_state_paid",
            ),
        ]
        indexes = [models.Index(fields=["union", "state", "-id"], name="claim_queue")]


class ClaimStep(models.Model):
    """One step of a claim: who took it, which amount was said, and what the person is told."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="steps", db_index=False)
    at = models.DateTimeField()
    act = models.CharField(max_length=10, choices=ClaimAct.choices)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    post_id = models.UUIDField(null=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    #: Under the person's own key.
    sealed_words = models.BinaryField(default=bytes, blank=True)

    class Meta:
        indexes = [models.Index(fields=["claim", "at", "id"], name="claim_step_timeline")]
