"""Starting: a fresh clone in an empty folder to `ready` with the full city, and a second start on the same data.

A quick run leaves out the clone: it sets an empty data folder up with what is installed here, and starts it twice.
"""

from __future__ import annotations

import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from bench.report import Result, publish
from bench.stand import ROOT, environment, running

PORT = 8857


def main(*, quick: bool) -> int:
    """Measure and publish."""
    result = Result(
        "start", "From nothing to `ready` with the full city.", "≤ 4 min from a fresh clone; second start ≤ 10 s"
    )
    with tempfile.TemporaryDirectory(prefix="nuanxin-start-") as place:
        folder = Path(place)
        folder.chmod(0o711)
        first = _here(folder / "data")
        again = [_here(folder / "data") for _ in range(2 if quick else 5)]
        result.add("empty data folder", "s", [first])
        result.add("second start", "s", again, "empty data folder")
        result.figures = {"data_s": round(first, 1), "again_s": round(statistics.median(again), 2)}
        if not quick:
            clone = _clone(folder)
            result.add("fresh clone", "s", [clone])
            result.figures["clone_s"] = round(clone, 1)
    return publish(result, quick=quick)


def _here(data: Path) -> float:
    with running(data, PORT) as stand:
        return stand.seconds_to_ready


def _clone(folder: Path) -> float:
    """Clone what is committed, and run `bin/demo` of the clone on an empty folder, virtual environment and all."""
    clone, log = folder / "clone", folder / "clone.log"
    began = time.perf_counter()
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    variables = environment(clone / "data")
    variables.pop("PYTHONPATH")
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(clone / "bin" / "demo"), "--port", str(PORT)], cwd=clone, env=variables, stdout=output, stderr=output
        )
    try:
        while "ready http" not in log.read_text(errors="replace"):
            if process.poll() is not None or time.perf_counter() - began > 900:
                raise RuntimeError(log.read_text(errors="replace")[-3000:])
            time.sleep(0.05)
        return time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        shutil.rmtree(clone, ignore_errors=True)
