"""What the actions of this floor announce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Coverage, Enterprise, Union


@dataclass(frozen=True)
class UnionMoved:
    """A union and everything below it stands under another parent now: every path that began with the old one."""

    union: Union
    old_path: str
    new_path: str
    now: datetime


@dataclass(frozen=True)
class UnionClosed:
    """A union is closed: whoever still has business with it must refuse, or move it on."""

    union: Union
    now: datetime


@dataclass(frozen=True)
class UnionDissolved:
    """A union is closed for good, and whoever has something of it brings it on: to the heir, or by the rules."""

    union: Union
    heir: Union | None
    actor: Actor
    reason: str
    now: datetime


@dataclass(frozen=True)
class EnterpriseCovered:
    """From a day on a union covers an employer, or none does."""

    enterprise: Enterprise
    coverage: Coverage | None
    now: datetime
