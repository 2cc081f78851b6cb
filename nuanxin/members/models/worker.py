"""The person."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nuanxin.access.models import Account
from nuanxin.kernel.ids import new_id
from nuanxin.members.states import PROVED_LEVELS, Assurance, IdKind, ProofAct
from nuanxin.organizations.models import Enterprise, OccupationGroup, Platform, Union
from nuanxin.regions.models import Region


class Worker(models.Model):
    """A person known by identity. Sealed values are under `sealed_key`, this person's own key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.OneToOneField(Account, on_delete=models.PROTECT, null=True, related_name="+")
    sealed_key = models.BinaryField()
    name = models.CharField(max_length=50)
    pinyin = models.CharField(max_length=200, blank=True)
    initials = models.CharField(max_length=50, blank=True)
    id_kind = models.CharField(max_length=20, choices=IdKind.choices, default=IdKind.RESIDENT_ID)
    sealed_id = models.BinaryField()
    id_digest = models.BinaryField(unique=True)
    birth_on = models.DateField(null=True)
    sex = models.CharField(max_length=1, blank=True)
    sealed_phone = models.BinaryField()
    phone_digest = models.BinaryField(null=True, unique=True)
    occupation_group = models.ForeignKey(OccupationGroup, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(Enterprise, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    employer_name = models.CharField(max_length=120, blank=True)
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    #: How far it is proved who this is; whether the phone was confirmed by a code; when the last proof above the form
    #: of the number was given.
    assurance = models.CharField(
        max_length=10, choices=Assurance.choices, default=Assurance.REGISTERED, db_default=Assurance.REGISTERED
    )
    phone_proved = models.BooleanField(default=False, db_default=False)
    assured_at = models.DateTimeField(null=True)
    #: The record that stays where two were found to be one person; nothing points on from that one.
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    #: When the person was erased: key destroyed, fields empty, digests random; the row stays for what points at it.
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at=None)
                | Q(
                    name="",
                    pinyin="",
                    initials="",
                    employer_name="",
                    employer=None,
                    birth_on=None,
                    phone_digest=None,
                    account=None,
                    sealed_key=b"",
                    sealed_id=b"",
                    sealed_phone=b"",
                ),
                name="worker_erased_is_empty",
            ),
            models.CheckConstraint(condition=~Q(erased_at=None) | ~Q(sealed_key=b""), name="worker_has_a_key"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="worker_merged_into_another"),
            models.CheckConstraint(
                condition=Q(assured_at=None) ^ Q(assurance__in=PROVED_LEVELS), name="worker_proof_has_a_day"
            ),
        ]
        indexes = [
            models.Index(fields=["employer"], name="worker_employer"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="worker_merged"),
            models.Index(fields=["assured_at"], condition=Q(assured_at__isnull=False), name="worker_assured"),
        ]


class WorkerOccupation(models.Model):
    """A further occupation group of a worker, from a day to a day; the first one is with the worker."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    worker = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="further_occupations")
    group = models.ForeignKey(OccupationGroup, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "group"], condition=Q(valid_until=None), name="worker_occupation_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="worker_occupation_dates"
            ),
        ]


class AssuranceProof(models.Model):
    """One proof of who a worker is: what it made the level, from which source, on what it rests, and who took it."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    act = models.CharField(max_length=10, choices=ProofAct.choices)
    level = models.CharField(max_length=10, choices=Assurance.choices)
    #: `desk`, or the name of the verifier that answered.
    source = models.CharField(max_length=40)
    evidence = models.CharField(max_length=200, blank=True)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    post_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["worker", "-at", "-id"], name="assurance_proof_of_worker")]
