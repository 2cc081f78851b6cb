"""What the actions of this floor announce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
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


@dataclass(frozen=True)
class CouponRedeemed:
    """A coupon of a member went over a partner's counter."""

    #: Who did it: a counter, or a cadre.
    actor: Actor
    redemption_id: UUID
    worker_id: UUID
    #: Code of the service in the catalog; empty: none.
    service: str
    #: What the union pays for it, in yuan.
    cost: Decimal
    place_name: str
    at: datetime


@dataclass(frozen=True)
class CouponGivenBack:
    """A redemption was taken back, and the member has the coupon again."""

    #: Who did it: a counter, or a cadre.
    actor: Actor
    redemption_id: UUID
    worker_id: UUID
    reason: str
    at: datetime
