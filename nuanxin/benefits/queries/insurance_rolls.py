"""Frozen lists in plain, for insurers: only for actions that have written down that it is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from nuanxin.benefits.models import Insured, RollFile
from nuanxin.kernel.secrets import PersonKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nuanxin.benefits.models import InsuranceBatch


def roll_file_of(batch: InsuranceBatch) -> tuple[int, bool] | None:
    """Return how many lines of the workbook of a batch are written, and whether it is whole; None: nobody asked."""
    rows = RollFile.objects.filter(batch=batch).annotate(is_whole=~Q(sealed_content=b""))
    return rows.values_list("lines", "is_whole").first()


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
    rows = Insured.objects.filter(batch=batch, line__gte=first, worker__erased_at=None).exclude(name="")
    if last is not None:
        rows = rows.filter(line__lte=last)
    fields = ("line", "name", "id_kind", "sealed_id", "sealed_phone", "worker__sealed_key")
    for line, name, kind, sealed_id, sealed_phone, sealed_key in (
        rows.order_by("line").values_list(*fields).iterator(chunk_size=2000)
    ):
        key = PersonKey(sealed_key)
        yield RollLine(line, name, kind, key.unseal(sealed_id), key.unseal(sealed_phone))
