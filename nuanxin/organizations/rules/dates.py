"""Rows that hold from a day (inclusive) to a day (exclusive), and which of several decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from uuid import UUID


class Dated(Protocol):
    """A row with a first day and, perhaps, the day after its last."""

    @property
    def valid_from(self) -> date:
        """The first day."""

    @property
    def valid_until(self) -> date | None:
        """The day after the last; none while it is open."""


def valid_on(row: Dated, day: date) -> bool:
    """Answer whether a dated row holds on a day."""
    return row.valid_from <= day and (row.valid_until is None or day < row.valid_until)


@dataclass(frozen=True, slots=True)
class DatedRow:
    """One dated rule as plain values; `union_path` and `region_code` are empty where it holds everywhere."""

    id: UUID
    name: str
    value: Any
    valid_from: date
    valid_until: date | None
    source_note: str
    union_path: str = ""
    union_name: str = ""
    region_code: str = ""
    region_name: str = ""


def pick_dated_rule(rows: Iterable[DatedRow], *, union_path: str, region_code: str, on: date) -> DatedRow | None:
    """Return the row that decides for a union on a day: the narrowest scope wins, then the later start.

    A rule of a union's subtree is narrower than any region's; among unions the nearest ancestor, among regions the
    smallest that holds the union's region.
    """
    fitting = [
        row
        for row in rows
        if valid_on(row, on) and union_path.startswith(row.union_path) and region_code.startswith(row.region_code)
    ]
    return max(
        fitting,
        key=lambda row: (len(row.union_path), len(row.region_code), row.valid_from, str(row.id)),
        default=None,
    )
