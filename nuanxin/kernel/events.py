"""Going up: an action announces a fact, and whoever `wiring` named hears it.

Events are past-tense frozen dataclasses that live beside the action that announces them. Hearers of one transaction
run at once and fail it when they fail; hearers after commit run when the fact is certain.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


_within: dict[type, list[Callable[[Any], object]]] = defaultdict(list)
_after: dict[type, list[Callable[[Any], object]]] = defaultdict(list)


def wire(
    *,
    within: Mapping[type, Sequence[Callable[[Any], object]]],
    after: Mapping[type, Sequence[Callable[[Any], object]]],
) -> None:
    """Replace the whole wiring: event type → hearers in the transaction, event type → hearers after commit."""
    _within.clear()
    _after.clear()
    for table, source in ((_within, within), (_after, after)):
        for event, hearers in source.items():
            table[event].extend(hearers)


def announce(event: object) -> None:
    """Tell the hearers of this event's type. Must be called inside the action's transaction."""
    for hear in _within.get(type(event), ()):
        hear(event)
    for hear in _after.get(type(event), ()):
        transaction.on_commit(partial(hear, event))


def heard_within(event: type) -> bool:
    """Answer whether anybody hears this type of event in the transaction: its action then needs one."""
    return bool(_within.get(event))
