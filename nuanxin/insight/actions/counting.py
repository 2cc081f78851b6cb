"""Hearers in the transaction of an act: one appended row says what the act changed. No row is shared: none is hot."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from nuanxin.insight.models import TallyDelta
from nuanxin.kernel.rows import insert
from nuanxin.members.states import Act

if TYPE_CHECKING:
    from nuanxin.members.actions.events import (
        ApplicationDecided,
        ApplicationRouted,
        CountChanged,
        MembersBegan,
        MembersEnded,
        MembershipBegan,
        MembershipMoved,
        MembershipTransferred,
        MembersTransferred,
        Where,
    )


#: Rows of one statement where many places are counted at once.
_AT_ONCE = 100


def _delta(where: Where, **measures: int) -> TallyDelta:
    return TallyDelta(
        day=where.day,
        union_path=where.union_path,
        region_code=where.region_code,
        group_code=where.group_code,
        door_code=where.door_code,
        **measures,
    )


def _append(where: Where, **measures: int) -> None:
    insert(_delta(where, **measures))


def _append_all(deltas: list[TallyDelta]) -> None:
    for at in range(0, len(deltas), _AT_ONCE):
        insert(*deltas[at : at + _AT_ONCE])


def count_application(event: ApplicationRouted) -> None:
    """Count one application at the union it first came to."""
    _append(event.where, applications=1)


def count_admission(event: MembershipBegan) -> None:
    """Count one admission and one more active member."""
    _append(event.where, admissions=1, active=1)


def count_admissions(event: MembersBegan) -> None:
    """Count many admissions, one row for each place and day where they are alike."""
    _append_all([_delta(where, admissions=number, active=number) for where, number in event.counts.items()])


def count_endings(event: MembersEnded) -> None:
    """Count that many are active members no more."""
    _append_all([_delta(where, active=-number) for where, number in event.counts.items()])


def count_refusal(event: ApplicationDecided) -> None:
    """Count one refusal; every other decision changes no number here."""
    if event.act == Act.REFUSED:
        _append(event.where, refusals=1)


def count_membership(event: MembershipMoved) -> None:
    """Count what a suspension, a resumption or an end changes in the number of active members."""
    if event.active:
        _append(event.where, active=event.active)


def count_change(event: CountChanged) -> None:
    """Count what the directory of cells has granted: a member from now on, an admission where and when it was."""
    if event.admissions or event.active:
        _append(event.where, admissions=event.admissions, active=event.active)


def count_transfer(event: MembershipTransferred) -> None:
    """Count an active member no longer where the membership was, and from now on where it is."""
    if event.active:
        _append(event.left, active=-event.active)
        _append(event.came, active=event.active)


def count_transfers(event: MembersTransferred) -> None:
    """Count many active members no longer where they were, and from now on where they are."""
    left, came = Counter(row[1] for row in event.moves), Counter(row[2] for row in event.moves)
    _append_all([_delta(where, active=-number) for where, number in left.items()])
    _append_all([_delta(where, active=number) for where, number in came.items()])
