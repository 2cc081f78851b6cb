"""What may be contested, until when, and what the union above may say to it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.text import check_text
from nuanxin.members.states import Act, ApplicationState, ContestDecision, ContestKind, ContestState

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

LEAST_WORDS = 4
MOST_WORDS = 1000
#: In which states of an application what may be contested.
CONTESTABLE: dict[str, frozenset[str]] = {
    ContestKind.ROUTING: frozenset(
        {
            ApplicationState.SUBMITTED,
            ApplicationState.ACCEPTED,
            ApplicationState.RETURNED,
            ApplicationState.APPROVED,
            ApplicationState.REFUSED,
        }
    ),
    ContestKind.REFUSAL: frozenset({ApplicationState.REFUSED}),
}
#: Acts of a person that a contest is about: whoever did one of them does not decide on it.
CONTESTED_ACTS = frozenset(
    {
        Act.PASSED_ON,
        Act.APPROVED,
        Act.REFUSED,
        Act.CONTEST_UPHELD,
        Act.CONTEST_MOVED,
        Act.CONTEST_SENT_BACK,
        Act.CONTEST_ADMITTED,
    }
)
#: Decision → the state it leads to and the act it is recorded as.
OUTCOMES: dict[str, tuple[ContestState, Act]] = {
    ContestDecision.UPHOLD: (ContestState.UPHELD, Act.CONTEST_UPHELD),
    ContestDecision.SEND_BACK: (ContestState.SENT_BACK, Act.CONTEST_SENT_BACK),
    ContestDecision.MOVE: (ContestState.MOVED, Act.CONTEST_MOVED),
    ContestDecision.ADMIT: (ContestState.ADMITTED, Act.CONTEST_ADMITTED),
}


class AlreadyContested(Conflict):
    """Once for each kind, and one at a time."""

    def __init__(self) -> None:
        super().__init__(
            "already_contested",
            _("You have said this already, or another objection of yours is still open. Please wait for the answer."),
        )


class ContestDecided(Conflict):
    """Another reviewer was quicker with a contest, or the application has ended."""

    def __init__(self, *, who: str, state: str) -> None:
        super().__init__(
            "already_decided",
            _("%(who)s already decided: %(state)s. Nothing was changed by you.")
            % {"who": who or "—", "state": ContestState(state).label},
        )


def check_words(value: object) -> str:
    """Return the applicant's own words, trimmed; refuse too few and too many."""
    words = check_text(value, field="words", most=MOST_WORDS)
    if len(words) < LEAST_WORDS:
        raise Invalid("reason_missing", _("Please say in a few words what is not right."), field="words")
    return words


def check_contestable(kind: str, *, state: str, until: datetime | None, now: datetime) -> None:
    """Refuse to contest what there is nothing to contest of, or what was decided too long ago.

    :param until: the end of the time to contest; none while the application is open.
    """
    if kind not in ContestKind.values:
        raise Invalid("unknown_kind", _("Please choose what is not right."), field="kind")
    if state not in CONTESTABLE[kind]:
        raise Conflict("nothing_to_contest", _("There is nothing to object to here. Questions? Call 12351."))
    if until is not None and now > until:
        raise Conflict(
            "too_late_to_contest",
            _("The time to object is over. You may apply again at any time, or call 12351."),
        )


def possible_decisions(kind: str, *, state: str, upper_admits: bool) -> list[ContestDecision]:
    """Return what may be said to a contest.

    :param state: where the application stands; a member is not moved by this but offered a transfer.
    :param upper_admits: the deciding union admits such applicants itself.
    """
    possible = [ContestDecision.UPHOLD]
    if kind == ContestKind.REFUSAL:
        possible.insert(0, ContestDecision.SEND_BACK)
    possible.append(ContestDecision.MOVE)
    if upper_admits and state != ApplicationState.APPROVED:
        possible.append(ContestDecision.ADMIT)
    return possible


def check_decision(decision: str, possible: Collection[str]) -> ContestDecision:
    """Return the decision; refuse one that this contest does not allow."""
    if decision not in possible:
        raise Invalid("not_possible", _("Please choose one of the decisions that are possible here."), field="decision")
    return ContestDecision(decision)
