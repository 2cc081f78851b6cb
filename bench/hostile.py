"""A hostile client beside honest people: what it costs them, and what it finds. One machine, no proxy in front.

The honest load is measured alone, then beside the attack, at the same pace. `--minutes` says how long each takes.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.attack import HELD
from bench.join import _ask_owner, _where
from bench.people import bodies
from bench.report import Result, percentile, publish
from bench.stand import ROOT, Stand, running
from nuanxin.postgres import cluster

if TYPE_CHECKING:
    from collections.abc import Mapping

JOINS, PAGES = 12, 16
MUST = 3.0


def main(*, quick: bool) -> int:
    """Measure and publish; fails when a guess was right, or honest people wait more than three times as long."""
    minutes = float(os.environ.get("NUANXIN_BENCH_MINUTES", "0.3" if quick else "10"))
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    result = Result(
        "hostile",
        f"{JOINS} joins with a card check and {PAGES} pages a second, alone and beside a hostile client of {HELD} "
        f"held connections, slow heads, slow and huge bodies, guesses and floods, {minutes:g} min each, no proxy.",
        f"p99 beside ≤ {MUST:g} × p99 alone; no guess finds anything",
    )
    with running() as stand:
        plan = _plan(stand)
        regions, door, version = _where(stand)

        def honest(seconds: float) -> dict[str, Any]:
            people = bodies(int(seconds * JOINS * 1.2) + 50, regions=regions, door=door, consent_version=version)
            return plan | {"seconds": seconds, "joins": JOINS, "pages": PAGES, "bodies": people}

        _drive({"mix": honest(5.0)})
        seconds = minutes * 60
        used = [processor_seconds(stand)]
        alone = _drive({"mix": honest(seconds)})["mix"]
        used.append(processor_seconds(stand))
        both = _drive({"mix": honest(seconds), "attack": plan | {"seconds": seconds}})
        used.append(processor_seconds(stand))
    _report(result, alone, both["mix"], both["attack"])
    _report_processors(result, used, alone, both)
    status = publish(result, quick=quick)
    return status if result.figures["guesses_found"] == 0 and result.figures["worst_ratio"] <= MUST else 1  # type: ignore[operator]


def _plan(stand: Stand) -> dict[str, Any]:
    city = _ask_owner(
        stand, "from nuanxin.organizations.models import Union; print(Union.objects.get(name='聊城市总工会').code)"
    )
    return {
        "host": stand.host,
        "port": stand.port,
        "machine": stand.nuanxin("token", "--client", "bench"),
        "stolen": stand.nuanxin("token", "--client", "stolen"),
        "reviewer": stand.nuanxin("token", "--post", "reviewer", "--union", city),
    }


def _drive(plans: Mapping[str, Any]) -> dict[str, Any]:
    """Run loads at once, each in a process of its own; return what they measured."""
    running_loads = {}
    for name, plan in plans.items():
        load = subprocess.Popen(
            [sys.executable, "-m", f"bench.{name}"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert load.stdin is not None
        load.stdin.write(json.dumps(plan))
        load.stdin.close()
        load.stdin = None
        running_loads[name] = load
    measured = {name: load.communicate()[0] for name, load in running_loads.items()}
    return {name: json.loads(text) for name, text in measured.items()}


def processor_seconds(stand: Stand) -> dict[str, float]:
    """Return what each part of the installation has used of the processors so far, in seconds."""
    used: Counter[str] = Counter()
    database = cluster.find(stand.data).folder
    marker = f"NUANXIN_DATA={stand.data}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes()
            ours = marker in (process / "environ").read_bytes().split(b"\0") and b"bench." not in words
            if (process / "cwd").readlink() == database:
                part = "database"
            elif ours:
                part = "web server" if b"granian" in words else "rest"
            else:
                continue
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            used[part] += int(fields[11]) + int(fields[12])
    return {part: ticks / os.sysconf("SC_CLK_TCK") for part, ticks in used.items()}


def _report_processors(
    result: Result, used: list[dict[str, float]], alone: dict[str, Any], both: dict[str, dict[str, Any]]
) -> None:
    """Note who used the processors: they are shared, so a load that took them would be felt as if it were an attack."""
    for name, before, after, loads in (
        ("alone", used[0], used[1], {"honest load": alone["cpu"]}),
        ("beside", used[1], used[2], {"honest load": both["mix"]["cpu"], "attack": both["attack"]["cpu"]}),
    ):
        spent = {part: after[part] - before.get(part, 0.0) for part in after} | loads
        parts = [f"{part} {seconds:.1f}" for part, seconds in sorted(spent.items())]
        result.notes.append(f"processor seconds, {name}: {', '.join(parts)}")
    result.figures["attack_cpu_s"] = round(both["attack"]["cpu"], 1)


def _report(result: Result, alone: dict[str, Any], beside: dict[str, Any], attack: dict[str, Any]) -> None:
    ratios = {}
    for kind in ("join", "verify", "page"):
        for share, name in ((0.5, "p50"), (0.99, "p99")):
            before = result.add(f"{kind} {name}, alone", "ms", [percentile(alone["times"][kind], share) * 1000])
            after = result.add(
                f"{kind} {name}, beside", "ms", [percentile(beside["times"][kind], share) * 1000], before.name
            )
            if share > 0.5:
                ratios[kind] = after.median / before.median
    result.figures = {
        **{f"ratio_{kind}_p99": round(ratio, 2) for kind, ratio in ratios.items()},
        "worst_ratio": round(max(ratios.values()), 2),
        "guesses_found": len(attack["found"]),
        "honest_faults_alone": alone["fault_count"],
        "honest_faults_beside": beside["fault_count"],
    }
    result.notes = [f"the attack: {what}: {count}" for what, count in sorted(attack["told"].items())]
    result.notes += [f"honest fault: {fault}" for fault in (alone["faults"] + beside["faults"])[:5]]


if __name__ == "__main__":
    sys.exit(main(quick=True))
