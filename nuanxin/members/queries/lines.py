"""Lines of a list of members, by statements whose text is made once: composing them cost more than running them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import connection, models

from nuanxin.access.states import Permission
from nuanxin.kernel.rows import columns, load, width
from nuanxin.members.models import Membership, Worker
from nuanxin.members.queries.persons import id_digests, phone_digest
from nuanxin.organizations.models import Enterprise, OccupationGroup, Union
from nuanxin.regions.models import Region

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.rules.searching import Wanted

#: What a line shows, by the alias of its table; every other field is deferred.
_PARTS: tuple[tuple[str, type[models.Model], tuple[str, ...]], ...] = (
    ("m", Membership, ("id", "number", "worker", "union", "state", "began_on", "ended_on")),
    (
        "w",
        Worker,
        ("id", "sealed_key", "name", "sealed_phone", "occupation_group", "region", "employer", "employer_name"),
    ),
    ("u", Union, ("id", "code", "name", "name_en", "path")),
    ("g", OccupationGroup, ()),
    ("r", Region, ("code", "name")),
    ("e", Enterprise, ("id", "name")),
)
#: How one person is found by what was typed as a whole.
_EXACTLY = {
    "document": "w.id_digest = ANY(%s)",
    "phone": "w.phone_digest = %s",
    "number": "m.number = %s",
}


def lines(actor: Actor, pks: Sequence[UUID]) -> dict[UUID, Membership]:
    """Return the memberships of these that the actor may see, by key, with what a line shows."""
    return {row.pk: row for row in _lines(actor, "m.id = ANY(%s)", list(pks), len(pks))}


def exact_lines(actor: Actor, wanted: Wanted, most: int) -> list[Membership]:
    """Return who has this document, phone or member number, where the actor may see people, newest first."""
    value: Any = wanted.value
    if wanted.exact == "document":
        value = id_digests(value)
    elif wanted.exact == "phone":
        value = phone_digest(value)
    return _lines(actor, _EXACTLY[wanted.exact], value, most)


def _lines(actor: Actor, where: str, value: Any, most: int) -> list[Membership]:
    reach = actor.reach(Permission.VIEW_MEMBERS)
    if not reach or not most:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_statement(where), [value, list(reach), most])
        rows = cursor.fetchall()
    shared: dict[Any, Any] = {}
    return [_line(row, shared) for row in rows]


@cache
def _statement(where: str) -> str:
    """Return the statement for one way to find; a path is begun by the path of each union above it."""
    listed = ", ".join(columns(model, alias, only) for alias, model, only in _PARTS)
    return f"""
SELECT {listed}
  FROM members_membership m JOIN members_worker w ON w.id = m.worker_id JOIN organizations_union u ON u.id = m.union_id
  JOIN organizations_occupationgroup g ON g.code = w.occupation_group_id JOIN regions_region r ON r.code = w.region_id
  LEFT JOIN organizations_enterprise e ON e.id = w.employer_id
 WHERE {where} AND u.path ^@ ANY(%s) ORDER BY m.id DESC LIMIT %s"""


@cache
def _cuts() -> tuple[slice, ...]:
    cuts, at = [], 0
    for _alias, model, only in _PARTS:
        cuts.append(slice(at, at + width(model, only)))
        at = cuts[-1].stop
    return tuple(cuts)


def _line(row: Sequence[Any], shared: dict[Any, Any]) -> Membership:
    """Make a membership and its person; unions, groups, areas and employers are made once for all lines."""
    member, person, union, group, region, employer = _cuts()
    membership = load(Membership, row[member], _PARTS[0][2])
    worker = load(Worker, row[person], _PARTS[1][2])
    membership._state.fields_cache = {"worker": worker, "union": _once(2, row[union], shared)}
    worker._state.fields_cache = {
        "occupation_group": _once(3, row[group], shared),
        "region": _once(4, row[region], shared),
        "employer": _once(5, row[employer], shared) if row[employer.start] is not None else None,
    }
    return membership


def _once(part: int, values: Sequence[Any], shared: dict[Any, Any]) -> Any:
    key = part, values[0]
    found = shared.get(key)
    if found is None:
        _alias, model, only = _PARTS[part]
        found = shared[key] = load(model, values, only)
    return found
