"""Backup and restore: one file with the database, the stored files and the count of every table.

The encryption keys are never part of it: who holds the backup alone can read no sealed value.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

import nuanxin
from nuanxin.postgres import cluster
from nuanxin.postgres.binaries import bin_folder, server_account

from .installation import data_folder, embedded

MANIFEST, DUMP, FILES = "manifest.json", "database.dump", "files"


class BackupError(RuntimeError):
    """A backup or a restore was refused or failed; the message says why."""


def owner_dsn() -> str:
    """Return how to reach the database as its owner."""
    if embedded():
        return cluster.find(data_folder()).dsn(user=cluster.OWNER)
    return os.environ["NUANXIN_DATABASE_URL"]


def backup(target: Path) -> dict[str, int]:
    """Write everything but the keys to one file; returns the rows of each table, counted in the dump's own snapshot.

    Refused: a file that exists.
    """
    if target.exists():
        raise BackupError(f"{target} exists; a backup never overwrites another.")
    target.parent.mkdir(parents=True, exist_ok=True)
    files = _files_folder()
    with tempfile.TemporaryDirectory(dir=target.parent) as folder, psycopg.connect(owner_dsn()) as connection:
        dump = Path(folder) / DUMP
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        rows = count_rows(connection)
        _run(
            "pg_dump",
            "-Fc",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={row[0]}",
            "-f",
            str(dump),
            "-d",
            owner_dsn(),
        )
        manifest = {
            "nuanxin": nuanxin.__version__,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "sha256": _sha256(dump),
            "rows": rows,
            "files": {str(file.relative_to(files)): _sha256(file) for file in _under(files)},
        }
        unfinished = Path(folder) / "backup"
        with tarfile.open(unfinished, "w") as archive:
            (Path(folder) / MANIFEST).write_text(json.dumps(manifest, indent=1))
            archive.add(Path(folder) / MANIFEST, MANIFEST)
            archive.add(dump, DUMP)
            for file in _under(files):
                archive.add(file, f"{FILES}/{file.relative_to(files)}")
        unfinished.chmod(0o600)
        unfinished.rename(target)
    return rows


def refuse_unless_empty(keys: Path) -> None:
    """Refuse to restore without a keys file, or into a data folder that holds anything."""
    data = data_folder()
    if not keys.is_file():
        raise BackupError(f"{keys} is no keys file; without the keys of that installation sealed values stay sealed.")
    if data.exists() and any(data.iterdir()):
        raise BackupError(f"{data} is not empty; a restore never overwrites an installation.")


def restore(source: Path, *, keys: Path) -> dict[str, int]:
    """Restore a backup into an empty database; returns the rows of each table, equal to those of the backup.

    Refused: a database that holds anything, a backup whose checksums do not fit.
    """
    with tempfile.TemporaryDirectory() as folder:
        unpacked = Path(folder)
        with tarfile.open(source) as archive:
            archive.extractall(unpacked, filter="data")
        manifest: dict[str, Any] = json.loads((unpacked / MANIFEST).read_text())
        _verify(unpacked, manifest)
        _fill(unpacked, manifest)
        _place(unpacked, keys)
    rows: dict[str, int] = manifest["rows"]
    return rows


def _verify(unpacked: Path, manifest: dict[str, Any]) -> None:
    wanted = {DUMP: manifest["sha256"], **{f"{FILES}/{name}": digest for name, digest in manifest["files"].items()}}
    for name, digest in wanted.items():
        if not (unpacked / name).is_file() or _sha256(unpacked / name) != digest:
            raise BackupError(f"{name} in the backup is missing or damaged.")


def _fill(unpacked: Path, manifest: dict[str, Any]) -> None:
    with psycopg.connect(owner_dsn()) as connection:
        if count_rows(connection):
            raise BackupError("The database holds tables; a restore never overwrites an installation.")
    _run(
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "-j",
        "2",
        "-d",
        owner_dsn(),
        str(unpacked / DUMP),
    )
    with psycopg.connect(owner_dsn(), autocommit=True) as connection:
        rows = count_rows(connection)
        connection.execute("ANALYZE")
    different = {name for name in rows.keys() | manifest["rows"].keys() if rows.get(name) != manifest["rows"].get(name)}
    if different:
        raise BackupError(f"The restored tables differ from the backup: {', '.join(sorted(different))}.")


def _place(unpacked: Path, keys: Path) -> None:
    from nuanxin import settings
    from nuanxin.kernel.signing import SIGNING_KEYS

    target = settings.NUANXIN_KEYS_FILE
    # the keys that sign offline cards lie beside those that seal; without them new ones are made
    for source, place in ((keys, target), (keys.with_name(SIGNING_KEYS), target.with_name(SIGNING_KEYS))):
        if source.is_file() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            place.touch(mode=0o600)
            place.write_bytes(source.read_bytes())
    if (unpacked / FILES).exists():
        shutil.copytree(unpacked / FILES, settings.NUANXIN_FILES, dirs_exist_ok=True)


def count_rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Count the rows of every table, exactly."""
    names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    counts = {}
    for (name,) in names:
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
        counts[name] = int(row[0]) if row else 0
    return counts


def _files_folder() -> Path:
    from nuanxin import settings

    return settings.NUANXIN_FILES


def _under(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file()) if folder.exists() else []


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _run(program: str, *arguments: str) -> None:
    command = [str(bin_folder(server_account()) / program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BackupError(f"{program} failed: {done.stderr.strip()[-2000:]}")
