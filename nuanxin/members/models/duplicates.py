"""Records that may be one person: how names sound, pairs to look at, searches through the registry, and merges."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nuanxin.access.models import Account
from nuanxin.kernel.ids import new_id
from nuanxin.members.models.worker import Worker
from nuanxin.members.states import DuplicateState, SweepKind, SweepState
from nuanxin.organizations.models import Union


class DuplicateKey(models.Model):
    """By what a person is compared: the sorted syllables of the name, and the birth date. Made from the person anew."""

    #: Held by no constraint: a search writes a million of these, and the check of each would be a third of its time.
    worker = models.OneToOneField(
        Worker, on_delete=models.CASCADE, primary_key=True, related_name="+", db_constraint=False
    )
    reads = models.CharField(max_length=200)
    birth_on = models.DateField(null=True)
    #: The document number is one of 15 digits, in the form of the first generation of cards.
    old_number = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["reads", "birth_on"], name="duplicate_key_reads"),
            models.Index(fields=["worker"], condition=Q(old_number=True), name="duplicate_key_old"),
        ]


class DuplicateDue(models.Model):
    """A person who is new, or of whom something has changed, since the last look for duplicates."""

    worker = models.OneToOneField(Worker, on_delete=models.CASCADE, primary_key=True, related_name="+")


class Sweep(models.Model):
    """One search for duplicates, through everybody or through whoever changed; goes on where it was when killed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10, choices=SweepKind.choices)
    state = models.CharField(max_length=10, choices=SweepState.choices, default=SweepState.RUNNING)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    people = models.IntegerField(default=0)
    looked_at = models.IntegerField(default=0)
    #: Up to which syllables everybody was compared.
    upto = models.CharField(max_length=200, blank=True, default="")
    pairs = models.IntegerField(default=0)
    found = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=SweepState.RUNNING), name="duplicate_sweep_one_running"
            ),
            models.CheckConstraint(
                condition=Q(state=SweepState.RUNNING, ended_at=None)
                | (~Q(state=SweepState.RUNNING) & Q(ended_at__isnull=False)),
                name="duplicate_sweep_end_dated",
            ),
        ]


class Duplicate(models.Model):
    """Two records that may be one person, each pair once; what was decided of them is never asked again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    one = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="+")
    #: The lowest federation, of a county or above, that reaches both: it decides.
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    points = models.SmallIntegerField()
    #: Field, level and points of each piece of evidence; no value of anybody.
    evidence = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=DuplicateState.choices, default=DuplicateState.OPEN)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    post_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="duplicate_pair_in_order"),
            models.CheckConstraint(
                condition=Q(state=DuplicateState.OPEN) | Q(decided_at__isnull=False), name="duplicate_decision_dated"
            ),
        ]
        indexes = [models.Index(fields=["state", "-points", "-id"], name="duplicate_queue")]


class Merge(models.Model):
    """Two records that were made one person: which stays, what was changed, and whether it was undone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    duplicate = models.ForeignKey(Duplicate, on_delete=models.CASCADE, related_name="+")
    kept = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="+")
    dropped = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="+")
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    #: Every value that was changed, before and after; what is sealed stays sealed under the person's own key.
    snapshot = models.JSONField(default=dict)
    merged_at = models.DateTimeField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    post_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    undo_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dropped"], condition=Q(undone_at=None), name="merge_dropped_once"),
            models.CheckConstraint(condition=~Q(kept=F("dropped")), name="merge_of_two"),
        ]
