"""Counts from which nobody can be made out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Fewer people than this are not told.
SMALL: Final = 5


def suppressed(cells: Mapping[str, int]) -> dict[str, int | None]:
    """Return counts with small ones hidden, and one more where a single hidden one would follow from the sum.

    :param cells: people by finding; none at all is no small number, but hidden with the others where it must be.
    """
    shown: dict[str, int | None] = {name: None if 0 < count < SMALL else count for name, count in cells.items()}
    hidden = [name for name, count in shown.items() if count is None]
    if len(hidden) == 1:
        others = sorted((count, name) for name, count in shown.items() if count)
        if others:
            shown[others[0][1]] = None
        else:
            shown = dict.fromkeys(shown)
    return shown
