"""The embedded server: private, restartable after every kind of death, and saved and restored whole."""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from nuanxin.operate import backup as backups
from nuanxin.operate import installation
from nuanxin.postgres import cluster


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / ("deep" * 20) / "data"
    yield folder
    cluster.stop(folder)


def _ask(found: cluster.Cluster, user: str, question: str) -> object:
    with psycopg.connect(found.dsn(user=user)) as connection:
        row = connection.execute(question).fetchone()
        return row[0] if row else None


def test_the_server_is_reached_by_a_private_socket_only(data: Path) -> None:
    found = cluster.start(data, throwaway=True)
    assert stat.S_IMODE(found.socket.stat().st_mode) == 0o700
    assert len(str(found.socket)) < 90
    assert _ask(found, cluster.APPLICATION, "SHOW listen_addresses") == ""
    rules = (found.folder / "pg_hba.conf").read_text()
    assert [line for line in rules.splitlines() if not line.startswith("#")] == ["local all all peer map=nuanxin"]
    with pytest.raises(psycopg.OperationalError, match="Peer authentication failed"):
        psycopg.connect(found.dsn(user="stranger"))


def test_the_application_role_may_make_no_tables(data: Path) -> None:
    found = cluster.start(data, throwaway=True)
    denied = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with denied, psycopg.connect(found.dsn(user=cluster.APPLICATION)) as connection:
        connection.execute("CREATE TABLE intruder (id int)")


def test_a_running_server_is_used_and_a_killed_one_started_again(data: Path) -> None:
    found = cluster.start(data)
    with psycopg.connect(found.dsn(user=cluster.OWNER)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    first = cluster.postmaster(found)
    assert cluster.postmaster(cluster.start(data)) == first
    assert first is not None
    os.kill(first, signal.SIGKILL)
    again = cluster.start(data)
    assert cluster.postmaster(again) not in {None, first}
    assert _ask(again, cluster.OWNER, "SELECT one FROM kept") == 1


def test_a_pid_file_whose_number_went_to_a_stranger_does_not_stop_the_start(data: Path) -> None:
    found = cluster.start(data, throwaway=True)
    cluster.stop(data)
    assert cluster.postmaster(found) is None
    (found.folder / "postmaster.pid").write_text(f"{os.getpid()}\n{found.folder}\n0\n5432\n{found.socket}\n\n")
    assert cluster.postmaster(found) is None
    assert _ask(cluster.start(data, throwaway=True), cluster.OWNER, "SELECT 1") == 1


def test_a_backup_is_restored_with_every_row(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUANXIN_DATABASE_URL", raising=False)
    monkeypatch.setenv("NUANXIN_DATA", str(data))
    found = cluster.start(data, throwaway=True)
    with psycopg.connect(found.dsn(user=cluster.OWNER)) as connection:
        connection.execute("CREATE TABLE people AS SELECT n AS id, '王' || n AS name FROM generate_series(1, 1000) n")
    saved, keys = tmp_path / "saved.tar", tmp_path / "keys"
    assert backups.backup(saved) == {"people": 1000}
    with pytest.raises(backups.BackupError, match="exists"):
        backups.backup(saved)
    with pytest.raises(backups.BackupError, match="no keys file"):
        backups.refuse_unless_empty(keys)
    keys.write_text("{}")
    with pytest.raises(backups.BackupError, match="not empty"):
        backups.refuse_unless_empty(keys)
    with pytest.raises(backups.BackupError, match="holds tables"):
        backups.restore(saved, keys=keys)
    fresh = tmp_path / "fresh"
    monkeypatch.setenv("NUANXIN_DATA", str(fresh))
    with installation.database(new=True):
        assert backups.restore(saved, keys=keys) == {"people": 1000}
        assert _ask(cluster.find(fresh), cluster.OWNER, "SELECT name FROM people WHERE id = 1000") == "王1000"
    assert cluster.postmaster(cluster.find(fresh)) is None


def test_a_damaged_backup_is_refused(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUANXIN_DATABASE_URL", raising=False)
    monkeypatch.setenv("NUANXIN_DATA", str(data))
    found = cluster.start(data, throwaway=True)
    with psycopg.connect(found.dsn(user=cluster.OWNER)) as connection:
        connection.execute("CREATE TABLE people AS SELECT 1 AS id")
    saved = tmp_path / "saved.tar"
    backups.backup(saved)
    whole = bytearray(saved.read_bytes())
    at = whole.index(b"PGDMP")
    whole[at + 200] ^= 0xFF
    saved.write_bytes(whole)
    with pytest.raises(backups.BackupError, match="damaged"):
        backups.restore(saved, keys=tmp_path / "keys")


def test_a_command_on_a_folder_without_an_installation_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUANXIN_DATABASE_URL", raising=False)
    monkeypatch.setenv("NUANXIN_DATA", str(tmp_path / "nothing"))
    with pytest.raises(installation.InstallationError), installation.database():
        time.sleep(0)
    assert not (tmp_path / "nothing").exists()
