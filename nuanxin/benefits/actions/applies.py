"""What is done for a member at a counter by one tap, by its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.benefits.actions.packs import hand_out
from nuanxin.benefits.actions.redeeming import redeem
from nuanxin.benefits.rules.coupons import KIND as COUPON
from nuanxin.benefits.rules.packs import KIND as PACK
from nuanxin.kernel.refusals import NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.catalog.rules.applies import Done, Here
    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Worker

#: What this floor can do at a counter.
KINDS = frozenset({PACK, COUPON})


def act_here(*, actor: Actor, worker: Worker, here: Here, kind: str, key: str, now: datetime) -> Done:
    """Do the one thing of this floor that was tapped.

    :raises NotFound: nothing of this floor.
    """
    if kind == PACK:
        return hand_out(actor=actor, worker=worker, here=here, key=key, now=now)
    if kind == COUPON:
        return redeem(actor=actor, worker=worker, here=here, key=key, now=now)
    raise NotFound
