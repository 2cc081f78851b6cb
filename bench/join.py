"""The whole join over HTTP: apply with a machine's key that proves phones → approve with a reviewer's → card code.

In the city of 57,768 members. Yardsticks in the same run: the empty view of the same server, and single-row durable
INSERTs into the same database.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bench.load import drive
from bench.people import bodies
from bench.report import Result, percentile, publish
from bench.stand import Stand, running
from bench.yardsticks import DURABLE_INSERT, EMPTY_VIEW, durable_insert, empty_view

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENTS = 8
STEPS = ("apply", "approve", "card_code")


def main(*, quick: bool) -> int:
    """Measure and publish."""
    rounds, seconds = (1, 8.0) if quick else (5, 20.0)
    result = Result(
        "join",
        f"Whole joins over HTTP, {CLIENTS} clients, in the city of 57,768 members.",
        "≥ 120 joins/s; p99 of each request ≤ 100 ms at half load",
    )
    with running() as stand:
        _measure(result, stand, rounds, seconds)
    return publish(result, quick=quick)


def _measure(result: Result, stand: Stand, rounds: int, seconds: float) -> None:
    plan = _plan(stand)
    regions, door, version = _where(stand)

    def fresh(count: int) -> Iterator[str]:
        return iter(bodies(count, regions=regions, door=door, consent_version=version))

    def run(length: float, rate: float = 0) -> dict[str, Any]:
        asked = plan | {"seconds": length, "rate": rate, "bodies": list(fresh(int(length * 250)))}
        measured = drive(asked)
        if measured["faults"]:
            raise RuntimeError(f"Not every join went through: {measured['faults']}")
        return measured

    run(2.0)
    rates, views, inserts = [], [], []
    full: dict[str, list[float]] = {step: [] for step in STEPS}
    half: dict[str, list[float]] = {step: [] for step in STEPS}
    for _ in range(rounds):
        views.append(empty_view(stand, clients=CLIENTS, seconds=seconds / 4))
        inserts.append(durable_insert(stand, clients=CLIENTS, seconds=seconds / 4))
        measured = run(seconds)
        rates.append(len(measured["times"]["join"]) / measured["seconds"])
        calm = run(seconds, rate=rates[-1] / 2)
        for step in STEPS:
            full[step] += measured["times"][step]
            half[step] += calm["times"][step]
    result.add(EMPTY_VIEW, "requests/s", views)
    result.add(DURABLE_INSERT, "rows/s", inserts)
    joins = result.add("joins", "joins/s", rates, EMPTY_VIEW)
    result.add("joins against INSERT", "joins/s", rates, DURABLE_INSERT)
    for name, times in (("full load", full), ("half load", half)):
        for step in STEPS:
            result.add(f"{step} p50, {name}", "ms", [percentile(times[step], 0.5) * 1000])
            result.add(f"{step} p99, {name}", "ms", [percentile(times[step], 0.99) * 1000])
    result.figures = {
        "joins_per_s": round(joins.median, 1),
        "ratio_empty_view": round(result.ratio(joins) or 0, 4),
        **{f"p99_ms_{step}_half": round(percentile(half[step], 0.99) * 1000, 1) for step in STEPS},
    }


def _plan(stand: Stand) -> dict[str, Any]:
    """Return host, port and keys: a machine's with all scopes, and a reviewer's of the whole city."""
    city = _ask_owner(
        stand, "from nuanxin.organizations.models import Union; print(Union.objects.get(name='聊城市总工会').code)"
    )
    return {
        "host": stand.host,
        "port": stand.port,
        "clients": CLIENTS,
        "machine": stand.nuanxin("token", "--client", "bench"),
        "reviewer": stand.nuanxin("token", "--post", "reviewer", "--union", city),
    }


def _where(stand: Stand) -> tuple[list[str], str, str]:
    """Return villages to work in, the door of the machine's applications, and the version of the consent texts."""
    meta = json.loads(stand.get("/api/v1/meta"))
    listed = _ask_owner(
        stand,
        "from nuanxin.regions.models import Region; "
        "print(*Region.objects.filter(code__startswith='3715', level=5).values_list('code', flat=True)[::7])",
    )
    return listed.split(), "h5", str(meta["consent_version"])


def _ask_owner(stand: Stand, code: str) -> str:
    return stand.nuanxin("django", "shell", "--no-imports", "-c", code)
