"""Gifted insurance: insurers, plans, batches with their frozen lists, and what comes back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nuanxin.access.models import Account, ApiClient
from nuanxin.benefits.states.insurance import (
    BatchState,
    DifferenceKind,
    DifferenceState,
    ReturnState,
    ReturnWay,
    Settlement,
)
from nuanxin.kernel.ids import new_id
from nuanxin.members.models import Membership, Worker
from nuanxin.members.states import IdKind
from nuanxin.organizations.models import Union


class Insurer(models.Model):
    """Whoever insures: where rolls are sent, and the secret by which both sides sign."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60, unique=True)
    name_en = models.CharField(max_length=120, blank=True)
    hotline = models.CharField(max_length=40, blank=True)
    #: Address of the insurer's service for rolls; empty where files go by hand.
    address = models.CharField(max_length=200, blank=True)
    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, null=True, related_name="+")
    sealed_secret = models.BinaryField(default=bytes, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class InsurancePlan(models.Model):
    """What is given: cover, sum, premium and term, from a day to a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=30, unique=True)
    insurer = models.ForeignKey(Insurer, on_delete=models.PROTECT, related_name="plans")
    #: The union that gives it; unions below it see it.
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120, blank=True)
    cover = models.CharField(max_length=500)
    cover_en = models.CharField(max_length=1000, blank=True)
    sum_insured = models.DecimalField(max_digits=14, decimal_places=2)
    premium = models.DecimalField(max_digits=14, decimal_places=2)
    months = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sum_insured__gt=0, premium__gte=0, months__gte=1), name="plan_amounts"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="plan_dates"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class InsuranceBatch(models.Model):
    """Many people who are given one plan at once: a list frozen at a day, and everything until it agrees."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=16, unique=True)
    plan = models.ForeignKey(InsurancePlan, on_delete=models.PROTECT, related_name="batches")
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=BatchState.choices, default=BatchState.DRAFT)
    #: The day at which eligibility is judged; and the days of the cover, the last one included.
    on = models.DateField()
    cover_from = models.DateField()
    cover_until = models.DateField()
    #: Who is eligible: list of {"check": code, …}; see `rules.insurance.Checks`.
    checks = models.JSONField(default=list)
    #: At most so many, those who are members longest; none for everybody.
    most = models.PositiveIntegerField(null=True)
    people = models.PositiveIntegerField(default=0)
    #: SHA-256 over the marks of the frozen list, in its order.
    digest = models.BinaryField(default=bytes)
    #: Key of what insurers send back; sealed under the installation's.
    sealed_key = models.BinaryField()
    made_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    post_id = models.UUIDField(null=True)
    made_at = models.DateTimeField()
    #: When somebody last worked on it: whoever finds it resting takes it up.
    beat_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    #: Why sending rests: what the insurer's service said last; empty when all is well.
    trouble = models.CharField(max_length=200, blank=True)
    #: The last policy whose holder was told; those after it are still to be told.
    told_to = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cover_until__gt=F("cover_from")), name="insurance_batch_cover"),
            models.CheckConstraint(
                condition=Q(frozen_at=None, people=0, digest=b"")
                | Q(frozen_at__isnull=False, people__gt=0) & ~Q(digest=b""),
                name="insurance_batch_frozen",
            ),
        ]
        indexes = [
            models.Index(fields=["union", "-id"], name="insurance_batch_of_union"),
            models.Index(
                fields=["beat_at"],
                condition=Q(state__in=[BatchState.FREEZING, BatchState.SENDING]),
                name="insurance_batch_at_work",
            ),
        ]


class Insured(models.Model):
    """One line of a frozen list: whoever is to be insured, as registered at that moment. Never changed."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(InsuranceBatch, on_delete=models.PROTECT, related_name="list", db_index=False)
    line = models.PositiveIntegerField()
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+", db_index=False)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=14)
    name = models.CharField(max_length=50)
    id_kind = models.CharField(max_length=20, choices=IdKind.choices)
    id_digest = models.BinaryField()
    #: Copies of what was sealed under the person's own key.
    sealed_id = models.BinaryField()
    sealed_phone = models.BinaryField()
    #: SHA-256 of this line as it stood; it stays when the person is erased.
    mark = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "line"], name="insured_line_once"),
            models.UniqueConstraint(fields=["batch", "worker"], name="insured_person_once"),
        ]
        indexes = [
            models.Index(fields=["batch", "id_digest"], name="insured_by_id"),
            models.Index(fields=["worker"], name="insured_worker"),
        ]


class RollPart(models.Model):
    """Some lines of a frozen list that go to the insurer's service by one message."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(InsuranceBatch, on_delete=models.PROTECT, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    first_line = models.PositiveIntegerField()
    last_line = models.PositiveIntegerField()
    sent_at = models.DateTimeField(null=True)
    #: What the insurer called the receipt of it.
    receipt = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="roll_part_once"),
            models.CheckConstraint(condition=Q(last_line__gte=F("first_line")), name="roll_part_lines"),
        ]


class RollFile(models.Model):
    """The roll of a batch as a workbook, written in the background and kept for a day, sealed under the batch's key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.OneToOneField(InsuranceBatch, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    #: How many lines are written.
    lines = models.PositiveIntegerField(default=0)
    #: Empty while it is being written.
    sealed_content = models.BinaryField(default=bytes, blank=True)


class PolicyReturn(models.Model):
    """One file or message of policies; the same again changes nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(InsuranceBatch, on_delete=models.PROTECT, related_name="returns", db_index=False)
    number = models.PositiveIntegerField()
    way = models.CharField(max_length=4, choices=ReturnWay.choices)
    #: The message's own id, or what the file is known by; and what stood in it.
    external_id = models.CharField(max_length=80)
    body_digest = models.BinaryField()
    sealed_content = models.BinaryField(default=bytes, blank=True)
    state = models.CharField(max_length=8, choices=ReturnState.choices, default=ReturnState.READING)
    rows = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=40, blank=True)
    #: Whether it completes what the insurer has to say for now: who is missing then is missing.
    is_last = models.BooleanField(default=True, db_default=True)
    by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    source_id = models.UUIDField(null=True)
    received_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    #: When the batch was reconciled with it.
    reconciled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "external_id"], name="policy_return_once"),
            models.UniqueConstraint(fields=["batch", "number"], name="policy_return_number"),
        ]
        indexes = [
            models.Index(fields=["beat_at"], condition=Q(state=ReturnState.READING), name="policy_return_at_work")
        ]


class PolicyRow(models.Model):
    """One policy as an insurer reported it; believed only once it agrees with the list or is settled."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(InsuranceBatch, on_delete=models.PROTECT, related_name="+", db_index=False)
    back = models.ForeignKey(PolicyReturn, on_delete=models.PROTECT, related_name="+", db_index=False)
    line = models.PositiveIntegerField()
    #: Line of the roll that it answers; none when the insurer does not say.
    ref = models.PositiveIntegerField(null=True)
    policy_number = models.CharField(max_length=60)
    name = models.CharField(max_length=50)
    id_digest = models.BinaryField()
    sealed_id = models.BinaryField()
    cover_from = models.DateField(null=True)
    cover_until = models.DateField(null=True)
    sum_insured = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    #: A later return says otherwise of the same policy.
    is_replaced = models.BooleanField(default=False, db_default=False)
    #: The line of the list that it answers, once found.
    insured = models.ForeignKey(Insured, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["back", "line"], name="policy_row_once")]
        indexes = [
            models.Index(fields=["batch", "policy_number"], name="policy_row_number"),
            models.Index(fields=["insured"], condition=Q(insured__isnull=False), name="policy_row_insured"),
        ]


class Policy(models.Model):
    """A policy in force for one person: agreed with the list, or settled."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(InsuranceBatch, on_delete=models.PROTECT, related_name="+", db_index=False)
    insured = models.OneToOneField(Insured, on_delete=models.PROTECT, related_name="+")
    insurer = models.ForeignKey(Insurer, on_delete=models.PROTECT, related_name="+", db_index=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=60)
    cover_from = models.DateField()
    cover_until = models.DateField()
    sum_insured = models.DecimalField(max_digits=14, decimal_places=2)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["insurer", "number"], name="policy_number_once"),
            models.CheckConstraint(condition=Q(cover_until__gt=F("cover_from")), name="policy_cover"),
            models.CheckConstraint(condition=Q(sum_insured__gt=0), name="policy_sum"),
        ]
        indexes = [
            models.Index(fields=["worker", "-cover_until"], name="policy_of_worker"),
            models.Index(fields=["batch", "id"], name="policy_of_batch"),
        ]


class Difference(models.Model):
    """One thing in which the policies differ from the frozen list, and how it was settled."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(InsuranceBatch, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=15, choices=DifferenceKind.choices)
    insured = models.ForeignKey(Insured, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    row = models.ForeignKey(PolicyRow, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=DifferenceState.choices, default=DifferenceState.OPEN)
    settlement = models.CharField(max_length=8, choices=Settlement.choices, blank=True)
    note = models.CharField(max_length=200, blank=True)
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "kind", "insured", "row"], name="difference_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(insured__isnull=False) | Q(row__isnull=False), name="difference_of"),
            models.CheckConstraint(
                condition=Q(state=DifferenceState.SETTLED) & ~Q(settlement="")
                | ~Q(state=DifferenceState.SETTLED) & Q(settlement=""),
                name="difference_settled_how",
            ),
        ]
        indexes = [models.Index(fields=["batch", "state", "kind", "id"], name="difference_list")]
