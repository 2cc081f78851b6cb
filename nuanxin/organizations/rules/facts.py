"""What routing needs to know of unions and employers on one day: plain facts, read once, judged by pure rules.

`queries.routing.candidates_for` fills these; `members.rules.routing` judges them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class AdmissionFacts:
    """One admission rule that is valid on the day. Empty tuples mean: every group, every platform, own region."""

    id: UUID
    employers: str
    occupation_groups: tuple[str, ...] = ()
    region_codes: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    source_note: str = ""
    source_note_en: str = ""


@dataclass(frozen=True, slots=True)
class UnionFacts:
    """One open union with its admission rules valid on the day."""

    id: UUID
    code: str
    name: str
    name_en: str
    kind: str
    level: str
    path: str
    region_code: str
    admission: tuple[AdmissionFacts, ...] = ()

    @property
    def region_id(self) -> str:
        """Return the region's code under the name that a union's row has for it."""
        return self.region_code


@dataclass(frozen=True, slots=True)
class EmployerFacts:
    """The employer the applicant named, with the open unions that cover its workers on the day (at most one)."""

    id: UUID
    name: str
    region_code: str
    covered_by: UUID | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Every union that may matter for one applicant on one day; the order of `unions` carries no meaning.

    :param scanned: id of the union whose code was scanned, if it exists and is open.
    :param city_code: prefecture-level code of the region (the municipality's or province's for pseudo-units).
    """

    region_code: str
    city_code: str
    scanned: UUID | None = None
    employer: EmployerFacts | None = None
    unions: tuple[UnionFacts, ...] = field(default=())
