"""Moving between states: conditional on the old state, so that two movers never both win."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Conflict
from nuanxin.kernel.rows import update

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from django.db import models

M = TypeVar("M", bound="models.Model")


class Moved(Conflict):
    """The thing is no longer in the state the actor saw."""

    def __init__(self, current: str) -> None:
        super().__init__(
            "already_moved", _("Somebody was quicker: this has already changed. Look again before acting.")
        )
        self.current = current


def check_move(table: Mapping[str, AbstractSet[str]], old: str, new: str) -> None:
    """Refuse a move that the table of transitions does not hold."""
    if new not in table.get(old, frozenset()):
        raise Moved(old)


def move(
    instance: M,
    table: Mapping[str, AbstractSet[str]],
    new: str,
    *,
    met: Mapping[str, Any] | None = None,
    **changes: Any,
) -> M:
    """Move `instance.state` to `new` in one conditional UPDATE, together with other changes.

    :param met: what else the row must still hold, where the state alone does not tell that somebody was quicker.
    :raises Moved: the table has no such move, or the row has left the state that `instance` was read in.
    """
    old = instance.state  # type: ignore[attr-defined]
    check_move(table, old, new)
    if not update(instance, met={"state": old, **(met or {})}, changes={"state": new, **changes}):
        current = type(instance)._default_manager.values_list("state", flat=True).get(pk=instance.pk)
        raise Moved(current)
    for name, value in {"state": new, **changes}.items():
        setattr(instance, name, value)
    return instance
