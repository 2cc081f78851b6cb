"""Gifted insurance for 85,000: frozen, handed over, policies back with 137 planted differences, compared, issued.

In a province of 1,000,000 members, made once by `bench.crowd` and kept; what the run writes is taken out again. All
is done in a process of its own, as the background does it. Yardsticks in the same run: COPY of the very same finished
lines into the same table, and one plain join of list and policies that counts what does not agree.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import random
import threading
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.crowd.stand import boot, folder, ready, resting
from bench.report import Result, publish

if TYPE_CHECKING:
    from collections.abc import Iterator

PEOPLE, SEED = 85_000, 17
COPY_LINE, JOIN_LINE = "COPY of the same list", "one plain join of list and policies"
#: Differences that are planted: 137 in all.
PLANTED = {
    "missing": 20, "extra": 15, "name": 20, "id": 17, "dates": 20, "sum": 20,
    "doubled_number": 15, "doubled_person": 10,
}  # fmt: skip
STEPS = (
    "freeze",
    "roll as .xlsx",
    "roll to the insurer's service",
    "policies read",
    "compared",
    "issued and delivered",
)
HEADERS = ("序号", "保单号", "姓名", "身份证号", "保险起期", "保险止期", "保额")
_SECRET = "bench"


def main(*, quick: bool) -> int:
    """Measure and publish."""
    in_place = int(os.environ.get("NUANXIN_BENCH_MEMBERS", "60000" if quick else "1000000"))
    people = 20_000 if quick else PEOPLE
    result = Result(
        "insurance",
        f"A batch of gifted insurance for {people:,} of {in_place:,} members, {sum(PLANTED.values())} differences.",
        "every planted difference found, and no other; each step within a minute",
    )
    home = folder(in_place)
    with resting(home):
        ready(in_place, home)
        steps: dict[str, list[float]] = {name: [] for name in (*STEPS, COPY_LINE, JOIN_LINE)}
        for turn in range(1 if quick else 3):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=boot, initargs=(home,)) as worker:
                told = worker.submit(_batch, people, turn).result()
            for name, seconds in told.items():
                steps[name].append(people / seconds)
            _purge(home)
    result.add(COPY_LINE, "people/s", steps[COPY_LINE])
    result.add(JOIN_LINE, "people/s", steps[JOIN_LINE])
    beside = {"freeze": COPY_LINE, "compared": JOIN_LINE}
    for name in STEPS:
        result.add(name, "people/s", steps[name], beside.get(name, ""))
    result.figures = {
        **{
            f"step{at}_s": round(people / sorted(steps[name])[len(steps[name]) // 2], 2)
            for at, name in enumerate(STEPS)
        },
        "planted": sum(PLANTED.values()),
        "found": sum(PLANTED.values()),
    }
    for name in STEPS:
        middle = sorted(steps[name])[len(steps[name]) // 2]
        result.notes.append(f"{name}: {people / middle:.1f} s for {people:,} people")
    result.notes.append(f"Planted {sum(PLANTED.values())} differences, all found, none besides: {PLANTED}")
    return publish(result, quick=quick)


def _batch(people: int, turn: int) -> dict[str, float]:
    """Take one batch from the members to the policies, and return how long each step took, in seconds."""
    from django.utils import timezone

    from nuanxin.access.actors import system
    from nuanxin.benefits.actions import insurance_returns as returns
    from nuanxin.benefits.actions.insurance_lists import freeze_list
    from nuanxin.benefits.actions.insurance_reconciling import issue_next, reconcile
    from nuanxin.benefits.actions.insurance_rolls import ask_roll, take_roll, write_roll_file
    from nuanxin.benefits.models import InsuranceBatch, PolicyReturn
    from nuanxin.benefits.queries.insurance_rolls import roll_lines
    from nuanxin.kernel.clock import local_day
    from nuanxin.wiring import connect

    connect()
    told: dict[str, float] = {}
    with _service() as address:
        batch = _prepare(people, address)
        with _clock(told, "freeze"):
            freeze_list(batch_id=batch.pk, now=timezone.now())
        batch = InsuranceBatch.objects.select_related("plan__insurer", "union").get(pk=batch.pk)
        if batch.people != people:
            raise RuntimeError(f"{batch.people} people are on the list, not {people}.")
        _send(told, batch)
    lines = list(roll_lines(batch))
    ask_roll(actor=system(), batch=_read(batch), now=timezone.now())
    with _clock(told, "roll as .xlsx"):
        write_roll_file(batch_id=batch.pk)
        take_roll(actor=system(), batch=_read(batch), now=timezone.now())
    content = _answer(batch, lines, random.Random(SEED + turn))
    back = returns.hand_in_policies(
        actor=system(), batch=_read(batch), name="policies.xlsx", content=content, now=timezone.now()
    )
    with _clock(told, "policies read"):
        returns.read_return(return_id=back.pk, now=timezone.now())
    if (state := PolicyReturn.objects.get(pk=back.pk).state) != "done":
        raise RuntimeError(f"The file was not read: {state}")
    with _clock(told, "compared"):
        found = reconcile(batch_id=batch.pk, now=timezone.now())
    if found != PLANTED:
        raise RuntimeError(f"Planted {PLANTED}, found {found}.")
    with _clock(told, "issued and delivered"):
        while issue_next(batch_id=batch.pk, day=local_day(timezone.now()), now=timezone.now()):
            pass
    _yardsticks(told, batch)
    return told


def _read(batch: Any) -> Any:
    from nuanxin.benefits.models import InsuranceBatch

    return InsuranceBatch.objects.select_related("plan__insurer", "union").get(pk=batch.pk)


@contextmanager
def _clock(told: dict[str, float], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    told[name] = time.perf_counter() - began


def _prepare(people: int, address: str) -> Any:
    from django.utils import timezone

    from nuanxin.access.actors import system
    from nuanxin.benefits.actions.insurance_lists import freeze_batch
    from nuanxin.benefits.actions.insurance_plans import prepare_batch
    from nuanxin.benefits.models import InsurancePlan, Insurer
    from nuanxin.benefits.rules.insurance import Checks
    from nuanxin.kernel.clock import local_day
    from nuanxin.kernel.secrets import seal
    from nuanxin.organizations.models import Union

    now = timezone.now()
    union = Union.objects.filter(parent=None).order_by("created_at").first()
    assert union is not None
    insurer = Insurer.objects.create(
        name=f"bench {now.isoformat()}", address=address, sealed_secret=seal(_SECRET), created_at=now
    )
    plan = InsurancePlan.objects.create(
        code=f"bench {now.isoformat()}"[:30], insurer=insurer, union=union, name="意外险", cover="意外",
        sum_insured=Decimal(100_000), premium=Decimal(36), months=12, valid_from=local_day(now), created_at=now,
    )  # fmt: skip
    batch = prepare_batch(
        actor=system(), plan=plan, union=union, name="bench", on=local_day(now), cover_from=local_day(now),
        checks=Checks(least_age=16, most_age=65, uninsured=True), most=people, now=now,
    )  # fmt: skip
    return freeze_batch(actor=system(), batch=batch, now=now)


def _send(told: dict[str, float], batch: Any) -> None:
    """Send the whole roll to the service, signed, part by part."""
    from django.utils import timezone

    from nuanxin.access.actors import system
    from nuanxin.benefits.actions.insurance_rolls import send_roll
    from nuanxin.benefits.tasks.insurance import send_parts

    send_roll(actor=system(), batch=batch, now=timezone.now())
    with _clock(told, "roll to the insurer's service"):
        send_parts(batch.pk)
    if _read(batch).state != "sent":
        raise RuntimeError(f"The roll was not sent: {_read(batch).trouble}")


def _answer(batch: Any, lines: list[Any], chance: random.Random) -> bytes:
    """Return the insurer's file, with the differences in it at lines drawn at random, each line at most once."""
    import xlsxwriter

    from demo.identities import id_check

    begin, end = batch.cover_from.isoformat(), batch.cover_until.isoformat()
    rows = [
        [str(each.line), f"{batch.number}{each.line:06d}", each.name, each.id_number, begin, end, "100000.00"]
        for each in lines
    ]
    own = sorted(set(PLANTED) - {"extra", "doubled_person"})
    drawn = iter(chance.sample(range(len(rows)), sum(PLANTED.values()) * 2))
    gone: set[int] = set()
    for kind in own:
        for _turn in range(PLANTED[kind]):
            at = next(drawn)
            row = rows[at]
            match kind:
                case "missing":
                    gone.add(at)
                case "name":
                    row[2] = row[2] + "某"
                case "id":
                    head = f"{row[3][:6]}19000101{chance.randrange(1000):03d}"
                    row[3] = head + id_check(head)
                case "dates":
                    row[4] = (batch.cover_from + timedelta(days=1)).isoformat()
                case "sum":
                    row[6] = "10000"
                case "doubled_number":
                    # a number that stands further up: the lower one is the doubled one
                    other = next(drawn)
                    first, second = min(at, other), max(at, other)
                    rows[second][1] = rows[first][1]
    twice = [[*rows[at][:1], f"{batch.number}T{at}", *rows[at][2:]] for at in (next(drawn) for _ in range(10))]
    heads = [f"99999919800101{at:03d}" for at in range(PLANTED["extra"])]
    extra = [["", f"{batch.number}X{head}", "路人", head + id_check(head), begin, end, "100000.00"] for head in heads]
    kept = [row for at, row in enumerate(rows) if at not in gone]
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        for line, cells in enumerate([HEADERS, *kept, *twice, *extra]):
            for column, cell in enumerate(cells):
                sheet.write_string(line, column, cell)
    return file.getvalue()


def _yardsticks(told: dict[str, float], batch: Any) -> None:
    """COPY the finished list into an empty table of the same form, and join list and policies plainly."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bench_list (LIKE benefits_insured INCLUDING ALL)")
        with cursor.copy(f"COPY (SELECT * FROM benefits_insured WHERE batch_id = '{batch.pk}') TO STDOUT") as copy:
            content = b"".join(bytes(part) for part in copy)
        with _clock(told, COPY_LINE), cursor.copy("COPY bench_list FROM STDIN") as copy:
            copy.write(content)
        with _clock(told, JOIN_LINE):
            cursor.execute(
                "SELECT count(*) FROM benefits_insured i FULL JOIN benefits_policyrow r "
                "ON r.id_digest = i.id_digest AND r.batch_id = i.batch_id "
                "WHERE coalesce(i.batch_id, r.batch_id) = %s AND (i.id IS NULL OR r.id IS NULL OR i.name <> r.name)",
                [batch.pk],
            )


def _purge(home: Path) -> None:
    """Take out what the run wrote."""
    import psycopg

    from nuanxin.postgres import cluster

    with psycopg.connect(cluster.find(home).dsn(user=cluster.SUPERUSER)) as owner:
        owner.execute("SET session_replication_role = replica")
        for table in ("policy", "difference", "policyrow", "policyreturn", "rollpart", "insured", "insurancebatch"):
            owner.execute(f"DELETE FROM benefits_{table}")
        owner.execute("DELETE FROM benefits_insuranceplan WHERE code LIKE 'bench%'")
        owner.execute("DELETE FROM benefits_insurer WHERE name LIKE 'bench%'")
        owner.execute(
            "DELETE FROM catalog_uncounted WHERE delivery_id IN "
            "(SELECT id FROM catalog_delivery WHERE source_kind = 'policy')"
        )
        owner.execute("DELETE FROM catalog_delivery WHERE source_kind = 'policy'")
        owner.execute("DELETE FROM records_auditentry WHERE subject_type = 'benefits.insurancebatch'")
        owner.execute("DELETE FROM procrastinate_jobs WHERE task_name LIKE 'benefits.%'")


class _Insurer(BaseHTTPRequestHandler):
    """Takes every message whose signature fits, and counts people."""

    taken: Counter[str] = Counter()

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        text = self.headers["X-Nuanxin-Timestamp"].encode() + b"\n" + body
        wanted = "hmac-sha256=" + hmac.new(_SECRET.encode(), text, hashlib.sha256).hexdigest()
        fits = hmac.compare_digest(wanted, self.headers["X-Nuanxin-Signature"])
        told = json.loads(body)
        self.taken[told["batch"]] += len(told.get("people", ())) if isinstance(told.get("people"), list) else 0
        whole = isinstance(told.get("people"), list) or self.taken[told["batch"]] == told["people"]
        content = b'{"receipt": "ok"}'
        self.send_response(200 if fits and whole else 409)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_PUT = _take  # noqa: N815 - named so above
    do_POST = _take  # noqa: N815 - named so above

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named so above
        """Say nothing."""


@contextmanager
def _service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Insurer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
