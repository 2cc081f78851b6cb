"""Deciding on contests, as the act of the union above: it stays, somebody else decides, another union, or admitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.kernel.states import Moved, move
from nuanxin.members.actions.admission import admit
from nuanxin.members.actions.contests import lock_application
from nuanxin.members.actions.review import make_step, write_act
from nuanxin.members.actions.settle import limit, minding_closed
from nuanxin.members.actions.telling import tell_of_contest
from nuanxin.members.actions.transfers import ask_after_contest
from nuanxin.members.models import Application, Membership, TransferRequest
from nuanxin.members.queries.contests import barred_accounts, contest_targets, get_contest, refused_by, upper_admits
from nuanxin.members.queries.persons import standing
from nuanxin.members.rules.contests import OUTCOMES, ContestDecided, check_decision, possible_decisions
from nuanxin.members.rules.review import check_other_person, check_reason
from nuanxin.members.states import (
    APPLICATION_MOVES,
    CONTEST_MOVES,
    REOPENING_MOVES,
    ApplicationState,
    ContestDecision,
    ContestState,
    Decision,
    MembershipState,
)
from nuanxin.organizations.queries.unions import public_union

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Contest
    from nuanxin.organizations.models import Union


class Reopened(Conflict):
    """The person has gone another way meanwhile, so that what was refused cannot open again."""

    def __init__(self, *, member: bool) -> None:
        message = (
            _("The applicant has become a member meanwhile. Please say so, and let it stay as it was.")
            if member
            else _("The applicant has applied again meanwhile: that one goes on. Please let this one stay as it was.")
        )
        super().__init__("gone_another_way", message, field="decision")


class PhoneElsewhere(Conflict):
    """Another person holds the phone by now."""

    def __init__(self) -> None:
        super().__init__(
            "phone_held",
            _("The phone belongs to another person by now. Please let it stay and ask the applicant to apply anew."),
            field="decision",
        )


@transaction.atomic
def decide_contest(
    *, actor: Actor, contest_id: UUID, decision: str, reason: str, to_union: str = "", now: datetime
) -> Contest:
    """Decide on a contest; the applicant reads the reason.

    :param decision: `uphold`, `send_back` (a refusal), `move` (with `to_union`) or `admit`.
    :raises NotFound: the actor may not know of the contest.
    :raises SamePerson: the actor took part in what is contested.
    :raises ContestDecided: another reviewer was quicker; says who.
    :raises Invalid: no reason, a decision that is not possible here, a union whose rules do not admit the applicant.
    :raises Conflict: the applicant has gone another way meanwhile, or the union has closed.
    """
    application = lock_application(get_contest(actor, contest_id).application_id)
    contest = get_contest(actor, contest_id)  # now that nobody moves it up: it may be another union's since
    contest.application = application
    actor.require(Permission.REVIEW, at=contest.union)
    if contest.state != ContestState.OPEN:
        raise _decided(contest)
    reason = check_reason(Decision.REFUSE, reason)
    check_other_person(actor.account_id, barred_accounts(application))
    admits = decision == ContestDecision.ADMIT and upper_admits(contest, now=now)
    possible = possible_decisions(contest.kind, state=application.state, upper_admits=admits)
    state, act = OUTCOMES[check_decision(decision, possible)]
    target = _target(contest, to_union, now) if decision == ContestDecision.MOVE else None
    try:
        move(contest, CONTEST_MOVES, state, decided_at=now, decided_by_id=actor.account_id)
    except Moved:
        raise _decided(contest) from None
    write_act(actor, application, act, contest.union, to_union=target, reason=reason, basis="contest", now=now)
    _AFTER[state](actor, contest, target, reason, now)
    return contest


def _decided(contest: Contest) -> ContestDecided:
    contest.refresh_from_db()
    return ContestDecided(who=str(contest.decided_by or ""), state=contest.state)


def _target(contest: Contest, code: str, now: datetime) -> Union:
    """Return the union to go to: an open one whose rules admit the applicant."""
    code = code.strip().upper()
    targets = contest_targets(contest, text=code, now=now) if code else []
    found = next((target for target in targets if target.union.code == code), None)
    if found is None:
        raise Invalid("unknown_union", _("Please choose the union it is to go to."), field="to_union")
    if not found.admits:
        raise Invalid(
            "not_admitting",
            _("This union's rules do not admit the applicant. Please choose another."),
            field="to_union",
        )
    try:
        return public_union(code)
    except NotFound as refusal:
        raise Invalid("unknown_union", refusal.message, field="to_union") from None


def _stay(actor: Actor, contest: Contest, target: Union | None, reason: str, now: datetime) -> None:
    tell_of_contest(contest, "upheld", union_name=contest.union.name, reason=reason, now=now)


def _send_back(actor: Actor, contest: Contest, target: Union | None, reason: str, now: datetime) -> None:
    """Let the same union decide anew."""
    application = contest.application
    union = application.union
    if union is None:
        raise NotFound
    _open_again(application, union, now)
    tell_of_contest(contest, "sent_back", union_name=contest.union.name, due=application.due_at, now=now)


def _move(actor: Actor, contest: Contest, target: Union | None, reason: str, now: datetime) -> None:
    """Send an application to the right union; a member stays a member, and is offered the transfer."""
    application = contest.application
    assert target is not None
    step = make_step("contest", contest.union, target, reason=reason)
    if application.state == ApplicationState.APPROVED:
        _request_transfer(actor, application, target, [*application.reasons, step], now)
        tell_of_contest(contest, "transfer", union_name=target.name, now=now)
        return
    _open_again(application, target, now, reasons=[*application.reasons, step])
    tell_of_contest(contest, "moved", union_name=target.name, due=application.due_at, now=now)


def _admit(actor: Actor, contest: Contest, target: Union | None, reason: str, now: datetime) -> None:
    """Admit the applicant at the union above itself."""
    application, union = contest.application, contest.union
    step = make_step("contest", contest.against, union, reason=reason)
    _open_again(application, union, now, reasons=[*application.reasons, step])
    admit(actor, application, union=union, basis="contest", reason=reason, now=now)
    tell_of_contest(contest, "admitted", union_name=union.name, now=now)


def _open_again(application: Application, union: Union, now: datetime, **changes: Any) -> None:
    """Move an application to a union, open, with a full limit; what was refused opens again.

    Whoever refused it does not decide on it again, at whichever union: a post above reaches many.
    Then look again who the person is: meanwhile there may be another application, a membership, another phone's owner.
    """
    refused = application.state == ApplicationState.REFUSED
    table = REOPENING_MOVES if refused else APPLICATION_MOVES
    changes |= {"union": union, "came_at": now, "closed_at": None, "due_at": limit(union, "members.accept_days", now)}
    changes["barred_account_id"] = refused_by(application)
    try:
        with transaction.atomic(), minding_closed():
            move(application, table, ApplicationState.SUBMITTED, **changes)
    except IntegrityError as error:
        if "application_one_open" in str(error):
            raise Reopened(member=False) from None
        raise
    if refused:
        _look_again(application)


def _look_again(application: Application) -> None:
    known = standing(of_id=bytes(application.id_digest), of_phone=bytes(application.phone_digest))
    if known.membership:
        raise Reopened(member=True)
    if known.phone_holder:
        raise PhoneElsewhere
    if known.worker and application.worker_id != known.worker.pk:
        Application.objects.filter(pk=application.pk).update(worker=known.worker)
        application.worker = known.worker


def _request_transfer(actor: Actor, application: Application, target: Union, reasons: list[Any], now: datetime) -> None:
    """Ask for the transfer of a member; the decision from above counts as the consent of the union that is left."""
    rows = Membership.objects.filter(application=application).exclude(state=MembershipState.ENDED)
    membership = rows.select_related("union__region").first()
    if membership is None:
        raise Conflict(
            "membership_ended",
            _("The membership has ended meanwhile. Please let it stay as it was."),
            field="decision",
        )
    request = TransferRequest(
        membership=membership,
        application=application,
        from_union=membership.union,
        to_union=target,
        reasons=reasons,
        offered_at=now,
    )
    ask_after_contest(actor, request, now=now)


_AFTER: dict[ContestState, Callable[[Actor, Contest, Union | None, str, datetime], None]] = {
    ContestState.UPHELD: _stay,
    ContestState.SENT_BACK: _send_back,
    ContestState.MOVED: _move,
    ContestState.ADMITTED: _admit,
}
