"""Background work between cells: ask the directory for claims, send what waits, close what nobody answered."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone
from procrastinate.contrib.django import app

from nuanxin.kernel.envelopes import Forged
from nuanxin.kernel.refusals import Refusal
from nuanxin.kernel.signing import PublicKey
from nuanxin.members.actions.cells.asking import question
from nuanxin.members.actions.cells.claims import put_off, take_ruling
from nuanxin.members.actions.cells.departures import close_late
from nuanxin.members.actions.cells.outbox import envelope_of, put_off_message, take_answer
from nuanxin.members.actions.cells.registry import directory_key, keep_cells
from nuanxin.members.models import Cell
from nuanxin.members.queries.cells import claims_due, in_cells, messages_due, own_code
from nuanxin.members.rules.cells.messages import DIRECTORY, MOST_AT_ONCE
from nuanxin.members.rules.cells.states import ClaimState, Kind
from nuanxin.members.tasks.links import NoAnswer, ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nuanxin.members.models import CellClaim, CellMessage

log = logging.getLogger(__name__)
#: Messages sent in one round.
_BATCH = 100


def settle_with_others() -> int:
    """Do one round of what waits between this cell and the others; return how much of it was answered.

    A receiver that is out of reach is left alone for the rest of the round. Whatever finds no answer waits a while and
    comes again: nothing here can be lost, because it is deleted by an answer only.
    """
    return _ask_for_claims() + _send_messages()


def _ask_for_claims() -> int:
    due = claims_due(now=timezone.now(), most=MOST_AT_ONCE)
    leaving = [claim for claim in due if claim.state == ClaimState.LEAVING]
    wanted = [claim for claim in due if claim.state != ClaimState.LEAVING]
    return _ask(Kind.RELEASE, leaving) + _ask(Kind.CLAIM, wanted)


def _ask(kind: Kind, claims: list[CellClaim]) -> int:
    if not claims:
        return 0
    identity, envelope = question(kind=kind, claims=claims, now=timezone.now())
    try:
        answer = _directory(envelope, identity)
        rulings = {ruling["claim"]: ruling for ruling in answer["rulings"]}
    except (NoAnswer, KeyError, TypeError):
        put_off(claims=claims, now=timezone.now())
        return 0
    return sum(_follow(claim, rulings.get(str(claim.pk))) for claim in claims)


def _follow(claim: CellClaim, ruling: Mapping[str, Any] | None) -> int:
    """Do what was said of one claim; what cannot be done now waits, and keeps nobody else waiting."""
    try:
        if ruling is not None:
            take_ruling(claim=claim, ruling=ruling, now=timezone.now())
            return 1
    except (Refusal, IntegrityError):
        log.exception("Claim %s cannot be settled now", claim.pk)
    put_off(claims=[claim], now=timezone.now())
    return 0


def ask_about(claims: list[CellClaim]) -> dict[str, Any]:
    """Ask the directory for claims and return what it says of each, by the claim's id.

    :raises NoAnswer: it is out of reach, or its answer cannot be believed.
    """
    identity, envelope = question(kind=Kind.CLAIM, claims=claims, now=timezone.now())
    return {ruling["claim"]: ruling for ruling in _directory(envelope, identity)["rulings"]}


def _directory(envelope: str, identity: Any) -> dict[str, Any]:
    address = f"{settings.NUANXIN_DIRECTORY_URL}/api/v1/directory/messages"
    try:
        key = directory_key()
    except Forged as error:
        raise NoAnswer("the directory's key is not set") from error
    return ask(address, envelope, identity=identity, sender=own_code(), receiver=DIRECTORY, key=key)


def _send_messages() -> int:
    shut: set[str] = set()
    done = 0
    for message in messages_due(now=timezone.now(), most=_BATCH):
        if message.receiver in shut:
            continue
        try:
            answer = _send(message)
        except NoAnswer as error:
            put_off_message(message=message, trouble=error.trouble, now=timezone.now())
            shut |= {message.receiver} if error.is_out_of_reach else set()
        else:
            take_answer(message=message, answer=answer, now=timezone.now())
            done += 1
    return done


def _send(message: CellMessage) -> dict[str, Any]:
    envelope = envelope_of(message, now=timezone.now())
    if message.receiver == DIRECTORY:
        return _directory(envelope, message.pk)
    cell = Cell.objects.filter(code=message.receiver, closed_at=None).first()
    if cell is None:
        raise NoAnswer("unknown cell")
    address = f"{cell.address}/api/v1/cells/messages"
    key = PublicKey.read(bytes(cell.signing_point))
    return ask(address, envelope, identity=message.pk, sender=own_code(), receiver=cell.code, key=key)


def refresh_cells() -> int:
    """Ask the directory which cells there are; return how many, none when it is out of reach."""
    identity, envelope = question(kind=Kind.CELLS, now=timezone.now())
    try:
        return keep_cells(answer=_directory(envelope, identity), now=timezone.now())
    except (NoAnswer, KeyError, TypeError, ValueError):
        return 0


def _every(cron: str, name: str, work: Any) -> None:
    @app.periodic(cron=cron)
    @app.task(name=name, queue="cells", queueing_lock=name, lock="members.cells", pass_context=False)
    def run(timestamp: int) -> None:
        work()


def _settle() -> None:
    while settle_with_others():
        pass


if in_cells():  # a single cell has nobody to talk to, and no such tasks
    _every("* * * * * */1", "members.settle_with_others", _settle)
    _every("*/2 * * * *", "members.refresh_cells", refresh_cells)
    _every("*/5 * * * *", "members.close_late_between_cells", lambda: close_late(now=timezone.now()))
