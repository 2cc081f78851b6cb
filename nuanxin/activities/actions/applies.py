"""What is done for a member at a counter by one tap, by its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.activities.actions.checking import check_in_here
from nuanxin.kernel.refusals import NotFound
from nuanxin.organizations.states import ScanKind

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.catalog.rules.applies import Done, Here
    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Worker

#: What this floor can do at a counter.
KINDS: frozenset[str] = frozenset({ScanKind.CHECK_UP.value, ScanKind.RECUPERATION.value, ScanKind.EVENT.value})


def act_here(*, actor: Actor, worker: Worker, here: Here, kind: str, key: str, now: datetime) -> Done:
    """Do the one thing of this floor that was tapped.

    :raises NotFound: nothing of this floor.
    """
    if kind in KINDS:
        return check_in_here(actor=actor, worker=worker, here=here, key=key, now=now)
    raise NotFound
