"""Members' standing, their card codes, and the counters that check them."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from nuanxin.access.states import Permission
from nuanxin.members.actions.cards import issue_code, verify
from nuanxin.members.queries.memberships import standing_of
from nuanxin.web.api.described import described
from nuanxin.web.api.schemas import CardCodeOut, CheckedOut, CodeIn, MemberOut, Text
from nuanxin.web.api.words import answer, is_english, member_answer, moment, named
from nuanxin.web.kit.requests import Request

router = Router(tags=["members"])


@router.get(
    "/members/{number}",
    **described(
        "Look at a member's standing",
        200,
        MemberOut,
        who="machine with members.read; cadre who may see the member; the member",
        problems=(400, 401, 403, 404, 422),
        example="member",
    ),
)
def member(request: Request, number: Text) -> HttpResponse:
    """Return union and standing of a member, with a masked name."""
    if request.actor.kind not in {"client", "worker"}:
        request.actor.require(Permission.VIEW_MEMBERS)
    return answer(member_answer(standing_of(request.actor, number)))


@router.post(
    "/members/{number}/card-codes",
    **described(
        "Ask for a card code",
        201,
        CardCodeOut,
        who="the member; machine with cards.issue_codes; never a cadre",
        problems=(400, 401, 403, 404, 409, 413, 422),
        example="card_code",
    ),
)
def card_codes(request: Request, number: Text) -> HttpResponse:
    """Return a ten-digit code, good for one use within a minute."""
    issued = issue_code(actor=request.actor, number=number, now=request.now)
    return answer({"code": issued.code, "expires_at": moment(issued.expires_at)}, 201)


@router.post(
    "/cards/verify",
    **described(
        "Check a card's code",
        200,
        CheckedOut,
        who="partner device; machine with cards.verify",
        problems=(400, 401, 403, 413, 422, 429),
        example="checked",
    ),
)
def verify_card(request: Request, body: CodeIn) -> HttpResponse:
    """Tell a counter what stands behind a code: valid, retained, suspended, ended, used, expired, revoked or unknown;
    of a code that a phone signed offline also stale, clock, replayed or forged.
    """
    checked = verify(actor=request.holder or request.actor, code=body.code, now=request.now)
    union = (checked.union_name_en if is_english() else "") or checked.union_name
    return answer(
        {
            "answer": str(checked.answer),
            "message": str(checked.answer.label),
            "surname": checked.surname or None,
            "badge": named(checked.badge, checked.badge_name, checked.badge_name_en) if checked.badge else None,
            "union": union or None,
        }
    )
