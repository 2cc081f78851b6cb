"""Asking for a transfer: by the member, the new employer, a cadre, upon an offer, or after a contest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from nuanxin.access.states import Permission, Scope
from nuanxin.kernel.refusals import NotFound
from nuanxin.kernel.rows import insert
from nuanxin.kernel.states import Moved, move
from nuanxin.kernel.text import check_text
from nuanxin.members.actions.settle import UnionClosed, limit
from nuanxin.members.actions.telling_moves import tell_of_transfer, tell_unions_of_transfer
from nuanxin.members.actions.transfers.answers import answer, carry_out, hold, record_transfer, settle_answers
from nuanxin.members.models import Application, Membership, TransferRequest
from nuanxin.members.queries.transfers import Work, at_once, route_of, works_for
from nuanxin.members.rules.memberships import MOST_REASON, check_reason
from nuanxin.members.rules.transfers import (
    DAYS,
    AlreadyHere,
    NotAdmitting,
    OtherPhone,
    TransferAsked,
    check_movable,
    check_place,
)
from nuanxin.members.states import (
    TRANSFER_MOVES,
    TransferAnswerKind,
    TransferSide,
    TransferStart,
    TransferState,
)
from nuanxin.organizations.models import Union

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor


@transaction.atomic
def request_transfer(
    *,
    actor: Actor,
    membership: Membership,
    to_union: Union,
    started_by: str,
    door: str = "",
    reason: str = "",
    work: Work | None = None,
    now: datetime,
) -> TransferRequest:
    """Ask that a membership move to another union: done at once where the dated rule says so, or both unions answer.

    :param membership: as the caller read it: whoever finds it elsewhere by now changes nothing.
    :param started_by: `worker` (the member, or a machine on the member's behalf), `employer` (the new employer's
        roster), or `cadre` of either union, whose own side has thereby agreed.
    :param door: code of the door through which it came.
    :param work: where the member works from now on; none: as before.
    :raises NotFound: somebody else's membership, or a union out of reach.
    :raises NotMovable: it rests or has ended; AlreadyHere: it is there; TransferAsked: another one waits.
    :raises NotAdmitting: a member chose a union whose rules do not take the member in.
    :raises Invalid: a cadre gave no reason. UnionClosed: closed meanwhile. Moved: it moved meanwhile.
    """
    started = TransferStart(started_by)
    _check_starter(actor, membership, to_union, started)
    reason = (
        check_reason(reason) if started == TransferStart.CADRE else check_text(reason, field="reason", most=MOST_REASON)
    )
    held = hold(membership)
    request = TransferRequest(
        membership=held,
        from_union=held.union,
        to_union=to_union,
        started_by=started,
        door_id=door or None,
        reason=reason,
        offered_at=now,
        **_columns(work),
    )
    _check_possible(request)
    if started == TransferStart.WORKER:
        chosen = route_of(held.worker, work or Work.of(held.worker), scanned_code=to_union.code, now=now)
        if chosen.union.id != to_union.pk:
            raise NotAdmitting(nearest=chosen.union.name)
        request.reasons = chosen.as_rows()
    return _begin(actor, request, now)


@transaction.atomic
def answer_transfer(*, actor: Actor, application: Application, wants: bool, now: datetime) -> TransferRequest:
    """Take a known member's answer to the offer of a transfer: then it is asked for, or done at once by rule.

    :raises NotFound: no transfer was offered with this application.
    :raises OtherPhone: the phone that was proved is not the member's: somebody else may have typed the ID number.
    :raises Moved: it was answered already, or the membership is elsewhere by now. Others as `request_transfer`.
    """
    request = TransferRequest.objects.filter(application=application).first()
    if request is None:
        raise NotFound
    held = hold(Membership(pk=request.membership_id, union_id=request.from_union_id))
    request = TransferRequest.objects.select_related("to_union__region", "from_union__region").get(pk=request.pk)
    request.membership = held
    if not wants:
        move(request, TRANSFER_MOVES, TransferState.DECLINED, answered_at=now, closed_at=now)
        record_transfer(actor, "members.transfer_declined", request, now)
        return request
    if request.state != TransferState.OFFERED:
        raise Moved(request.state)
    if bytes(application.phone_digest) != bytes(held.worker.phone_digest or b""):
        raise OtherPhone
    for name in ("region_id", "employer_id", "employer_name"):
        setattr(request, name, getattr(application, name))
    _check_possible(request)
    return _begin(actor, request, now)


def ask_after_contest(actor: Actor, request: TransferRequest, *, now: datetime) -> TransferRequest:
    """Ask for the transfer that the union above has decided upon: the union left has thereby agreed.

    Part of the transaction of whoever decides. Refuses as `request_transfer`.
    """
    request.membership = hold(request.membership)
    _check_possible(request)
    return _begin(actor, request, now, agreed=(TransferSide.OLD,))


def _check_starter(actor: Actor, membership: Membership, to_union: Union, started: TransferStart) -> None:
    """Refuse whoever may not start this transfer."""
    if started == TransferStart.WORKER:
        if actor.worker_id is None:
            actor.require_scope(Scope.TRANSFER)
        elif actor.worker_id != membership.worker_id:
            raise NotFound
    elif started == TransferStart.CADRE:
        near = to_union if actor.may(Permission.REVIEW, at=to_union) else membership.union
        actor.require(Permission.REVIEW, at=near)
    elif started == TransferStart.EMPLOYER:
        if not works_for(actor, to_union) and not actor.may(Permission.ENROLL_ROSTERS, at=to_union):
            actor.require(Permission.REVIEW, at=to_union)
    else:
        raise ValueError("An offer is answered by `answer_transfer`")


def _columns(work: Work | None) -> dict[str, Any]:
    if work is None:
        return {}
    return {"region_id": check_place(work.region_code), "employer": work.employer, "employer_name": work.employer_name}


def _check_possible(request: TransferRequest) -> None:
    """Refuse what cannot be, now that the membership is held: nobody can bring it about meanwhile."""
    check_movable(request.membership.state)
    if request.to_union_id == request.membership.union_id:
        raise AlreadyHere
    if request.to_union.closed_at is not None:
        raise UnionClosed
    waiting = TransferRequest.objects.filter(membership=request.membership_id, state=TransferState.REQUESTED)
    if waiting.exists():
        raise TransferAsked


def _begin(
    actor: Actor, request: TransferRequest, now: datetime, *, agreed: tuple[TransferSide, ...] = ()
) -> TransferRequest:
    """Carry a possible request out by rule, or let it wait for the unions that have not agreed by asking for it."""
    once, rule = at_once(request.from_union, request.to_union, now=now)
    if once:
        basis = f"{rule.row.name}: {rule.row.source_note}"[:300]
        _write(request, TransferState.DONE, answered_at=now, closed_at=now, basis=basis)
        record_transfer(actor, "members.transfer_requested", request, now)
        carry_out(actor, request, basis=rule.row.name, now=now)
        return request
    _write(request, TransferState.REQUESTED, answered_at=now, due_at=limit(request.to_union, DAYS, now), basis=DAYS)
    record_transfer(actor, "members.transfer_requested", request, now)
    if request.started_by == TransferStart.CADRE:
        sides = {TransferSide.OLD: request.from_union, TransferSide.NEW: request.to_union}
        agreed = tuple(side for side, union in sides.items() if actor.may(Permission.REVIEW, at=union))
    elif request.started_by == TransferStart.EMPLOYER and actor.may(Permission.REVIEW, at=request.to_union):
        agreed = (TransferSide.NEW,)
    for side in agreed:
        answer(actor, request, side, TransferAnswerKind.CONSENTED, reason=request.reason, now=now)
    settle_answers(actor, request, basis="consent", now=now)
    if request.state == TransferState.REQUESTED:
        own = request.started_by in {TransferStart.WORKER, TransferStart.OFFER}
        tell_of_transfer(request, "requested" if own else "started", union=request.to_union, now=now)
        tell_unions_of_transfer(request, "waiting", but=agreed, now=now)
    return request


def _write(request: TransferRequest, state: TransferState, **changes: Any) -> None:
    """Insert a new request in its state, or move the one that was offered."""
    work = {name: getattr(request, name) for name in ("region_id", "employer_id", "employer_name")}
    if not request._state.adding:
        move(request, TRANSFER_MOVES, state, **changes, **work)
        return
    for name, value in {"state": state, **changes}.items():
        setattr(request, name, value)
    try:
        with transaction.atomic():
            insert(request)
    except IntegrityError as error:
        if "transfer_one_requested" in str(error):
            raise TransferAsked from None
        raise
