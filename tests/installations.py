"""An installation of its own for a test, in a folder of its own, driven by its commands as an operator would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg

from nuanxin.postgres import cluster
from nuanxin.postgres.binaries import bin_folder, server_account

ROOT = Path(__file__).resolve().parent.parent


class Installation:
    """One installation of its own, as `bin/nuanxin` would run it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("NUANXIN_")},
            "NUANXIN_DATA": str(data),
            "NUANXIN_SECRET_KEY": "only-for-tests",
            "DJANGO_SETTINGS_MODULE": "nuanxin.settings",
            "NUANXIN_ALLOWED_HOSTS": "testserver",
        }

    def run(self, *arguments: str, role: str = "application") -> str:
        """Run a program of ours as one of the two roles; return what it said."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment | {"NUANXIN_DATABASE_ROLE": role},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout + done.stderr

    def prepare(self) -> None:
        """Make keys and tables, without shared data. Nothing waits for the disk: only tests may crash so."""
        cluster.start(self.data, throwaway=True)
        steps = "from nuanxin.operate import installation as i; i.make_keys(); i.boot(); i.migrate()"
        self.run("-c", steps, role="owner")

    def command(self, *arguments: str) -> str:
        """Run a command of `bin/nuanxin`."""
        return self.run("-m", "nuanxin.cli", *arguments)

    def play(self, module: str, scene: str, facts: Path) -> str:
        """Call a function of a module of the tests, with the place of its facts, in a process of the installation."""
        booted = "import sys; from pathlib import Path; from nuanxin.operate.installation import boot; boot()\n"
        return self.run("-c", f"{booted}from {module} import {scene} as scene; scene(Path(sys.argv[1]))", str(facts))

    @property
    def cluster(self) -> cluster.Cluster:
        return cluster.find(self.data)

    def remove(self) -> None:
        """Stop the server and remove its files, which may lie outside of the data folder."""
        cluster.stop(self.data)
        shutil.rmtree(self.cluster.folder, ignore_errors=True)

    def checkpoint(self) -> None:
        """Write everything to the files, and begin a new piece of the write-ahead log."""
        with psycopg.connect(
            self.cluster.dsn(user=cluster.SUPERUSER, database=cluster.DATABASE), autocommit=True
        ) as connection:
            connection.execute("CHECKPOINT")
            connection.execute("SELECT pg_switch_wal()")
            connection.execute("CHECKPOINT")

    def sql(self, text: str) -> None:
        """Run a statement as the owner, outside of a transaction."""
        with psycopg.connect(self.cluster.dsn(user=cluster.OWNER), autocommit=True) as connection:
            connection.execute(text)

    def dumped(self) -> bytes:
        """Return a plain dump, digests and sealed values in hexadecimal."""
        program = str(bin_folder(server_account()) / "pg_dump")
        return subprocess.run(
            [program, "-d", self.cluster.dsn(user=cluster.OWNER)], capture_output=True, check=True
        ).stdout
