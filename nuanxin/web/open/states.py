"""One page on which anybody reads how applications and memberships move: generated from the tables that decide it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from nuanxin.kernel.clock import local_day
from nuanxin.members.states import (
    APPLICATION_MOVES,
    CONTEST_MOVES,
    MEMBERSHIP_MOVES,
    RELEASE_MOVES,
    REOPENING_MOVES,
    TRANSFER_MOVES,
    ApplicationState,
    ContestState,
    MembershipState,
    ReleaseState,
    TransferState,
)
from nuanxin.organizations.actions.seed import NATIONAL_CODE
from nuanxin.organizations.queries.rules import RuleMissing, dated_rules
from nuanxin.organizations.queries.unions import public_union

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise

A, C, M, R, T = ApplicationState, ContestState, MembershipState, ReleaseState, TransferState
#: What is refused opens again by a contest only: in the tables it is one move more.
ALL_APPLICATION_MOVES: Final = {**APPLICATION_MOVES, **REOPENING_MOVES}
_APPLICANT = gettext_lazy("The applicant")
_REVIEWER = gettext_lazy("The union's reviewer")
_COUNTY = gettext_lazy("The county union")
_UPPER = gettext_lazy("The union above")
_CLOCK = gettext_lazy("The clock")
_SYSTEM = gettext_lazy("The system, when the phone is proved")
_REGISTRAR = gettext_lazy("The union's membership registrar")
_MEMBER = gettext_lazy("The member")
_BOTH = gettext_lazy("The two unions")
_ENDS = gettext_lazy("ends it: left, expelled or deceased, with evidence")
_MOVES_AT_ONCE = gettext_lazy("moves at once: within the city the dated rule asks nobody further")
_OVERTAKEN = gettext_lazy("no answer came in time, or the membership has moved or ended by another way")

#: Table → (old state, new state) → who moves it, and how. Every move of the tables must be here: a test looks.
WHO: Final[dict[str, dict[tuple[str, str], tuple[_StrPromise, _StrPromise]]]] = {
    "application": {
        (A.UNCONFIRMED, A.SUBMITTED): (_APPLICANT, gettext_lazy("types the code; the application goes to one union")),
        (A.UNCONFIRMED, A.PHONE_HELD): (_SYSTEM, gettext_lazy("the number is still in another person's name")),
        (A.UNCONFIRMED, A.KNOWN_MEMBER): (_SYSTEM, gettext_lazy("the person is a member: moving is offered")),
        (A.UNCONFIRMED, A.APPROVED): (
            gettext_lazy("By dated rule"),
            gettext_lazy("only where the rule allows it and the employer or a verifier has confirmed the person"),
        ),
        (A.PHONE_HELD, A.SUBMITTED): (_COUNTY, gettext_lazy("frees the number; the application goes on")),
        (A.PHONE_HELD, A.WITHDRAWN): (_APPLICANT, gettext_lazy("withdraws it")),
        (A.PHONE_HELD, A.REFUSED): (_COUNTY, gettext_lazy("keeps the number where it is, with a reason")),
        (A.SUBMITTED, A.SUBMITTED): (
            _REVIEWER,
            gettext_lazy("passes it on with a reason; or, when time ran out, the upper union takes over"),
        ),
        (A.SUBMITTED, A.ACCEPTED): (_REVIEWER, gettext_lazy("takes it up")),
        (A.SUBMITTED, A.RETURNED): (_REVIEWER, gettext_lazy("asks for a correction, with a reason")),
        (A.SUBMITTED, A.APPROVED): (
            _REVIEWER,
            gettext_lazy("approves it as the act of the union, or a dated rule does"),
        ),
        (A.SUBMITTED, A.REFUSED): (_REVIEWER, gettext_lazy("refuses it, with a reason")),
        (A.SUBMITTED, A.WITHDRAWN): (_APPLICANT, gettext_lazy("withdraws it")),
        (A.ACCEPTED, A.SUBMITTED): (
            _REVIEWER,
            gettext_lazy("passes it on with a reason; or, when time ran out, the upper union takes over"),
        ),
        (A.ACCEPTED, A.RETURNED): (_REVIEWER, gettext_lazy("asks for a correction, with a reason")),
        (A.ACCEPTED, A.APPROVED): (
            _REVIEWER,
            gettext_lazy("approves it as the act of the union, or a dated rule does"),
        ),
        (A.ACCEPTED, A.REFUSED): (_REVIEWER, gettext_lazy("refuses it, with a reason")),
        (A.ACCEPTED, A.WITHDRAWN): (_APPLICANT, gettext_lazy("withdraws it")),
        (A.RETURNED, A.SUBMITTED): (_APPLICANT, gettext_lazy("corrects it and sends it again")),
        (A.RETURNED, A.WITHDRAWN): (_APPLICANT, gettext_lazy("withdraws it")),
        (A.REFUSED, A.SUBMITTED): (
            _UPPER,
            gettext_lazy("agrees with the applicant's objection: somebody else, or another union, decides anew"),
        ),
        (A.RETURNED, A.LAPSED): (_CLOCK, gettext_lazy("no correction came in time")),
    },
    "contest": {
        (C.OPEN, C.UPHELD): (_UPPER, gettext_lazy("lets it stay, with a reason")),
        (C.OPEN, C.SENT_BACK): (_UPPER, gettext_lazy("lifts the refusal: somebody else decides anew")),
        (C.OPEN, C.MOVED): (_UPPER, gettext_lazy("sends it to another union, whose rules admit the applicant")),
        (C.OPEN, C.ADMITTED): (_UPPER, gettext_lazy("admits the applicant itself, where its rules do")),
        (C.OPEN, C.DROPPED): (_CLOCK, gettext_lazy("the application was withdrawn or has ended")),
    },
    "membership": {
        (M.ACTIVE, M.SUSPENDED): (_REGISTRAR, gettext_lazy("suspends it, with reason, day and evidence")),
        (M.ACTIVE, M.RETAINED): (
            _REGISTRAR,
            gettext_lazy("keeps it while the member is not at work: retired, unemployed, in the army, employer closed"),
        ),
        (M.ACTIVE, M.ENDED): (_REGISTRAR, _ENDS),
        (M.SUSPENDED, M.ACTIVE): (_REGISTRAR, gettext_lazy("lets it go on")),
        (M.SUSPENDED, M.ENDED): (_REGISTRAR, _ENDS),
        (M.RETAINED, M.ACTIVE): (
            _REGISTRAR,
            gettext_lazy("takes it up again when the member is back at work; so does a move to another union"),
        ),
        (M.RETAINED, M.ENDED): (_REGISTRAR, _ENDS),
    },
    "release": {
        (R.OPEN, R.RELEASED): (_COUNTY, gettext_lazy("frees the number; the application goes on")),
        (R.OPEN, R.REFUSED): (_COUNTY, gettext_lazy("keeps the number where it is, with a reason")),
    },
    "transfer": {
        (T.OFFERED, T.REQUESTED): (_MEMBER, gettext_lazy("wants to move")),
        (T.OFFERED, T.DECLINED): (_MEMBER, gettext_lazy("stays")),
        (T.OFFERED, T.DONE): (_MEMBER, _MOVES_AT_ONCE),
        (T.OFFERED, T.LAPSED): (_CLOCK, _OVERTAKEN),
        (T.REQUESTED, T.DONE): (
            _BOTH,
            gettext_lazy("agree, or say nothing in time where the dated rule takes silence for consent"),
        ),
        (T.REQUESTED, T.REFUSED): (_BOTH, gettext_lazy("one of them refuses, with a reason")),
        (T.REQUESTED, T.DECLINED): (_MEMBER, gettext_lazy("stays after all")),
        (T.REQUESTED, T.LAPSED): (_CLOCK, _OVERTAKEN),
    },
}
#: Dated rule → what it limits.
LIMITS: Final[dict[str, _StrPromise]] = {
    "members.accept_days": gettext_lazy("Working days to take an application up"),
    "members.decide_days": gettext_lazy("Working days to decide once taken up"),
    "members.correct_days": gettext_lazy("Working days to correct a returned application"),
    "members.contest_days": gettext_lazy("Working days to object, after the decision"),
    "members.contest_answer_days": gettext_lazy("Working days to answer an objection"),
    "members.remind_days": gettext_lazy("Working days before a limit on which reviewers are reminded"),
    "members.transfer_days": gettext_lazy("Working days to answer a transfer"),
    "members.release_days": gettext_lazy("Working days to free a phone number"),
    "members.most_hops": gettext_lazy("How often an application may be passed on"),
    "members.unconfirmed_hours": gettext_lazy("Hours until an application without the code is deleted"),
}


@require_safe
def states(request: HttpRequest) -> HttpResponse:
    """Show every state, every move, who makes it, and the limits in force."""
    context = {
        "page_title": _("How it is handled"),
        "back_url": reverse("worker:home"),
        "tables": [
            _table(_("Applications"), A, ALL_APPLICATION_MOVES, WHO["application"]),
            _table(_("Objections"), C, CONTEST_MOVES, WHO["contest"]),
            _table(_("Memberships"), M, MEMBERSHIP_MOVES, WHO["membership"]),
            _table(_("Held phone numbers"), R, RELEASE_MOVES, WHO["release"]),
            _table(_("Moving to another union"), T, TRANSFER_MOVES, WHO["transfer"]),
        ],
        "limits": _limits(request),
    }
    return render(request, "open/states.html", context)


def _table(
    title: str,
    states: Any,
    moves: Mapping[str, frozenset[str]],
    who: Mapping[tuple[str, str], tuple[_StrPromise, _StrPromise]],
) -> dict[str, Any]:
    """Return a table in words: each state with its moves, in the order in which the states are declared."""
    order = list(states.values)
    rows = []
    for state in states:
        targets = sorted(moves.get(state, frozenset()), key=order.index)
        steps = [
            {"to": states(to).label, "who": who[state, to][0], "how": who[state, to][1], "same": to == state}
            for to in targets
        ]
        rows.append({"label": state.label, "moves": steps})
    return {"title": title, "rows": rows}


def _limits(request: HttpRequest) -> list[dict[str, Any]]:
    day = local_day(request.now)  # type: ignore[attr-defined]
    try:
        found = dated_rules(*LIMITS, union=public_union(NATIONAL_CODE), on=day)
    except RuleMissing:
        return []
    return [
        {
            "label": label,
            "value": found[name].value,
            "source": found[name].row.source_note,
            "since": found[name].row.valid_from,
        }
        for name, label in LIMITS.items()
    ]
