"""Contesting: the applicant says that a routing or a refusal is not right, and a union above is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from nuanxin.access.actors import system
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.kernel.rows import insert
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.actions.review import write_act
from nuanxin.members.actions.settle import limit
from nuanxin.members.actions.telling import tell_of_contest, tell_reviewers
from nuanxin.members.models import Application, Contest
from nuanxin.members.queries.contests import barred_accounts, contest_until, decider_above, reviewers_of
from nuanxin.members.rules.contests import AlreadyContested, check_contestable, check_words
from nuanxin.members.states import CONTEST_MOVES, Act, ContestState
from nuanxin.organizations.queries.unions import public_union
from nuanxin.records.actions import attach

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.actions.memberships import File
    from nuanxin.organizations.models import Union


@transaction.atomic
def contest_application(
    *,
    actor: Actor,
    application: Application,
    kind: str,
    words: str,
    wanted: str = "",
    file: File | None = None,
    now: datetime,
) -> Contest:
    """Contest a routing or a refusal, once for each. The door has proved that the application is the actor's own.

    The nearest union above with somebody who did not decide before is asked; at the top it is the same office.

    :param words: why, in the applicant's own words; kept under the applicant's key.
    :param wanted: code of the union that the applicant thinks right, if any.
    :raises Invalid: too few or too many words, an unknown union, a file that is none.
    :raises Conflict: nothing to contest, or too late.
    :raises AlreadyContested: this was contested before, or another contest is open.
    """
    application = lock_application(application.pk)
    union = application.union
    if union is None:
        raise NotFound
    check_contestable(kind, state=application.state, until=contest_until(application), now=now)
    words = check_words(words)
    barred = barred_accounts(application)
    decider = decider_above(union, barred=barred, now=now) or union
    contest = Contest(
        application=application,
        kind=kind,
        sealed_words=PersonKey(application.sealed_key).seal(words),
        against=union,
        union=decider,
        wanted=_wanted(wanted),
        asked_at=now,
        due_at=limit(decider, "members.contest_answer_days", now),
    )
    _write(contest)
    if file is not None:
        _attach(actor, contest, file, now)
    write_act(actor, application, Act.CONTESTED, union, to_union=decider, basis="members.contest_days", now=now)
    _tell(contest, barred, now)
    return contest


def _tell(contest: Contest, barred: set[UUID | None], now: datetime) -> None:
    """Tell the applicant who answers and by when, and those who decide that something waits."""
    tell_of_contest(contest, "contested", union_name=contest.union.name, due=contest.due_at, now=now)
    tell_reviewers(
        reviewers_of(contest.union, barred=barred, now=now),
        "contest.waiting",
        number=contest.application.number,
        due=contest.due_at,
        fact=f"contest:{contest.pk}",
        link=f"/desk/review/contests/{contest.pk}/",
        union_id=contest.union_id,
        now=now,
    )


def _attach(actor: Actor, contest: Contest, file: File, now: datetime) -> None:
    """Keep the file under a name of ours: people put their own names into the names of files."""
    suffix = "pdf" if file.content.startswith(b"%PDF-") else "image"
    name = f"{contest.application.number}-{contest.kind}.{suffix}"
    attach(actor, contest, name=name, content=file.content, now=now)


def lock_application(pk: UUID) -> Application:
    """Return an application that nobody else changes until this transaction ends; always before its contests."""
    rows = Application.objects.select_for_update(of=("self",), no_key=True).select_related("union", "worker")
    return rows.get(pk=pk)


def _wanted(code: str) -> Union | None:
    if not code.strip():
        return None
    try:
        return public_union(code)
    except NotFound as refusal:
        raise Invalid("unknown_union", refusal.message, field="wanted") from None


def _write(contest: Contest) -> None:
    try:
        with transaction.atomic():
            insert(contest)
    except IntegrityError as error:
        if "contest_once" in str(error) or "contest_one_open" in str(error):
            raise AlreadyContested from None
        raise


def drop_contests(application: Application, *, now: datetime) -> None:
    """End what is contested of an application that has ended. Part of the transaction that ended it, after its move."""
    for contest in Contest.objects.filter(application=application, state=ContestState.OPEN).select_related("union"):
        assert ContestState.DROPPED in CONTEST_MOVES[contest.state]
        dropped = Contest.objects.filter(pk=contest.pk, state=ContestState.OPEN)
        if dropped.update(state=ContestState.DROPPED, decided_at=now):
            write_act(system(), application, Act.CONTEST_DROPPED, contest.union, basis="members.contest_days", now=now)
