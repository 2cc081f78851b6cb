"""What a process may remember for seconds: code lists, rules, the calendar; nothing personal, no permission.

Values are handed out as they are, without a copy: they must not be changed.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_MOST = 10_000
_kept: dict[str, tuple[float, Any]] = {}


def remembered(key: str, *, seconds: float, make: Callable[[], T]) -> T:
    """Return what was made for the key within the last seconds, or make it now."""
    found = _kept.get(key)
    if found is not None and found[0] > monotonic():
        kept: T = found[1]
        return kept
    value = make()
    if len(_kept) >= _MOST:
        _kept.clear()
    _kept[key] = (monotonic() + seconds, value)
    return value


def forget(prefix: str = "") -> None:
    """Forget what is kept under keys with a prefix: all of it, without one."""
    for key in [key for key in _kept if key.startswith(prefix)]:
        _kept.pop(key, None)
