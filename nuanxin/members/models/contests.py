"""Contests of what was done to an application, and the limits that unions let pass."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nuanxin.access.models import Account
from nuanxin.kernel.ids import new_id
from nuanxin.members.models.application import Application
from nuanxin.members.states import ContestKind, ContestState
from nuanxin.organizations.models import Union


class Contest(models.Model):
    """An applicant contests a routing or a refusal: once for each kind, one at a time; a union above decides."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="contests", db_index=False)
    kind = models.CharField(max_length=8, choices=ContestKind.choices)
    state = models.CharField(max_length=10, choices=ContestState.choices, default=ContestState.OPEN)
    #: The applicant's own words, under the application's key.
    sealed_words = models.BinaryField()
    #: The union whose act is contested, and the one that decides: the same only where nobody stands above.
    against = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    #: The union that the applicant thinks right.
    wanted = models.ForeignKey(Union, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    reminded_for = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "kind"], name="contest_once"),
            models.UniqueConstraint(
                fields=["application"], condition=Q(state=ContestState.OPEN), name="contest_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state=ContestState.OPEN, decided_at=None)
                | (~Q(state=ContestState.OPEN) & Q(decided_at__isnull=False)),
                name="contest_open_or_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["union", "due_at", "id"], condition=Q(state=ContestState.OPEN), name="contest_queue"),
            models.Index(fields=["due_at"], condition=Q(state=ContestState.OPEN), name="contest_due"),
            models.Index(fields=["union", "-id"], name="contest_of_union"),
        ]

    @property
    def same_office(self) -> bool:
        """Answer whether the contested union decides itself, because nobody stands above it."""
        return self.union_id == self.against_id


class Lapse(models.Model):
    """A union let a limit pass: of an application, or of a contest that it was to decide."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+", db_index=False)
    contest = models.ForeignKey(Contest, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    limit_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "limit_at"], condition=Q(contest=None), name="lapse_once"),
            models.UniqueConstraint(
                fields=["contest", "limit_at"], condition=Q(contest__isnull=False), name="lapse_of_contest_once"
            ),
        ]
        indexes = [models.Index(fields=["union", "application"], name="lapse_of_union")]
