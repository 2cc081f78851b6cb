"""What the actions of this floor announce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

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
    at: datetime | None = None


@dataclass(frozen=True)
class KitHandedOut:
    """A welcome kit was handed to a member at a joining ceremony."""

    membership_id: UUID
    worker_id: UUID
    at: datetime


@dataclass(frozen=True)
class MembersBegan:
    """Many people became members by one act: how many where, and which memberships with which persons."""

    counts: Mapping[Where, int]
    memberships: Sequence[UUID]
    workers: Sequence[UUID]
    at: datetime


@dataclass(frozen=True)
class MembersEnded:
    """Many memberships that one act had begun ended together: how many active ones where, and which."""

    counts: Mapping[Where, int]
    memberships: Sequence[UUID]
    at: datetime


@dataclass(frozen=True)
class MembershipMoved:
    """A membership was suspended, resumed, retained, taken up again or ended.

    `active` is the change in the number of active members.
    """

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


@dataclass(frozen=True)
class MembersTransferred:
    """Many active memberships went to other unions by one act: each with where it counted and where it does now."""

    moves: Sequence[tuple[UUID, Where, Where]]


@dataclass(frozen=True)
class PersonsMerged:
    """Two records were made one person: what was counted of the dropped one is the kept one's now."""

    kept_id: UUID
    dropped_id: UUID


@dataclass(frozen=True)
class MergeUndone:
    """Two records that had been one person are two people again."""

    kept_id: UUID
    dropped_id: UUID


@dataclass(frozen=True)
class CountChanged:
    """Where a cell is one of several: a member counts here from now on, because the directory has granted the claim."""

    where: Where
    admissions: int
    active: int
