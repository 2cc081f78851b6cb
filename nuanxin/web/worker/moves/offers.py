"""What a member is offered who looks at another union: to move there in one tap, or why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nuanxin.members.actions.settle import limit
from nuanxin.members.queries.transfers import Work, at_once, newest_transfer, route_of, scanned_work
from nuanxin.members.rules.transfers import DAYS, check_place
from nuanxin.members.states import MembershipState, TransferState
from nuanxin.organizations.queries.unions import public_union
from nuanxin.regions.queries import full_name

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.members.models import Membership, TransferRequest
    from nuanxin.members.rules.routing import Route
    from nuanxin.organizations.models import Union


@dataclass(frozen=True, slots=True)
class Offer:
    """What there is to tell before somebody moves.

    `kind` is `move`, or what stands in the way: `here`, `resting`, `waiting` (another one), `elsewhere` (the union's
    rules do not take the member in; `union` is the one that does).
    """

    kind: str
    from_union: Union
    union: Union
    work: Work | None = None
    route: Route | None = None
    at_once: bool = False
    due_at: datetime | None = None
    waiting: TransferRequest | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """Return what is written to the person together with the transfer, for the page."""
        assert self.work is not None
        return {
            "region": full_name(self.work.region_code),
            "employer": self.work.employer.name if self.work.employer else self.work.employer_name,
        }


def may_move(membership: Membership | None) -> bool:
    """Answer whether somebody may ask for a transfer at all."""
    return membership is not None and membership.state in {MembershipState.ACTIVE, MembershipState.RETAINED}


def waiting_transfer(membership: Membership | None) -> TransferRequest | None:
    """Return the request of a membership that waits."""
    found = newest_transfer(membership) if membership else None
    return found if found and found.state == TransferState.REQUESTED else None


def offer_of_scan(membership: Membership, union: Union, *, now: datetime) -> Offer:
    """Return what a member is offered who has scanned a union's code."""
    held = _held(membership, union)
    if held:
        return held
    work = scanned_work(membership.worker, union, now=now)
    if work is None:
        route = route_of(membership.worker, Work.of(membership.worker), now=now)
        return Offer("elsewhere", membership.union, union, route=route)
    return _move(membership, union, work, route_of(membership.worker, work, scanned_code=union.code, now=now), now)


def offer_of_work(membership: Membership, work: Work, *, now: datetime) -> Offer:
    """Return what a member is offered who says where the work is now.

    :raises Invalid: the region does not exist. Unroutable: no union answers for it.
    """
    check_place(work.region_code)
    route = route_of(membership.worker, work, now=now)
    union = public_union(route.union.code)
    return _held(membership, union) or _move(membership, union, work, route, now)


def _held(membership: Membership, union: Union) -> Offer | None:
    """Return what stands in the way of any transfer, if anything does."""
    if not may_move(membership):
        return Offer("resting", membership.union, union)
    if union.pk == membership.union_id:
        return Offer("here", membership.union, union)
    waiting = waiting_transfer(membership)
    return Offer("waiting", membership.union, union, waiting=waiting) if waiting else None


def _move(membership: Membership, union: Union, work: Work, route: Route, now: datetime) -> Offer:
    once, _rule = at_once(membership.union, union, now=now)
    due = None if once else limit(union, DAYS, now)
    return Offer("move", membership.union, union, work, route, once, due)
