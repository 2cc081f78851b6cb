"""Who acts: the protocol that every action and query speaks. `access` holds the concrete actors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from uuid import UUID


class Actor(Protocol):
    """Somebody or something that asks for an act, with what it may do and where."""

    @property
    def kind(self) -> str:
        """`anonymous`, `worker`, `cadre`, `client`, `device` or `system`."""

    @property
    def account_id(self) -> UUID | None:
        """The account behind the act, when a person acts."""

    @property
    def post_id(self) -> UUID | None:
        """The post in whose name a cadre acts, once `require` has chosen one."""

    @property
    def source_id(self) -> UUID | None:
        """The API client, partner device or staff session through which the act came."""

    @property
    def worker_id(self) -> UUID | None:
        """The worker whom a signed-in worker account is."""

    @property
    def door_code(self) -> str | None:
        """The door through which an API client's applications come."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of the unions whose subtrees are in reach, whatever the permission."""

    def may(self, permission: str, *, at: Any = None) -> bool:
        """Answer whether the permission is held at a union, an enterprise, or anywhere when `at` is None."""

    def require(self, permission: str, *, at: Any = None) -> None:
        """Refuse with `NotAllowed` (or `NotFound` out of reach) unless the permission is held there."""

    def reach(self, permission: str) -> tuple[str, ...]:
        """Return the paths of the unions at and below which the permission is held."""

    def require_scope(self, scope: str) -> None:
        """Refuse a machine without this scope, and everybody who is no machine."""

    def enterprises(self, permission: str) -> frozenset[UUID]:
        """Return the enterprises at which the permission is held by a post at the enterprise itself."""
