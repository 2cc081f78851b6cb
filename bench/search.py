"""Finding members at the desk: the whole page over HTTP as a signed-in cadre asks for it, eight clients at a time.

Each kind is asked twice: without a pause, so that both cores are always busy, and by eight who pause as people do.

In a province of 1,000,000 members (`NUANXIN_BENCH_MEMBERS=5000000` for five), made once by `bench.crowd` and kept.
Yardsticks in the same run: the empty view of the same server, the desk's page without any list, and the same rows
found in plain SQL by their key.
"""

from __future__ import annotations

import http.client
import os
import random
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bench.crowd import stand as crowd
from bench.load import drive
from bench.report import Result, percentile, publish
from bench.stand import ROOT, Stand, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLIENTS = 8
SEED = 11
PAGE = "/desk/people/"
EXACT = ("id", "phone", "number")
#: Seconds that somebody who types takes from one answer to the next question, where clients pause.
PAUSE = 0.4


def main(*, quick: bool) -> int:
    """Measure and publish."""
    members = int(os.environ.get("NUANXIN_BENCH_MEMBERS", "1000000"))
    made = crowd.ready(members)
    result = Result(
        "search" if members == 1_000_000 else f"search-{members}",
        f"Member search, whole page over HTTP, {CLIENTS} clients, {members:,} members.",
        "p95 ≤ 15 ms exact, ≤ 50 ms name",
    )
    with crowd.resting(made.data):
        kinds, cookies = _kinds(), _cookies()
        with serving(made.data) as stand:
            _measure(result, stand, kinds, cookies, rounds=1 if quick else 3, seconds=1.6 if quick else 6.0)
    result.notes.append(f"The stand was made in {made.seconds:.0f} s: {made.rows:,} rows, indexes and all.")
    return publish(result, quick=quick)


def _measure(
    result: Result,
    stand: Stand,
    kinds: dict[str, list[tuple[str, str]]],
    cookies: dict[str, str],
    *,
    rounds: int,
    seconds: float,
) -> None:
    def run(asked: list[tuple[str, str]], clients: int, length: float, pause: float = 0.0) -> tuple[list[float], float]:
        plan = {"host": stand.host, "port": stand.port, "clients": clients, "seconds": length, "pause": pause}
        measured = drive(plan | {"asks": [[path, cookies[who] if who else ""] for who, path in asked]})
        if measured["faults"]:
            raise RuntimeError(f"Not every page came: {measured['faults']}")
        times = [1000 * each for each in measured["times"]["bare"]]
        return times, len(times) / float(measured["seconds"])

    kinds = {"empty view": [("", "/healthz")], "page without a list": [("province", f"{PAGE}?q=1")]} | kinds
    figures: dict[str, Any] = {}
    run([ask for asks in kinds.values() for ask in asks], CLIENTS, 3.0)
    for name, asks in kinds.items():
        p95, rates, calm = [], [], []
        for _ in range(rounds):
            times, rate = run(asks, CLIENTS, seconds)
            p95.append(percentile(times, 0.95))
            rates.append(rate)
            calm.append(percentile(run(asks, CLIENTS, seconds, PAUSE)[0], 0.95))
        result.add(f"{name}, p95 of 8 clients", "ms", p95, "empty view, p95 of 8 clients")
        line = result.add(f"{name}, 8 clients", "requests/s", rates)
        result.add(f"{name}, p95 of 8 who pause", "ms", calm)
        key = name.replace(",", "").replace(" ", "_")
        figures[f"p95_ms_pausing_{key}"] = round(sorted(calm)[len(calm) // 2], 1)
        figures[f"p95_ms_{key}"] = round(sorted(p95)[len(p95) // 2], 1)
        figures[f"requests_per_s_{key}"] = round(line.median, 1)
    exact = [figures[f"p95_ms_{name}"] for name in EXACT]
    named = [value for name, value in figures.items() if name.startswith("p95_ms_name")]
    figures["p95_ms_exact"], figures["p95_ms_name"] = max(exact), max(named)
    figures["p95_ms"] = max(*exact, *named)
    result.figures = figures


def _kinds() -> dict[str, list[tuple[str, str]]]:
    """Return what is asked for, by kind: who asks, and the address."""
    from nuanxin.members.models import Membership
    from nuanxin.members.queries.memberships import identity_of, phone_of

    chance = random.Random(SEED)
    some = list(Membership.objects.select_related("worker").filter(number__gte=f"37{chance.randrange(10, 15)}")[:4000])
    some = [row for row in chance.sample(some, 300) if row.worker.phone_digest]

    def ask(texts: list[str], *whos: str, more: str = "") -> list[tuple[str, str]]:
        return [(who, f"{PAGE}?q={quote(text)}{more}") for text in texts for who in whos or ("province", "county")]

    names = [row.worker.name for row in some]
    inside = [name[1:] for name in names if len(name) == 3]
    return {
        "id": ask([identity_of(row) for row in some], "province"),
        "phone": ask([phone_of(row) for row in some], "province"),
        "number": ask([row.number for row in some], "province"),
        "last four of a phone": ask([phone_of(row)[-4:] for row in some], "province", "county"),
        "name, whole": ask(names),
        "name, prefix": ask([name[:2] for name in names]),
        "name, one character": ask([name[0] for name in names]),
        "name, inside": ask(inside),
        "name, pinyin": ask([row.worker.pinyin[: 3 + at % 8] for at, row in enumerate(some)]),
        "name, initials": ask([row.worker.initials for row in some]),
        "name, worst": ask(["王", "张伟", "wei", "w", "建国", "伟", "zhang", "wzq", "龘靐", "司马光明", "zzyyxx"]),
        "name, worst of a city": ask(["王", "张伟", "wei", "建国", "诸葛"], "city"),
        "name and group": ask(["王", "张伟", "li"], more="&group=truck_driver"),
        "name and ended": ask(["王", "张伟", "li"], more="&state=ended"),
        "no text": [(who, PAGE) for who in ("province", "city", "county")],
    }


def _cookies() -> dict[str, str]:
    from bench.crowd.province import cadre

    return {name: cadre(name) for name in ("province", "city", "county")}


@contextmanager
def serving(data: Path) -> Iterator[Stand]:
    """Serve a stand as the product does, with the right of the application role only."""
    from nuanxin.operate.processes import web_command

    port = int(os.environ.get("NUANXIN_BENCH_PORT", "8848"))
    variables = environment(data) | {
        "NUANXIN_DATABASE_ROLE": "application",
        "NUANXIN_BASE_URL": f"http://127.0.0.1:{port}",
    }
    process = subprocess.Popen(web_command(host="127.0.0.1", port=port, workers=2), env=variables, cwd=ROOT)
    try:
        for _ in range(300):
            try:
                line = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                line.request("GET", "/healthz")
                if line.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.1)
        yield Stand("127.0.0.1", port, data, 0.0)
    finally:
        process.terminate()
        process.wait(20)
