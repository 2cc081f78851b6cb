"""The concrete actors: who acts, with what grants, and whose name the act carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from nuanxin.access.rules.keys import CLIENT_PREFIX, DEVICE_PREFIX, TOKEN_PREFIX, key_digest
from nuanxin.access.states import STAY_HOME_PERMISSIONS, Permission, Scope
from nuanxin.kernel.refusals import NotAllowed, NotFound, NotSignedIn, Refusal
from nuanxin.organizations.models import Coverage, Enterprise, Union
from nuanxin.organizations.states import UnionLevel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from nuanxin.access.models import Account

#: Prefix of every union's path: the reach of the system itself.
EVERYWHERE = "/"
#: What a scope lets a key read through the same queries as a cadre; everything else asks for the scope by name.
_SCOPE_PERMISSIONS = {
    Scope.READ_TALLIES: frozenset({Permission.VIEW_TALLIES, Permission.VIEW_SERVICES}),
    Scope.ENROLL_ROSTERS: frozenset({Permission.ENROLL_ROSTERS}),
}


class BadKey(NotSignedIn):
    """The key is unknown, cut, revoked or expired: which of them is not told."""

    def __init__(self) -> None:
        Refusal.__init__(self, "bad_key", _("This key is not valid. Ask your administrator for a new one."))


@dataclass(frozen=True, slots=True)
class Grant:
    """Permissions over the subtree of one union, or at one enterprise, and where they come from."""

    permissions: frozenset[str]
    path: str | None = None
    enterprise_id: UUID | None = None
    post_id: UUID | None = None
    via: str = "post"
    source_id: UUID | None = None
    region_code: str | None = None

    def covers(self, path: str) -> bool:
        """Answer whether a union's path lies in this grant's subtree."""
        return self.path is not None and path.startswith(self.path)


@dataclass(slots=True, eq=False)
class Actor:
    """Somebody or something that asks for an act. Only the chosen post changes, with each `require`."""

    kind: str
    account_id: UUID | None = None
    worker_id: UUID | None = None
    source_id: UUID | None = None
    grants: tuple[Grant, ...] = ()
    scopes: frozenset[str] = frozenset()
    door_code: str | None = None
    name: str = ""
    post_id: UUID | None = field(default=None)

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the paths of the unions in reach, whatever the permission; none lies under another."""
        return _tops(grant.path for grant in self.grants if grant.path is not None)

    @property
    def permissions(self) -> frozenset[str]:
        """Return every permission held anywhere: for showing or hiding entries, never for deciding."""
        return frozenset().union(*(grant.permissions for grant in self.grants))

    def reach(self, permission: str) -> tuple[str, ...]:
        """Return the paths of the unions at and below which the permission is held; none lies under another."""
        return _tops(g.path for g in self.grants if g.path is not None and permission in g.permissions)

    def enterprises(self, permission: str) -> frozenset[UUID]:
        """Return the enterprises at which the permission is held by a post at the enterprise itself."""
        return frozenset(
            g.enterprise_id for g in self.grants if g.enterprise_id is not None and permission in g.permissions
        )

    def may(self, permission: str, *, at: Any = None) -> bool:
        """Answer whether the permission is held at a union, a path, an enterprise, or anywhere when `at` is None."""
        return any(permission in grant.permissions for grant in self._at(at))

    def require(self, permission: str, *, at: Any = None) -> None:
        """Refuse unless the permission is held there, and choose the post in whose name the act is done.

        :raises NotSignedIn: nobody is signed in.
        :raises NotFound: the place is out of reach: that it exists is not told.
        :raises NotAllowed: in reach, without this permission.
        """
        if self.kind == "anonymous":
            raise NotSignedIn
        near = False
        for grant in self._at(at):
            if permission in grant.permissions:
                self._choose(grant)
                return
            near = True
        if at is None or near:
            raise NotAllowed(permission)
        raise NotFound

    def require_scope(self, scope: str) -> None:
        """Refuse a machine without this scope, and everybody who is no machine.

        :raises NotSignedIn: nobody is signed in.
        :raises NotAllowed: the key has other scopes, or no key was used.
        """
        if self.kind == "anonymous":
            raise NotSignedIn
        if self.kind != "system" and scope not in self.scopes:
            raise NotAllowed(scope)

    def _choose(self, grant: Grant) -> None:
        self.post_id = grant.post_id
        if grant.via == "staff_session" or self.kind == "cadre":
            self.source_id = grant.source_id

    def _at(self, at: Any) -> Iterator[Grant]:
        """Give the grants that count at a place: one's own posts first, then as delegate, then by staff session."""
        if at is None:
            return iter(self.grants)
        if isinstance(at, str):
            return (grant for grant in self.grants if grant.covers(at))
        if isinstance(at, Union):
            return (grant for grant in self.grants if grant.covers(at.path))
        if isinstance(at, Enterprise):
            return self._at_enterprise(at)
        raise TypeError(f"A permission is asked for at a union, a path or an enterprise, not at {type(at).__name__}")

    def _at_enterprise(self, enterprise: Enterprise) -> Iterator[Grant]:
        """Give its own post's grants, those of unions that answer for its region, and those of its covering union."""
        rest = []
        for grant in self.grants:
            if grant.enterprise_id == enterprise.pk:
                yield grant
            elif grant.path is None:
                continue
            elif grant.region_code is not None and enterprise.region_id.startswith(grant.region_code):
                yield grant
            else:
                rest.append(grant)
        if rest:
            covering = Coverage.objects.filter(enterprise=enterprise, valid_until=None)
            path = covering.values_list("union__path", flat=True).first()
            if path:
                yield from (grant for grant in rest if grant.covers(path))


def _tops(paths: Iterable[str]) -> tuple[str, ...]:
    tops: list[str] = []
    for path in sorted(set(paths)):
        if not tops or not path.startswith(tops[-1]):
            tops.append(path)
    return tuple(tops)


def anonymous() -> Actor:
    """Return nobody: holds nothing anywhere."""
    return Actor(kind="anonymous")


def system() -> Actor:
    """Return the system itself, for background work and set-up: holds everything everywhere."""
    everything = Grant(frozenset(Permission.values), path=EVERYWHERE, region_code="", via="system")
    return Actor(kind="system", grants=(everything,), scopes=frozenset(Scope.values))


def worker_actor(account: Account, worker_id: UUID) -> Actor:
    """Return a worker: holds no permission, and sees what is that person's own."""
    return Actor(kind="worker", account_id=account.pk, worker_id=worker_id, name=account.name)


_COLUMNS = "r.permissions, u.path, p.enterprise_id, p.id, {via}, {source}, u.region_id, u.level"
_ACCOUNT_SQL = f"""
SELECT {_COLUMNS.format(via="'post'", source="NULL::uuid")}, 1 AS rank
  FROM access_post p JOIN access_role r ON r.code = p.role_id LEFT JOIN organizations_union u ON u.id = p.union_id
 WHERE p.account_id = %(account)s AND p.valid_from <= %(now)s AND (p.valid_until IS NULL OR p.valid_until > %(now)s)
UNION ALL
SELECT {_COLUMNS.format(via="'delegate'", source="NULL::uuid")}, 2
  FROM access_absence a JOIN access_post p ON p.id = a.post_id JOIN access_role r ON r.code = p.role_id
  LEFT JOIN organizations_union u ON u.id = p.union_id
 WHERE a.delegate_id = %(account)s AND a.starts_at <= %(now)s AND a.ends_at > %(now)s
   AND p.valid_from <= %(now)s AND (p.valid_until IS NULL OR p.valid_until > %(now)s)
UNION ALL
SELECT {_COLUMNS.format(via="'staff_session'", source="s.id")}, 3
  FROM access_staffsession s JOIN access_post p ON p.id = s.post_id JOIN access_role r ON r.code = p.role_id
  JOIN organizations_union u ON u.id = s.union_id
 WHERE s.account_id = %(account)s AND s.starts_at <= %(now)s AND s.ends_at > %(now)s
   AND p.valid_from <= %(now)s AND (p.valid_until IS NULL OR p.valid_until > %(now)s)
ORDER BY rank
"""


def actor_of_account(account: Account, now: datetime) -> Actor:
    """Return a cadre or HR clerk with the posts held now, those of absent colleagues, and open staff sessions.

    One statement. An account that is closed holds nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNT_SQL, {"account": account.pk, "now": now})
        rows = cursor.fetchall() if account.is_active else []
    return Actor(kind="cadre", account_id=account.pk, grants=tuple(_grant(*row[:8]) for row in rows), name=account.name)


def _grant(
    permissions: list[str],
    path: str | None,
    enterprise_id: UUID | None,
    post_id: UUID | None,
    via: str,
    source_id: UUID | None,
    region_id: str | None,
    level: str | None,
) -> Grant:
    region_code = None if path is None or level == UnionLevel.BASIC else (region_id or "")
    held = frozenset(permissions)
    if via == "staff_session":
        held -= STAY_HOME_PERMISSIONS
    return Grant(held, path, enterprise_id, post_id, via, source_id, region_code)


_CLIENT_SQL = "SELECT id, name, scopes, door_id FROM access_apiclient WHERE key_digest = %s AND revoked_at IS NULL"
_TOKEN_SQL = """
SELECT t.id, c.id, c.name, r.permissions, u.path, p.enterprise_id, p.id, u.region_id, u.level
  FROM access_apitoken t JOIN access_account c ON c.id = t.account_id JOIN access_post p ON p.id = t.post_id
  JOIN access_role r ON r.code = p.role_id LEFT JOIN organizations_union u ON u.id = p.union_id
 WHERE t.key_digest = %(digest)s AND t.revoked_at IS NULL AND t.expires_at > %(now)s AND c.is_active
   AND p.valid_from <= %(now)s AND (p.valid_until IS NULL OR p.valid_until > %(now)s)
"""
_DEVICE_SQL = """
SELECT d.id, d.name, u.path FROM access_partnerdevice d JOIN organizations_union u ON u.id = d.union_id
 WHERE d.key_digest = %s AND d.revoked_at IS NULL
"""


#: Whose key may check cards, for the statement that does so: the same as `actor_of_key` and `require_scope` say.
CARD_CHECKERS = f"""
SELECT id FROM access_apiclient
 WHERE key_digest = %(key)s AND revoked_at IS NULL AND '{Scope.VERIFY_CARDS.value}' = ANY(scopes)
UNION ALL
SELECT id FROM access_partnerdevice WHERE key_digest = %(key)s AND revoked_at IS NULL
"""


class Keyholder:
    """Whoever sent a key, not looked up yet: for an act whose own statement finds out who asks, a round trip less.

    The statement does nothing for a key it does not know; `actor` then says why, or asks anew.
    """

    __slots__ = ("_look_up", "asked", "key")

    def __init__(self, key: str, look_up: Callable[[], Actor]) -> None:
        self.key = key
        self._look_up = look_up
        #: Whether the statement knew the key, or somebody has looked it up.
        self.asked = False

    def actor(self) -> Actor:
        """Return the actor whose key this is.

        :raises BadKey: as `actor_of_key`.
        """
        self.asked = True
        return self._look_up()


def actor_of_key(key: str, now: datetime) -> Actor:
    """Return the API client, cadre or partner device whose key this is, by one statement.

    :raises BadKey: unknown, revoked or expired, or its account or post has ended.
    """
    prefix, digest = key[:4], key_digest(key)
    with connection.cursor() as cursor:
        if prefix == CLIENT_PREFIX:
            cursor.execute(_CLIENT_SQL, [digest])
        elif prefix == TOKEN_PREFIX:
            cursor.execute(_TOKEN_SQL, {"digest": digest, "now": now})
        elif prefix == DEVICE_PREFIX:
            cursor.execute(_DEVICE_SQL, [digest])
        else:
            raise BadKey
        row = cursor.fetchone()
    if row is None:
        raise BadKey
    if prefix == CLIENT_PREFIX:
        return _client(*row)
    return _token(*row) if prefix == TOKEN_PREFIX else device_actor(*row)


def actor_of_client(client_id: UUID | None) -> Actor:
    """Return a machine for what it began and what is finished without it; one whose key was revoked holds nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_CLIENT_SQL.replace("key_digest", "id"), [client_id])
        row = cursor.fetchone()
    return _client(*row) if row else Actor(kind="client", source_id=client_id)


def _client(pk: UUID, name: str, scopes: list[str], door_code: str | None) -> Actor:
    held = frozenset[str]().union(*(_SCOPE_PERMISSIONS.get(Scope(scope), frozenset()) for scope in scopes))
    grants = (Grant(held, path=EVERYWHERE, region_code="", via="scope", source_id=pk),) if held else ()
    return Actor(kind="client", source_id=pk, grants=grants, scopes=frozenset(scopes), door_code=door_code, name=name)


def _token(
    pk: UUID,
    account_id: UUID,
    name: str,
    permissions: list[str],
    path: str | None,
    enterprise_id: UUID | None,
    post_id: UUID,
    region_id: str | None,
    level: str | None,
) -> Actor:
    grant = _grant(permissions, path, enterprise_id, post_id, "post", pk, region_id, level)
    return Actor(kind="cadre", account_id=account_id, source_id=pk, grants=(grant,), name=name)


def device_actor(pk: UUID, name: str, path: str) -> Actor:
    """Return the partner device of a row that says which one it is."""
    grant = Grant(frozenset(), path=path, via="scope", source_id=pk)
    return Actor(kind="device", source_id=pk, grants=(grant,), scopes=frozenset({Scope.VERIFY_CARDS}), name=name)
