"""Contests as the applicant and the deciding union see them: what may be contested, who decides, what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from nuanxin.access.queries import holders
from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.models import Application, ApplicationAct, Contest
from nuanxin.members.queries.applications import timeline
from nuanxin.members.queries.passing import MOST, Target, targets_for
from nuanxin.members.rules.contests import CONTESTABLE, CONTESTED_ACTS
from nuanxin.members.states import Act, ContestKind, ContestState
from nuanxin.organizations.models import Union
from nuanxin.organizations.queries.enterprises import covering_unions, search_enterprises
from nuanxin.organizations.queries.routing import facts_of
from nuanxin.organizations.queries.rules import dated_rule
from nuanxin.organizations.queries.unions import ancestors_of
from nuanxin.records.queries import attachments_of, working_calendar

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.rules.facts import UnionFacts
    from nuanxin.records.models import Attachment

#: Employers looked at when somebody searches a union by the employer's name.
_MOST_EMPLOYERS = 5
_RELATED = ("application__region", "application__occupation_group", "application__door", "application__employer")
_UNIONS = ("application__platform", "application__union", "against", "union", "wanted", "decided_by")


@dataclass(frozen=True, slots=True)
class Event:
    """One act upon an application, with what the applicant wrote and gave where it was a contest."""

    act: ApplicationAct
    contest: Contest | None
    words: str
    files: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class Contestable:
    """Something that an applicant may contest now; `until` is none while the application is open."""

    kind: ContestKind
    until: datetime | None


def visible_contests(actor: Actor) -> QuerySet[Contest]:
    """Return the contests of the unions where the actor may review: those that they decide or have decided."""
    reach = Q(pk__in=[])
    for path in actor.reach(Permission.REVIEW):
        reach |= Q(union__path__startswith=path)
    return Contest.objects.filter(reach)


def contest_queue(actor: Actor) -> QuerySet[Contest]:
    """Return the contests that wait for a decision where the actor may review, soonest due first."""
    return visible_contests(actor).filter(state=ContestState.OPEN).order_by("due_at", "pk")


def with_what_is_shown(rows: QuerySet[Contest]) -> QuerySet[Contest]:
    """Add what a line or a page of contests shows, so that it is read at once."""
    return rows.select_related(*_RELATED, *_UNIONS)


def get_contest(actor: Actor, contest_id: UUID) -> Contest:
    """Return one contest that the actor may decide or read; 404 otherwise."""
    found = with_what_is_shown(visible_contests(actor)).filter(pk=contest_id).first()
    if found is None:
        raise NotFound
    return found


def contests_of(application: Application) -> list[Contest]:
    """Return the contests of an application, oldest first; the caller has fetched what it may see."""
    rows = Contest.objects.filter(application=application).select_related("against", "union", "wanted")
    return list(rows.order_by("asked_at", "pk"))


def contestable(application: Application, contests: Collection[Contest], *, now: datetime) -> list[Contestable]:
    """Return what the applicant may contest now, each kind once and one at a time."""
    if application.union is None or any(contest.state == ContestState.OPEN for contest in contests):
        return []
    until = contest_until(application)
    if until is not None and now > until:
        return []
    asked = {contest.kind for contest in contests}
    return [
        Contestable(kind, until)
        for kind in reversed(ContestKind)
        if kind not in asked and application.state in CONTESTABLE[kind]
    ]


def contest_until(application: Application) -> datetime | None:
    """Return the end of the time to contest, as the dated rule for the union says; none while it is open."""
    if application.closed_at is None or application.union is None:
        return None
    days = dated_rule("members.contest_days", union=application.union, on=local_day(application.closed_at)).value
    return working_calendar().due(application.closed_at, int(days))


def barred_accounts(application: Application) -> set[UUID | None]:
    """Return who took part in what is contested: they passed it on, decided on it, or on a contest of it."""
    acts = ApplicationAct.objects.filter(application=application, act__in=CONTESTED_ACTS, account__isnull=False)
    return set(acts.values_list("account_id", flat=True))


def refused_by(application: Application) -> UUID | None:
    """Return who refused an application last; none where it was no person."""
    acts = ApplicationAct.objects.filter(application=application, act=Act.REFUSED).order_by("-at", "-pk")
    return acts.values_list("account_id", flat=True).first()


def decider_above(union: Union, *, barred: Collection[UUID | None], now: datetime) -> Union | None:
    """Return the nearest open union above where somebody may decide who did not decide before; none at the top.

    A union without such a person would only let the limit pass.
    """
    above = [each for each in reversed(ancestors_of(union)) if each.closed_at is None]
    found = holders(Permission.REVIEW, codes=[each.code for each in above], now=now)
    return next((each for each in above if found.get(each.code, set()) - set(barred)), None)


def reviewers_of(union: Union, *, barred: Collection[UUID | None] = (), now: datetime) -> set[UUID]:
    """Return who may decide at a union: those with a post there, or else at the nearest union above with one."""
    above = [union, *reversed(ancestors_of(union))]
    found = holders(Permission.REVIEW, codes=[each.code for each in above], now=now)
    return next((people for each in above if (people := found.get(each.code, set()) - set(barred))), set())


def contest_targets(contest: Contest, *, text: str = "", now: datetime) -> list[Target]:
    """Return the unions to which a contested application may go, those that admit the applicant first.

    The union that the applicant named comes first of all, whatever its rules.
    """
    application = contest.application
    found = targets_for(application, text=text, now=now)
    wanted = contest.wanted
    if wanted is None or text.strip():
        return found
    named = [target for target in found if target.union.id == wanted.pk]
    if not named:
        named = [each for each in targets_for(application, text=wanted.code, now=now) if each.union.id == wanted.pk]
    return [*named, *(target for target in found if target.union.id != wanted.pk)]


def upper_admits(contest: Contest, *, now: datetime) -> bool:
    """Answer whether the deciding union admits such applicants itself."""
    found = targets_for(contest.application, text=contest.union.code, now=now)
    return any(target.admits for target in found if target.union.id == contest.union_id)


def events_of(application: Application) -> list[Event]:
    """Return what happened to an application, oldest first: what both the applicant and the unions are shown.

    Three statements. The caller has fetched what it may see; who may read words and files is for `may_read` to say.
    """
    contests = contests_of(application)
    files = attachments_of({contest.pk for contest in contests}) if contests else {}
    by_moment = {contest.asked_at: contest for contest in contests}
    key = PersonKey(application.sealed_key) if application.sealed_key else None
    events = []
    for act in timeline(application):
        contest = by_moment.get(act.at) if act.act == Act.CONTESTED else None
        words = key.unseal(contest.sealed_words) if contest and key else ""
        events.append(Event(act, contest, words, tuple(files.get(contest.pk, ())) if contest else ()))
    return events


def may_read(actor: Actor, contest: Contest) -> bool:
    """Answer whether a cadre may open the files of a contest: those of the union that decides on it, and above."""
    return actor.may(Permission.REVIEW, at=contest.union)


def file_of_contest(contest: Contest, file_id: UUID) -> Attachment:
    """Return a file that was given with a contest; 404 for any other."""
    files = attachments_of({contest.pk}).get(contest.pk, [])
    found = next((each for each in files if each.pk == file_id), None)
    if found is None:
        raise NotFound
    return found


def file_of_application(application: Application, file_id: UUID) -> Attachment:
    """Return a file that the applicant gave with a contest of an application; 404 for any other."""
    for contest in contests_of(application):
        for each in attachments_of({contest.pk}).get(contest.pk, []):
            if each.pk == file_id:
                return each
    raise NotFound


def unions_to_name(application: Application, *, text: str, now: datetime) -> list[UnionFacts]:
    """Return the unions that an applicant may mean: by name or place, or those that cover an employer of that name.

    Without a text those of the applicant's own path that would admit. Names of unions are public.
    """
    found = targets_for(application, text=text, now=now)
    if not text.strip():
        return [target.union for target in found if target.admits]
    unions = [target.union for target in found]
    employers = [hit.id for hit in search_enterprises(text, near=application.region_id[:4], limit=_MOST_EMPLOYERS)]
    known = {union.id for union in unions} | {application.union_id}
    covering = covering_unions(employers, on=local_day(now))
    return [*unions, *(facts_of(union, []) for union in covering if union.pk not in known)][:MOST]
