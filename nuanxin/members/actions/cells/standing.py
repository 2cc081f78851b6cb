"""What happens to a membership itself when it moves between cells: it ends here, comes back, or is taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.states import move
from nuanxin.members.actions.memberships import Change, change_standing, write_entry
from nuanxin.members.actions.searching import terms_of
from nuanxin.members.models import Membership
from nuanxin.members.states import EndReason, MembershipAct, MembershipState
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import date, datetime

    from nuanxin.kernel.actor import Actor

#: What moved away opens again when it comes back: the same membership, in the cell where it was before.
COMING_BACK: dict[str, frozenset[str]] = {MembershipState.ENDED: frozenset({MembershipState.ACTIVE})}


def end_here(*, actor: Actor, membership: Membership, why: EndReason, basis: str, reason: str, now: datetime) -> None:
    """End a membership because it is, or turns out to be, with another cell; whoever counts hears of it."""
    columns = {"ended_on": max(local_day(now), membership.began_on), "end_reason": why}
    change = Change(MembershipAct.ENDED, reason=reason, basis=basis, columns=columns)
    change_standing(actor, membership, change, now=now)


def end_provisional(*, actor: Actor, membership: Membership, reason: str, now: datetime) -> None:
    """End a provisional membership that another cell holds; one that has ended by itself stays as it is."""
    if membership.state != MembershipState.ENDED:
        end_here(actor=actor, membership=membership, why=EndReason.ELSEWHERE, basis="", reason=reason, now=now)


def come_back(*, actor: Actor, membership: Membership, union: Any, basis: str, at: datetime, now: datetime) -> None:
    """Open a membership again that had moved away, at the union that has admitted the person anew.

    :param at: when the other cell let the member go: the stay here begins then.
    :raises Moved: it is open already.
    """
    terms = terms_of(membership.worker, union_path=union.path, state=MembershipState.ACTIVE)
    move(
        membership,
        COMING_BACK,
        MembershipState.ACTIVE,
        union_id=union.pk,
        came_on=local_day(at),
        ended_on=None,
        end_reason="",
        warned_until=None,
        terms=terms,
    )
    membership.union = union
    _arrived(actor, membership, basis, at, now)


def take_over_number(
    *, actor: Actor, membership: Membership, number: str, began_on: date, basis: str, at: datetime, now: datetime
) -> None:
    """Give a provisional membership the number and the first day that came with the package.

    The number is the one that the member has always had, so it is not looked for first: the constraint judges.
    """
    changes = {"number": number, "began_on": began_on, "came_on": local_day(at)}
    Membership.objects.filter(pk=membership.pk).update(**changes)
    for name, value in changes.items():
        setattr(membership, name, value)
    _arrived(actor, membership, basis, at, now)


def _arrived(actor: Actor, membership: Membership, basis: str, at: datetime, now: datetime) -> None:
    write_entry(actor, membership, Change(MembershipAct.ARRIVED, basis=basis), local_day(at), now=at)
    record(
        actor,
        "members.membership_arrived",
        membership,
        now=now,
        union_path=membership.union.path,
        number=membership.number,
        basis=basis,
    )
