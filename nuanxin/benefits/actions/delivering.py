"""What a membership entitled to and somebody got is a delivery of the catalog: packs, coupons, policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.access.actors import system
from nuanxin.catalog.actions import Served, deliver, deliver_many
from nuanxin.catalog.actions.undoing import take_back_source

if TYPE_CHECKING:
    from nuanxin.benefits.actions.events import CouponGivenBack, CouponRedeemed, HandedOut
    from nuanxin.benefits.actions.insurance_reconciling import PoliciesIssued

#: What came of a welcome pack → service of the catalog that counts it.
_PACKS = {"kit": "welcome_pack", "ticket": "film_ticket"}


def count_pack(event: HandedOut) -> None:
    """Count a thing of a welcome pack as one delivery of its service."""
    deliver(
        actor=event.actor,
        service=_PACKS[event.item],
        worker_id=event.worker_id,
        source_kind="pack",
        source_id=str(event.right_id),
        place=event.place_name,
        place_en=event.place_name_en,
        now=event.at,
    )


def count_coupon(event: CouponRedeemed) -> None:
    """Count a coupon that went over a counter as one delivery of its service, at what the union pays for it."""
    if event.service:
        deliver(
            actor=event.actor,
            service=event.service,
            worker_id=event.worker_id,
            source_kind="coupon",
            source_id=str(event.redemption_id),
            cost=event.cost,
            place=event.place_name,
            now=event.at,
        )


def take_coupon_back(event: CouponGivenBack) -> None:
    """Take the delivery back with the redemption."""
    take_back_source(
        actor=event.actor, source_kind="coupon", source_id=str(event.redemption_id), reason=event.reason, now=event.at
    )


def count_policies(event: PoliciesIssued) -> None:
    """Count each policy of gifted insurance as one delivery, at its premium."""
    served = [
        Served("gifted_insurance", event.day, "policy", str(one.policy_id), one.worker_id, cost=event.premium)
        for one in event.policies
    ]
    deliver_many(actor=system(), served=served, now=event.now)
