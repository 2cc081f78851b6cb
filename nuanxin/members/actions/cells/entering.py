"""A cell takes part from now on: the members of before are claimed at the directory, batch by batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from nuanxin.kernel.events import announce
from nuanxin.members.actions.cells.offers import offer_transfer
from nuanxin.members.actions.events import CountChanged
from nuanxin.members.actions.memberships import where_of_member
from nuanxin.members.models import CellClaim
from nuanxin.members.queries.cells import digest_of, members_to_enter
from nuanxin.members.rules.cells.directory import GRANTED, HELD
from nuanxin.members.rules.cells.messages import MOST_AT_ONCE
from nuanxin.members.rules.cells.states import ClaimState
from nuanxin.members.states import MembershipState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from nuanxin.members.models import Membership


@dataclass(slots=True)
class Entered:
    """How many members of before this cell counts, and how many another cell holds."""

    granted: int = 0
    elsewhere: int = 0


def enter_members(
    *, ask: Callable[[list[CellClaim]], Mapping[str, Mapping[str, Any]]], tell: Callable[[int], object]
) -> Entered:
    """Claim every member of before; may be stopped and started again, and asks again about nobody who is settled.

    :param ask: sends claims to the directory and returns what it says of each, by the claim's id.
    """
    done = Entered()
    while members := members_to_enter(most=MOST_AT_ONCE):
        now = timezone.now()
        claims = [CellClaim(membership=m, digest=digest_of(m.worker), asked_at=now, next_at=now) for m in members]
        rulings = ask(claims)
        for claim in claims:
            _enter(claim, rulings[str(claim.pk)], done, now)
        tell(done.granted + done.elsewhere)
    return done


@transaction.atomic
def _enter(claim: CellClaim, ruling: Mapping[str, Any], done: Entered, now: datetime) -> None:
    """Write what the directory said of one member: counted as before, or counted no more and asked to move here."""
    claim.admitted, claim.settled_at = True, now
    if ruling["outcome"] == GRANTED:
        claim.state, claim.version, claim.counted = ClaimState.GRANTED, int(ruling["version"]), True
        claim.save(force_insert=True)
        done.granted += 1
    elif ruling["outcome"] == HELD:
        claim.state, claim.other_cell = ClaimState.ELSEWHERE, str(ruling["cell"])[:20]
        claim.save(force_insert=True)
        membership: Membership = claim.membership
        if membership.state == MembershipState.ACTIVE:
            announce(CountChanged(where_of_member(membership, now), admissions=0, active=-1))
        offer_transfer(claim=claim, now=now)
        done.elsewhere += 1
