"""Taking messages: believed if signed, of now, and for us; done once, and answered alike however often they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from nuanxin.kernel.envelopes import Forged, cell_keys, read, write
from nuanxin.kernel.refusals import Busy, Conflict, NotFound
from nuanxin.kernel.rows import insert
from nuanxin.kernel.signing import PublicKey
from nuanxin.members.actions.cells.arrivals import take_package, take_refusal
from nuanxin.members.actions.cells.departures import take_request
from nuanxin.members.actions.cells.directory import take_question
from nuanxin.members.models import Cell, CellReceipt
from nuanxin.members.queries.cells import in_cells, own_code
from nuanxin.members.rules.cells.messages import (
    DIRECTORY,
    BadMessage,
    Message,
    UnknownSender,
    answer_to,
    check_message,
    sender_of,
)
from nuanxin.members.rules.cells.states import OF_THE_DIRECTORY, Kind

if TYPE_CHECKING:
    from datetime import datetime

_OF_A_CELL = {Kind.REQUEST: take_request, Kind.PACKAGE: take_package, Kind.REFUSAL: take_refusal}


def receive(*, envelope: str, as_directory: bool, now: datetime) -> str:
    """Take a message and return the signed answer.

    :param as_directory: it came to the directory that this installation also is, not to the cell.
    :raises NotFound: this installation is no directory, or no cell of several.
    :raises UnknownSender: signed by nobody who is known here.
    :raises BadMessage: not for us, out of time, or not of the right form.
    :raises Busy: it can be taken in a moment; it comes again.
    """
    receiver = _receiver(as_directory)
    try:
        opened = read(envelope)
        key = _key_of(sender_of(opened.message))
        message = check_message(opened.verify(key), receiver=receiver, now=now)
    except Forged:
        raise UnknownSender from None
    if (message.kind in OF_THE_DIRECTORY) != as_directory:
        raise BadMessage("not_for_us")
    answer = _once(message, receiver, now)
    return write(answer_to(message, receiver=receiver, body=answer, now=now), cell_keys().signing)


def _receiver(as_directory: bool) -> str:
    if not (settings.NUANXIN_DIRECTORY if as_directory else in_cells()):
        raise NotFound
    return DIRECTORY if as_directory else own_code()


def _key_of(sender: str) -> PublicKey:
    cell = Cell.objects.filter(code=sender, closed_at=None).first()
    if cell is None:
        raise UnknownSender
    return PublicKey.read(bytes(cell.signing_point))


def _once(message: Message, receiver: str, now: datetime) -> dict[str, Any]:
    """Do what a message says if it is new; else return what was answered to it before."""
    before = _before(message, receiver)
    if before is not None:
        return before
    try:
        with transaction.atomic():
            answer = _take(message, receiver, now)
            insert(_receipt(message, receiver, answer, now))
    except IntegrityError:
        before = _before(message, receiver)
        if before is None:
            raise Busy("asked_at_once", "") from None
        return before
    return answer


def _take(message: Message, receiver: str, now: datetime) -> dict[str, Any]:
    if receiver == DIRECTORY:
        return take_question(message=message, now=now)
    return _OF_A_CELL[message.kind](message=message, now=now)


def _before(message: Message, receiver: str) -> dict[str, Any] | None:
    found = CellReceipt.objects.filter(sender=message.sender, receiver=receiver, message=message.id).first()
    if found is None:
        return None
    if bytes(found.body_digest) != message.digest:
        raise Conflict("message_reused", "")
    answer: dict[str, Any] = found.answer
    return answer


def _receipt(message: Message, receiver: str, answer: dict[str, Any], now: datetime) -> CellReceipt:
    transfer = message.body.get("transfer")
    return CellReceipt(
        sender=message.sender,
        receiver=receiver,
        message=message.id,
        kind=message.kind,
        body_digest=message.digest,
        transfer=UUID(str(transfer)) if transfer else None,
        answer=answer,
        taken_at=now,
    )
