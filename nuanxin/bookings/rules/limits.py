"""Limits per person: in which period something counts, and which of the allowed ones it would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.members.rules.periods import next_period, period_of

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["free_slot", "next_period", "period_of"]


def free_slot(used: Collection[int], count: int) -> int | None:
    """Return the first of the allowed ones that is not used; none when there are as many as are allowed.

    An offer that allows fewer than another one of its kind counts what that one gave, whatever number it has.
    """
    if len(used) >= count:
        return None
    return next((nth for nth in range(1, count + 1) if nth not in used), None)
