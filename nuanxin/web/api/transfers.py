"""Moving a membership, and every stay of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from ninja import Router

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.members.actions.transfers import request_transfer
from nuanxin.members.queries.cells import all_stays, in_cells
from nuanxin.members.queries.history import stays_in
from nuanxin.members.queries.memberships import history, standing_of
from nuanxin.members.queries.transfers import Work, answers_of, member_for_transfer
from nuanxin.members.states import MembershipAct, TransferStart, TransferState
from nuanxin.organizations.queries.enterprises import find_employer
from nuanxin.organizations.queries.unions import public_union
from nuanxin.web.api.described import described
from nuanxin.web.api.schemas import Text
from nuanxin.web.api.schemas_moves import HistoryOut, TransferIn, TransferOut
from nuanxin.web.api.words import answer, moment, named
from nuanxin.web.kit.requests import Request

if TYPE_CHECKING:
    from nuanxin.members.models import Membership, MembershipEntry, TransferRequest
    from nuanxin.organizations.models import Union
    from nuanxin.web.api.schemas import Answer

router = Router(tags=["members"])


@router.post(
    "/transfers",
    **described(
        "Move a membership",
        201,
        TransferOut,
        who="the member; machine with members.transfer, on the member's behalf; cadre of either union",
        problems=(400, 401, 403, 404, 409, 413, 422),
        example="transfer",
    ),
)
def ask_transfer(request: Request, body: TransferIn) -> HttpResponse:
    """Ask that a member comes to a union: done at once where the rules say so, else both unions answer by `due_at`.

    Asked again while it waits, or when it is done, it is refused with `transfer_asked` or `already_here`: nothing
    happens twice. A cadre gives a reason.
    """
    actor, to_union = request.actor, public_union(body.to_union_code)
    membership = member_for_transfer(actor, body.member_number, to_union)
    work = None
    if body.region_code:
        firm = find_employer(body.employer_credit_code) if body.employer_credit_code else None
        work = Work(body.region_code, firm, "" if firm else body.employer_name or "")
    asked = request_transfer(
        actor=actor,
        membership=membership,
        to_union=to_union,
        started_by=TransferStart.CADRE if actor.kind == "cadre" else TransferStart.WORKER,
        door=actor.door_code or "api",
        reason=body.reason or "",
        work=work,
        now=request.now,
    )
    return answer(transfer_answer(asked), 201)


def transfer_answer(asked: TransferRequest) -> Answer:
    """Return a transfer as the contract says."""
    return {
        "id": str(asked.pk),
        "member_number": asked.membership.number,
        "state": str(asked.state),
        "state_name": str(TransferState(asked.state).label),
        "from_union": _union(asked.from_union),
        "to_union": _union(asked.to_union),
        "started_by": str(asked.started_by),
        "basis": asked.basis,
        "asked_at": moment(asked.answered_at),
        "due_at": moment(asked.due_at),
        "closed_at": moment(asked.closed_at),
        "answers": [{"side": each.side, "answer": each.answer, "at": moment(each.at)} for each in answers_of(asked)],
    }


def _stays(membership: Membership, entries: list[MembershipEntry]) -> list[dict[str, Any]]:
    if in_cells():
        return [
            {
                "union": {"code": stay.union_code, "name": stay.union_name},
                "since": str(local_day(stay.began_at)),
                "until": str(local_day(stay.ended_at)) if stay.ended_at else None,
            }
            for stay in all_stays(membership)
        ]
    return [
        {
            "union": _union(stay.union),
            "since": str(stay.since),
            "until": str(stay.until) if stay.until else None,
        }
        for stay in stays_in(membership, entries)
    ]


def _union(union: Union) -> dict[str, str]:
    return named(union.code, union.name, union.name_en)


@router.get(
    "/members/{number}/history",
    **described(
        "See every stay of a member",
        200,
        HistoryOut,
        who="machine with members.read; cadre who may see the member; the member",
        problems=(400, 401, 403, 404, 422),
        example="history",
    ),
)
def member_history(request: Request, number: Text) -> HttpResponse:
    """Return every union the membership has been with, without gap or overlap, and every act upon it.

    A stay is from a day (inclusive) to a day (exclusive), null while it lasts. Reasons and proof are not told here.
    """
    if request.actor.kind not in {"client", "worker"}:
        request.actor.require(Permission.VIEW_MEMBERS)
    membership = standing_of(request.actor, number)
    entries = list(history(membership))
    return answer(
        {
            "number": membership.number,
            "stays": _stays(membership, entries),
            "acts": [
                {
                    "act": str(entry.act),
                    "act_name": str(MembershipAct(entry.act).label),
                    "union": _union(entry.union),
                    "from_union": _union(entry.from_union) if entry.from_union else None,
                    "effective_on": str(entry.effective_on),
                    "at": moment(entry.at),
                    "basis": entry.basis,
                }
                for entry in entries
            ],
        }
    )
