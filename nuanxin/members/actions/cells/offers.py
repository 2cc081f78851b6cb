"""A new member whom another cell holds: the member is told and asked whether the membership shall move here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from nuanxin.access.actors import system
from nuanxin.access.queries import holders
from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import NotFound
from nuanxin.kernel.rows import insert
from nuanxin.kernel.states import move
from nuanxin.members.actions.cells.outbox import post_message
from nuanxin.members.actions.cells.standing import end_provisional
from nuanxin.members.actions.settle import limit
from nuanxin.members.actions.telling import tell_member
from nuanxin.members.models import CellClaim, CellTransfer
from nuanxin.members.queries.cells import cell_name, own_cell_transfer
from nuanxin.members.rules.cells.states import CELL_TRANSFER_MOVES, CellTransferState, Direction, Kind
from nuanxin.messages.actions import notify
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor


def offer_transfer(*, claim: CellClaim, now: datetime) -> CellTransfer:
    """Offer a member to move from the cell that holds the person; part of the transaction that found out.

    Until the time is over the new membership stays provisional: the card works here, and nobody counts it.
    """
    membership = claim.membership
    transfer = CellTransfer(
        direction=Direction.IN,
        membership=membership,
        claim=claim,
        other_cell=claim.other_cell,
        state=CellTransferState.OFFERED,
        opened_at=now,
        due_at=limit(membership.union, "members.cell_offer_days", now),
    )
    insert(transfer)
    _record("offered", transfer, system(), now)
    tell_member(
        membership.worker,
        "membership.elsewhere",
        reason=cell_name(transfer.other_cell),
        union_id=membership.union_id,
        now=now,
    )
    tell_union(transfer, "cells.elsewhere", now=now)
    return transfer


@transaction.atomic
def accept_offer(*, actor: Actor, now: datetime) -> CellTransfer:
    """Take the signed-in member's yes: the other cell is asked to let the membership go.

    :raises NotFound: nothing is offered to this person.
    :raises Moved: answered already.
    """
    transfer = _own(actor)
    move(transfer, CELL_TRANSFER_MOVES, CellTransferState.REQUESTED, due_at=None)
    _record("requested", transfer, actor, now)
    post_message(
        kind=Kind.REQUEST,
        transfer=transfer,
        body={
            "transfer": str(transfer.pk),
            "claim": str(transfer.claim_id),
            "digest": bytes(transfer.claim.digest).hex(),
            "union": transfer.membership.union.name,
        },
        personal={"name": transfer.membership.worker.name},
        now=now,
    )
    return transfer


@transaction.atomic
def decline_offer(*, actor: Actor, now: datetime) -> CellTransfer:
    """Take the signed-in member's no: everything stays where it was, and the new membership here ends.

    :raises NotFound: nothing is offered to this person.
    :raises Moved: answered already.
    """
    transfer = _own(actor)
    close_offer(actor=actor, transfer=transfer, state=CellTransferState.DECLINED, now=now)
    return transfer


def close_offer(*, actor: Actor, transfer: CellTransfer, state: str, reason: str = "", now: datetime) -> None:
    """End a transfer to us that will not be, and the provisional membership with it."""
    move(transfer, CELL_TRANSFER_MOVES, state, closed_at=now, reason=reason)
    _record(state, transfer, actor, now)
    end_provisional(actor=actor, membership=transfer.membership, reason=reason, now=now)
    told = reason or str(CellTransferState(state).label)
    tell_member(
        transfer.membership.worker, "membership.not_moved", reason=told, union_id=transfer.membership.union_id, now=now
    )
    tell_union(transfer, "cells.not_moved", now=now)


def _own(actor: Actor) -> CellTransfer:
    transfer = own_cell_transfer(actor)
    if transfer is None or transfer.direction != Direction.IN:
        raise NotFound
    return transfer


def tell_union(transfer: CellTransfer, template: str, *, now: datetime) -> None:
    """Tell whoever keeps memberships at the member's union, in the app, once for each fact."""
    union = transfer.membership.union
    registrars = holders(Permission.CHANGE_MEMBERSHIP, codes=[union.code], now=now)
    for account in sorted(registrars.get(union.code, set())):
        notify(
            account_id=account,
            template=template,
            values={"number": transfer.membership.number, "cell": cell_name(transfer.other_cell)},
            fact=f"{template}:{transfer.pk}",
            link=f"/desk/cells/{transfer.pk}/",
            now=now,
        )


def _record(what: str, transfer: CellTransfer, actor: Actor, now: datetime) -> None:
    membership = transfer.membership
    record(
        actor,
        f"members.cell_transfer_{what}",
        membership,
        now=now,
        union_path=membership.union.path,
        number=membership.number,
        transfer=str(transfer.pk),
        cell=transfer.other_cell,
        direction=transfer.direction,
    )
