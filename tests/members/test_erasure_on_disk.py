"""A person is erased, and looked for in the raw files of the database, its log, dumps, backups and stored files."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from nuanxin.postgres import cluster
from nuanxin.postgres.binaries import bin_folder, server_account
from tests.members.erasure_scene import PEOPLE, SEALED

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]


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

    def command(self, *arguments: str) -> str:
        """Run a command of `bin/nuanxin`."""
        return self.run("-m", "nuanxin.cli", *arguments)

    def play(self, scene: str, facts: Path) -> str:
        """Play a part of `erasure_scene` in a process of the installation."""
        booted = "import sys; from nuanxin.operate.installation import boot; boot()\n"
        part = f"from tests.members import erasure_scene as s; from pathlib import Path; s.{scene}(Path(sys.argv[1]))"
        return self.run("-c", booted + part, str(facts))

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


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path / "data")
    cluster.start(made.data)
    prepare = "from nuanxin.operate import installation as i; i.make_keys(); i.boot(); i.migrate(); i.load_shared_data"
    made.run("-c", prepare, role="owner")
    yield made
    made.remove()


def _looked_through(folder: Path, *, without: tuple[str, ...] = ()) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in files
        if file.relative_to(folder).parts[0] not in without
    }


#: What is held as long as the membership; what a day or two end for everybody; what ends by the hour, with nobody.
KEPT, PASSING, HOURS = ("texts", "bytes", "terms"), ("passing", "former_terms"), ("hours",)


def _needles(wanted: dict[str, list[str]], kinds: Iterable[str]) -> dict[str, tuple[bytes, ...]]:
    """Return what each secret looks like: UTF-8, bytes and hexadecimal, a number of eight bytes and its digits."""
    found: dict[str, tuple[bytes, ...]] = {}
    for kind in kinds:
        for secret in wanted[kind]:
            if kind == "texts":
                found[secret] = (secret.encode(),)
            elif kind in {"terms", "former_terms"}:
                found[secret] = (struct.pack("=q", int(secret)), secret.encode())
            else:
                found[secret] = (bytes.fromhex(secret), secret.encode())
    return found


def _seen(
    wanted: dict[str, list[str]], places: dict[str, bytes], kinds: Iterable[str] = KEPT + PASSING + HOURS
) -> dict[str, list[str]]:
    """Return which secrets are in which places."""
    hits = {
        secret: [name for name, content in places.items() if any(needle in content for needle in needles)]
        for secret, needles in _needles(wanted, kinds).items()
    }
    return {secret: names for secret, names in hits.items() if names}


def _restored_and_erased_again(
    installation: Installation, old_backup: Path, folder: Path, wanted: dict[str, Any], control: set[str]
) -> None:
    """Restore a backup from before the erasure: the log of erasures erases again, and the other person is there."""
    restored = Installation(folder / "restored")
    again = (
        "import sys; from pathlib import Path; from nuanxin.operate import backup, installation as i\n"
        "backup.restore(Path(sys.argv[1]), keys=Path(sys.argv[2])); i.boot(); i.migrate()\n"
        "from nuanxin.operate import storage\n"
        "print(storage.erased_again(Path(sys.argv[2]).with_name('erasures.jsonl')))\n"
        "print(*storage.cleared(now=storage.timezone.now()))"
    )
    cluster.start(restored.data)
    try:
        keys = str(installation.data / "keys" / "nuanxin.keys")
        told = restored.run("-c", again, str(old_backup), keys, role="owner")
        assert "1 people and applications erased again" in told
        restored.checkpoint()
        files = _looked_through(restored.cluster.folder, without=("pg_wal",))
        assert _seen(wanted["erased"], {**files, "dump": restored.dumped()}, KEPT + PASSING) == {}
        assert {*_seen(wanted["control"], files, KEPT)} == control
    finally:
        restored.remove()


def test_nothing_of_an_erased_person_is_left_on_disk(installation: Installation, tmp_path: Path) -> None:
    facts, said = tmp_path / "facts.json", ""
    said += installation.play("build", facts)
    wanted = json.loads(facts.read_text())
    installation.sql("ANALYZE")
    installation.checkpoint()
    before = _looked_through(installation.cluster.folder, without=("pg_wal",))
    for who, person in PEOPLE.items():
        missing = {*_needles(wanted[who], KEPT + HOURS)} - {*_seen(wanted[who], before)}
        assert missing == {person[name] for name in SEALED}, "the search is blind"
    old_backup = tmp_path / "old.tar"
    installation.command("backup", str(old_backup))

    installation.play("erase", facts)
    for table in ("members_worker", "members_application", "records_auditentry"):
        installation.sql(f"VACUUM {table}")
    installation.checkpoint()
    # Why tables are written anew: plain VACUUM frees places, and leaves the bytes.
    assert _seen(wanted["erased"], _looked_through(installation.cluster.folder, without=("pg_wal",)))

    said += installation.command("retention", "clear")
    installation.checkpoint()
    files = _looked_through(installation.cluster.folder, without=("pg_wal",))
    assert _seen(wanted["erased"], files) == {}
    stored = _looked_through(installation.data, without=("postgres",))
    places = {**stored, "dump": installation.dumped(), "said": said.encode()}
    assert _seen(wanted["erased"], places) == {}
    assert _seen(wanted["control"], files, PASSING + HOURS) == {}
    control = _seen(wanted["control"], files, KEPT)
    gone = {*_needles(wanted["control"], KEPT)} - {*control}
    assert gone == {PEOPLE["control"][name] for name in SEALED}, "the search has become blind"
    _restored_and_erased_again(installation, old_backup, tmp_path, wanted, {*control})
