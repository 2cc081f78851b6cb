"""Membership across cells: what a cell keeps towards the directory and the others, and what the directory keeps.

None of these tables points from shared rows to a cell's, and the directory's own point at nothing: it knows no people.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nuanxin.access.models import Account
from nuanxin.kernel.ids import new_id
from nuanxin.members.models.membership import Membership
from nuanxin.members.rules.cells.states import (
    LIVE,
    OPEN_TRANSFERS,
    CellTransferState,
    ClaimState,
    Direction,
    Kind,
    MessageState,
)


class Cell(models.Model):
    """An installation that takes part, as the directory knows it; every other cell keeps a copy."""

    code = models.CharField(primary_key=True, max_length=20)
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=200)
    signing_point = models.BinaryField()
    sealing_point = models.BinaryField()
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class CellClaim(models.Model):
    """One stay of one member, as the directory is asked for it. Only what is granted and not ended is counted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField()
    state = models.CharField(max_length=10, choices=ClaimState.choices, default=ClaimState.WAITING)
    #: The version of the directory's row with which it was granted.
    version = models.BigIntegerField(null=True)
    #: Whether this cell's numbers count the member now, and whether they count the admission.
    counted = models.BooleanField(default=False)
    admitted = models.BooleanField(default=False)
    #: The cell that holds the member, while it is not this one.
    other_cell = models.CharField(max_length=20, blank=True)
    asked_at = models.DateTimeField()
    next_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership"], condition=Q(state__in=LIVE), name="cell_claim_one_live"),
            models.CheckConstraint(
                condition=Q(counted=False) | Q(state=ClaimState.GRANTED, version__isnull=False),
                name="cell_claim_counts_if_granted",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state__in=[ClaimState.WAITING, ClaimState.ELSEWHERE, ClaimState.LEAVING]),
                name="cell_claim_due",
            ),
            models.Index(fields=["digest"], name="cell_claim_digest"),
        ]


class CellTransfer(models.Model):
    """The transfer of one member between two cells; both keep it under one id, each with its own states."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    claim = models.ForeignKey(CellClaim, on_delete=models.PROTECT, related_name="+")
    other_cell = models.CharField(max_length=20)
    #: The claim of the cell that receives: what the directory's row is handed over to.
    other_claim = models.UUIDField(null=True)
    #: The union at the other end, as that cell writes it.
    other_union = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=CellTransferState.choices)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    #: The person who answered for the union, where one did; by which rule, or why not.
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    basis = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    #: The package that came, under the installation's key; empty once it has been taken over.
    sealed_package = models.BinaryField(default=bytes)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership"], condition=Q(state__in=OPEN_TRANSFERS), name="cell_transfer_one_open"
            ),
        ]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="cell_transfer_newest"),
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=[CellTransferState.OFFERED, CellTransferState.ASKED]),
                name="cell_transfer_due",
            ),
        ]


class EarlierStay(models.Model):
    """A stay in another cell, as that cell has signed it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    #: Id of the stay in the cell where it was: brought twice, it is kept once.
    stay = models.UUIDField()
    cell = models.CharField(max_length=20)
    cell_name = models.CharField(max_length=100)
    union_code = models.CharField(max_length=20)
    union_name = models.CharField(max_length=200)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["membership", "stay"], name="earlier_stay_once")]


class CellMessage(models.Model):
    """A message to another installation, sent again until it is answered; its body is under the installation's key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    #: A cell's code, or `directory`.
    receiver = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    transfer = models.ForeignKey(CellTransfer, on_delete=models.PROTECT, related_name="messages")
    claim = models.ForeignKey(CellClaim, on_delete=models.PROTECT, related_name="+")
    sealed_body = models.BinaryField()
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.WAITING)
    written_at = models.DateTimeField()
    next_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    #: Why the last try led to nothing, as a code.
    trouble = models.CharField(max_length=60, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at", "id"], condition=Q(state=MessageState.WAITING), name="cell_message_due"),
        ]


class CellReceipt(models.Model):
    """A message that was taken, and what was answered: the same message again gets the same answer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sender = models.CharField(max_length=20)
    #: As which of the two this installation took it: `directory`, or its own code.
    receiver = models.CharField(max_length=20)
    message = models.UUIDField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    body_digest = models.BinaryField()
    transfer = models.UUIDField(null=True)
    answer = models.JSONField()
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "receiver", "message"], name="cell_receipt_once")]
        indexes = [
            models.Index(fields=["taken_at"], name="cell_receipt_age"),
            models.Index(fields=["transfer"], condition=Q(transfer__isnull=False), name="cell_receipt_transfer"),
        ]


class DirectoryEntry(models.Model):
    """The directory's row of one person: which cell holds the person, by which claim; none: nobody does."""

    digest = models.BinaryField(primary_key=True)
    cell = models.CharField(max_length=20, blank=True)
    claim = models.UUIDField(null=True)
    version = models.BigIntegerField(default=0)
    since = models.DateTimeField()
    #: Since when nobody holds the person; the row is forgotten some years after.
    freed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cell="", claim__isnull=True) | ~Q(cell="") & Q(claim__isnull=False, freed_at__isnull=True),
                name="directory_held_by_a_claim",
            ),
        ]
        indexes = [models.Index(fields=["cell"], name="directory_of_cell")]


class DirectoryMove(models.Model):
    """One change of a directory's row: since when which cell counts a person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    digest = models.BinaryField()
    version = models.BigIntegerField()
    cell = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "version"], name="directory_move_once")]


class DirectoryVoid(models.Model):
    """A claim that was given up: no late or repeated question brings it back. It outlives whatever is on its way."""

    claim = models.UUIDField(primary_key=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="directory_void_age")]
