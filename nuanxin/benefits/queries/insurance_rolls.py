"""Frozen lists in plain, for insurers: only for actions that have written down that it is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nuanxin.benefits.models import Insured
from nuanxin.kernel.secrets import PersonKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nuanxin.benefits.models import InsuranceBatch


@dataclass(frozen=True, slots=True)
class RollLine:
    """One person for the insurer."""

    line: int
    name: str
    id_kind: str
    id_number: str
    phone: str


def roll_lines(batch: InsuranceBatch, first: int = 1, last: int | None = None) -> Iterator[RollLine]:
    """Give the lines of a frozen list in order, unsealed one by one; whoever was erased since is left out."""
    rows = Insured.objects.filter(batch=batch, line__gte=first, worker__erased_at=None)
    if last is not None:
        rows = rows.filter(line__lte=last)
    fields = ("line", "name", "id_kind", "sealed_id", "sealed_phone", "worker__sealed_key")
    for line, name, kind, sealed_id, sealed_phone, sealed_key in (
        rows.order_by("line").values_list(*fields).iterator(chunk_size=2000)
    ):
        key = PersonKey(sealed_key)
        yield RollLine(line, name, kind, key.unseal(sealed_id), key.unseal(sealed_phone))
