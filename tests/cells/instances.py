"""Whole instances for a test: a database, a data folder, keys, a web server and a background process each."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg
from django.db import connection
from psycopg import sql

from tests.installations import ROOT


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


class Instance:
    """One cell of its own."""

    def __init__(self, code: str, folder: Path, **settings: str) -> None:
        self.code, self.folder = code, folder
        self.port = free_port()
        self.name = f"test_nuanxin_{os.getpid()}_cell_{code.lower()}"
        self.settings = settings
        self.web: subprocess.Popen[bytes] | None = None
        self.inside: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        where = connection.settings_dict
        host, port, user = (str(where[name]) for name in ("HOST", "PORT", "USER"))
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("NUANXIN_")},
            "NUANXIN_DATA": str(self.folder),
            "NUANXIN_SECRET_KEY": "only-for-tests",
            "NUANXIN_DATABASE_URL": f"postgresql://{user}@/{self.name}?host={host}&port={port}",
            "NUANXIN_DATABASE_ROLE": "owner",
            "NUANXIN_CELL": self.code,
            "NUANXIN_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "nuanxin.settings",
            "PYTHONPATH": str(ROOT),
            **self.settings,
        }

    def make(self, template: str) -> None:
        """Make database and keys."""
        self.folder.mkdir(parents=True)
        with server() as opened:
            opened.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(self.name), sql.Identifier(template))
            )
        subprocess.run(
            [sys.executable, "-c", "from nuanxin.operate.installation import make_keys; make_keys()"],
            env=self.environment,
            cwd=ROOT,
            check=True,
            capture_output=True,
        )

    def start(self) -> None:
        """Start the process that does the background work and what the test asks for."""
        self.inside = subprocess.Popen(
            [sys.executable, "-m", "tests.cells.inside"],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def serve(self) -> None:
        """Start the web server and wait until it answers."""
        options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        options += ["--blocking-threads", "8", "--log-level", "error"]
        command = [sys.executable, "-m", "granian", *options, "nuanxin.wsgi:application"]
        self.web = subprocess.Popen(command, env=self.environment, cwd=ROOT, start_new_session=True)
        until = time.monotonic() + 240
        while time.monotonic() < until:
            try:
                with urlopen(f"{self.address}/healthz", timeout=2):
                    return
            except OSError as error:
                if getattr(error, "code", 0):
                    return
                time.sleep(0.1)
        raise AssertionError(f"{self.code} does not answer")

    def do(self, what: str, **arguments: Any) -> Any:
        """Ask the process inside for something and return what it returns."""
        assert self.inside is not None
        assert self.inside.stdin is not None
        assert self.inside.stdout is not None
        self.inside.stdin.write(json.dumps({"do": what, "with": arguments}) + "\n")
        self.inside.stdin.flush()
        answer = json.loads(self.inside.stdout.readline())
        assert "failed" not in answer, answer["failed"]
        return answer["done"]

    def stop(self) -> None:
        """Kill both, the web server with its own processes; what they keep stays."""
        if self.web is not None:
            os.killpg(self.web.pid, signal.SIGKILL)
            self.web.wait()
        if self.inside is not None:
            self.inside.kill()
            self.inside.wait()
        self.web = self.inside = None

    def remove(self) -> None:
        self.stop()
        with server() as opened:
            opened.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.name)))


def server() -> psycopg.Connection[Any]:
    """Connect to the test server itself."""
    options = connection.get_connection_params() | {"dbname": "postgres", "autocommit": True}
    options.pop("cursor_factory", None)
    options.pop("context", None)
    return psycopg.connect(**options)


def template() -> str:
    """Return the database with every table and no row, which the tests' own database was copied from."""
    with server() as opened:
        found = opened.execute(
            "SELECT datname FROM pg_database WHERE datname ~ '^nuanxin_template_[0-9a-f]+$' ORDER BY oid DESC"
        ).fetchone()
    assert found is not None
    return str(found[0])
