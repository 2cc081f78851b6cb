"""The log of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.formation.models import PermitStep

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.formation.models import PermitMessage


def note(message: PermitMessage, what: str, *, who: str = "", said: str = "", now: datetime) -> None:
    """Write down what happened to a message.

    :param who: name of whoever did it by hand; `said` a code that says more.
    """
    PermitStep.objects.create(message=message, at=now, what=what, who=who[:60], note=said[:40])
