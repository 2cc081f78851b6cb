"""Messages to other installations: written with the act they tell of, sent until they are answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.envelopes import cell_keys, encode, seal_for, write
from nuanxin.kernel.refusals import Busy
from nuanxin.kernel.rows import insert
from nuanxin.kernel.secrets import seal, unseal
from nuanxin.kernel.signing import PublicKey
from nuanxin.kernel.states import move
from nuanxin.members.models import Cell, CellMessage, CellTransfer
from nuanxin.members.queries.cells import own_code
from nuanxin.members.rules.cells.messages import DIRECTORY, compose, pause
from nuanxin.members.rules.cells.states import (
    CELL_TRANSFER_MOVES,
    OF_THE_DIRECTORY,
    CellTransferState,
    Kind,
    MessageState,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

_MESSAGE_MOVES: dict[str, frozenset[str]] = {MessageState.WAITING: frozenset({MessageState.DONE})}


def post_message(
    *,
    kind: Kind,
    transfer: CellTransfer,
    body: Mapping[str, Any],
    personal: Mapping[str, Any] | None = None,
    now: datetime,
) -> CellMessage:
    """Write a message about a transfer, to the directory or the other cell; part of the transaction it tells of.

    :param personal: what only the receiver may read: kept and sent under its key (`nuanxin.kernel.envelopes`).
    """
    receiver = DIRECTORY if kind in OF_THE_DIRECTORY else transfer.other_cell
    whole = dict(body)
    if personal is not None:
        content = json.dumps(personal, ensure_ascii=False).encode()
        bound = bound_to(transfer.pk, sender=own_code(), receiver=receiver)
        whole["sealed"] = encode(seal_for(_sealing_key(receiver), content, bound_to=bound))
    message = CellMessage(
        receiver=receiver,
        kind=kind,
        transfer=transfer,
        claim_id=transfer.claim_id,
        sealed_body=seal(json.dumps(whole)),
        written_at=now,
        next_at=now,
    )
    insert(message)
    return message


def bound_to(transfer_id: UUID, *, sender: str, receiver: str) -> bytes:
    """Return what a sealed content belongs to: taken out of its message, it cannot be opened in another one."""
    return f"{transfer_id}|{sender}|{receiver}".encode()


def _sealing_key(code: str) -> PublicKey:
    cell = Cell.objects.filter(code=code, closed_at=None).first()
    if cell is None:
        raise Busy("unknown_cell", _("The other registry is not known here yet. Please try again in a few minutes."))
    return PublicKey.read(bytes(cell.sealing_point))


def envelope_of(message: CellMessage, *, now: datetime) -> str:
    """Return a message as it is sent now: signed, and of this moment."""
    body = json.loads(unseal(message.sealed_body))
    composed = compose(
        identity=message.pk, kind=message.kind, sender=own_code(), receiver=message.receiver, body=body, now=now
    )
    return write(composed, cell_keys().signing)


@transaction.atomic
def take_answer(*, message: CellMessage, answer: Mapping[str, Any], now: datetime) -> None:
    """Write that a message was answered. A transfer from us is done when both the directory and the cell have answered.

    What it said is not kept any more: the package lies with whoever has taken it.
    """
    locked = CellTransfer.objects.select_for_update().get(pk=message.transfer_id)
    move(message, _MESSAGE_MOVES, MessageState.DONE, answered_at=now, trouble="", sealed_body=seal("{}"))
    if locked.state != CellTransferState.SENT:
        return
    open_ones = CellMessage.objects.filter(transfer=locked, state=MessageState.WAITING)
    if not open_ones.filter(kind__in=[Kind.HAND_OVER, Kind.PACKAGE]).exists():
        move(locked, CELL_TRANSFER_MOVES, CellTransferState.DONE, closed_at=now)


def put_off_message(*, message: CellMessage, trouble: str, now: datetime) -> None:
    """Send a message again later, and keep why it found no answer."""
    CellMessage.objects.filter(pk=message.pk, state=MessageState.WAITING, tries=message.tries).update(
        tries=message.tries + 1, next_at=now + pause(message.tries + 1), trouble=trouble[:60]
    )
