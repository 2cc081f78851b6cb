"""What both unions say to a transfer, and what becomes of it: carried out, refused, cancelled, closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from nuanxin.access.actors import system
from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.rows import insert
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import Moved, move
from nuanxin.kernel.text import check_text
from nuanxin.members.actions.memberships import Change, change_standing
from nuanxin.members.actions.telling_moves import tell_of_transfer, tell_unions_of_transfer
from nuanxin.members.actions.transfers.moving import move_membership
from nuanxin.members.models import Membership, TransferAnswer, TransferRequest
from nuanxin.members.queries.transfers import get_transfer, own_transfer
from nuanxin.members.rules.memberships import MOST_REASON, check_reason
from nuanxin.members.rules.transfers import (
    SILENCE,
    AnsweredAlready,
    check_side,
    outcome,
    returns,
    silent_sides,
)
from nuanxin.members.states import (
    TRANSFER_MOVES,
    MembershipAct,
    TransferAnswerKind,
    TransferSide,
    TransferState,
)
from nuanxin.organizations.queries.rules import dated_rule
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor


@transaction.atomic
def decide_transfer(
    *, actor: Actor, transfer_id: UUID, side: str, agrees: bool, reason: str = "", now: datetime
) -> TransferRequest:
    """Answer a transfer for one of its two unions; with the second consent it is carried out.

    :param side: `old` for the union that the member leaves, `new` for the one where the member comes.
    :raises NotFound: the actor may not know of it. NotAllowed: the post does not include deciding there.
    :raises Invalid: refused without a reason, which the member reads.
    :raises AnsweredAlready: this side has answered. Moved: it is closed, or the membership moved meanwhile.
    """
    request = get_transfer(actor, transfer_id)
    chosen = check_side(side)
    actor.require(Permission.REVIEW, at=request.to_union if chosen == TransferSide.NEW else request.from_union)
    reason = check_text(reason, field="reason", most=MOST_REASON) if agrees else check_reason(reason)
    held = hold(request.membership)
    request = get_transfer(actor, transfer_id)
    request.membership = held
    if request.state != TransferState.REQUESTED:
        raise Moved(request.state)
    kind = TransferAnswerKind.CONSENTED if agrees else TransferAnswerKind.REFUSED
    try:
        with transaction.atomic():
            answer(actor, request, chosen, kind, reason=reason, now=now)
    except IntegrityError as error:
        if "transfer_answer_once" in str(error):
            raise AnsweredAlready from None
        raise
    record_transfer(actor, f"members.transfer_{kind}", request, now, side=str(chosen), reason=reason)
    return settle_answers(actor, request, basis="consent", reason=reason, now=now)


@transaction.atomic
def cancel_transfer(*, actor: Actor, transfer_id: UUID, now: datetime) -> TransferRequest:
    """Take back a transfer that waits, as the member it concerns.

    :raises NotFound: not the member's own. Moved: it was decided meanwhile.
    """
    request = own_transfer(actor, transfer_id)
    request.membership = hold(request.membership, anywhere=True)
    move(request, TRANSFER_MOVES, TransferState.DECLINED, closed_at=now)
    record_transfer(actor, "members.transfer_cancelled", request, now)
    return request


@transaction.atomic
def settle_silent(transfer_id: UUID, now: datetime) -> bool:
    """Settle one transfer whose limit has passed, as the clock; answer whether there was anything to settle.

    Each side that said nothing has agreed where the dated rule says so for that union; else the request is closed, as
    it is when the union has closed meanwhile.
    """
    actor = system()
    request = TransferRequest.objects.select_related("from_union__region", "to_union__region").get(pk=transfer_id)
    request.membership = hold(Membership(pk=request.membership_id), anywhere=True)
    request.refresh_from_db(fields=["state", "due_at"])
    if request.state != TransferState.REQUESTED or request.due_at is None or request.due_at >= now:
        return False
    answered = set(TransferAnswer.objects.filter(request=request).values_list("side", flat=True))
    unions = {TransferSide.OLD: request.from_union, TransferSide.NEW: request.to_union}
    day = local_day(now)
    silence = [side for side, union in unions.items() if dated_rule(SILENCE, union=union, on=day).value.get(side)]
    sides = silent_sides(answered, silence)
    if sides is None or request.to_union.closed_at is not None:
        move(request, TRANSFER_MOVES, TransferState.LAPSED, closed_at=now)
        record_transfer(actor, "members.transfer_lapsed", request, now)
        tell_of_transfer(request, "lapsed", union=request.to_union, now=now)
        tell_unions_of_transfer(request, "lapsed", now=now)
        return True
    for side in sides:
        answer(actor, request, side, TransferAnswerKind.SILENT, reason="", now=now)
    settle_answers(actor, request, basis=SILENCE, now=now)
    return True


def settle_answers(
    actor: Actor, request: TransferRequest, *, basis: str, reason: str = "", now: datetime
) -> TransferRequest:
    """Close a request whose answers decide it, and carry it out if they agree. Part of the caller's transaction."""
    answers = dict(TransferAnswer.objects.filter(request=request).values_list("side", "answer"))
    state = outcome(answers)
    if state is None:
        return request
    move(request, TRANSFER_MOVES, state, closed_at=now)
    if state == TransferState.REFUSED:
        refusing = request.to_union if answers.get(TransferSide.NEW) == state else request.from_union
        tell_of_transfer(request, "refused", union=refusing, reason=reason, now=now)
        tell_unions_of_transfer(request, "refused", now=now)
        return request
    carry_out(actor, request, basis=basis, now=now)
    return request


def hold(membership: Membership, *, anywhere: bool = False) -> Membership:
    """Return a membership, held until the transaction ends: everything that moves or ends it waits.

    :raises Moved: it is not with the union any more with which the caller saw it.
    """
    # Held by itself, then read with what it points at: a join made before waiting would look for the old union.
    Membership.objects.select_for_update(no_key=True).only("pk").get(pk=membership.pk)
    held = Membership.objects.select_related("union__region", "worker__employer").get(pk=membership.pk)
    if not anywhere and held.union_id != membership.union_id:
        raise Moved(held.state)
    return held


def answer(
    actor: Actor, request: TransferRequest, side: TransferSide, kind: TransferAnswerKind, *, reason: str, now: datetime
) -> None:
    """Write what one side says. Part of the caller\'s transaction; a second answer of a side is an IntegrityError."""
    insert(
        TransferAnswer(
            request=request,
            side=side,
            answer=kind,
            at=now,
            account_id=actor.account_id,
            post_id=actor.post_id,
            reason=reason,
        )
    )


def carry_out(actor: Actor, request: TransferRequest, *, basis: str, now: datetime) -> None:
    """Move the membership of a request that was decided, take up one that was retained, and tell everybody."""
    membership = request.membership
    move_membership(
        actor, membership, to_union=request.to_union, basis=basis, reason=request.reason, transfer=request, now=now
    )
    if returns(membership.retained_for):
        change_standing(actor, membership, Change(MembershipAct.RETURNED, basis=basis), now=now)
    tell_of_transfer(request, "done", union=request.to_union, now=now)
    tell_unions_of_transfer(request, "done", now=now)


def record_transfer(
    actor: Actor, action: str, request: TransferRequest, now: datetime, *, reason: str = "", **more: Any
) -> None:
    """Record an act upon a request, as the union where the member comes sees it. Part of the caller\'s transaction."""
    record(
        actor,
        action,
        request,
        now=now,
        union_path=request.to_union.path,
        personal={"reason": reason or request.reason},
        key=PersonKey(request.membership.worker.sealed_key),
        union=request.to_union.code,
        from_union=request.from_union.code,
        member_number=request.membership.number,
        **more,
    )
