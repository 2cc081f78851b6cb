"""What the actions of this floor announce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from nuanxin.members.models import Application, Membership


@dataclass(frozen=True)
class Where:
    """Where a fact counts: day, union, region, occupation group and door."""

    day: date
    union_path: str
    region_code: str
    group_code: str
    door_code: str


@dataclass(frozen=True)
class ApplicationRouted:
    """An application with a proved phone came to a union for the first time."""

    where: Where
    application: Application


@dataclass(frozen=True)
class ApplicationDecided:
    """An application was approved, refused, returned, or passed on: the applicant is told at once."""

    where: Where
    application: Application
    act: str


@dataclass(frozen=True)
class MembershipBegan:
    """A person became a member."""

    where: Where
    membership: Membership


@dataclass(frozen=True)
class MembershipMoved:
    """A membership was suspended, resumed, retained, taken up again or ended; `active` is the change in the number of active members."""

    where: Where
    membership: Membership
    act: str
    active: int


@dataclass(frozen=True)
class MembershipTransferred:
    """A membership went to another union; `active` is 1 when it counts as active, otherwise 0."""

    left: Where
    came: Where
    membership: Membership
    active: int
