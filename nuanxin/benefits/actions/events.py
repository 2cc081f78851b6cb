"""What the actions of this floor announce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor


@dataclass(frozen=True)
class HandedOut:
    """One thing of a welcome pack went over a counter to a member."""

    #: The device that handed it out.
    actor: Actor
    right_id: UUID
    worker_id: UUID
    #: A `PackItem`.
    item: str
    place_name: str
    place_name_en: str
    at: datetime
