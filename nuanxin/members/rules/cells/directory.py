"""What the directory decides: one row per person, one holder per row, and every change by a condition.

A holder is a cell and a claim: the claim is the fence. What an older stay of the same person in the same cell still
sends meets another claim and changes nothing, and a claim that was given up is void: a question that comes late cannot
bring it back. The version only grows, also while nobody holds the row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Holding:
    """The directory's row: who holds a person. No cell: nobody does."""

    cell: str = ""
    claim: UUID | None = None
    version: int = 0

    @property
    def is_free(self) -> bool:
        """Tell whether nobody holds the person."""
        return not self.cell


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the directory answers, and the row as it is afterwards."""

    outcome: str
    row: Holding
    #: The claim that may never hold the row again.
    void: UUID | None = None


GRANTED, HELD, VOID, DONE, NOT_YOURS = "granted", "held", "void", "done", "not_yours"


def claim(row: Holding, *, cell: str, claim: UUID, is_void: bool) -> Ruling:
    """Decide whether a cell may count a person: granted if nobody does, or it does itself.

    A later claim of the same cell takes the place of its earlier one, never the other way round: a question may arrive
    after the one that was asked later. Asked again, the answer is the same.

    :param is_void: the claim was given up before.
    """
    if row.cell == cell and row.claim == claim:
        return Ruling(GRANTED, row)
    if is_void:
        return Ruling(VOID, row)
    # Ids of claims grow with time.
    if row.is_free or row.claim is None or (row.cell == cell and row.claim < claim):
        return Ruling(GRANTED, Holding(cell, claim, row.version + 1), row.claim)
    return Ruling(HELD, row)


def release(row: Holding, *, cell: str, claim: UUID) -> Ruling:
    """Give a claim up for good; whoever holds the row with this very claim frees it, and nobody else changes it."""
    if (row.cell, row.claim) != (cell, claim):
        return Ruling(NOT_YOURS, row, claim)
    return Ruling(DONE, replace(row, cell="", claim=None, version=row.version + 1), claim)


def hand_over(row: Holding, *, cell: str, claim: UUID, to_cell: str, to_claim: UUID) -> Ruling:
    """Pass a person from the holder to another cell in one step; said again, the answer is the same."""
    if (row.cell, row.claim) == (to_cell, to_claim):
        return Ruling(DONE, row)
    if (row.cell, row.claim) != (cell, claim):
        return Ruling(NOT_YOURS, row)
    return Ruling(DONE, Holding(to_cell, to_claim, row.version + 1), claim)
