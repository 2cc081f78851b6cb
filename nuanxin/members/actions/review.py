"""Deciding on applications: by reviewers, by rule, by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.events import announce
from nuanxin.kernel.refusals import NotFound, Refusal
from nuanxin.kernel.rows import insert
from nuanxin.kernel.states import Moved, move
from nuanxin.members.actions.admission import admit, with_another_number
from nuanxin.members.actions.events import ApplicationDecided
from nuanxin.members.actions.settle import limit, minding_closed, where_of
from nuanxin.members.actions.telling import tell_applicant
from nuanxin.members.models import Application, ApplicationAct
from nuanxin.members.queries.applications import get_to_decide
from nuanxin.members.rules.review import (
    OUTCOMES,
    AlreadyDecided,
    check_other_person,
    check_pass_on,
    check_reason,
    is_waiting,
)
from nuanxin.members.states import APPLICATION_MOVES, Act, ApplicationState, Decision
from nuanxin.organizations.queries.rules import dated_rule
from nuanxin.organizations.queries.unions import public_union
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Union


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one application of a batch came out: decided, or refused with the reason."""

    number: str
    application: Application | None
    refusal: Refusal | None


@with_another_number
@transaction.atomic
def decide(
    *, actor: Actor, number: str, decision: str, reason: str = "", to_union: str = "", now: datetime
) -> Application:
    """Decide on one application as the act of the union that has it.

    :param decision: `accept`, `approve`, `refuse`, `return` or `pass_on`.
    :param reason: needed for refuse, return and pass on: the applicant reads it.
    :param to_union: code of the union to pass on to.
    :raises NotFound: the actor may not know of the application.
    :raises AlreadyDecided: another reviewer was quicker; says who.
    :raises SamePerson: the actor refused it before, and a contest sent it back.
    :raises Invalid: no reason, or a union it cannot be passed on to.
    """
    application = get_to_decide(actor, number)
    union = application.union
    if union is None:
        raise NotFound
    actor.require(Permission.REVIEW, at=union)
    reason = check_reason(decision, reason)
    if not is_waiting(application.state):
        raise _decided(application)
    check_other_person(actor.account_id, {application.barred_account_id})
    try:
        if decision == Decision.APPROVE:
            admit(actor, application, union=union, basis="reviewed", reason=reason, now=now)
        elif decision == Decision.PASS_ON:
            with minding_closed():
                _pass_on(actor, application, union, public_union(to_union), reason, now)
        else:
            _close(actor, application, union, decision, reason, now)
    except Moved:
        application.refresh_from_db()
        raise _decided(application) from None
    return application


def decide_many(
    *, actor: Actor, numbers: Iterable[str], decision: str, reason: str = "", now: datetime
) -> list[Outcome]:
    """Decide alike on several applications, each in a transaction of its own; say of each how it came out."""
    outcomes = []
    for number in numbers:
        try:
            done = decide(actor=actor, number=number, decision=decision, reason=reason, now=now)
            outcomes.append(Outcome(number, done, None))
        except Refusal as refusal:
            outcomes.append(Outcome(number, None, refusal))
    return outcomes


def _decided(application: Application) -> AlreadyDecided:
    last = application.acts.select_related("account").order_by("-at", "-pk").first()
    who = str(last.account) if last and last.account else "—"
    return AlreadyDecided(who=who, state=application.state)


def _close(actor: Actor, application: Application, union: Union, decision: str, reason: str, now: datetime) -> None:
    state, act = OUTCOMES[decision]
    due = {
        ApplicationState.ACCEPTED: "members.decide_days",
        ApplicationState.RETURNED: "members.correct_days",
    }.get(state)
    changes: dict[str, Any] = {"due_at": limit(union, due, now) if due else None}
    if state == ApplicationState.REFUSED:
        changes["closed_at"] = now
    move(application, APPLICATION_MOVES, state, met={"union_id": union.pk}, **changes)
    write_act(actor, application, act, union, reason=reason, now=now)
    tell_applicant(application, act, union_name=union.name, reason=reason, now=now)


def _pass_on(actor: Actor, application: Application, union: Union, target: Union, reason: str, now: datetime) -> None:
    rule = dated_rule("members.most_hops", union=union, on=local_day(now))
    check_pass_on(
        hops=application.hops,
        most_hops=int(rule.value),
        from_kind=union.kind,
        from_id=union.pk,
        to_id=target.pk,
    )
    step = make_step("passed_on", union, target, reason=reason)
    move(
        application,
        APPLICATION_MOVES,
        ApplicationState.SUBMITTED,
        met={"union_id": union.pk},
        union=target,
        hops=application.hops + 1,
        reasons=[*application.reasons, step],
        came_at=now,
        due_at=limit(target, "members.accept_days", now),
    )
    write_act(actor, application, Act.PASSED_ON, union, to_union=target, reason=reason, now=now)
    tell_applicant(application, Act.PASSED_ON, union_name=target.name, reason=reason, now=now)


def make_step(rule: str, union: Union, target: Union, **values: str) -> dict[str, Any]:
    """Return the step of the chain of reasons that leads from one union to another."""
    return {
        "rule": rule,
        "outcome": "chosen",
        "union": {"code": target.code, "name": target.name, "name_en": target.name_en},
        "values": {"from": union.name, "from_en": union.name_en or union.name, **values},
    }


def write_act(
    actor: Actor,
    application: Application,
    act: str,
    union: Union,
    *,
    to_union: Union | None = None,
    reason: str = "",
    basis: str = "reviewed",
    now: datetime,
) -> None:
    """Write an act into the timeline and the audit, and announce it. Part of the decision's transaction."""
    insert(
        ApplicationAct(
            application=application,
            at=now,
            act=act,
            union=union,
            to_union=to_union,
            account_id=actor.account_id,
            post_id=actor.post_id,
            reason=reason,
            basis=basis,
        )
    )
    record(
        actor,
        f"members.application_{act}",
        application,
        now=now,
        union_path=union.path,
        union=union.code,
        to_union=to_union.code if to_union else "",
        basis=basis,
    )
    announce(ApplicationDecided(where_of(application, union.path, now), application, act))
