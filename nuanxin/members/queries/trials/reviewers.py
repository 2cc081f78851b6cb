"""Unions that receive applications, or could, while nobody there may decide on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from nuanxin.access.states import Permission
from nuanxin.members.states import WAITING, ApplicationState
from nuanxin.organizations.models import Union

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

#: Unions at which somebody may review now: a post in force of an open account that is not away, or whose delegate
#: is not.
_REVIEWED: Final = """
    SELECT DISTINCT held.path FROM access_post AS post
    JOIN access_role AS role ON role.code = post.role_id AND %(review)s = ANY(role.permissions)
    JOIN organizations_union AS held ON held.id = post.union_id
    JOIN access_account AS holder ON holder.id = post.account_id
    WHERE post.valid_from <= %(now)s AND (post.valid_until IS NULL OR post.valid_until > %(now)s)
        AND (held.path LIKE %(below)s OR held.code = ANY(%(above)s))
        AND CASE
            WHEN EXISTS (
                SELECT 1 FROM access_absence AS away
                WHERE away.post_id = post.id AND away.starts_at <= %(now)s AND away.ends_at > %(now)s
            ) THEN EXISTS (
                SELECT 1 FROM access_absence AS away JOIN access_account AS other ON other.id = away.delegate_id
                WHERE away.post_id = post.id AND away.starts_at <= %(now)s AND away.ends_at > %(now)s
                    AND other.is_active
            )
            ELSE holder.is_active
        END
"""
_RECEIVED: Final = """
    SELECT held.id, count(*) FILTER (WHERE application.state = ANY(%(waiting)s)), count(*)
    FROM members_application AS application JOIN organizations_union AS held ON held.id = application.union_id
    WHERE held.path LIKE %(below)s AND held.path <> ALL(%(reviewed)s)
        AND (application.state = ANY(%(waiting)s) OR application.started_at >= %(since)s)
        AND application.state <> %(unconfirmed)s
    GROUP BY held.id
"""


@dataclass(frozen=True, slots=True)
class Unreviewed:
    """A union at which nobody may review now.

    :param waiting: applications that wait there; `received` came in the last thirty days.
    :param villages: villages from which routing sends somebody there; `employers` those that it covers.
    :param above: the nearest union above at which somebody may review its applications, or none.
    """

    union: Union
    waiting: int
    received: int
    villages: int
    employers: int
    above: Union | None


def unions_without_reviewers(
    top: Union, villages: Mapping[UUID, int], employers: Mapping[UUID, int], *, now: datetime
) -> list[Unreviewed]:
    """Return the open unions below one that get applications, or could, while nobody there may review.

    Absent people count as absent unless somebody acts for them. First those that nobody above sees either, then
    those where most waits. Four statements.
    """
    reviewed = _reviewed(top, now)
    received = _received(top, reviewed, now)
    unions = {
        union.path: union for union in Union.objects.filter(path__startswith=top.path, closed_at=None).order_by("path")
    } | {union.path: union for union in Union.objects.filter(code__in=top.ancestor_codes)}
    found = []
    for path, union in unions.items():
        if path in reviewed or not path.startswith(top.path):
            continue
        waiting, recent = received.get(union.pk, (0, 0))
        weight = villages.get(union.pk, 0), employers.get(union.pk, 0)
        if waiting or recent or any(weight):
            above = next((each for each in _above(path) if each in reviewed), None)
            found.append(Unreviewed(union, waiting, recent, *weight, unions[above] if above else None))
    return sorted(found, key=_gravity)


def _gravity(row: Unreviewed) -> tuple[bool, int, int, int, str]:
    return row.above is not None, -row.waiting, -row.received, -row.villages - row.employers, row.union.path


def _above(path: str) -> list[str]:
    """Return the paths of the unions above, the nearest first."""
    codes = path.strip("/").split("/")
    return ["/" + "/".join(codes[:length]) + "/" for length in range(len(codes) - 1, 0, -1)]


def _reviewed(top: Union, now: datetime) -> set[str]:
    values: dict[str, Any] = {
        "review": str(Permission.REVIEW),
        "now": now,
        "below": f"{top.path}%",
        "above": top.ancestor_codes,
    }
    with connection.cursor() as cursor:
        cursor.execute(_REVIEWED, values)
        return {path for (path,) in cursor.fetchall()}


def _received(top: Union, reviewed: set[str], now: datetime) -> dict[UUID, tuple[int, int]]:
    values: dict[str, Any] = {
        "waiting": sorted(map(str, WAITING)),
        "below": f"{top.path}%",
        "reviewed": sorted(reviewed),
        "since": now - timedelta(days=30),
        "unconfirmed": str(ApplicationState.UNCONFIRMED),
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECEIVED, values)
        return {key: (waiting, recent) for key, waiting, recent in cursor.fetchall()}
