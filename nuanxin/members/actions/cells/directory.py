"""The directory's own acts: rows change by a condition on what they were, and every change is written down for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from nuanxin.kernel.refusals import Busy
from nuanxin.kernel.rows import insert
from nuanxin.members.models import Cell, DirectoryEntry, DirectoryMove, DirectoryVoid
from nuanxin.members.rules.cells import directory
from nuanxin.members.rules.cells.directory import Holding, Ruling
from nuanxin.members.rules.cells.messages import DIGEST, MOST_AT_ONCE, BadMessage
from nuanxin.members.rules.cells.states import Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from nuanxin.members.rules.cells.messages import Message


def take_question(*, message: Message, now: datetime) -> dict[str, Any]:
    """Do what a cell asks of the directory; part of the transaction that keeps the receipt.

    :raises BadMessage: not of the right form.
    :raises Busy: another cell asks about one of these people at this very moment.
    """
    try:
        return _ANSWERS[message.kind](message, now)
    except (KeyError, TypeError, ValueError):
        raise BadMessage from None


def _claim(message: Message, now: datetime) -> dict[str, Any]:
    return _for_each(
        message, now, lambda row, claim, void: directory.claim(row, cell=message.sender, claim=claim, is_void=void)
    )


def _release(message: Message, now: datetime) -> dict[str, Any]:
    return _for_each(message, now, lambda row, claim, _void: directory.release(row, cell=message.sender, claim=claim))


def _look_up(message: Message, _now: datetime) -> dict[str, Any]:
    """Answer which of these people the asking cell holds by these claims; of others nothing is told."""
    wanted = _wanted(message)
    rows = DirectoryEntry.objects.filter(digest__in=[digest for digest, _claim in wanted], cell=message.sender)
    held = {(bytes(row.digest), row.claim): row.version for row in rows}
    return {"rulings": [{"claim": str(claim), "version": held.get((digest, claim))} for digest, claim in wanted]}


def _hand_over(message: Message, now: datetime) -> dict[str, Any]:
    """Pass a person to another cell in one step.

    :raises Busy: the other cell is not known, or shut.
    """
    body = message.body
    to_cell = str(body["to_cell"])
    if not Cell.objects.filter(code=to_cell, closed_at=None).exists():
        raise Busy("unknown_cell", "")

    def decide(row: Holding, claim: UUID, _void: bool) -> Ruling:
        return directory.hand_over(
            row, cell=message.sender, claim=claim, to_cell=to_cell, to_claim=UUID(str(body["to_claim"]))
        )

    return _ruled(_digest(str(body["digest"])), UUID(str(body["claim"])), decide, now)


def _cells(_message: Message, _now: datetime) -> dict[str, Any]:
    return {
        "cells": [
            {
                "code": cell.code,
                "name": cell.name,
                "address": cell.address,
                "signing": bytes(cell.signing_point).hex(),
                "sealing": bytes(cell.sealing_point).hex(),
                "closed": cell.closed_at is not None,
            }
            for cell in Cell.objects.order_by("code")
        ]
    }


_ANSWERS: dict[Kind, Callable[[Message, datetime], dict[str, Any]]] = {
    Kind.CLAIM: _claim,
    Kind.RELEASE: _release,
    Kind.LOOK_UP: _look_up,
    Kind.HAND_OVER: _hand_over,
    Kind.CELLS: _cells,
}


def _for_each(message: Message, now: datetime, decide: Callable[[Holding, UUID, bool], Ruling]) -> dict[str, Any]:
    # In the order of their digests: two cells that ask about the same people never wait for each other in a ring.
    wanted = sorted(_wanted(message))
    return {"rulings": [_ruled(digest, claim, decide, now) for digest, claim in wanted]}


def _wanted(message: Message) -> list[tuple[bytes, UUID]]:
    people = message.body["people"]
    if not isinstance(people, list) or len(people) > MOST_AT_ONCE:
        raise BadMessage("too_many_people")
    return [(_digest(person["digest"]), UUID(person["claim"])) for person in people]


def _digest(text: str) -> bytes:
    digest = bytes.fromhex(text)
    if len(digest) != DIGEST:
        raise BadMessage
    return digest


def _ruled(
    digest: bytes, claim: UUID, decide: Callable[[Holding, UUID, bool], Ruling], now: datetime
) -> dict[str, Any]:
    """Decide on one row and change it, if nobody was quicker."""
    kept = DirectoryEntry.objects.select_for_update().filter(digest=digest).first()
    row = Holding(kept.cell, kept.claim, kept.version) if kept else Holding()
    is_void = DirectoryVoid.objects.filter(claim=claim).exists()
    ruling = decide(row, claim, is_void)
    if ruling.row != row:
        _write(digest, kept, ruling.row, now)
    if ruling.void is not None:
        DirectoryVoid.objects.bulk_create([DirectoryVoid(claim=ruling.void, at=now)], ignore_conflicts=True)
    answer: dict[str, Any] = {"claim": str(claim), "outcome": ruling.outcome, "version": ruling.row.version}
    return answer | ({"cell": ruling.row.cell} if ruling.outcome == directory.HELD else {})


def _write(digest: bytes, kept: DirectoryEntry | None, row: Holding, now: datetime) -> None:
    columns = {"cell": row.cell, "claim": row.claim, "version": row.version, "since": now}
    columns["freed_at"] = now if row.is_free else None
    if kept is None:
        fresh = DirectoryEntry(digest=digest, **columns)
        if not DirectoryEntry.objects.bulk_create([fresh], ignore_conflicts=True) or _other(digest, row):
            raise Busy("asked_at_once", "")
    else:
        DirectoryEntry.objects.filter(digest=digest, version=kept.version).update(**columns)
    insert(DirectoryMove(digest=digest, version=row.version, cell=row.cell, at=now))


def _other(digest: bytes, row: Holding) -> bool:
    """Tell whether the row that stands is another one than was just written: somebody else was quicker."""
    return not DirectoryEntry.objects.filter(digest=digest, claim=row.claim, version=row.version).exists()
