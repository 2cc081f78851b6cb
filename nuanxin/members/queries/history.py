"""Every stay of a membership: with which union, from when to when, and why it moved on. No gap, no overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nuanxin.members.models import MembershipEntry
from nuanxin.members.queries.memberships import history
from nuanxin.members.states import MembershipAct

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from nuanxin.members.models import Membership
    from nuanxin.organizations.models import Union


_BEGINNINGS = (MembershipAct.ADMITTED, MembershipAct.ARRIVED)


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay with one union, from a day (inclusive) to a day (exclusive), none while it lasts."""

    union: Union
    since: date
    until: date | None
    #: How it began: the entry that brought the person there, none where the registry begins with it.
    entry: MembershipEntry | None


def stays(membership: Membership) -> list[Stay]:
    """Return every stay of a membership, oldest first; the caller has fetched what it may see. One statement."""
    return stays_in(membership, list(history(membership)))


def stays_in(membership: Membership, entries: Sequence[MembershipEntry]) -> list[Stay]:
    """Return the stays that a membership's entries tell of, oldest first."""
    moves = [entry for entry in entries if entry.act == MembershipAct.TRANSFERRED]
    began = next((entry for entry in entries if entry.act in _BEGINNINGS), None)
    first = moves[0].from_union if moves and moves[0].from_union else None
    since = began.effective_on if began and began.act == MembershipAct.ARRIVED else membership.began_on
    begun = [(first or (began.union if began else membership.union), since, began)]
    begun += [(move.union, move.effective_on, move) for move in moves]
    ends = [since for _union, since, _entry in begun[1:]] + [membership.ended_on]
    return [Stay(union, since, until, entry) for (union, since, entry), until in zip(begun, ends, strict=True)]
