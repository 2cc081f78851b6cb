"""Memberships, every act upon them, and requests around them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from nuanxin.access.models import Account
from nuanxin.kernel.ids import new_id
from nuanxin.members.models.application import Application
from nuanxin.members.models.worker import Worker
from nuanxin.members.states import (
    EndReason,
    MembershipAct,
    MembershipState,
    ReleaseState,
    RetainReason,
    TransferAnswerKind,
    TransferSide,
    TransferStart,
    TransferState,
)
from nuanxin.organizations.models import Door, Enterprise, Union
from nuanxin.regions.models import Region


class Membership(models.Model):
    """A worker's membership of one union; a person has at most one that has not ended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=14)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="memberships")
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    door = models.ForeignKey(Door, on_delete=models.PROTECT, related_name="+", db_index=False)
    application = models.OneToOneField(Application, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=MembershipState.choices, default=MembershipState.ACTIVE)
    began_on = models.DateField()
    ended_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=20, choices=EndReason.choices, blank=True)
    retained_for = models.CharField(max_length=15, choices=RetainReason.choices, blank=True, default="", db_default="")
    #: The day on which the person came to the present union; none for somebody who never moved.
    came_on = models.DateField(null=True)
    #: Asked to take part again: the day after which the union may end it; none when nothing was asked.
    warned_until = models.DateField(null=True)
    #: Search terms (`rules/terms.py`); none until they are written, empty when nobody may find the person any more.
    terms = ArrayField(models.BigIntegerField(), null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="membership_number_once"),
            models.UniqueConstraint(
                fields=["worker"], condition=~Q(state=MembershipState.ENDED), name="membership_one_per_person"
            ),
            models.CheckConstraint(
                condition=Q(state=MembershipState.ENDED, ended_on__isnull=False)
                | (~Q(state=MembershipState.ENDED) & Q(ended_on=None)),
                name="membership_end_dated",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("began_on")), name="membership_dates"
            ),
            models.CheckConstraint(
                condition=Q(state=MembershipState.RETAINED) & ~Q(retained_for="")
                | ~Q(state=MembershipState.RETAINED) & Q(retained_for=""),
                name="membership_retained_why",
            ),
        ]
        indexes = [
            models.Index(fields=["union", "state", "-id"], name="membership_of_union"),
            models.Index(fields=["ended_on"], condition=Q(ended_on__isnull=False), name="membership_ended"),
            GinIndex(fields=["terms"], name="membership_terms"),
            models.Index(fields=["id"], condition=Q(terms=None), name="membership_unlisted"),
        ]


class MembershipEntry(models.Model):
    """One act upon a membership, with its day of effect, its reason and its evidence."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="entries", db_index=False)
    at = models.DateTimeField()
    effective_on = models.DateField()
    act = models.CharField(max_length=12, choices=MembershipAct.choices)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    #: Of a transfer: where the member came from; `union` is where to.
    from_union = models.ForeignKey(Union, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    post_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    evidence = models.CharField(max_length=500, blank=True)
    #: By which rule or consent, and which body decided, such as a committee and the day of its meeting.
    basis = models.CharField(max_length=60, blank=True, default="", db_default="")
    decided_by = models.CharField(max_length=100, blank=True, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["membership", "at", "id"], name="membership_entry_timeline"),
            models.Index(
                fields=["from_union", "-at", "-id"],
                condition=Q(act=MembershipAct.TRANSFERRED),
                name="membership_left_union",
            ),
        ]


class PhoneRelease(models.Model):
    """A proved phone is held by another person: the county looks into it and releases or refuses."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, null=True, related_name="+")
    holder = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="+")
    phone_digest = models.BinaryField()
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ReleaseState.choices, default=ReleaseState.OPEN)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(state=ReleaseState.OPEN), name="phone_release_once"
            )
        ]
        indexes = [models.Index(fields=["union", "state", "due_at"], name="phone_release_queue")]


class TransferRequest(models.Model):
    """A member asks, or was offered, to move to another union; both unions are heard."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    application = models.OneToOneField(Application, on_delete=models.PROTECT, null=True, related_name="+")
    from_union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    started_by = models.CharField(max_length=10, choices=TransferStart.choices, default=TransferStart.OFFER)
    door = models.ForeignKey(Door, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    #: Where the member will work; written to the person when the transfer is carried out. None: as before.
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    employer = models.ForeignKey(Enterprise, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    employer_name = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=TransferState.choices, default=TransferState.OFFERED)
    offered_at = models.DateTimeField()
    #: When the member, or whoever started it, asked for it or declined it.
    answered_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    #: The dated rule that decided, with its source.
    basis = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership"], condition=Q(state=TransferState.REQUESTED), name="transfer_one_requested"
            ),
            models.CheckConstraint(
                condition=~Q(state=TransferState.REQUESTED) | Q(due_at__isnull=False), name="transfer_requested_due"
            ),
        ]
        indexes = [
            models.Index(
                fields=["to_union", "due_at", "id"],
                condition=Q(state=TransferState.REQUESTED),
                name="transfer_coming",
            ),
            models.Index(
                fields=["from_union", "due_at", "id"],
                condition=Q(state=TransferState.REQUESTED),
                name="transfer_leaving",
            ),
            models.Index(fields=["due_at"], condition=Q(state=TransferState.REQUESTED), name="transfer_due"),
        ]


class TransferAnswer(models.Model):
    """What one of the two unions said to a transfer, once."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(TransferRequest, on_delete=models.CASCADE, related_name="answers", db_index=False)
    side = models.CharField(max_length=3, choices=TransferSide.choices)
    answer = models.CharField(max_length=10, choices=TransferAnswerKind.choices)
    at = models.DateTimeField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    post_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "side"], name="transfer_answer_once")]


class Filing(models.Model):
    """An expulsion reported to the union above for the record, which acknowledges it (union charter, article 6)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.OneToOneField(MembershipEntry, on_delete=models.CASCADE, related_name="filing")
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    filed_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    remark = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["union", "-filed_at", "-id"], name="filing_of_union")]
