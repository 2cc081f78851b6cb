"""Hearers in the transaction of an act: one appended row says what the act changed. No row is shared: none is hot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.insight.models import TallyDelta
from nuanxin.kernel.rows import insert
from nuanxin.members.states import Act

if TYPE_CHECKING:
    from nuanxin.members.actions.events import (
        ApplicationDecided,
        ApplicationRouted,
        MembershipBegan,
        MembershipMoved,
        MembershipTransferred,
        Where,
    )


def _append(where: Where, *, applications: int = 0, admissions: int = 0, refusals: int = 0, active: int = 0) -> None:
    insert(
        TallyDelta(
            day=where.day,
            union_path=where.union_path,
            region_code=where.region_code,
            group_code=where.group_code,
            door_code=where.door_code,
            applications=applications,
            admissions=admissions,
            refusals=refusals,
            active=active,
        )
    )


def count_application(event: ApplicationRouted) -> None:
    """Count one application at the union it first came to."""
    _append(event.where, applications=1)


def count_admission(event: MembershipBegan) -> None:
    """Count one admission and one more active member."""
    _append(event.where, admissions=1, active=1)


def count_refusal(event: ApplicationDecided) -> None:
    """Count one refusal; every other decision changes no number here."""
    if event.act == Act.REFUSED:
        _append(event.where, refusals=1)


def count_membership(event: MembershipMoved) -> None:
    """Count what a suspension, a resumption or an end changes in the number of active members."""
    if event.active:
        _append(event.where, active=event.active)


def count_transfer(event: MembershipTransferred) -> None:
    """Count an active member no longer where the membership was, and from now on where it is."""
    if event.active:
        _append(event.left, active=-event.active)
        _append(event.came, active=event.active)
