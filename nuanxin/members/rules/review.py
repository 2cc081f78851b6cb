"""What a reviewer may do, and by when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid, Refusal
from nuanxin.members.states import WAITING, Act, ApplicationState, Decision, EmployerSays
from nuanxin.organizations.states import UnionKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

#: Decision → the state it leads to and the act it is recorded as.
OUTCOMES: dict[str, tuple[ApplicationState, Act]] = {
    Decision.ACCEPT: (ApplicationState.ACCEPTED, Act.ACCEPTED),
    Decision.APPROVE: (ApplicationState.APPROVED, Act.APPROVED),
    Decision.REFUSE: (ApplicationState.REFUSED, Act.REFUSED),
    Decision.RETURN: (ApplicationState.RETURNED, Act.RETURNED),
    Decision.PASS_ON: (ApplicationState.SUBMITTED, Act.PASSED_ON),
}
#: The applicant must be able to learn why.
NEEDS_REASON = frozenset({Decision.REFUSE, Decision.RETURN, Decision.PASS_ON})
LEAST_REASON = 4
MOST_REASON = 500


class AlreadyDecided(Refusal):
    """Another reviewer was quicker; says who and what."""

    status = 409

    def __init__(self, *, who: str, state: str) -> None:
        super().__init__(
            "already_decided",
            _("%(who)s already decided: %(state)s. Nothing was changed by you.")
            % {"who": who, "state": ApplicationState(state).label},
        )


def check_reason(decision: str, reason: str) -> str:
    """Return the reason, trimmed; refuse a missing or overlong one where the applicant must learn why."""
    reason = reason.strip()
    if decision in NEEDS_REASON and len(reason) < LEAST_REASON:
        raise Invalid("reason_missing", _("Please write the reason: the applicant reads it."), field="reason")
    if len(reason) > MOST_REASON:
        raise Invalid("too_long", _("Please keep the reason under 500 characters."), field="reason")
    return reason


class SamePerson(Refusal):
    """Whoever decided it before does not decide it again."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "same_person",
            _("You decided on this application before; now somebody else must. Please ask a colleague."),
        )


def check_other_person(account_id: UUID | None, barred: Collection[UUID | None]) -> None:
    """Refuse whoever took part in the decision that was contested.

    Source: local practice; a person does not review an act of his or her own.
    """
    if account_id is not None and account_id in barred:
        raise SamePerson


def check_pass_on(*, hops: int, most_hops: int, from_kind: str, from_id: object, to_id: object) -> None:
    """Refuse to pass on out of a holding pool, to itself, or more often than the dated rule allows."""
    if from_kind == UnionKind.POOL:
        raise Invalid("pool_keeps", _("The holding pool is the last stop: it cannot pass on."), field="to_union")
    if hops >= most_hops:
        raise Invalid(
            "too_many_hops",
            _("This application was passed on %(hops)s times already. Please decide it here.") % {"hops": hops},
            field="to_union",
        )
    if from_id == to_id:
        raise Invalid("same_union", _("The application is with this union already."), field="to_union")


def is_waiting(state: str) -> bool:
    """Answer whether a reviewer has something to decide."""
    return state in WAITING


def approves_itself(rule: Mapping[str, Any], *, employer_says: str, verified_by: str) -> bool:
    """Answer whether the dated rule lets an application be approved without a reviewer.

    Only on proof from outside: the employer's people office has confirmed the person, or a verifier has.
    """
    if employer_says == EmployerSays.DENIED:
        return False
    by_employer = bool(rule.get("employer_confirmed")) and employer_says == EmployerSays.CONFIRMED
    by_verifier = bool(rule.get("verified")) and bool(verified_by)
    return by_employer or by_verifier
