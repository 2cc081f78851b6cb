"""Requests for transfer: what waits for a union, what a member asked for, and where a member may move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from nuanxin.access.queries import holders
from nuanxin.access.states import Permission, Scope
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid, NotFound, NotSignedIn
from nuanxin.kernel.text import compact
from nuanxin.members.models import Filing, Membership, TransferAnswer, TransferRequest
from nuanxin.members.rules.memberships import is_member_number
from nuanxin.members.rules.routing import Applicant, Route, route
from nuanxin.members.rules.transfers import COUNTY, WITHIN_CITY, same_city
from nuanxin.members.states import TransferSide, TransferState
from nuanxin.organizations.models import Coverage, Enterprise
from nuanxin.organizations.queries.routing import candidates_for
from nuanxin.organizations.queries.rules import Decided, dated_rule
from nuanxin.organizations.queries.unions import ancestors_of
from nuanxin.organizations.states import CoverageBasis

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Worker
    from nuanxin.organizations.models import Union

_SHOWN = (
    "membership__worker__occupation_group",
    "membership__union",
    "from_union__region",
    "to_union__region",
    "region",
    "employer",
    "door",
)


@dataclass(frozen=True, slots=True)
class Work:
    """Where a member works from now on: what is written to the person together with the transfer."""

    region_code: str
    employer: Enterprise | None = None
    employer_name: str = ""

    @classmethod
    def of(cls, worker: Worker) -> Work:
        """Return where a person works as the registry knows it."""
        return cls(worker.region_id, worker.employer, worker.employer_name)


def _reach(actor: Actor, permission: str, field: str) -> Q:
    reach = Q(pk__in=[])
    for path in actor.reach(permission):
        reach |= Q(**{f"{field}__path__startswith": path})
    return reach


def visible_transfers(actor: Actor) -> QuerySet[TransferRequest]:
    """Return the requests of the unions where the actor may decide, of either side, but offers not yet taken up."""
    reach = _reach(actor, Permission.REVIEW, "to_union") | _reach(actor, Permission.REVIEW, "from_union")
    return TransferRequest.objects.filter(reach).exclude(state=TransferState.OFFERED)


def transfer_queue(actor: Actor) -> QuerySet[TransferRequest]:
    """Return the requests that wait for an answer of a union where the actor may decide."""

    def said(side: TransferSide) -> Exists:
        return Exists(TransferAnswer.objects.filter(request=OuterRef("pk"), side=side))

    comes = _reach(actor, Permission.REVIEW, "to_union") & ~said(TransferSide.NEW)
    leaves = _reach(actor, Permission.REVIEW, "from_union") & ~said(TransferSide.OLD)
    return TransferRequest.objects.filter(comes | leaves, state=TransferState.REQUESTED)


def with_what_is_shown(rows: QuerySet[TransferRequest]) -> QuerySet[TransferRequest]:
    """Add what a line or a page of requests shows, so that it is read at once."""
    return rows.select_related(*_SHOWN).prefetch_related("answers__account")


def get_transfer(actor: Actor, transfer_id: UUID) -> TransferRequest:
    """Return one request that the actor may decide or read; 404 otherwise."""
    found = with_what_is_shown(visible_transfers(actor)).filter(pk=transfer_id).first()
    if found is None:
        raise NotFound
    return found


def member_to_ask_for(actor: Actor, number: str, to_union: Union) -> Membership:
    """Return the membership of a number that its holder has told, for a union that asks the member to come there.

    More than the actor may see otherwise; nothing of it is shown but what the transfer itself tells.

    :raises NotAllowed, NotFound: the actor does not decide there; or nobody has the number.
    """
    actor.require(Permission.REVIEW, at=to_union)
    plain = compact(number)
    rows = Membership.objects.select_related("union__region", "worker")
    found = rows.filter(number=plain).first() if is_member_number(plain) else None
    if found is None:
        raise Invalid(
            "unknown_member", _("Nobody has this member number. Please compare it with the card."), field="number"
        )
    return found


def member_for_transfer(actor: Actor, number: str, to_union: Union) -> Membership:
    """Return the membership that somebody may ask to move: the own one, any for a machine, else as a cadre sees it.

    :raises NotSignedIn, NotAllowed: nobody, or a machine without the scope. NotFound: out of reach.
    """
    rows = Membership.objects.select_related("union__region", "worker__employer")
    if actor.worker_id is not None:
        rows = rows.filter(worker_id=actor.worker_id)
    elif actor.kind == "cadre":
        if actor.may(Permission.REVIEW, at=to_union):
            return member_to_ask_for(actor, number, to_union)
        rows = rows.filter(_reach(actor, Permission.VIEW_MEMBERS, "union"))
    else:
        actor.require_scope(Scope.TRANSFER)
    found = rows.filter(number=number).first() if is_member_number(number) else None
    if found is None:
        raise NotFound
    return found


def answers_of(request: TransferRequest) -> list[TransferAnswer]:
    """Return what both unions have said, in the order in which they did; the caller has fetched what it may see."""
    return list(TransferAnswer.objects.filter(request=request).order_by("at", "pk"))


def own_transfer(actor: Actor, transfer_id: UUID) -> TransferRequest:
    """Return a request for the signed-in worker's own membership; 404 for anybody else's."""
    if actor.worker_id is None:
        raise NotSignedIn
    mine = TransferRequest.objects.filter(membership__worker_id=actor.worker_id)
    found = with_what_is_shown(mine).filter(pk=transfer_id).first()
    if found is None:
        raise NotFound
    return found


def transfers_of(membership: Membership) -> list[TransferRequest]:
    """Return the requests for a membership, newest first; the caller has fetched what it may see."""
    rows = TransferRequest.objects.filter(membership=membership).exclude(state=TransferState.OFFERED)
    return list(with_what_is_shown(rows).order_by("-offered_at", "-pk"))


def newest_transfer(membership: Membership) -> TransferRequest | None:
    """Return the request that a member's card tells of: the one that waits, or else the newest."""
    rows = with_what_is_shown(TransferRequest.objects.filter(membership=membership))
    rows = rows.exclude(state__in=(TransferState.OFFERED, TransferState.DECLINED))
    return rows.order_by("-offered_at", "-pk").first()


def sides_of(actor: Actor, request: TransferRequest) -> list[TransferSide]:
    """Return for which sides the actor may still answer."""
    if request.state != TransferState.REQUESTED:
        return []
    answered = set(TransferAnswer.objects.filter(request=request).values_list("side", flat=True))
    unions = {TransferSide.OLD: request.from_union, TransferSide.NEW: request.to_union}
    return [side for side, union in unions.items() if side not in answered and actor.may(Permission.REVIEW, at=union)]


def is_within_city(from_union: Union, to_union: Union) -> bool:
    """Answer whether two unions lie in one city, by the regions that they answer for."""
    here, there = from_union.region, to_union.region
    if here is None or there is None:
        return False
    return same_city((here.code, here.city_code), (there.code, there.city_code))


def at_once(from_union: Union, to_union: Union, *, now: datetime) -> tuple[bool, Decided]:
    """Answer whether a transfer between two unions is done at once, with the dated rule that says so."""
    rule = dated_rule(WITHIN_CITY, union=to_union, on=local_day(now))
    return bool(rule.value.get("at_once")) and is_within_city(from_union, to_union), rule


def route_of(worker: Worker, work: Work, *, scanned_code: str = "", now: datetime) -> Route:
    """Return the union that answers for a member's work, by the same rules as for somebody who joins.

    :raises Invalid: the region does not exist. Unroutable: no union answers for it.
    """
    candidates = candidates_for(
        region_code=work.region_code,
        employer_id=work.employer.pk if work.employer else None,
        platform=worker.platform_id or "",
        group_code=worker.occupation_group_id,
        scanned_code=scanned_code,
        on=local_day(now),
    )
    applicant = Applicant(
        group=worker.occupation_group_id,
        region_code=work.region_code,
        platform=worker.platform_id or "",
        employer_name=work.employer_name,
    )
    return route(applicant, candidates)


def scanned_work(worker: Worker, union: Union, *, now: datetime) -> Work | None:
    """Return where a member works who scans a union's code, as far as it explains that this union takes the member in.

    First what the registry knows; then the union's own employer, if it is the union of one; then nobody's. The place
    becomes the union's where the known one lies elsewhere. None: by its rules the union does not take the member in, or
    it answers for a whole city elsewhere, so that nobody knows where the work is.
    """
    here = union.region_id or ""
    region = worker.region_id if worker.region_id.startswith(here) else here
    if len(region) < COUNTY:
        return None
    covered = Enterprise.objects.filter(
        coverages__union=union, coverages__valid_until=None, coverages__basis=CoverageBasis.OWN
    )
    firms = list(covered.order_by("pk")[:2])
    works = [Work(region, worker.employer, worker.employer_name)]
    if len(firms) == 1:
        works.insert(0, Work(region, firms[0]))
    if worker.employer or worker.employer_name:
        works.append(Work(region))
    for work in works:
        if route_of(worker, work, scanned_code=union.code, now=now).union.id == union.pk:
            return work
    return None


def works_for(actor: Actor, union: Union) -> bool:
    """Answer whether the actor is the people office of an employer that a union covers."""
    offices = actor.enterprises(Permission.CONFIRM_EMPLOYMENT)
    if not offices:
        return False
    return Coverage.objects.filter(union=union, enterprise__in=offices, valid_until=None).exists()


def waiting_for(union: Union, permission: str, *, now: datetime) -> set[UUID]:
    """Return who holds a permission at a union, or else at the nearest union above with somebody."""
    above = [union, *reversed(ancestors_of(union))]
    found = holders(permission, codes=[each.code for each in above], now=now)
    return next((people for each in above if (people := found.get(each.code, set()))), set())


def visible_filings(actor: Actor) -> QuerySet[Filing]:
    """Return the expulsions reported to unions where the actor may change memberships."""
    rows = Filing.objects.filter(_reach(actor, Permission.CHANGE_MEMBERSHIP, "union"))
    return rows.select_related("entry__membership__worker", "entry__union", "union", "acknowledged_by")


def get_filing(actor: Actor, filing_id: UUID) -> Filing:
    """Return one report of an expulsion that the actor may read; 404 otherwise."""
    found = visible_filings(actor).filter(pk=filing_id).first()
    if found is None:
        raise NotFound
    return found
