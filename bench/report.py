"""How results are kept and shown: a table on the screen, a file of figures, and one page made from all the files."""

from __future__ import annotations

import json
import os
import platform
import statistics
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
PAGE = HERE / "RESULTS.md"


@dataclass(frozen=True)
class Line:
    """One thing measured several times; `yardstick` names the line it is compared with, by the ratio of medians."""

    name: str
    unit: str
    values: list[float]
    yardstick: str = ""

    @property
    def median(self) -> float:
        """Return the median of the values."""
        return statistics.median(self.values)


@dataclass
class Result:
    """What one benchmark came to."""

    name: str
    work: str
    must: str
    lines: list[Line] = field(default_factory=list)
    figures: dict[str, float | int | str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, unit: str, values: list[float], yardstick: str = "") -> Line:
        """Add a line and return it."""
        line = Line(name, unit, [round(value, 3) for value in values], yardstick)
        self.lines.append(line)
        return line

    def ratio(self, line: Line) -> float | None:
        """Return a line's median over that of its yardstick."""
        against = next((other for other in self.lines if other.name == line.yardstick), None)
        return line.median / against.median if against and against.median else None


def percentile(values: list[float], share: float) -> float:
    """Return the value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def publish(result: Result, *, quick: bool) -> int:
    """Print the table, keep the figures, write the page of results anew; a quick run ends with one line of JSON."""
    print("\n".join(_table(result)))
    for note in result.notes:
        print(f"  {note}")
    kept = asdict(result) | {
        "quick": quick,
        "at": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
    }
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{result.name}.json"
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_page()
    if quick:
        print(json.dumps(result.figures))
    return 0


def write_page() -> None:
    """Make RESULTS.md from the files of results."""
    parts = ["# Results", "", "Made by `bin/bench` from `bench/results/*.json`; never edited by hand.", ""]
    for file in sorted(RESULTS.glob("*.json")):
        parts += [f"## {file.stem}", "", *_section(json.loads(file.read_text(encoding="utf-8"))), ""]
    PAGE.write_text("\n".join(parts), encoding="utf-8")


def _section(kept: dict[str, Any]) -> list[str]:
    if "lines" not in kept:
        rows = [f"| {name} | {value} |" for name, value in kept.items()]
        return ["| what | figure |", "| --- | ---: |", *rows]
    result = Result(kept["name"], kept["work"], kept["must"], figures=kept["figures"], notes=kept["notes"])
    result.lines = [Line(**line) for line in kept["lines"]]
    span = "quick run" if kept["quick"] else "full run"
    head = [f"{result.work} Must: {result.must}.", "", f"{kept['at']}, {span}, {kept['machine']}.", ""]
    return head + _table(result) + ["", *(f"- {note}" for note in result.notes)]


def _table(result: Result) -> list[str]:
    rows = ["| what | unit | min | median | max | ratio |", "| --- | --- | ---: | ---: | ---: | --- |"]
    for line in result.lines:
        ratio = result.ratio(line)
        shown = f"{ratio:.3g} × {line.yardstick}" if ratio is not None else ""
        low, high = min(line.values), max(line.values)
        rows.append(f"| {line.name} | {line.unit} | {low:.4g} | {line.median:.4g} | {high:.4g} | {shown} |")
    return rows
