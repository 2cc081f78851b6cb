"""Rosters: many people handed in by one file, checked row by row, and enrolled at once."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nuanxin.access.models import Account
from nuanxin.kernel.ids import new_id
from nuanxin.members.models.membership import Membership
from nuanxin.members.states import RosterOutcome, RosterState
from nuanxin.organizations.models import Enterprise, Union


class Roster(models.Model):
    """One file of people for a union, perhaps of one enterprise. Everything personal in it is under `sealed_key`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=16, unique=True)
    state = models.CharField(max_length=10, choices=RosterState.choices, default=RosterState.CHECKING)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, null=True, related_name="+")
    #: Several files of one list carry the same label and are counted together.
    batch = models.CharField(max_length=60, blank=True)
    sealed_key = models.BinaryField()
    file_name = models.CharField(max_length=120)
    file_size = models.PositiveIntegerField()
    file_digest = models.BinaryField()
    headers = models.JSONField(default=list)
    #: Field → number of its column; what of it was chosen by hand is remembered for the next file with these headers.
    columns = models.JSONField(default=dict)
    #: What holds for every row whose cell is empty: `occupation_group, region_code, platform`.
    defaults = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    #: Rows expected, checked, and dealt with by the commit.
    rows = models.PositiveIntegerField(default=0)
    checked = models.PositiveIntegerField(default=0)
    committed = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    partial = models.BooleanField(default=False)
    failure = models.JSONField(default=dict)
    uploaded_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    post_id = models.UUIDField(null=True)
    source_id = models.UUIDField(null=True)
    uploaded_at = models.DateTimeField()
    #: When somebody last worked on it: whoever finds it resting takes it up.
    beat_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    #: Who enrolled the people, in the name of which post, and when that was asked for.
    committed_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    committed_post_id = models.UUIDField(null=True)
    commit_asked_at = models.DateTimeField(null=True)
    #: When it came to its end: enrolled, failed or undone.
    finished_at = models.DateTimeField(null=True)
    #: Whether everybody enrolled has been written to.
    told = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["union", "-id"], name="roster_of_union"),
            models.Index(fields=["enterprise", "-id"], name="roster_of_enterprise"),
            models.Index(fields=["batch"], condition=~Q(batch=""), name="roster_batch"),
            models.Index(
                fields=["beat_at"],
                condition=Q(state__in=[RosterState.CHECKING, RosterState.COMMITTING])
                | Q(state=RosterState.DONE, told=False),
                name="roster_at_work",
            ),
        ]


class RosterFile(models.Model):
    """The file as it was handed in, sealed under the roster's key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    roster = models.OneToOneField(Roster, on_delete=models.CASCADE, related_name="+")
    sealed_content = models.BinaryField()


class RosterChunk(models.Model):
    """Some thousand rows that are checked in one transaction and committed in another."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    roster = models.ForeignKey(Roster, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    #: Lines of the file, the first and the last included.
    first_line = models.PositiveIntegerField()
    last_line = models.PositiveIntegerField()
    committed_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["roster", "number"], name="roster_chunk_once"),
            models.CheckConstraint(condition=Q(last_line__gte=F("first_line")), name="roster_chunk_lines"),
        ]


class RosterRow(models.Model):
    """One row of a roster and how it is judged. The membership that it begins has the row's own id."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    roster = models.ForeignKey(Roster, on_delete=models.CASCADE, related_name="+", db_index=False)
    line = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=RosterOutcome.choices)
    #: What is wrong: pairs of field and code.
    problems = models.JSONField(default=list)
    #: The union that the person comes to.
    union = models.ForeignKey(Union, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    #: The membership that the person had already, in this union or in another.
    membership = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    #: The cells as they stand in the file, and the fields made regular, under the roster's key.
    sealed_cells = models.BinaryField()
    id_digest = models.BinaryField(null=True)
    phone_digest = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["roster", "line"], name="roster_row_once")]
        indexes = [
            models.Index(
                fields=["roster", "outcome", "line"],
                condition=~Q(outcome=RosterOutcome.NEW),
                name="roster_row_outcome",
            ),
            models.Index(fields=["membership"], condition=Q(membership__isnull=False), name="roster_row_membership"),
        ]
