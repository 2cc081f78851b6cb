"""Rows of the record-keeping floor."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from nuanxin.kernel.ids import new_id
from nuanxin.records.states import Because


class AuditEntry(models.Model):
    """One act: who did what to which thing, in the name of which post. Never changed, never deleted."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    union_path = models.CharField(max_length=200, blank=True)
    actor_kind = models.CharField(max_length=10)
    account_id = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    source_id = models.UUIDField(null=True)
    #: Names and plain values that are nobody's personal data: codes, states, ids, counts.
    detail = models.JSONField(default=dict)
    #: Personal values before and after, sealed under the person's own key: JSON text, or empty.
    sealed = models.BinaryField(default=bytes, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "at"], name="audit_subject"),
            models.Index(
                fields=["union_path", "id"], name="audit_reach", opclasses=["varchar_pattern_ops", "uuid_ops"]
            ),
            models.Index(fields=["action", "id"], name="audit_action", opclasses=["varchar_pattern_ops", "uuid_ops"]),
            BrinIndex(fields=["at"], name="audit_days", autosummarize=True, pages_per_range=32),
            models.Index(fields=["account_id", "at"], name="audit_account"),
        ]


class IdempotencyKey(models.Model):
    """The first answer to a request that may be sent again; lives in the transaction of the work it answers."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    request_digest = models.BinaryField()
    status = models.SmallIntegerField()
    #: The answer, sealed under the installation's key: it may hold personal data.
    sealed_body = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]


class Attachment(models.Model):
    """A file given as evidence, sealed under the installation's key and found by its digest."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.BinaryField()
    sealed_content = models.BinaryField()
    uploaded_by = models.UUIDField(null=True)
    uploaded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["subject_id"], name="attachment_subject")]


class CalendarOverride(models.Model):
    """A day that this installation works, or does not, whatever the state's calendar says."""

    day = models.DateField(primary_key=True)
    is_working = models.BooleanField()
    note = models.CharField(max_length=200)


class Erasure(models.Model):
    """The register of what was erased, when, by which rule and on whose account: never the erased values."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    subject_type = models.CharField(max_length=40)
    #: The one thing that was erased; none for a batch of rows that ended by their own age.
    subject_id = models.UUIDField(null=True)
    #: Path of the union with which it was; its subtree's auditors may read the line.
    union_path = models.CharField(max_length=200, blank=True, default="")
    rule = models.CharField(max_length=60)
    because = models.CharField(max_length=10, choices=Because.choices, default=Because.RULE)
    #: Models and fields, as `app.Model.field`.
    fields = ArrayField(models.CharField(max_length=100))
    #: How many rows were emptied or deleted.
    rows = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="erasure_newest"),
            models.Index(fields=["subject_id"], name="erasure_subject"),
        ]
