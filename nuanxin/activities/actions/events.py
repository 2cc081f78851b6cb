"""What this floor announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class ArrivalStood:
    """A cadre decided that somebody was served at the bus, although no booking says so."""

    arrival_id: UUID
    worker_id: UUID
    service: str
    place: str
    place_en: str
    at: datetime
