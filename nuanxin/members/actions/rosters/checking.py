"""Checking a roster: each chunk of rows is judged and kept by one transaction, and never twice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import uuid_utils
from django.db import connection, transaction
from django.utils import timezone

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Refusal
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import move
from nuanxin.members.actions.rosters.acting import acting
from nuanxin.members.actions.rosters.copying import NULL, Target, raw, text
from nuanxin.members.actions.rosters.sharing import Left, patiently
from nuanxin.members.actions.rosters.telling import tell_clerk
from nuanxin.members.models import Roster, RosterChunk, RosterRow
from nuanxin.members.queries.persons import id_digest, phone_digest
from nuanxin.members.queries.rosters import remembered_columns
from nuanxin.members.queries.rosters_files import opened
from nuanxin.members.queries.rosters_known import known_people
from nuanxin.members.queries.rosters_lists import Employers, Routes, lists_for
from nuanxin.members.rules.rosters.cells import check_row, read_row
from nuanxin.members.rules.rosters.columns import missing, recognize
from nuanxin.members.rules.rosters.decide import Verdict, decide
from nuanxin.members.rules.rosters.limits import CHUNK
from nuanxin.members.rules.rosters.packing import pack
from nuanxin.members.states import ROSTER_MOVES, RosterOutcome, RosterState
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.kernel.tables import Table
    from nuanxin.members.rules.applicants import Fields
    from nuanxin.members.rules.rosters.cells import Lists

    Rows = list[tuple[int, tuple[str, ...]]]

_ROWS = Target(
    RosterRow,
    "id roster_id line outcome problems union_id membership_id sealed_cells id_digest phone_digest",
)
_ERROR = RosterOutcome.ERROR
#: Takes a chunk until the transaction ends, unless another has it.
_TAKE = """
SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))
    AND NOT EXISTS (SELECT FROM members_rosterchunk WHERE roster_id = %s AND number = %s)
"""


@dataclass(slots=True)
class Judged:
    """One row on its way: what was read, and what becomes of it."""

    line: int
    cells: tuple[str, ...]
    fields: Fields | None
    problems: tuple[tuple[str, str], ...] = ()
    outcome: str = _ERROR
    employer: UUID | None = None
    union_id: UUID | None = None
    membership_id: UUID | None = None
    id_digest: bytes | None = None
    phone_digest: bytes | None = None


@dataclass
class Check:
    """What every chunk of one roster is judged by."""

    roster: Roster
    on: date
    key: PersonKey
    lists: Lists
    employers: Employers
    routes: Routes
    actor: Actor
    groups: frozenset[str]
    platforms: frozenset[str]

    @classmethod
    def of(cls, roster: Roster) -> Check:
        """Gather what the rows of a roster are judged by today."""
        on = local_day(timezone.now())
        lists = lists_for(roster.union, roster.defaults, on=on)
        employers = Employers(on)
        if roster.enterprise_id:
            employers.cover([roster.enterprise_id])
        return cls(
            roster,
            on,
            PersonKey(roster.sealed_key),
            lists,
            employers,
            Routes(roster.union, on),
            acting(roster, "upload"),
            frozenset(lists.groups.values()),
            frozenset(lists.platforms.values()),
        )


def check_roster(roster: Roster) -> None:
    """Check what of a roster is not checked yet; whoever checks the last of it moves it on.

    May be killed and called again at any time, and by several processes at once: each leaves to the others what they
    have in hand.
    """
    chunks = 0
    try:
        with opened(roster) as table:
            roster = _described(roster, table)
            if without := missing(roster.columns):
                raise ColumnsMissing(without)
            check = Check.of(roster)
            done = set(RosterChunk.objects.filter(roster=roster).values_list("number", flat=True))
            for number, rows in _chunks(table):
                chunks += 1
                if number not in done:
                    patiently(_check_chunk, check, number, rows)
    except Left:
        return
    except Refusal as refusal:
        _fail(roster, refusal)
        return
    _settle(roster, chunks)


class ColumnsMissing(Refusal):
    """The titles do not say where name, ID number and phone are: somebody has to."""

    def __init__(self, without: tuple[str, ...]) -> None:
        super().__init__("columns_missing", "")
        self.without = without


def _chunks(table: Table) -> Iterator[tuple[int, Rows]]:
    rows: Rows = []
    number = 0
    for row in table.rows():
        rows.append(row)
        if len(rows) == CHUNK:
            yield number, rows
            rows, number = [], number + 1
    if rows:
        yield number, rows


def _described(roster: Roster, table: Table) -> Roster:
    """Write down what the file says of itself, and which column is which unless somebody said so."""
    roster.headers, roster.rows = list(table.headers), table.about_rows
    if not roster.columns:
        roster.columns = remembered_columns(roster) or recognize(table.headers)
    roster.findings = [
        {"code": each.code, "count": each.count, "lines": list(each.lines), "detail": each.detail}
        for each in table.findings
    ]
    changes = {"headers": roster.headers, "rows": roster.rows, "columns": roster.columns, "findings": roster.findings}
    if not Roster.objects.filter(pk=roster.pk, state=RosterState.CHECKING).update(**changes):
        raise Left
    return roster


@transaction.atomic
def _check_chunk(check: Check, number: int, rows: Rows) -> None:
    """Check a chunk, unless somebody has checked it or is at it."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [f"{check.roster.pk}:{number}", check.roster.pk, number])
        (is_taken,) = cursor.fetchone()
    if is_taken:
        judged = _read(check, rows)
        _place(check, [row for row in judged if row.fields is not None])
        _keep(check, number, judged)


def _read(check: Check, rows: Rows) -> list[Judged]:
    """Judge each row by itself, by the rules of a single application."""
    lists, columns = check.lists, check.roster.columns
    place = columns.get("region")
    if place is not None:
        check.lists.places.learn({cells[place].strip() for _line, cells in rows})  # type: ignore[attr-defined]
    found = []
    for line, cells in rows:
        fields, problems = check_row(
            read_row(cells, columns, lists), on=check.on, groups=check.groups, platforms=check.platforms
        )
        row = Judged(line, cells, fields, tuple((each.field, each.code) for each in problems))
        if fields is not None:
            row.id_digest = id_digest(fields.identity.number, fields.identity.kind)
            row.phone_digest = phone_digest(fields.phone)
        found.append(row)
    return found


def _place(check: Check, rows: list[Judged]) -> None:
    """Find employers and unions, and decide what becomes of each row; a fixed number of statements."""
    _find_employers(check, rows)
    roster = check.roster
    elsewhere = []
    for row in rows:
        if row.problems:
            continue
        if row.employer is not None and check.employers.covered_by.get(row.employer) == roster.union_id:
            row.union_id = roster.union_id
        elif row.fields is not None:
            elsewhere.append(row)
    check.routes.learn((row.fields, row.employer) for row in elsewhere if row.fields is not None)
    allowed: dict[str, bool] = {}
    for row in elsewhere:
        assert row.fields is not None
        route = check.routes.of(row.fields, row.employer)
        if route is None:
            row.problems = (("region_code", "no_union"),)
            continue
        path = route.union.path
        if path not in allowed:
            allowed[path] = check.actor.may(Permission.ENROLL_ROSTERS, at=path)
        row.union_id = route.union.id
        if not allowed[path]:
            row.problems = (("region_code", "other_union"),)
    registry = known_people(
        [row.id_digest for row in rows if row.id_digest], [row.phone_digest for row in rows if row.phone_digest]
    )
    for row in rows:
        if row.problems or row.union_id is None or row.fields is None:
            continue
        assert row.id_digest is not None
        assert row.phone_digest is not None
        known = registry.people.get(row.id_digest)
        verdict: Verdict = decide(
            known,
            name=row.fields.name,
            union_id=row.union_id,
            phone_held=registry.phone_held(row.id_digest, row.phone_digest),
            has_applied=row.id_digest in registry.applied,
        )
        row.outcome, row.problems = verdict.outcome, verdict.problems
        row.membership_id = known.membership_id if known else None


def _find_employers(check: Check, rows: list[Judged]) -> None:
    """Find each row's enterprise; the roster's own stands for rows that name none, and a people office has no other."""
    roster = check.roster
    texts = {text for row in rows if row.fields for text in (row.fields.employer_credit_code, row.fields.employer_name)}
    check.employers.learn(texts - {""})
    for row in rows:
        fields = row.fields
        assert fields is not None
        row.employer = check.employers.find(fields)
        named = fields.employer_credit_code or fields.employer_name
        if roster.enterprise_id is None:
            continue
        if not named:
            row.employer = roster.enterprise_id
        elif row.employer != roster.enterprise_id:
            row.problems = (("employer_name", "other_employer"),)


def _keep(check: Check, number: int, judged: list[Judged]) -> None:
    """Write the chunk with its rows and the progress, unless somebody has done so already."""
    roster = check.roster
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO members_rosterchunk (id, roster_id, number, first_line, last_line) "
            "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (roster_id, number) DO NOTHING",
            [uuid_utils.uuid7().hex, roster.pk, number, judged[0].line, judged[-1].line],
        )
        if not cursor.rowcount:
            return
        _ROWS.copy(_lines(check, judged))
        cursor.execute(
            "UPDATE members_roster SET checked = checked + %s, beat_at = %s "
            "WHERE id = %s AND state = 'checking' AND columns = %s::jsonb",
            [len(judged), now, roster.pk, json.dumps(roster.columns)],
        )
        if not cursor.rowcount:
            raise Left


def _lines(check: Check, judged: list[Judged]) -> Iterator[str]:
    roster, seal = check.roster.pk.hex, check.key.seal
    for row in judged:
        problems = text(json.dumps(row.problems)) if row.problems else "[]"
        union = row.union_id.hex if row.union_id else NULL
        membership = row.membership_id.hex if row.membership_id else NULL
        sealed = seal(pack(row.cells, row.fields, row.employer))
        yield (
            f"{uuid_utils.uuid7().hex}\t{roster}\t{row.line}\t{row.outcome}\t{problems}\t{union}\t{membership}\t"
            f"{raw(sealed)}\t{raw(row.id_digest)}\t{raw(row.phone_digest)}\n"
        )


#: Two statements: a join of a fresh table with itself is planned by figures that are not there yet.
_TWICE = """
SELECT array_agg(line ORDER BY line) FROM members_rosterrow
WHERE roster_id = %s AND outcome <> 'error' GROUP BY {column} HAVING count(*) > 1
"""
_AGAIN = """
UPDATE members_rosterrow SET outcome = 'error', problems = %s::jsonb, membership_id = NULL
WHERE roster_id = %s AND line = ANY(%s)
"""
COUNTS = "SELECT outcome, count(*) FROM members_rosterrow WHERE roster_id = %s GROUP BY outcome"


@transaction.atomic
def _settle(roster: Roster, chunks: int) -> None:
    """Compare the rows with each other, count them, and let the clerk decide; nothing while others are at chunks."""
    current = Roster.objects.select_for_update(of=("self",)).select_related("union").get(pk=roster.pk)
    if current.state != RosterState.CHECKING or current.columns != roster.columns:
        return
    if RosterChunk.objects.filter(roster=roster).count() < chunks:
        return
    with connection.cursor() as cursor:
        for column, field, code in (
            ("id_digest", "id_number", "duplicate_row"),
            ("phone_digest", "phone", "duplicate_phone"),
        ):
            cursor.execute(_TWICE.format(column=column), [roster.pk])
            again = [line for (lines,) in cursor.fetchall() for line in lines[1:]]
            if again:
                cursor.execute(_AGAIN, [json.dumps([[field, code]]), roster.pk, again])
    counts = count_rows(roster.pk)
    _move(current, RosterState.CHECKED, counts=counts, rows=sum(counts.values()), checked=sum(counts.values()))
    record(
        acting(current, "upload"), "members.roster_checked", current, now=timezone.now(),
        union_path=current.union.path, number=current.number, counts=counts,
    )  # fmt: skip
    tell_clerk(current, "roster.checked", timezone.now())


def count_rows(roster_id: UUID) -> dict[str, int]:
    """Return how many rows of a roster have which outcome."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [roster_id])
        return dict(cursor.fetchall())


@transaction.atomic
def _fail(roster: Roster, refusal: Refusal) -> None:
    """Write down why a file could not be read; choosing the columns may mend it."""
    current = Roster.objects.select_for_update(of=("self",)).select_related("union").get(pk=roster.pk)
    if current.state != RosterState.CHECKING:
        return
    failure: dict[str, Any] = {"code": refusal.code, "words": str(refusal.message)}
    if isinstance(refusal, ColumnsMissing):
        failure["missing"] = list(refusal.without)
    _move(current, RosterState.FAILED, failure=failure, finished_at=timezone.now())
    record(
        acting(current, "upload"), "members.roster_failed", current, now=timezone.now(),
        union_path=current.union.path, number=current.number, code=refusal.code,
    )  # fmt: skip
    tell_clerk(current, "roster.failed", timezone.now())


def _move(roster: Roster, state: str, **changes: Any) -> None:
    now = timezone.now()
    move(roster, ROSTER_MOVES, state, beat_at=now, **({"checked_at": now} | changes))
