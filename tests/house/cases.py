"""One line of the matrix: what an address asks for, and how people are answered there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """One address: what is needed there, and the answers that differ from the usual ones of its door."""

    verb: str = ""
    #: A second permission that opens the same address.
    also: str = ""
    #: Where the right person's post is: `city`, `root`, `enterprise`, or `machine` for a key of a machine.
    at: str = "city"
    #: Names of the address's parts → which thing of the world.
    things: dict[str, Any] = field(default_factory=dict)
    methods: str = "GET"
    #: What somebody who may is answered to GET.
    get: int | tuple[int, ...] = 200
    query: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    nobody: int | None = None
    worker: int | None = None
    stranger: int | None = None
    without: int | None = None
    #: What somebody who may is answered to an empty form, where that is a refusal.
    right: tuple[int, ...] = ()
    #: Another view answers the other method at the same address.
    shared: bool = False


def of(name: str) -> Callable[[Any], Any]:
    """Return a thing of the world by its name."""
    return lambda world: getattr(world, name)


BOTH, POST = "GET POST", "POST"
_UNION: dict[str, Any] = {"code": of("union")}
_ENTERPRISE: dict[str, Any] = {"pk": of("enterprise")}
_NUMBER: dict[str, Any] = {"number": of("application")}
_MEMBER: dict[str, Any] = {"number": of("member")}
_CONTEST: dict[str, Any] = {"pk": of("contest")}
_ROSTER: dict[str, Any] = {"roster_id": of("roster")}
_TOKEN: dict[str, Any] = {"token": of("token")}
