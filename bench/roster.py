"""A roster of 100,000 people, from the .xlsx file to members with cards: read, checked, routed, sealed, counted.

The people are a platform's: each works for one of the partner firms of a city, and each firm has its union. The work is
done by as many processes as share a roster in an installation; their memory together is measured. Yardsticks in the
same run: COPY of the very same finished rows into the same tables, and django-import-export with validation into a
plain model.
"""

from __future__ import annotations

import csv
import io
import os
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.crowd.stand import boot, folder, ready, resting
from bench.report import Result, publish
from nuanxin.members.rules.rosters.limits import HANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from uuid import UUID

IN_PLACE = 60_000
CITY = "3715"
COPY_LINE, IMPORT_LINE = "COPY of the same rows", "import-export, bulk, validated"
GROUPS = ("courier", "food_delivery_rider", "ride_hailing_driver", "truck_driver")
HEADERS = ("姓名", "身份证号", "手机号", "职业群体", "工作地区", "统一社会信用代码")
#: Tables into which a person's rows go, with what tells those of the roster.
TABLES = {
    "members_worker": "id IN (SELECT worker_id FROM bench_people)",
    "members_membership": "id IN (SELECT id FROM bench_people)",
    "members_membershipentry": "membership_id IN (SELECT id FROM bench_people)",
    "members_card": "membership_id IN (SELECT id FROM bench_people)",
}


def main(*, quick: bool) -> int:
    """Measure and publish."""
    count, rounds, imported = (20_000, 1, 3000) if quick else (100_000, 3, 10_000)
    result = Result(
        "roster",
        f"A roster of {count:,} people as .xlsx, from upload to members with cards, {IN_PLACE:,} members in place.",
        "≥ 8,000 rows/s; ≥ 25 % of COPY of the same finished rows; ≤ 400 MB",
    )
    home = Path(os.environ.get("NUANXIN_DATA") or folder(IN_PLACE)).resolve()
    with resting(home):
        ready(IN_PLACE, home)
        _measure(result, home, count, rounds, imported)
    return publish(result, quick=quick)


def _measure(result: Result, home: Path, count: int, rounds: int, imported: int) -> None:
    names = ("upload", "check", "enroll")
    whole: list[float] = []
    steps: dict[str, list[float]] = {name: [] for name in names}
    copies: list[float] = []
    imports: list[float] = []
    peaks: list[float] = []
    for turn in range(rounds):
        content = _file(count, turn)
        told = _run(home, content)
        whole.append(count / sum(told[name] for name in names))
        for name in names:
            steps[name].append(count / told[name])
        peaks.append(told["peak"] / 1024)
        copies.append(_copy_again(home, count))
        imports.append(_import(home, imported, turn))
    result.add(COPY_LINE, "people/s", copies)
    result.add(IMPORT_LINE, "rows/s", imports)
    line = result.add("roster", "rows/s", whole, COPY_LINE)
    against = result.add("roster against import-export", "rows/s", whole, IMPORT_LINE)
    for name in names:
        result.add(f"{name} alone", "rows/s", steps[name])
    memory = result.add("peak memory of the workers together", "MB", peaks)
    result.figures = {
        "rows_per_s": round(line.median),
        "ratio_copy": round(result.ratio(line) or 0, 3),
        "ratio_import_export": round(result.ratio(against) or 0, 1),
        "peak_mb": round(memory.median),
    }


def _people(count: int, turn: int) -> Iterator[tuple[str, ...]]:
    """Yield people whom the stand does not have, each of a partner firm of the city."""
    from bench.crowd.names import Names
    from bench.crowd.population import SEED, Identities
    from demo.identities import id_check
    from nuanxin.organizations.models import Coverage
    from nuanxin.regions.models import Region

    chance = random.Random(SEED + turn)
    names = Names(random.Random(SEED + turn))
    counties = list(Region.objects.filter(level=3).order_by("code").values_list("code", flat=True))
    identities = Identities(counties, CITY)
    rows = Coverage.objects.filter(enterprise__region__code__startswith=CITY, valid_until=None).order_by("pk")
    firms = list(rows.values_list("enterprise__credit_code", "enterprise__region_id")[:400])
    for serial in range(count):
        born = date(2005, 1, 1) - timedelta(days=chance.randrange(15_000))
        head = f"{identities.of(born)[:14]}{turn + 1:03d}"  # the stand's people have sequence 000
        sex = chance.choice("MMMF")
        code, county = firms[serial % len(firms)]
        phone = f"153{turn * count + serial:08d}"
        yield names.draw(sex, born.year), head + id_check(head), phone, chance.choice(GROUPS), county, code


def _file(count: int, turn: int) -> bytes:
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate([HEADERS, *_people(count, turn)]):
            for column, cell in enumerate(row):
                sheet.write_string(line, column, cell)
    return file.getvalue()


def _run(home: Path, content: bytes) -> dict[str, float]:
    """Hand the roster in, have it checked and enrolled by several processes, and tell how long each step took."""
    hands = [
        ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_begin, initargs=(home,))
        for _hand in range(HANDS)
    ]
    told: dict[str, float] = {}

    def timed(name: str, work: Callable[..., Any], some: Sequence[ProcessPoolExecutor], *values: Any) -> Any:
        began = time.perf_counter()
        done = [each.submit(work, *values) for each in some]
        found = [each.result() for each in done]
        told[name] = time.perf_counter() - began
        return found[0]

    try:
        for each in hands:
            each.submit(_peak).result()  # as a worker that has been waiting for work
        roster = timed("upload", _upload, hands[:1], content)
        timed("check", _work_off, hands, roster)
        hands[0].submit(_commit, roster).result()
        timed("enroll", _work_off, hands, roster)
        hands[0].submit(_verify, roster).result()
        told["peak"] = sum(each.submit(_peak).result() for each in hands)
    finally:
        for each in hands:
            each.shutdown()
    return told


def _begin(home: Path) -> None:
    boot(home)
    from nuanxin.wiring import connect

    connect()


def _upload(content: bytes) -> UUID:
    from django.utils import timezone

    from nuanxin.access.actors import system
    from nuanxin.members.actions.rosters import upload_roster
    from nuanxin.members.queries.rosters import Place
    from nuanxin.organizations.models import Union

    place = Place(Union.objects.get(code=f"C{CITY}"), None)
    return upload_roster(actor=system(), place=place, name="list.xlsx", content=content, now=timezone.now()).pk


def _work_off(roster: UUID) -> None:
    from nuanxin.members.actions.rosters import work_off

    work_off(roster)


def _commit(pk: UUID) -> None:
    from django.utils import timezone

    from nuanxin.access.actors import system
    from nuanxin.members.actions.rosters import commit_roster
    from nuanxin.members.models import Roster

    roster = Roster.objects.select_related("union", "enterprise").get(pk=pk)
    if set(roster.counts) != {"new"}:
        raise RuntimeError(f"Not everybody is new: {roster.counts} {roster.failure}")
    commit_roster(actor=system(), roster=roster, partial=False, now=timezone.now())


def _verify(pk: UUID) -> None:
    from nuanxin.members.models import Roster

    roster = Roster.objects.get(pk=pk)
    if roster.state != "done" or set(roster.counts) != {"new"}:
        raise RuntimeError(f"Not everybody was enrolled: {roster.state} {roster.counts}")
    Roster.objects.filter(pk=pk).update(told=True)


def _peak() -> float:
    """Return the most memory that this process has had, in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def _copy_again(home: Path, count: int) -> float:
    """Take the finished rows of the last roster out, and COPY them in again, as many at a time as the roster did."""
    import psycopg

    from nuanxin.members.rules.rosters.limits import CHUNK
    from nuanxin.postgres import cluster

    where = cluster.find(home)
    with psycopg.connect(where.dsn(user=cluster.SUPERUSER)) as owner:
        owner.execute(
            "CREATE TEMPORARY TABLE bench_people AS "
            "SELECT m.id, m.worker_id, row_number() OVER (ORDER BY m.id) AS turn "
            "FROM members_membership m JOIN members_rosterrow r ON r.id = m.id"
        )
        owner.execute("ANALYZE bench_people")
        chunks = [
            {table: _taken(owner, table, condition, at, CHUNK) for table, condition in TABLES.items()}
            for at in range(0, count, CHUNK)
        ]
        _purge(owner)
        owner.commit()
    with psycopg.connect(where.dsn(user=cluster.SUPERUSER), autocommit=True) as owner:
        for table in (*TABLES, "members_rosterrow"):
            owner.execute(f"VACUUM (ANALYZE) {table}")
        owner.execute("CHECKPOINT")
    with psycopg.connect(where.dsn(user=cluster.OWNER)) as plain:
        began = time.perf_counter()
        for chunk in chunks:
            for table, content in chunk.items():
                with plain.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(content)
            plain.commit()
        seconds = time.perf_counter() - began
    with psycopg.connect(where.dsn(user=cluster.SUPERUSER), autocommit=True) as owner:
        owner.execute(
            "CREATE TEMPORARY TABLE bench_people AS SELECT id, worker_id FROM members_membership "
            "WHERE door_id = 'roster' AND began_on = (SELECT max(began_on) FROM members_membership)"
        )
        _purge(owner)
        for table in TABLES:
            owner.execute(f"VACUUM (ANALYZE) {table}")
    return count / seconds


def _taken(owner: Any, table: str, condition: str, at: int, size: int) -> bytes:
    part = condition.replace("bench_people", f"bench_people WHERE turn > {at} AND turn <= {at + size}")
    with owner.cursor().copy(f"COPY (SELECT * FROM {table} WHERE {part}) TO STDOUT") as copy:
        return b"".join(copy)


def _purge(owner: Any) -> None:
    """Delete the people of the roster, and the roster."""
    owner.execute("SET session_replication_role = replica")
    for table, condition in reversed(TABLES.items()):
        owner.execute(f"DELETE FROM {table} WHERE {condition}")
    for table in ("members_rosterrow", "members_rosterchunk", "members_rosterfile", "members_roster"):
        owner.execute(f"DELETE FROM {table}")
    owner.execute("SET session_replication_role = origin")


def _import(home: Path, count: int, turn: int) -> float:
    """Import people as CSV by django-import-export, in a process of its own; return rows a second."""
    fields = ("name", "id_number", "phone", "occupation_group", "region_code", "employer")
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(fields)
        rows.writerows(_people(count, turn))
        file.flush()
        words = [sys.executable, "-m", "bench.plain", file.name]
        chosen = {"NUANXIN_DATA": str(home), "NUANXIN_DATABASE_ROLE": "owner"}
        chosen["DJANGO_SETTINGS_MODULE"] = "bench.plain.settings"
        done = subprocess.run(words, env=os.environ | chosen, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return count / float(done.stdout.split()[-1])
