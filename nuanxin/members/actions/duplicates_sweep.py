"""The search for records that may be one person: through everybody, or through whoever is new or has changed.

In slices, each a transaction of its own, so that nothing is locked for long and a search that was killed goes on where
it was. What two records agree in is written down; nothing of what was opened to compare them is.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from nuanxin.access.actors import system
from nuanxin.access.states import Permission
from nuanxin.kernel.ids import first_id, new_id
from nuanxin.kernel.refusals import Conflict
from nuanxin.members.models import Duplicate, Sweep
from nuanxin.members.queries.duplicates_pairs import (
    Deciders,
    Pair,
    ids,
    is_old,
    pairs_by_old_number,
    pairs_by_phone,
    pairs_of,
    pairs_of_range,
    people,
)
from nuanxin.members.rules.duplicates import (
    MOST_BY_DOCUMENT,
    MOST_BY_PHONE,
    THRESHOLD,
    Score,
    document_level,
    levels_of,
    phone_level,
    reads,
    score_of,
    total,
)
from nuanxin.members.states import DuplicateState, SweepKind, SweepState
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.queries.duplicates_pairs import Sealed

#: The background task that searches; this floor's tasks stand above its actions, so it is called by name.
SWEEP = "members.sweep_duplicates"
#: People whose keys are written, who are compared, and who have changed, in one slice.
KEYED, COMPARED, CHANGED = 20_000, 40_000, 500
#: A search that has not been heard of for so long was killed: the next one that is started goes on with it.
SILENT_FOR = timedelta(minutes=3)
#: Somebody whose row became certain late may have an id that is older than the newest one known by so much.
LATE = timedelta(days=1)
#: No value, as COPY writes it.
_NULL = "\\N"
_WAITING = (DuplicateState.OPEN, DuplicateState.LATER)
_ACTIVE = [str(state) for state in _WAITING]


class AlreadySearching(Conflict):
    """One search at a time."""

    def __init__(self) -> None:
        super().__init__("already_searching", _("A search is running already. Its progress is shown here."))


def start_sweep(*, actor: Actor, now: datetime) -> Sweep:
    """Begin a search through the whole registry in the background, as whoever may decide on duplicates.

    :raises NotAllowed: the post does not include it.
    :raises AlreadySearching: one is running.
    """
    actor.require(Permission.MERGE)
    try:
        with transaction.atomic():
            sweep = _begin(SweepKind.FULL, now, account_id=actor.account_id)
            record(actor, "members.duplicates_searched", sweep, now=now)
            app.configure_task(SWEEP).defer(sweep_id=str(sweep.pk))
    except IntegrityError:
        raise AlreadySearching from None
    return sweep


def next_sweep(*, now: datetime) -> Sweep | None:
    """Return the search to go on with, for the periodic task: a killed one, or a new one through whoever changed.

    The first one ever goes through everybody. None while another process is at it, and when nobody has changed.
    """
    running = Sweep.objects.filter(state=SweepState.RUNNING).first()
    if running is not None:
        taken = Sweep.objects.filter(pk=running.pk, seen_at=running.seen_at, seen_at__lt=now - SILENT_FOR)
        return running if taken.update(seen_at=now) else None
    known = Sweep.objects.filter(kind=SweepKind.FULL, state=SweepState.DONE).exists()
    if known and not note_new(now=now) and not _anybody_due():
        return None
    try:
        with transaction.atomic():
            return _begin(SweepKind.CHANGED if known else SweepKind.FULL, now, account_id=None)
    except IntegrityError:
        return None


def _begin(kind: SweepKind, now: datetime, *, account_id: UUID | None) -> Sweep:
    sweep = Sweep(kind=kind, account_id=account_id, started_at=now, seen_at=now)
    sweep.save(force_insert=True)
    return sweep


def run_sweep(*, sweep_id: UUID, clock: Callable[[], datetime]) -> Sweep:
    """Search until everybody was compared; go on where a killed search was. Not for use inside a transaction."""
    sweep = Sweep.objects.get(pk=sweep_id)
    if sweep.state != SweepState.RUNNING:
        return sweep
    deciders = Deciders()
    if sweep.kind == SweepKind.FULL:
        _write_missing_keys(sweep, clock)
        while sweep.state == SweepState.RUNNING and _full_slice(sweep, deciders, clock()):
            pass
    else:
        while sweep.state == SweepState.RUNNING and _changed_slice(sweep, deciders, clock()):
            pass
    _finish(sweep, clock())
    return sweep


def note_new(*, now: datetime) -> int:
    """Note as due whoever has come since the last search; return how many. Ids are made in the order of time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(worker_id::text)::uuid FROM members_duplicatekey")
        newest = cursor.fetchone()[0]
        bound = first_id(_moment_of(newest, now) - LATE) if newest else first_id(now.replace(year=1971))
        cursor.execute(
            "INSERT INTO members_duplicatedue (worker_id) SELECT w.id FROM members_worker w WHERE w.id > %s"
            " AND w.erased_at IS NULL AND w.merged_into_id IS NULL"
            " AND NOT EXISTS (SELECT FROM members_duplicatekey k WHERE k.worker_id = w.id) ON CONFLICT DO NOTHING",
            [bound],
        )
        return int(cursor.rowcount)


def _moment_of(pk: UUID, now: datetime) -> datetime:
    return now.fromtimestamp(min((pk.int >> 80) / 1000, now.timestamp()), tz=now.tzinfo)


def _anybody_due() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM members_duplicatedue)")
        return bool(cursor.fetchone()[0])


def _write_missing_keys(sweep: Sweep, clock: Callable[[], datetime]) -> None:
    """Write the keys of everybody who has none, and anew of whoever has changed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT worker_id::text FROM members_duplicatedue FOR UPDATE SKIP LOCKED")
        _rekey([row[0] for row in cursor.fetchall()])
    after: str | None = None
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT w.id::text, w.name, w.birth_on::text, w.id_kind, length(w.sealed_id) FROM members_worker w"
                " WHERE (%(after)s::uuid IS NULL OR w.id > %(after)s) AND w.erased_at IS NULL"
                " AND w.merged_into_id IS NULL"
                " AND NOT EXISTS (SELECT FROM members_duplicatekey k WHERE k.worker_id = w.id)"
                " ORDER BY w.id LIMIT %(most)s",
                {"after": after, "most": KEYED},
            )
            rows = cursor.fetchall()
            _write_keys(rows)
        if not rows:
            break
        after = rows[-1][0]
        Sweep.objects.filter(pk=sweep.pk).update(seen_at=clock())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM members_duplicatekey")
        sweep.people = cursor.fetchone()[0]
    Sweep.objects.filter(pk=sweep.pk).update(people=sweep.people, seen_at=clock())


def _rekey(some: Sequence[str]) -> None:
    """Write the keys of some people anew, and note them as looked at."""
    if not some:
        return
    wanted = [ids(some)]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM members_duplicatekey WHERE worker_id = ANY(%s::uuid[])", wanted)
        cursor.execute("DELETE FROM members_duplicatedue WHERE worker_id = ANY(%s::uuid[])", wanted)
        cursor.execute(
            "SELECT id::text, name, birth_on::text, id_kind, length(sealed_id) FROM members_worker"
            " WHERE id = ANY(%s::uuid[]) AND erased_at IS NULL AND merged_into_id IS NULL",
            wanted,
        )
        _write_keys(cursor.fetchall())


def _write_keys(rows: Sequence[tuple[str, str, str | None, str, int]]) -> None:
    """Write keys by COPY; a sound holds no tab and no backslash: `reads` leaves letters and blanks."""
    lines = [
        f"{pk}\t{reads(name)}\t{born or _NULL}\t{'t' if is_old(kind, length) else 'f'}\n"
        for pk, name, born, kind, length in rows
    ]
    if lines:
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY members_duplicatekey (worker_id, reads, birth_on, old_number) FROM STDIN") as copy,
        ):
            copy.write("".join(lines))


@transaction.atomic
def _full_slice(sweep: Sweep, deciders: Deciders, now: datetime) -> bool:
    """Compare the next people in the order of their syllables; answer whether there were any."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(reads), count(*) FROM (SELECT reads FROM members_duplicatekey WHERE reads > %s"
            " ORDER BY reads LIMIT %s) AS slice",
            [sweep.upto, COMPARED],
        )
        upto, count = cursor.fetchone()
        if count == COMPARED:
            cursor.execute(
                "SELECT count(*) FROM members_duplicatekey WHERE reads > %s AND reads <= %s", [sweep.upto, upto]
            )
            count = cursor.fetchone()[0]
    if not count:
        return False
    pairs = pairs_of_range(sweep.upto, upto)
    if not sweep.upto:
        pairs += pairs_by_phone(None) + pairs_by_old_number(None)
    found = _compare(pairs, deciders, now)
    _go_on(sweep, upto, count, len(pairs), found, now)
    return True


@transaction.atomic
def _changed_slice(sweep: Sweep, deciders: Deciders, now: datetime) -> bool:
    """Compare some of whoever is due with everybody; answer whether anybody was.

    The lines are locked before the names are read: whoever changes a name now waits, and is due again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT worker_id::text FROM members_duplicatedue ORDER BY worker_id LIMIT %s FOR UPDATE SKIP LOCKED",
            [CHANGED],
        )
        due = [row[0] for row in cursor.fetchall()]
    if not due:
        return False
    _rekey(due)
    known = Duplicate.objects.filter(state__in=_WAITING)
    rows = known.filter(one__in=due).union(known.filter(other__in=due))
    again = [Pair(str(row.one_id), str(row.other_id), 0) for row in rows]
    pairs = pairs_of(due) + pairs_by_phone(due) + pairs_by_old_number(due) + again
    found = _compare(pairs, deciders, now)
    _go_on(sweep, sweep.upto, len(due), len(pairs), found, now)
    return True


def _go_on(sweep: Sweep, upto: str, count: int, pairs: int, found: int, now: datetime) -> None:
    """Write how far it is; when another process goes on with the same search, leave it to that one."""
    changes = {
        "upto": upto,
        "looked_at": sweep.looked_at + count,
        "pairs": sweep.pairs + pairs,
        "found": sweep.found + found,
        "seen_at": now,
    }
    mine = Sweep.objects.filter(pk=sweep.pk, looked_at=sweep.looked_at, state=SweepState.RUNNING)
    if not mine.update(**changes):
        transaction.set_rollback(True)
        sweep.state = SweepState.STOPPED
        return
    for name, value in changes.items():
        setattr(sweep, name, value)


def _finish(sweep: Sweep, now: datetime) -> None:
    done = Sweep.objects.filter(pk=sweep.pk, looked_at=sweep.looked_at, state=SweepState.RUNNING)
    if sweep.state == SweepState.RUNNING and done.update(state=SweepState.DONE, ended_at=now, seen_at=now):
        sweep.state, sweep.ended_at = SweepState.DONE, now
        record(system(), "members.duplicates_found", sweep, now=now, people=sweep.looked_at, found=sweep.found)


def _compare(pairs: Iterable[Pair], deciders: Deciders, now: datetime) -> int:
    """Weigh pairs and write those that a cadre should look at; return how many are new."""
    namesakes: dict[tuple[str, str], int] = {}
    for one, other, count in pairs:
        namesakes[one, other] = max(count, namesakes.get((one, other), 0))
    known = people(pk for pair in namesakes for pk in pair)
    candidates: dict[tuple[str, str], Score] = {}
    faded: list[tuple[str, str]] = []
    for pair, count in namesakes.items():
        left, right = known.get(pair[0]), known.get(pair[1])
        levels = _weigh(left, right, count) if left and right else None
        if levels is not None:
            candidates[pair] = score_of(levels, namesakes=count)
        else:
            faded.append(pair)
    _drop_faded(faded)
    return _write(candidates, deciders, now)


def _weigh(one: Sealed, other: Sealed, count: int) -> dict[str, str] | None:
    """Return how near two people are in each field, or None when no cadre needs to look at them.

    What is sealed is opened only where, whatever it says, it can still decide.
    """
    levels = levels_of(one.facts, other.facts)
    if count > 1 and total(levels, namesakes=count) + MOST_BY_DOCUMENT < THRESHOLD:
        return None
    levels["document"] = document_level(one.facts.id_kind, one.number, other.facts.id_kind, other.number)
    points = total(levels, namesakes=count)
    if levels["phone"] == "unknown" and points + MOST_BY_PHONE >= THRESHOLD:
        levels["phone"] = phone_level(one.opened(), other.opened())
        points = total(levels, namesakes=count)
    return levels if points >= THRESHOLD else None


def _drop_faded(pairs: Sequence[tuple[str, str]]) -> None:
    """Forget waiting pairs that no longer look alike since a name or a date was corrected."""
    if pairs:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM members_duplicate d USING unnest(%s::uuid[], %s::uuid[]) AS gone (one, other)"
                " WHERE d.one_id = gone.one AND d.other_id = gone.other AND d.state = ANY(%s)"
                " AND NOT EXISTS (SELECT FROM members_merge m WHERE m.duplicate_id = d.id)",
                [ids(one for one, _other in pairs), ids(other for _one, other in pairs), _ACTIVE],
            )


def _write(scored: dict[tuple[str, str], Score], deciders: Deciders, now: datetime) -> int:
    """Write candidates in one statement; those that were decided stay as they are."""
    unions = deciders.of(scored)
    rows = [(pair, each, unions[pair]) for pair, each in scored.items() if pair in unions]
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO members_duplicate (id, one_id, other_id, union_id, points, evidence, state, found_at, reason)"
            " SELECT id, one, other, union_id, points, evidence::jsonb, %s, %s, ''"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::int[], %s::text[])"
            " AS fresh (id, one, other, union_id, points, evidence)"
            " ON CONFLICT (one_id, other_id) DO UPDATE SET points = excluded.points, evidence = excluded.evidence,"
            " union_id = excluded.union_id WHERE members_duplicate.state = ANY(%s) RETURNING xmax = 0",
            [
                DuplicateState.OPEN,
                now,
                ids(str(new_id()) for _row in rows),
                ids(pair[0] for pair, _each, _union in rows),
                ids(pair[1] for pair, _each, _union in rows),
                ids(str(union) for _pair, _each, union in rows),
                [each.points for _pair, each, _union in rows],
                [json.dumps(each.as_rows()) for _pair, each, _union in rows],
                _ACTIVE,
            ],
        )
        return sum(row[0] for row in cursor.fetchall())
