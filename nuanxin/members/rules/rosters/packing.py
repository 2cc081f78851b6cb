"""How a row is kept: the cells as they stand in the file and the fields made regular, as one text to be sealed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from nuanxin.kernel.documents import Identity
from nuanxin.members.rules.applicants import Fields

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Unit and record separators (ISO 646): no cell of a table holds them once it is packed.
_UNIT, _RECORD = "\x1f", "\x1e"
_DROPPED = str.maketrans({_UNIT: " ", _RECORD: " ", "\0": " "})


def pack(cells: Sequence[str], fields: Fields | None, employer: UUID | None = None) -> str:
    """Return one text of the cells, and of the fields and the employer when the row was right."""
    kept = _UNIT.join(cells)
    if kept.count(_UNIT) >= len(cells) or _RECORD in kept or "\0" in kept:
        kept = _UNIT.join(cell.translate(_DROPPED) for cell in cells)
    return kept if fields is None else f"{kept}{_RECORD}{employer.hex if employer else ''}{_UNIT}{_texts(fields)}"


def _texts(fields: Fields) -> str:
    it = fields.identity
    birth = it.birth_on.isoformat() if it.birth_on else ""
    return (
        f"{fields.name}{_UNIT}{it.kind}{_UNIT}{it.number}{_UNIT}{birth}{_UNIT}{it.sex}{_UNIT}{fields.phone}{_UNIT}"
        f"{fields.occupation_group}{_UNIT}{fields.region_code}{_UNIT}{fields.employer_credit_code}{_UNIT}"
        f"{fields.employer_name}{_UNIT}{fields.platform}"
    )


def cells_of(packed: str) -> tuple[str, ...]:
    """Return the cells as they stand in the file."""
    return tuple(packed.partition(_RECORD)[0].split(_UNIT))


def fields_of(packed: str) -> tuple[Fields, UUID | None] | None:
    """Return the fields and the employer of a row that was right; None of one that was not."""
    _cells, found, text = packed.partition(_RECORD)
    if not found:
        return None
    employer, name, kind, number, birth, sex, phone, group, region, code, named, platform = text.split(_UNIT)
    identity = Identity(kind, number, date.fromisoformat(birth) if birth else None, sex)
    fields = Fields(name, identity, phone, group, region, code, named, platform)
    return fields, UUID(hex=employer) if employer else None
