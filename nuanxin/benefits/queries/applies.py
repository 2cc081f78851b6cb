"""What a member has of this floor at a counter: welcome packs and coupons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.benefits.queries.coupons import coupons_here
from nuanxin.benefits.queries.packs import packs_here

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.catalog.rules.applies import Applies, Here
    from nuanxin.members.models import Worker


def applies_here(worker: Worker, here: Here, now: datetime) -> list[Applies]:
    """Return everything of this floor that applies to a member at a counter now, and why the rest does not."""
    return [*coupons_here(worker, here, now), *packs_here(worker, here, now)]
