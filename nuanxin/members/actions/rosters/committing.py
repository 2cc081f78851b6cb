"""Enrolling the people of a roster: a chunk a transaction, claimed by whoever comes first, done by nobody twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import uuid_utils
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from nuanxin.kernel.events import announce
from nuanxin.kernel.refusals import Refusal
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import move
from nuanxin.members.actions.events import MembersBegan
from nuanxin.members.actions.rosters.acting import acting
from nuanxin.members.actions.rosters.checking import count_rows
from nuanxin.members.actions.rosters.people import (
    Entrant,
    places_of,
    renew_people,
    write_memberships,
    write_people,
)
from nuanxin.members.actions.rosters.sharing import have_told, patiently
from nuanxin.members.actions.rosters.telling import tell_clerk
from nuanxin.members.actions.transfers.requests import request_transfer
from nuanxin.members.models import Membership, Roster, RosterChunk, RosterRow
from nuanxin.members.queries.rosters_known import known_people, open_unions
from nuanxin.members.queries.transfers import Work
from nuanxin.members.rules.rosters.decide import Verdict, decide
from nuanxin.members.rules.rosters.packing import fields_of
from nuanxin.members.states import ROSTER_MOVES, RosterOutcome, RosterState, TransferStart
from nuanxin.organizations.models import Enterprise
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from nuanxin.members.queries.rosters_known import Registry

#: How often a chunk looks again when somebody else enrolled the same people, or took the same numbers, meanwhile.
_TRIES = 10
UNION_CLOSED = Verdict(RosterOutcome.ERROR, (("region_code", "union_closed"),))


class NewRow(NamedTuple):
    """What of a row is needed to enroll the person."""

    pk: UUID
    line: int
    union_id: UUID
    sealed_cells: bytes
    id_digest: bytes
    phone_digest: bytes


_FIELDS = ("pk", "line", "union_id", "sealed_cells", "id_digest", "phone_digest")


def enroll_roster(roster: Roster) -> None:
    """Enroll what of a roster is not enrolled yet; whoever enrolls the last of it ends it.

    May be killed and called again at any time, and by several processes at once.
    """
    while patiently(_enroll_next, roster):
        pass
    _finish(roster)


@transaction.atomic
def _enroll_next(roster: Roster) -> bool:
    """Enroll the next chunk that nobody has in hand; answer whether there was one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, number, first_line, last_line FROM members_rosterchunk "
            "WHERE roster_id = %s AND committed_at IS NULL ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED",
            [roster.pk],
        )
        chunk = cursor.fetchone()
    if chunk is None:
        return False
    pk, number, first, last = chunk
    now = timezone.now()
    rows = RosterRow.objects.filter(roster=roster, line__gte=first, line__lte=last)
    people = _enroll(
        roster, [NewRow(*row) for row in rows.filter(outcome=RosterOutcome.NEW).values_list(*_FIELDS)], now
    )
    moved = _transfer(roster, list(rows.filter(outcome=RosterOutcome.TRANSFER).order_by("line")), now)
    record(
        acting(roster, "commit"), "members.roster_enrolled", roster, now=now, union_path=roster.union.path,
        number=roster.number, chunk=number, first_line=first, last_line=last, people=people, transfers=moved,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("UPDATE members_rosterchunk SET committed_at = %s WHERE id = %s", [now, pk])
        cursor.execute(
            "UPDATE members_roster SET beat_at = %s, committed = committed + "
            "(SELECT count(*) FROM members_rosterrow WHERE roster_id = %s AND line BETWEEN %s AND %s) WHERE id = %s",
            [now, roster.pk, first, last, roster.pk],
        )
    return True


def _enroll(roster: Roster, rows: Sequence[NewRow], now: datetime) -> int:
    """Enroll the rows that nothing has come in the way of since they were checked; return how many."""
    for turn in range(_TRIES):
        entrants = _entrants(roster, rows)
        try:
            with transaction.atomic():
                write_people(entrants, now)
                renew_people(entrants)
                write_memberships(roster, entrants, now)
        except IntegrityError as error:
            if turn == _TRIES - 1 or not _is_race(error):
                raise
            continue
        break
    if entrants:
        announce(
            MembersBegan(
                places_of(entrants, now),
                [each.row_id for each in entrants],
                [UUID(each.worker_id) for each in entrants],
                now,
            )
        )
    return len(entrants)


def _is_race(error: IntegrityError) -> bool:
    """Answer whether somebody else was quicker: with a person, a phone, a membership or a number."""
    return getattr(error.__cause__, "sqlstate", "") == "23505"


def _entrants(roster: Roster, rows: Sequence[NewRow]) -> list[Entrant]:
    """Look again at what is known of these rows' people; settle those who cannot be enrolled, return the others."""
    if not rows:
        return []
    unions = open_unions({row.union_id for row in rows})
    registry = known_people([row.id_digest for row in rows], [row.phone_digest for row in rows])
    key = PersonKey(roster.sealed_key)
    found: list[Entrant] = []
    settled: list[tuple[UUID, Verdict, UUID | None]] = []
    for row in rows:
        told = fields_of(key.unseal(row.sealed_cells))
        assert told is not None
        fields, employer = told
        known = registry.people.get(row.id_digest)
        verdict = _verdict(registry, row, fields.name) if row.union_id in unions else UNION_CLOSED
        if verdict.outcome != RosterOutcome.NEW:
            settled.append((row.pk, verdict, known.membership_id if known else None))
            continue
        path, region = unions[row.union_id]
        found.append(
            Entrant(
                row.pk, row.line, fields, employer, row.id_digest, row.phone_digest, row.union_id, path, region,
                known.worker_id.hex if known else uuid_utils.uuid7().hex, known.sealed_key if known else b"",
            )
        )  # fmt: skip
    _settle(settled)
    return found


def _verdict(registry: Registry, row: NewRow, name: str) -> Verdict:
    return decide(
        registry.people.get(row.id_digest),
        name=name,
        union_id=row.union_id,
        phone_held=registry.phone_held(row.id_digest, row.phone_digest),
        has_applied=row.id_digest in registry.applied,
    )


def _settle(rows: Sequence[tuple[UUID, Verdict, UUID | None]]) -> None:
    """Write what else has become of rows that were new when they were checked."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE members_rosterrow SET outcome = %s, problems = %s::jsonb, membership_id = %s WHERE id = %s",
                [(str(said.outcome), json.dumps(said.problems), had, pk) for pk, said, had in rows],
            )


def _transfer(roster: Roster, rows: Sequence[RosterRow], now: datetime) -> int:
    """Ask for the transfers by the rules of transfers, each by itself; return how many were asked for."""
    actor, key, asked = acting(roster, "commit"), PersonKey(roster.sealed_key), 0
    for row in rows:
        told = fields_of(key.unseal(row.sealed_cells))
        held = Membership.objects.select_related("union", "worker")
        membership = held.filter(pk=row.membership_id).first() if row.membership_id else None
        if told is None or membership is None or row.union is None:
            continue
        fields, employer_id = told
        employer = Enterprise.objects.filter(pk=employer_id).first() if employer_id else None
        work = Work(fields.region_code, employer, "" if employer else fields.employer_name)
        try:
            with transaction.atomic():
                request_transfer(
                    actor=actor,
                    membership=membership,
                    to_union=row.union,
                    started_by=TransferStart.EMPLOYER,
                    door="roster",
                    work=work,
                    now=now,
                )
            asked += 1
        except Refusal as refusal:
            outcome = RosterOutcome.MEMBER if refusal.code == "already_here" else RosterOutcome.CONFLICT
            problems: tuple[tuple[str, str], ...] = (
                () if outcome == RosterOutcome.MEMBER else (("id_number", refusal.code),)
            )
            _settle([(row.pk, Verdict(outcome, problems), membership.pk)])
    return asked


@transaction.atomic
def _finish(roster: Roster) -> None:
    """End a roster whose chunks are all enrolled; somebody else's chunks under way are ended by somebody else."""
    current = Roster.objects.select_for_update(of=("self",)).select_related("union").get(pk=roster.pk)
    if current.state != RosterState.COMMITTING:
        return
    if RosterChunk.objects.filter(roster=roster, committed_at=None).exists():
        return
    now = timezone.now()
    counts = count_rows(roster.pk)
    changes: dict[str, Any] = {"counts": counts, "committed": current.rows, "finished_at": now, "beat_at": now}
    move(current, ROSTER_MOVES, RosterState.DONE, **changes)
    record(
        acting(current, "commit"), "members.roster_done", current, now=now, union_path=current.union.path,
        number=current.number, counts=counts,
    )  # fmt: skip
    tell_clerk(current, "roster.done", now)
    have_told(current)
