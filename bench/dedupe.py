"""The search for records that may be one person, through 1,000,000 members with 5,000 people planted twice.

The crowd of `bench.crowd` has names as frequent as real ones, so namesakes of one birth date come by chance. Planted
beside it: people whose name was written with characters exchanged or with another one of the same sound; who came again
with a new phone; whose number has a slip of the pen, also in the birth date; whose number is in the form of 15 digits.
And their neighbors, who are other people: twins, namesakes of the same birth date, namesakes at the same employer.
All that was added is taken away again at the end.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.crowd import stand as crowd
from bench.report import Result, publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from nuanxin.members.models import Membership, Sweep

SEED = 20
PAIRS, NEIGHBORS = 5000, 3000
KINDS = ("swapped characters", "new phone", "ID typo", "old 15-digit ID")
_AREAS = ("110105", "320106", "420111", "510104", "610113", "440106")


def main(*, quick: bool) -> int:
    """Measure and publish."""
    members = int(os.environ.get("NUANXIN_BENCH_MEMBERS", "1000000"))
    made = crowd.ready(members)
    result = Result(
        "dedupe" if members == 1_000_000 else f"dedupe-{members}",
        f"Search for duplicates through {members:,} members, {PAIRS:,} planted pairs, {NEIGHBORS:,} neighbors.",
        "≤ 60 s; recall ≥ 99 %, precision ≥ 95 % on the planted and their neighbors",
    )
    with crowd.resting(made.data), _planted() as planted:
        _measure(result, planted, rounds=1 if quick else 3)
    return publish(result, quick=quick)


@dataclass
class Planted:
    """What was added: which pairs are one person, by kind, and everybody added or copied."""

    pairs: dict[frozenset[UUID], str]
    added: list[UUID]
    touched: set[UUID]


def _measure(result: Result, planted: Planted, *, rounds: int) -> None:
    whole, again, floors, worked = [], [], [], []
    for _round in range(rounds):
        _clear()
        floors.append(_timed(_floor)[0])
        before = _processor()
        seconds, sweep = _timed(_sweep)
        worked.append(_processor() - before)
        whole.append(seconds)
        again.append(_timed(_sweep)[0])
    shares = _found(planted)
    floor = result.add("plain SQL: pairs of one name and one birth date, by hash join", "s", floors)
    result.add("first search, keys written and everybody compared", "s", whole, floor.name)
    line = result.add("search again, everybody compared", "s", again, floor.name)
    result.add("first search, seconds of one processor, server included", "s", worked)
    some, seconds = _changed(planted)
    result.add(f"{some:,} who are new or have changed compared with everybody", "s", [seconds])
    first = next(each for each in result.lines if each.name.startswith("first"))
    result.figures = {
        "seconds": first.median,
        "seconds_again": line.median,
        "seconds_of_one_processor": round(sorted(worked)[len(worked) // 2], 1),
        "people_per_s": round(sweep.people / first.median),
        "pairs_compared": sweep.pairs,
        **_shares(planted, shares),
    }
    for kind in KINDS:
        had = sum(1 for each in planted.pairs.values() if each == kind)
        result.notes.append(f"{kind}: {shares[kind]:,} of {had:,} found")
    result.notes.append(
        f"{shares['all']:,} pairs shown in all; {shares['near']:,} of them touch somebody planted or a neighbor; "
        f"{shares['all'] - shares['right']:,} are other people."
    )
    result.notes.append(
        "Nearly all of these are namesakes whose numbers differ in one digit: all numbers of the crowd have the "
        "sequence 000, so that none is a real person's. Between real numbers the sequence differs as well."
    )


def _shares(planted: Planted, found: Counter[str]) -> dict[str, Any]:
    right = found["right"]
    return {
        "recall": round(right / len(planted.pairs), 4),
        "precision": round(right / max(found["near"], 1), 4),
        "precision_of_all_shown": round(right / max(found["all"], 1), 4),
    }


def _processor() -> float:
    """Return the seconds of processor that this process and its server process have used."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        told = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return time.process_time() + (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def _timed(act: Any) -> tuple[float, Any]:
    began = time.perf_counter()
    done = act()
    return time.perf_counter() - began, done


def _sweep() -> Sweep:
    from django.utils import timezone

    from nuanxin.members.actions.duplicates_sweep import run_sweep
    from nuanxin.members.models import Sweep

    now = timezone.now()
    sweep = Sweep(kind="full", started_at=now, seen_at=now)
    sweep.save(force_insert=True)
    return run_sweep(sweep_id=sweep.pk, clock=timezone.now)


def _changed(planted: Planted) -> tuple[int, float]:
    """Let some people be due, and look at them."""
    from django.utils import timezone

    from nuanxin.members.actions.duplicates_sweep import next_sweep, run_sweep
    from nuanxin.members.models import DuplicateDue

    some = planted.added[:1000]
    DuplicateDue.objects.bulk_create([DuplicateDue(worker_id=pk) for pk in some])

    def look() -> None:
        found = next_sweep(now=timezone.now())
        if found is None:
            raise RuntimeError("Nobody was due.")
        run_sweep(sweep_id=found.pk, clock=timezone.now)

    return len(some), _timed(look)[0]


def _floor() -> int:
    """Pair people of one name and one birth date in plain SQL: what finding the easiest ones costs at least."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM members_worker a JOIN members_worker b"
            " ON a.name = b.name AND a.birth_on = b.birth_on AND a.id < b.id"
        )
        return int(cursor.fetchone()[0])


def _found(planted: Planted) -> Counter[str]:
    from nuanxin.members.models import Duplicate

    counts: Counter[str] = Counter()
    for one, other in Duplicate.objects.values_list("one_id", "other_id"):
        counts["all"] += 1
        kind = planted.pairs.get(frozenset((one, other)))
        if kind:
            counts["right"] += 1
            counts[kind] += 1
        if one in planted.touched or other in planted.touched:
            counts["near"] += 1
    return counts


def _clear() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for table in ("duplicatedue", "duplicate", "merge", "sweep", "duplicatekey"):
            cursor.execute(f"DELETE FROM members_{table}" if table != "duplicatekey" else f"TRUNCATE members_{table}")


@contextmanager
def _planted() -> Iterator[Planted]:
    """Add people and take them away again, whatever happens."""
    from nuanxin.members.models import Membership, Worker

    planted = Planted({}, [], set())
    try:
        _Planter(planted).plant()
        yield planted
    finally:
        _clear()
        Membership.objects.filter(worker__in=planted.added).delete()
        Worker.objects.filter(pk__in=planted.added).delete()


class _Planter:
    def __init__(self, planted: Planted) -> None:
        from nuanxin.members.models import Membership
        from nuanxin.members.rules.duplicates import syllables

        self.planted = planted
        self.chance = random.Random(SEED)
        rows = Membership.objects.select_related("worker", "union").filter(
            worker__erased_at=None, number__gte=f"37{self.chance.randrange(1, 14):02d}{self.chance.randrange(10)}"
        )
        everybody = list(rows.defer("terms").order_by("number")[:60_000])
        self.chance.shuffle(everybody)
        self.people = everybody
        self.sounds: dict[str, list[str]] = {}
        for char in sorted({char for row in everybody[:20_000] for char in row.worker.name}):
            self.sounds.setdefault(" ".join(syllables(char)), []).append(char)
        self.workers: list[Any] = []
        self.memberships: list[Any] = []
        self.taken: set[bytes] = set()

    def plant(self) -> None:
        """Write the second records of some, and neighbors of others."""
        from nuanxin.members.models import Membership, Worker

        people = iter(self.people)
        for number in range(PAIRS):
            kind = KINDS[number % len(KINDS)]
            while not self._second(kind, next(people)):
                pass
        for number in range(NEIGHBORS):
            self._neighbor(number % 3, self.people[self.chance.randrange(PAIRS)] if number % 2 else next(people))
        self.planted.added += [worker.pk for worker in self.workers]
        Worker.objects.bulk_create(self.workers, batch_size=2000)
        Membership.objects.bulk_create(self.memberships, batch_size=2000)

    def _second(self, kind: str, row: Membership) -> bool:
        """Write somebody's second record; answer whether this person can have one of the kind."""
        worker = row.worker
        number = _number(worker)
        if kind == "old 15-digit ID":
            if number[6:8] != "19":
                return False
            name = worker.name if self.chance.random() < 0.8 else self._misspelt(worker.name)
            fresh = number[:6] + number[8:17]
        elif kind == "swapped characters":
            name = self._misspelt(worker.name)
            if name == worker.name:
                return False
            fresh = self._slip(number, range(2, 6), range(14, 17))
        elif kind == "new phone":
            name, fresh = worker.name, self._slip(number, range(2, 6), range(14, 17))
        else:
            name, fresh = worker.name, self._slip(number, range(2, 17))
        made = self._add(row, name, fresh, moved=0.4)
        if made is None:
            return False
        self.planted.pairs[frozenset((worker.pk, made))] = kind
        self.planted.touched |= {worker.pk, made}
        return True

    def _neighbor(self, kind: int, row: Membership) -> None:
        """Write somebody else who looks like a member: a twin, a namesake of one birth date, a namesake beside."""
        worker = row.worker
        number = _number(worker)
        area = self.chance.choice(_AREAS)
        serial = f"{self.chance.randrange(100, 999):03d}"
        if kind == 0:
            name = worker.name[:-1] + self.chance.choice([char for chars in self.sounds.values() for char in chars])
            fresh = _checked(number[:14] + f"{self.chance.randrange(1, 9):03d}")
            if self._alike(name, worker.name):
                return
        elif kind == 1:
            name, fresh = worker.name, _checked(area + number[6:14] + serial)
        else:
            year = int(number[6:10]) + self.chance.choice((-9, -7, -3, 4, 8))
            name, fresh = worker.name, _checked(number[:6] + f"{year}{number[10:14]}" + serial)
        made = self._add(row, name, fresh, moved=0.0 if kind != 1 else 0.5)
        self.planted.touched |= {worker.pk, *([made] if made else [])}

    def _alike(self, one: str, other: str) -> bool:
        from nuanxin.members.rules.duplicates import reads

        return reads(one) == reads(other)

    def _misspelt(self, name: str) -> str:
        """Return a name with two characters exchanged, or with a character of the same sound."""
        if "·" in name:
            return "·".join(reversed(name.split("·")))
        if self.chance.random() < 0.7 or len(name) < 3:
            at = len(name) - 2
            swapped = name[:at] + name[at + 1] + name[at]
            if swapped != name:
                return swapped
        at = self.chance.randrange(1, len(name))
        from nuanxin.members.rules.duplicates import syllables

        others = [char for char in self.sounds.get(" ".join(syllables(name[at])), []) if char != name[at]]
        return name[:at] + self.chance.choice(others) + name[at + 1 :] if others else name

    def _slip(self, number: str, *places: range) -> str:
        """Return a number with one digit mistyped or two exchanged, and the check character that fits it."""
        chosen = [at for span in places for at in span]
        for _try in range(200):
            at = self.chance.choice(chosen)
            if self.chance.random() < 0.3 and at + 1 in chosen and number[at] != number[at + 1]:
                fresh = number[:at] + number[at + 1] + number[at] + number[at + 2 : 17]
            else:
                digit = self.chance.choice("0123456789")
                fresh = number[:at] + digit + number[at + 1 : 17]
            if fresh != number[:17] and _born(fresh) is not None:
                return _checked(fresh)
        return _checked(number[:14] + "999")

    def _add(self, row: Membership, name: str, number: str, *, moved: float) -> UUID | None:
        from nuanxin.kernel.ids import new_id
        from nuanxin.kernel.secrets import PersonKey, digest
        from nuanxin.members.actions.admission import spell
        from nuanxin.members.models import Membership, Worker

        mark, phone = digest("id", number), f"155{self.chance.randrange(10**8):08d}"
        if mark in self.taken or Worker.objects.filter(id_digest=mark).exists():
            return None
        self.taken.add(mark)
        away = self.people[self.chance.randrange(len(self.people))] if self.chance.random() < moved else row
        pinyin, initials = spell(name)
        key = PersonKey.new()
        long = number if len(number) == 18 else f"{number[:6]}19{number[6:]}"
        worker = Worker(
            id=new_id(), sealed_key=key.sealed, name=name, pinyin=pinyin, initials=initials,
            sealed_id=key.seal(number), id_digest=mark, birth_on=_born(long),
            sex="M" if int(long[16]) % 2 else "F", sealed_phone=key.seal(phone), phone_digest=digest("phone", phone),
            occupation_group_id=away.worker.occupation_group_id, region_id=away.worker.region_id,
            employer_id=away.worker.employer_id, created_at=self.now(),
        )  # fmt: skip
        self.workers.append(worker)
        self.memberships.append(
            Membership(
                id=new_id(),
                number=f"99{len(self.workers):012d}",
                worker=worker,
                union_id=away.union_id,
                door_id=away.door_id,
                began_on=self.now().date(),
                terms=[],
            )
        )
        return worker.pk

    def now(self) -> Any:
        """Return a moment some days ago, when the second records came."""
        from django.utils import timezone

        return timezone.now() - timedelta(days=2)


def _number(worker: Any) -> str:
    from nuanxin.kernel.secrets import PersonKey

    return PersonKey(worker.sealed_key).unseal(worker.sealed_id)


def _born(number: str) -> date | None:
    """Return the birth date in a number; None when there is no such day, or nobody of working age was born then."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if 1940 <= born.year <= 2010 else None


def _checked(head: str) -> str:
    from demo.identities import id_check

    return head[:17] + id_check(head[:17])
