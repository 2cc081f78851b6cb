"""The system under measurement: the whole of it, on loopback, on a data folder that is kept between runs."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
READY_LIMIT = 300


@dataclass(frozen=True)
class Stand:
    """One running installation with the demo city."""

    host: str
    port: int
    data: Path
    seconds_to_ready: float

    def nuanxin(self, *arguments: str) -> str:
        """Run a command of the command line on this installation; return what it printed last."""
        done = subprocess.run(
            [sys.executable, "-m", "nuanxin.cli", *arguments],
            cwd=ROOT,
            env=environment(self.data),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"nuanxin {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout.strip().splitlines()[-1]

    def get(self, path: str) -> bytes:
        """Fetch a page once."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        return body


def data_folder(name: str = "city") -> Path:
    """Return the folder of the installation to measure: `NUANXIN_DATA`, or one of the benchmarks' own."""
    named = os.environ.get("NUANXIN_DATA", "").strip()
    return Path(named).resolve() if named else ROOT / "build" / "bench" / name


def environment(data: Path) -> dict[str, str]:
    """Return the environment of a process of the installation."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NUANXIN_")}
    paths = os.pathsep.join([str(ROOT), *filter(None, [kept.get("PYTHONPATH")])])
    return kept | {"NUANXIN_DATA": str(data), "PYTHONPATH": paths, "NUANXIN_LOG_LEVEL": "WARNING"}


@contextmanager
def running(data: Path | None = None, port: int | None = None) -> Iterator[Stand]:
    """Start the demo city as `bin/demo` does, wait until it says it is ready, and stop it at the end."""
    folder = data or data_folder()
    folder.mkdir(parents=True, exist_ok=True)
    number = port or int(os.environ.get("NUANXIN_BENCH_PORT", "8856"))
    command = [sys.executable, "-m", "nuanxin.cli", "demo", "--port", str(number), "--data", str(folder)]
    log = folder.with_suffix(".log")
    began = time.perf_counter()
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(folder), stdout=output, stderr=output)
    try:
        _wait(process, log, f"ready http://127.0.0.1:{number}")
        yield Stand("127.0.0.1", number, folder, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait(process: subprocess.Popen[bytes], log: Path, wanted: str) -> None:
    end = time.monotonic() + READY_LIMIT
    while time.monotonic() < end:
        if wanted in log.read_text(errors="replace"):
            return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"The installation did not become ready:\n{log.read_text(errors='replace')[-3000:]}")
