"""Questions to the directory about many people at once: composed here, sent by the task, and answered here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nuanxin.kernel.envelopes import cell_keys, write
from nuanxin.kernel.ids import new_id
from nuanxin.members.queries.cells import own_code
from nuanxin.members.rules.cells.messages import DIRECTORY, compose
from nuanxin.members.rules.cells.states import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from nuanxin.members.models import CellClaim


def question(*, kind: Kind, claims: Iterable[CellClaim] = (), now: datetime) -> tuple[UUID, str]:
    """Return a signed question to the directory about claims, and its id; each asking is a question of its own."""
    identity = new_id()
    people = [{"digest": bytes(claim.digest).hex(), "claim": str(claim.pk)} for claim in claims]
    body: dict[str, Any] = {"people": people} if people else {}
    message = compose(identity=identity, kind=kind, sender=own_code(), receiver=DIRECTORY, body=body, now=now)
    return identity, write(message, cell_keys().signing)
