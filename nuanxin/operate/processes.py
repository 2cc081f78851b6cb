"""Keeping the processes of an installation alive: web server, background worker and the database beside them."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import resource
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from nuanxin.postgres import cluster

from .installation import data_folder, embedded, start_database

READY_LIMIT = 120
STOP_LIMIT = 15
#: Seconds after which a process counts as healthy: whatever ends it then is no fault of its start.
_HEALTHY = 5
#: Background workers: what one of them computes, it computes on one processor.
_WORKERS = min(2, os.cpu_count() or 1)
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class StartError(RuntimeError):
    """The installation does not come up; the message says why."""


class Stopped(BaseException):
    """SIGINT or SIGTERM arrived."""


def tls() -> tuple[str, str] | None:
    """Return certificate and key (PKCS #8) with which the web server itself speaks HTTPS; None behind a proxy.

    :raises StartError: one of the two is missing, or not to be read.
    """
    files = os.environ.get("NUANXIN_TLS_CERTIFICATE", ""), os.environ.get("NUANXIN_TLS_KEY", "")
    if not any(files):
        return None
    for file in files:
        if not file or not os.access(file, os.R_OK):
            raise StartError(f"NUANXIN_TLS_CERTIFICATE and NUANXIN_TLS_KEY name two files; cannot read {file!r}.")
    return files


def web_command(*, host: str, port: int, workers: int) -> list[str]:
    """Return the command of the web server. WSGI, because Django's ASGI path costs nine times as much.

    Most threads only wait for bodies (see `patience`); `backpressure` bounds open connections, silent ones too, and
    these are closed when no head of a request comes in time.
    """
    options = ["--interface", "wsgi", "--http", "1", "--no-ws", "--host", host, "--port", str(port)]
    options += ["--workers", str(workers), "--blocking-threads", "256", "--backlog", "4096", "--backpressure", "4096"]
    options += ["--http1-header-read-timeout", "10000", "--http1-buffer-size", "65536"]
    files = tls()
    if files is not None:
        certificate, key = files  # 1.2 too, because the web views of older Androids know no 1.3
        options += ["--ssl-certificate", certificate, "--ssl-keyfile", key, "--ssl-protocol-min", "tls1.2"]
    options += ["--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "10"]
    return [sys.executable, "-m", "granian", *options, "--log-level", "error", "nuanxin.wsgi:application"]


def worker_command() -> list[str]:
    """Return the command of the background worker."""
    return [sys.executable, "-m", "nuanxin.cli", "worker"]


@dataclass
class Child:
    """A process that is started again when it dies: soon, and later each time while it dies at once."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    again_at: float = 0.0
    started_at: float = 0.0

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(self.command, start_new_session=True, preexec_fn=_die_with_parent)  # noqa: PLW1509

    def look(self) -> None:
        """Notice a death, clear away what it left, and start again when it is time."""
        if self.process is not None and self.process.poll() is not None:
            lived = time.monotonic() - self.started_at
            self.deaths = 1 if lived > _HEALTHY else self.deaths + 1
            pause = min(2.0 ** (self.deaths - 1) * 0.5, 30)
            print(f"{self.name} ended with {self.process.returncode}; starting it again in {pause:g} s.", flush=True)
            _kill_group(self.process.pid)
            self.process, self.again_at = None, time.monotonic() + pause
        if self.process is None and time.monotonic() >= self.again_at:
            self.start()

    def renew(self) -> None:
        """End the process so that a new one takes its place; earlier deaths do not make that one wait longer."""
        if self.process is not None:
            self.process.terminate()
            self.deaths = 0


@dataclass
class Supervisor:
    """Everything one installation runs, started together and stopped together."""

    host: str
    port: int
    workers: int = 2
    children: list[Child] = field(default_factory=list)

    @property
    def address(self) -> str:
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::", "127.0.0.1"} else self.host  # noqa: S104
        return f"{'http' if tls() is None else 'https'}://{host}:{self.port}"

    def run(self, setup: list[str] | None = None, farewell: str = "Stopped.", welcome: list[str] | None = None) -> int:
        """Set up, serve until a signal comes, stop. Returns the exit status.

        Refused: a second supervisor on the same data folder.
        """
        data = data_folder()
        data.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        with (data / ".run.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StartError(f"Nuanxin already runs on {data}; stop it first.") from error
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, _stop)
            _open_many_files()
            try:
                self._serve(data, setup or [], welcome or [])
            except Stopped:
                return 0
            finally:
                for number in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(number, signal.SIG_IGN)
                self._shut_down(data)
                print(farewell, flush=True)
        return 0

    def _serve(self, data: Path, setup: list[str], welcome: list[str]) -> None:
        _clear_left_over(data)
        start_database()
        if setup:
            self._run_to_end(setup)
        web = web_command(host=self.host, port=self.port, workers=self.workers)
        self.children = [Child("web server", web)]
        self.children += [Child(f"background worker {turn + 1}", worker_command()) for turn in range(_WORKERS)]
        for child in self.children:
            child.start()
        self._remember(data)
        self._wait_until_ready()
        print(f"ready {self.address}", flush=True)
        for line in welcome or _sign_ins():
            print(line, flush=True)
        while True:
            time.sleep(0.3)
            before = [child.process for child in self.children]
            for child in self.children:
                child.look()
            if before != [child.process for child in self.children]:
                self._remember(data)
            if embedded() and cluster.postmaster(cluster.find(data)) is None:
                print("The database server ended; starting it again.", flush=True)
                start_database()
                # The workers' line for news of tasks is cut, and only a new worker gets a new one.
                for child in self.children[1:]:
                    child.renew()

    def _run_to_end(self, command: list[str]) -> None:
        process = subprocess.Popen(command, start_new_session=True, preexec_fn=_die_with_parent)  # noqa: PLW1509
        try:
            status = process.wait()
        finally:
            _kill_group(process.pid)
        if status != 0:
            raise StartError(f"Setting up failed with status {status}; see above.")

    def _wait_until_ready(self) -> None:
        trust = _trust()
        end = time.monotonic() + READY_LIMIT
        said = ""
        while time.monotonic() < end:
            for child in self.children:
                child.look()
            if self.children[0].deaths > 3:
                break
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=5, context=trust) as answer:  # noqa: S310
                    if answer.status == 200:
                        return
            except urllib.error.HTTPError as error:
                said = error.read().decode(errors="replace")
            except OSError as error:
                said = str(error)
            time.sleep(0.05)
        raise StartError(f"The web server is not ready: {said}")

    def _remember(self, data: Path) -> None:
        groups = {child.name: child.process.pid for child in self.children if child.process is not None}
        (data / "processes.json").write_text(json.dumps(groups))

    def _shut_down(self, data: Path) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        end = time.monotonic() + STOP_LIMIT
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, end - time.monotonic()))
            _kill_group(process.pid)
        if embedded():
            cluster.stop(data)
        (data / "processes.json").unlink(missing_ok=True)


def _trust() -> ssl.SSLContext | None:
    """Return a context that believes our own certificate, whatever name it is for: it answers on loopback."""
    files = tls()
    if files is None:
        return None
    context = ssl.create_default_context(cafile=files[0])
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    return context


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _open_many_files() -> None:
    """Let the web server hold as many connections as the system allows."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _die_with_parent() -> None:
    """Ask the kernel to end a child when its supervisor is killed, so that its port is free for the next start."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _clear_left_over(data: Path) -> None:
    """End what a killed supervisor left running on this data folder; a process of anybody else is not touched."""
    file = data / "processes.json"
    if not file.exists():
        return
    groups = set(json.loads(file.read_text()).values())
    marker = f"NUANXIN_DATA={data}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(entry.name)) in groups and marker in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)
        except (ProcessLookupError, PermissionError, FileNotFoundError):
            continue
    file.unlink()


def _sign_ins() -> list[str]:
    listed = subprocess.run(
        [sys.executable, "-m", "nuanxin.cli", "sign-ins"], capture_output=True, text=True, check=False
    )
    return listed.stdout.splitlines()
