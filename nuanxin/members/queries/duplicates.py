"""Pairs of records that may be one person, as the cadres see them who reach both."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Q

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.documents import read_document
from nuanxin.kernel.refusals import NotFound, Refusal
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.models import (
    Application,
    Card,
    Duplicate,
    Membership,
    MembershipEntry,
    Merge,
    Sweep,
    TransferRequest,
)
from nuanxin.members.queries.duplicates_pairs import Deciders, namesakes, near, people
from nuanxin.members.queries.memberships import visible_members
from nuanxin.members.rules.duplicates import BANDS, Facts, Score, reads, score
from nuanxin.members.rules.merging import Standing, usual_keep
from nuanxin.members.states import OPEN, DuplicateState, MembershipState, SweepKind, SweepState, TransferState
from nuanxin.organizations.models import Union

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Worker

#: Pairs that may be shown for an application.
MOST_SIMILAR = 3
_RELATED = tuple(
    f"{side}__{field}" for side in ("one", "other") for field in ("occupation_group", "region", "employer", "platform")
)


def visible_duplicates(actor: Actor) -> QuerySet[Duplicate]:
    """Return the pairs that the actor may decide on: those whose deciding union is in reach."""
    reach = Q(pk__in=[])
    for path in actor.reach(Permission.MERGE):
        reach |= Q(union__path__startswith=path)
    rows = Duplicate.objects.filter(reach).select_related("union", *_RELATED)
    waiting = Q(state__in=[DuplicateState.OPEN, DuplicateState.LATER])
    gone = Q(one__merged_into__isnull=False) | Q(other__merged_into__isnull=False)
    return rows.exclude(waiting & gone)


@dataclass(frozen=True, slots=True)
class PairQuestion:
    """To what the list of pairs is narrowed.

    :param band: `certain`, `likely` or `possible`; `because`: field and level of a piece of evidence, with a colon.
    :param union_path: only pairs on which this union or one below it decides.
    """

    state: str = ""
    band: str = ""
    because: str = ""
    union_path: str = ""


def find_duplicates(actor: Actor, question: PairQuestion) -> QuerySet[Duplicate]:
    """Return the pairs that the actor may decide on and that fit."""
    rows = visible_duplicates(actor)
    if question.state:
        rows = rows.filter(state=question.state)
    if question.band:
        least, below = BANDS[question.band]
        rows = rows.filter(points__gte=least)
        rows = rows.filter(points__lt=below) if below else rows
    if question.because:
        field, _colon, level = question.because.partition(":")
        rows = rows.filter(evidence__contains=[[field, level]])
    return rows.filter(union__path__startswith=question.union_path) if question.union_path else rows


def memberships_of_people(ids: Sequence[UUID]) -> dict[UUID, Membership]:
    """Return the membership of each person that is in force, or the newest; the caller has fetched what it may see."""
    rows = Membership.objects.select_related("union").filter(worker__in=ids).defer("terms")
    return {row.worker_id: row for row in rows.order_by(F("ended_on").asc(nulls_last=True), "pk")}


def waiting_duplicates(actor: Actor) -> int:
    """Return how many pairs wait for a first look."""
    return visible_duplicates(actor).filter(state=DuplicateState.OPEN).count()


def get_duplicate(actor: Actor, duplicate_id: UUID) -> Duplicate:
    """Return one pair, with the union that decides on it by where the two are members now; 404 for all others."""
    row = Duplicate.objects.select_related("union", *_RELATED).filter(pk=duplicate_id).first()
    if row is None:
        raise NotFound
    if row.state in (DuplicateState.OPEN, DuplicateState.LATER):
        pair = (str(row.one_id), str(row.other_id))
        union_id = Deciders().of([pair]).get(pair)
        if union_id is not None and union_id != row.union_id:
            row.union = Union.objects.get(pk=union_id)
    if not actor.may(Permission.MERGE, at=row.union):
        raise NotFound
    return row


def pairs_of(actor: Actor, worker_id: UUID) -> list[Duplicate]:
    """Return the pairs of one person that the actor may decide on, decided ones too, the newest first."""
    rows = visible_duplicates(actor).filter(Q(one=worker_id) | Q(other=worker_id))
    return list(rows.order_by("-found_at", "pk"))


def duplicates_of(actor: Actor, worker_id: UUID) -> list[Duplicate]:
    """Return the pairs of one person that still wait and that the actor may decide on, the likeliest first."""
    rows = visible_duplicates(actor).filter(Q(one=worker_id) | Q(other=worker_id))
    return list(rows.filter(state__in=[DuplicateState.OPEN, DuplicateState.LATER]).order_by("-points", "pk"))


@dataclass(frozen=True, slots=True)
class Record:
    """One of the two records side by side: the person, every membership, every act, and how it stands."""

    worker: Worker
    memberships: list[Membership]
    entries: list[MembershipEntry]
    live_cards: int
    applications: int
    phone: str
    id_number: str
    standing: Standing

    @property
    def membership(self) -> Membership | None:
        """Return the membership in force, or the newest."""
        return next((row for row in self.memberships if row.state != MembershipState.ENDED), None) or (
            self.memberships[0] if self.memberships else None
        )


def record_of_worker(worker: Worker) -> Record:
    """Return what is known of one of the two; the caller has fetched what it may see. Values are for masking only."""
    memberships = list(
        Membership.objects.select_related("union", "door").filter(worker=worker).order_by("-began_on", "-pk")
    )
    ids = [row.pk for row in memberships]
    key = PersonKey(worker.sealed_key)
    same = Application.objects.filter(Q(worker=worker) | Q(id_digest=worker.id_digest))
    in_force = next((row for row in memberships if row.state != MembershipState.ENDED), None)
    shown = in_force or (memberships[0] if memberships else None)
    return Record(
        worker=worker,
        memberships=memberships,
        entries=list(MembershipEntry.objects.select_related("union").filter(membership__in=ids).order_by("at", "pk")),
        live_cards=Card.objects.filter(membership__in=ids, revoked_at=None).count(),
        applications=same.count(),
        phone=key.unseal(worker.sealed_phone) if worker.sealed_phone else "",
        id_number=key.unseal(worker.sealed_id) if worker.sealed_id else "",
        standing=Standing(
            began_on=shown.began_on if shown else None,
            number=shown.number if shown else "",
            in_force=in_force is not None,
            is_merged=worker.merged_into_id is not None,
            is_erased=worker.erased_at is not None,
            has_open_application=same.filter(state__in=OPEN).exists(),
            moves=_moves(ids),
        ),
    )


def _moves(membership_ids: list[UUID]) -> bool:
    return TransferRequest.objects.filter(membership__in=membership_ids, state=TransferState.REQUESTED).exists()


def records_of(duplicate: Duplicate) -> tuple[Record, Record]:
    """Return both records of a pair; the caller has fetched what it may see."""
    return record_of_worker(duplicate.one), record_of_worker(duplicate.other)


def suggested_keep(one: Record, other: Record) -> UUID:
    """Return the person whose record stays unless somebody chooses."""
    return (one, other)[usual_keep(one.standing, other.standing)].worker.pk


def last_merge(duplicate: Duplicate) -> Merge | None:
    """Return the merge of a pair that stands, if there is one; the caller has fetched what it may see."""
    rows = Merge.objects.select_related("account", "union", "kept", "dropped")
    return rows.filter(duplicate=duplicate, undone_at=None).order_by("-pk").first()


def merges_into(worker_id: UUID) -> list[Merge]:
    """Return the merges by which other records became part of a person's; the caller has fetched what it may see."""
    rows = Merge.objects.select_related("dropped", "union").filter(kept=worker_id, undone_at=None)
    return list(rows.order_by("merged_at", "pk"))


@dataclass(frozen=True, slots=True)
class Similar:
    """Somebody who may be the applicant; without the membership where the actor may not see it."""

    membership: Membership | None
    score: Score


def similar_to(actor: Actor, application: Application, *, now: datetime) -> list[Similar]:
    """Return who in the registry may be the same person as an applicant, the likeliest first.

    Asked when a reviewer opens the page, never on the way in. Whoever is known by the document itself is not similar:
    that is exact, and was offered a transfer.
    """
    key = PersonKey(application.sealed_key)
    if key.is_destroyed:
        return []
    number = key.unseal(application.sealed_id)
    born, sex = application.birth_on, application.sex
    with suppress(Refusal):
        told = read_document(application.id_kind, number, on=local_day(now))
        born, sex = told.birth_on or born, told.sex or sex
    sound = reads(application.name)
    found = people(near(sound, born))
    own = Facts(
        application.name, born, sex, application.id_kind, number, key.unseal(application.sealed_phone),
        frozenset({bytes(application.phone_digest)}),
        str(application.employer_id) if application.employer_id else application.employer_name,
        application.region_id, application.occupation_group_id,
    )  # fmt: skip
    count = namesakes(sound) + 1
    scored = [(score(own, each.opened(), namesakes=count), each.id) for each in found.values()]
    best = sorted((each for each in scored if each[0].is_candidate and each[1] != str(application.worker_id)),
                  key=lambda each: (-each[0].points, each[1]))[:MOST_SIMILAR]  # fmt: skip
    rows = visible_members(actor).select_related("worker", "union").filter(worker__in=[pk for _score, pk in best])
    shown = {str(row.worker_id): row for row in rows.order_by("pk")}
    return [Similar(shown.get(pk), each) for each, pk in best]


@dataclass(frozen=True, slots=True)
class Searches:
    """The search that runs, if any, and when everybody was last compared."""

    running: Sweep | None
    last: Sweep | None


def searches() -> Searches:
    """Return how the searches through the registry stand."""
    done = Sweep.objects.filter(state=SweepState.DONE)
    last = done.filter(kind=SweepKind.FULL).order_by("-started_at", "-pk").first()
    return Searches(Sweep.objects.filter(state=SweepState.RUNNING).first(), last)
