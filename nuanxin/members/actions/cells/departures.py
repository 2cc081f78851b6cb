"""A member goes to another cell: asked for by that cell, let go by the dated rule or by the union, packed and sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from nuanxin.access.actors import system
from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.envelopes import Forged, cell_keys, decode, open_sealed
from nuanxin.kernel.refusals import Busy, NotFound
from nuanxin.kernel.rows import insert
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import move
from nuanxin.members.actions.cells.offers import close_offer, tell_union
from nuanxin.members.actions.cells.outbox import bound_to, post_message
from nuanxin.members.actions.cells.standing import end_here
from nuanxin.members.actions.settle import limit
from nuanxin.members.actions.telling import tell_member
from nuanxin.members.models import CellClaim, CellTransfer
from nuanxin.members.queries.cells import all_stays, began_last, cell_name, get_cell_transfer, late_at, own_code
from nuanxin.members.rules.cells.messages import BadMessage
from nuanxin.members.rules.cells.states import (
    CELL_TRANSFER_MOVES,
    LIVE,
    OPEN_TRANSFERS,
    CellTransferState,
    ClaimState,
    Direction,
    Kind,
)
from nuanxin.members.rules.cells.stays import MOST_STAYS, Package, same_name
from nuanxin.members.rules.memberships import check_reason
from nuanxin.members.states import EndReason, MembershipState
from nuanxin.organizations.queries.rules import dated_rule

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Membership
    from nuanxin.members.rules.cells.messages import Message

#: Members in these standings may go as they are; whoever rests for a reason settles that first.
_MAY_GO = (MembershipState.ACTIVE, MembershipState.RETAINED)


def take_request(*, message: Message, now: datetime) -> dict[str, Any]:
    """Take another cell's request for a member; part of the transaction that keeps the receipt.

    Decided by the dated rule at once where the names agree; otherwise the union is asked. What was decided follows as a
    message of its own.

    :raises BadMessage: not of the right form.
    :raises Busy: the claim of this cell is itself not settled yet.
    """
    try:
        key, other_claim = UUID(str(message.body["transfer"])), UUID(str(message.body["claim"]))
        digest = bytes.fromhex(str(message.body["digest"]))
        bound = bound_to(key, sender=message.sender, receiver=own_code())
        personal = json.loads(open_sealed(cell_keys().sealing, decode(str(message.body["sealed"])), bound_to=bound))
        name = str(personal["name"])
    except (KeyError, TypeError, ValueError, Forged):
        raise BadMessage from None
    if known := CellTransfer.objects.filter(pk=key).first():
        return {"state": known.state}
    claim = _claim_of(digest)
    transfer = CellTransfer(
        id=key,
        direction=Direction.OUT,
        membership=claim.membership,
        claim=claim,
        other_cell=message.sender,
        other_claim=other_claim,
        other_union=str(message.body.get("union", ""))[:200],
        state=CellTransferState.ASKED,
        opened_at=now,
        due_at=limit(claim.membership.union, "members.transfer_days", now),
    )
    return _taken(transfer, name, now)


def _claim_of(digest: bytes) -> CellClaim:
    """Return the newest claim of a person who was ever here.

    :raises Busy: the directory has said that we hold the person, and we have not heard it yet.
    :raises BadMessage: nobody of that identity was ever here.
    """
    rows = CellClaim.objects.select_for_update(of=("self",)).select_related("membership__worker", "membership__union")
    claims = list(rows.filter(digest=digest).order_by("-asked_at", "-pk"))
    if not claims:
        raise BadMessage("nobody")
    live = next((claim for claim in claims if claim.state in LIVE), claims[0])
    # who waits may be granted any moment; who is elsewhere by what this cell was told last is not here to be let go
    if live.state == ClaimState.WAITING:
        raise Busy("not_settled", "")
    return live


def _taken(transfer: CellTransfer, name: str, now: datetime) -> dict[str, Any]:
    membership = transfer.membership
    is_open = CellTransfer.objects.filter(membership=membership, state__in=OPEN_TRANSFERS).exists()
    code = ""
    if transfer.claim.state != ClaimState.GRANTED:
        code = "not_here"
    elif membership.state not in _MAY_GO:
        code = "rests"
    elif is_open:
        code = "moving_elsewhere"
    if code:
        transfer.state, transfer.due_at, transfer.closed_at = CellTransferState.REFUSED, None, now
        transfer.reason = code
        insert(transfer)
        _refuse(transfer, code, "", now)
        return {"state": transfer.state}
    insert(transfer)
    rule = dated_rule("members.cell_release", union=membership.union, on=local_day(now))
    if rule.value["at_once"] and same_name(membership.worker.name, name):
        let_go(actor=system(), transfer=transfer, basis=f"members.cell_release: {rule.row.source_note}", now=now)
    else:
        tell_member(
            membership.worker,
            "membership.asked_for",
            union_name=transfer.other_union,
            union_id=membership.union_id,
            now=now,
        )
        tell_union(transfer, "cells.asked.waiting", now=now)
    return {"state": transfer.state}


def let_go(*, actor: Actor, transfer: CellTransfer, basis: str, now: datetime) -> None:
    """Let a member go to the cell that asked: stop counting, pack, and tell the directory, all in this transaction.

    :raises Moved: decided already, or the membership has changed.
    """
    membership = transfer.membership
    now = max(now, began_last(membership))  # the clock of the cell that sent the member here may be ahead of ours
    move(
        transfer,
        CELL_TRANSFER_MOVES,
        CellTransferState.SENT,
        due_at=None,
        basis=basis[:300],
        decided_by_id=actor.account_id,
    )
    reason = f"{cell_name(transfer.other_cell)} {transfer.other_union}".strip()
    end_here(
        actor=actor,
        membership=membership,
        why=EndReason.MOVED_AWAY,
        basis=f"cell {transfer.other_cell}",
        reason=reason,
        now=now,
    )
    post_message(
        kind=Kind.HAND_OVER,
        transfer=transfer,
        body={
            "transfer": str(transfer.pk),
            "digest": bytes(transfer.claim.digest).hex(),
            "claim": str(transfer.claim_id),
            "to_cell": transfer.other_cell,
            "to_claim": str(transfer.other_claim),
        },
        now=now,
    )
    package = _pack(membership, now)
    post_message(
        kind=Kind.PACKAGE,
        transfer=transfer,
        body={"transfer": str(transfer.pk)},
        personal=package.as_row(),
        now=now,
    )
    tell_member(
        membership.worker, "membership.moving", union_name=transfer.other_union, union_id=membership.union_id, now=now
    )


def _pack(membership: Membership, now: datetime) -> Package:
    worker = membership.worker
    key = PersonKey(worker.sealed_key)
    return Package(
        number=membership.number,
        began_on=membership.began_on,
        released_at=now,
        name=worker.name,
        phone=key.unseal(worker.sealed_phone),
        id_kind=worker.id_kind,
        id_number=key.unseal(worker.sealed_id),
        group=worker.occupation_group_id,
        stays=tuple(all_stays(membership)[-MOST_STAYS:]),
    )


@transaction.atomic
def answer_request(*, actor: Actor, transfer_id: UUID, consent: bool, reason: str = "", now: datetime) -> CellTransfer:
    """Decide for the union whether a member may go to the cell that asks. The new union must take a member in, so a
    refusal needs a reason, and the member reads it.

    :raises NotFound: no such request in reach.
    :raises NotAllowed: the post does not include changing memberships.
    :raises Invalid: a refusal without a reason.
    :raises Conflict: answered already.
    """
    transfer = get_cell_transfer(actor, transfer_id)
    actor.require(Permission.CHANGE_MEMBERSHIP, at=transfer.membership.union)
    if transfer.direction != Direction.OUT:
        raise NotFound
    if consent:
        let_go(actor=actor, transfer=transfer, basis="union", now=now)
        return transfer
    reason = check_reason(reason)
    refuse_request(actor=actor, transfer=transfer, code="refused", reason=reason, now=now)
    return transfer


def refuse_request(*, actor: Actor, transfer: CellTransfer, code: str, reason: str, now: datetime) -> None:
    """Keep a member who was asked for, and tell the other cell why; part of the caller's transaction."""
    state = CellTransferState.REFUSED
    move(transfer, CELL_TRANSFER_MOVES, state, closed_at=now, reason=reason, decided_by_id=actor.account_id)
    _refuse(transfer, code, reason, now)


def _refuse(transfer: CellTransfer, code: str, reason: str, now: datetime) -> None:
    body = {"transfer": str(transfer.pk), "code": code, "reason": reason}
    post_message(kind=Kind.REFUSAL, transfer=transfer, body=body, now=now)


def close_late(*, now: datetime, most: int = 200) -> int:
    """Close what nobody has answered in time: an offer ends; silence upon a request counts as the dated rule says."""
    late = late_at(now=now, most=most)
    for transfer in late:
        _close(transfer, now)
    return len(late)


@transaction.atomic
def _close(transfer: CellTransfer, now: datetime) -> None:
    if transfer.direction == Direction.IN:
        close_offer(actor=system(), transfer=transfer, state=CellTransferState.LAPSED, now=now)
        return
    rule = dated_rule("members.transfer_silence", union=transfer.membership.union, on=local_day(now))
    if rule.value["old"]:
        let_go(actor=system(), transfer=transfer, basis=f"members.transfer_silence: {rule.row.source_note}", now=now)
    else:
        refuse_request(actor=system(), transfer=transfer, code="no_answer", reason="", now=now)
