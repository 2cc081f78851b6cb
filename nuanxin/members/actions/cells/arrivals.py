"""A member comes from another cell: the package is taken, and counts once the directory's row is ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from nuanxin.access.actors import system
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.envelopes import Forged, cell_keys, decode, open_sealed
from nuanxin.kernel.events import announce
from nuanxin.kernel.refusals import Conflict, NotFound
from nuanxin.kernel.rows import insert
from nuanxin.kernel.secrets import seal, unseal
from nuanxin.kernel.states import move
from nuanxin.members.actions.cells.offers import close_offer, tell_union
from nuanxin.members.actions.cells.outbox import bound_to
from nuanxin.members.actions.cells.standing import come_back, end_here, take_over_number
from nuanxin.members.actions.events import CountChanged
from nuanxin.members.actions.memberships import where_of_member
from nuanxin.members.actions.telling import tell_member
from nuanxin.members.models import CellClaim, CellTransfer, EarlierStay, Membership
from nuanxin.members.queries.cells import identity_digest, own_code
from nuanxin.members.rules.cells.messages import BadMessage
from nuanxin.members.rules.cells.states import (
    CELL_TRANSFER_MOVES,
    CLAIM_MOVES,
    CellTransferState,
    ClaimState,
    Direction,
)
from nuanxin.members.rules.cells.stays import Package, read_package
from nuanxin.members.states import EndReason, MembershipState

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.members.rules.cells.messages import Message

_HAVE_IT = (CellTransferState.ARRIVED, CellTransferState.DONE)


def take_package(*, message: Message, now: datetime) -> dict[str, Any]:
    """Take a package that this cell has asked for; part of the transaction that keeps the receipt.

    :raises NotFound: nothing of the kind was asked for, of that cell.
    :raises Conflict: the transfer is not waiting for a package.
    :raises BadMessage: it cannot be opened, does not hang together, or is about another person.
    """
    transfer = _transfer(message)
    if transfer.state in _HAVE_IT:
        return {"state": transfer.state}
    bound = bound_to(transfer.pk, sender=message.sender, receiver=own_code())
    try:
        content = open_sealed(cell_keys().sealing, decode(str(message.body["sealed"])), bound_to=bound)
        package = read_package(json.loads(content))
    except (Forged, KeyError, ValueError):
        raise BadMessage("bad_package") from None
    if identity_digest(package.id_kind, package.id_number) != bytes(transfer.claim.digest):
        raise BadMessage("another_person")
    if transfer.state != CellTransferState.REQUESTED:
        raise Conflict("not_waiting", "")
    move(transfer, CELL_TRANSFER_MOVES, CellTransferState.ARRIVED, sealed_package=seal(content.decode()))
    CellClaim.objects.filter(pk=transfer.claim_id, state=ClaimState.ELSEWHERE).update(tries=0, next_at=now)
    return {"state": transfer.state}


def take_refusal(*, message: Message, now: datetime) -> dict[str, Any]:
    """Take the other cell's no; if it has nobody to let go any more, the directory is asked anew."""
    transfer = _transfer(message)
    if transfer.state != CellTransferState.REQUESTED:
        return {"state": transfer.state}
    code, reason = str(message.body.get("code", "")), str(message.body.get("reason", ""))[:500]
    if code == "not_here":
        move(transfer, CELL_TRANSFER_MOVES, CellTransferState.LAPSED, closed_at=now, reason=code)
        again = ClaimState.LEAVING if transfer.membership.state == MembershipState.ENDED else ClaimState.WAITING
        move(transfer.claim, CLAIM_MOVES, again, other_cell="", tries=0, next_at=now)
    else:
        close_offer(actor=system(), transfer=transfer, state=CellTransferState.REFUSED, reason=reason, now=now)
        if transfer.membership.state == MembershipState.ENDED:
            CellClaim.objects.filter(pk=transfer.claim_id, state=ClaimState.ELSEWHERE).update(
                state=ClaimState.LEAVING, tries=0, next_at=now
            )
    return {"state": transfer.state}


def _transfer(message: Message) -> CellTransfer:
    try:
        key = UUID(str(message.body["transfer"]))
    except (KeyError, ValueError):
        raise BadMessage from None
    found = (
        CellTransfer.objects.select_for_update(of=("self",))
        .select_related("membership__worker", "membership__union", "claim")
        .filter(pk=key, direction=Direction.IN, other_cell=message.sender)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def settle_arrival(*, claim: CellClaim, transfer: CellTransfer, version: int, now: datetime) -> None:
    """Make a member of this cell of whoever came: the directory's row is ours now, and from here on we count.

    Who was here before goes on with the membership of then; who was not gets number and history into the one that
    stood provisionally. Part of the transaction that took the directory's answer.
    """
    package = read_package(json.loads(unseal(transfer.sealed_package)))
    provisional = claim.membership
    earlier = Membership.objects.select_related("worker", "union").filter(number=package.number).first()
    ended = provisional.state == MembershipState.ENDED
    if earlier is not None and earlier.pk != provisional.pk and earlier.worker_id != provisional.worker_id:
        raise Conflict("number_of_another", "")  # two cells gave one number: somebody has to look at it
    membership = provisional if earlier is None else earlier
    if not ended:
        _begin(claim, membership, provisional, package, transfer, now)
    _keep_stays(membership, package)
    move(transfer, CELL_TRANSFER_MOVES, CellTransferState.DONE, closed_at=now, sealed_package=b"")
    move(
        claim,
        CLAIM_MOVES,
        ClaimState.GRANTED,
        version=version,
        settled_at=now,
        counted=not ended,
        membership_id=membership.pk,
    )
    if ended:  # the person left while the package was on its way: given back, and never counted
        move(claim, CLAIM_MOVES, ClaimState.LEAVING, counted=False, tries=0, next_at=now)
        return
    announce(CountChanged(where_of_member(membership, now), admissions=0, active=1))
    tell_member(
        membership.worker,
        "membership.moved_here",
        union_name=membership.union.name,
        union_id=membership.union_id,
        now=now,
    )
    tell_union(transfer, "cells.arrived", now=now)


def _begin(
    claim: CellClaim,
    membership: Membership,
    provisional: Membership,
    package: Package,
    transfer: CellTransfer,
    now: datetime,
) -> None:
    basis, at = f"cell {transfer.other_cell}", package.released_at
    if membership.pk == provisional.pk:
        take_over_number(
            actor=system(),
            membership=membership,
            number=package.number,
            began_on=min(package.began_on, local_day(at)),
            basis=basis,
            at=at,
            now=now,
        )
        return
    # Closed for good beside it: the provisional membership never counted, and never will.
    insert(
        CellClaim(
            membership=provisional,
            digest=claim.digest,
            state=ClaimState.CLOSED,
            asked_at=claim.asked_at,
            next_at=now,
            settled_at=now,
        )
    )
    CellClaim.objects.filter(pk=claim.pk).update(membership=membership)
    end_here(actor=system(), membership=provisional, why=EndReason.MERGED, basis=basis, reason="", now=now)
    CellTransfer.objects.filter(pk=transfer.pk).update(membership=membership)
    transfer.membership = membership
    come_back(actor=system(), membership=membership, union=provisional.union, basis=basis, at=at, now=now)


def _keep_stays(membership: Membership, package: Package) -> None:
    """Keep the stays in other cells, each once; our own are in the membership's own acts."""
    EarlierStay.objects.bulk_create(
        [
            EarlierStay(
                membership=membership,
                stay=stay.id,
                cell=stay.cell,
                cell_name=stay.cell_name,
                union_code=stay.union_code,
                union_name=stay.union_name,
                began_at=stay.began_at,
                ended_at=stay.ended_at,
            )
            for stay in package.stays
            if stay.cell != own_code() and stay.ended_at is not None
        ],
        ignore_conflicts=True,
    )
