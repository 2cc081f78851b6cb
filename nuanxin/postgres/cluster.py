"""One cluster: make it, start it, stop it. A folder on disk and a socket that only its own users can reach."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

from .binaries import SHARED_STATE, Account, PostgresError, bin_folder, can_enter, run_as, server_account

PORT = 5432  # names the socket file only: the server does not listen on TCP
SOCKET_PATH_LIMIT = 100  # sockaddr_un holds 107 bytes on Linux; leave room for the lock file's suffix
START_LIMIT = 600  # seconds: crash recovery of a large cluster takes minutes
STOP_LIMIT = 120
POINTER = "postgres.json"
SUPERUSER, OWNER, APPLICATION = "postgres", "nuanxin_owner", "nuanxin_app"
DATABASE = "nuanxin"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "512MB",
    "effective_cache_size": "4GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "jit": "off",
    "wal_compression": "on",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    # A failing statement and its DETAIL line hold people's names and numbers: they do not belong in a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "lock_timeout": "20s",
    "idle_in_transaction_session_timeout": "10min",
}
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "300",
}


@dataclass(frozen=True)
class Cluster:
    """Where a data folder keeps its server."""

    folder: Path
    socket: Path

    def dsn(self, *, user: str, database: str = DATABASE) -> str:
        return psycopg.conninfo.make_conninfo(host=str(self.socket), port=PORT, user=user, dbname=database)


def find(data: Path) -> Cluster:
    """Return the cluster a data folder points to, or the one it would make; nothing is written."""
    data = data.resolve()
    pointer = data / POINTER
    if pointer.exists():
        kept = json.loads(pointer.read_text())
        return Cluster(Path(kept["folder"]), Path(kept["socket"]))
    return Cluster(data / "postgres", _socket_folder(data))


def start(data: Path, *, throwaway: bool = False) -> Cluster:
    """Make the cluster when there is none, start it when it is not running, and wait until it answers.

    `throwaway` gives up durability for speed: only for tests, where a crash loses nothing of worth.
    Refused with advice: no server programs, a folder nobody can use, a server that does not come up in ten minutes.
    """
    account = server_account()
    data.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
    with _locked(data):
        cluster = _placed(data.resolve(), account)
        programs = bin_folder(account)
        _own(cluster.socket, account)
        if not (cluster.folder / "PG_VERSION").exists():
            _initialize(cluster, account, programs)
        if postmaster(cluster) is None:
            _launch(cluster, account, programs, SETTINGS | (THROWAWAY if throwaway else {}))
        _wait(cluster)
        _make_roles(cluster)
    return cluster


def stop(data: Path) -> None:
    """Stop the server: sessions are ended, everything committed is on disk. A server that does not run is no error."""
    cluster = find(data)
    pid = postmaster(cluster)
    if pid is None:
        return
    os.kill(pid, signal.SIGINT)
    end = time.monotonic() + STOP_LIMIT
    while postmaster(cluster) is not None:
        if time.monotonic() > end:
            raise PostgresError(f"The database server (process {pid}) did not stop in {STOP_LIMIT} seconds.")
        time.sleep(0.02)


def postmaster(cluster: Cluster) -> int | None:
    """Return the process id of the running server; the pid file of a killed one, even if reused, does not count."""
    try:
        pid = int((cluster.folder / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
        working = Path(f"/proc/{pid}/cwd")
        return pid if not Path("/proc/self/cwd").exists() or working.resolve() == cluster.folder.resolve() else None
    except PermissionError:
        return None
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return None


def _placed(data: Path, account: Account) -> Cluster:
    pointer = data / POINTER
    if pointer.exists():
        return find(data)
    folder = data / "postgres"
    if not can_enter(account, data):
        SHARED_STATE.mkdir(parents=True, exist_ok=True)
        SHARED_STATE.chmod(0o755)
        home = SHARED_STATE / _digest(data)
        home.mkdir(exist_ok=True)
        home.chmod(0o711)
        folder = home / "postgres"
        print(f"The database is kept in {folder}: {data} is closed to the user {account.name}.", flush=True)
    cluster = Cluster(folder, _socket_folder(folder.parent))
    _own(cluster.folder, account)
    pointer.write_text(json.dumps({key: str(value) for key, value in asdict(cluster).items()}, indent=1) + "\n")
    return cluster


def _socket_folder(home: Path) -> Path:
    folder = home / "run"
    if len(str(folder / f".s.PGSQL.{PORT}").encode()) <= SOCKET_PATH_LIMIT:
        return folder
    short = Path(tempfile.gettempdir())
    if len(str(short).encode()) > SOCKET_PATH_LIMIT - 50:
        short = Path("/tmp")  # noqa: S108 - only the name; the folder itself is private and its owner is checked
    return short / f"nuanxin-{_digest(home)}"


def _own(folder: Path, account: Account) -> None:
    folder.mkdir(exist_ok=True, mode=0o700)
    if os.geteuid() == 0:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    if folder.is_symlink() or folder.stat().st_uid != account.uid:
        raise PostgresError(f"{folder} belongs to another user; remove it or choose another data folder.")
    folder.chmod(0o700)


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def _initialize(cluster: Cluster, account: Account, programs: Path) -> None:
    command = [str(programs / "initdb"), "-D", str(cluster.folder), "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8"]
    made = run_as(
        account, [*command, "--auth=peer", "--no-instructions", "--no-sync"], quiet=False, timeout=START_LIMIT
    )
    if made.returncode != 0:
        raise PostgresError(f"The database could not be made in {cluster.folder}: {made.stderr.strip()}")
    users = sorted({account.name, "root", _my_name(account)})
    roles = (SUPERUSER, OWNER, APPLICATION)
    _write(
        cluster,
        "pg_hba.conf",
        "# Only the users of pg_ident.conf, known by the kernel; nobody over the network.\n"
        "local all all peer map=nuanxin\n",
    )
    _write(cluster, "pg_ident.conf", "".join(f"nuanxin {user} {role}\n" for user in users for role in roles))


def _write(cluster: Cluster, name: str, text: str) -> None:
    with (cluster.folder / name).open("r+", encoding="utf-8") as file:  # keeps the server's user as the owner
        file.truncate()
        file.write(text)


def _my_name(account: Account) -> str:
    return account.name if account.is_me else "root"


def _launch(cluster: Cluster, account: Account, programs: Path, settings: dict[str, str]) -> None:
    (cluster.folder / "postmaster.pid").unlink(missing_ok=True)  # the caller has seen that no server of ours has it
    (cluster.socket / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
    options = {**settings, "port": str(PORT), "unix_socket_directories": str(cluster.socket)}
    _write_settings(cluster, account, options)
    command = [str(programs / "pg_ctl"), "start", "-D", str(cluster.folder), "-w", "-t", str(START_LIMIT), "-s"]
    command += ["-l", str(cluster.folder / "start.log")]
    for _ in range(20):
        if run_as(account, command, timeout=START_LIMIT + 30).returncode == 0:
            return
        log = _tail(cluster)
        # After kill -9 of the server its children need a moment to notice and go.
        if "shared memory block" not in log:
            break
        time.sleep(0.5)
    raise PostgresError(f"The database server in {cluster.folder} does not start. Its last words:\n{log}")


def _write_settings(cluster: Cluster, account: Account, options: dict[str, str]) -> None:
    file = cluster.folder / "nuanxin.conf"
    lines = (f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in options.items())
    file.write_text("# Written at each start; put settings of your own into local.conf beside it.\n" + "".join(lines))
    main = cluster.folder / "postgresql.conf"
    include = "include 'nuanxin.conf'\ninclude_if_exists 'local.conf'\n"
    if include not in main.read_text():
        with main.open("a") as opened:
            opened.write(include)
    if not account.is_me:
        os.chown(file, account.uid, account.gid)
    file.chmod(0o600)


def _tail(cluster: Cluster) -> str:
    text = ""
    for file in (
        cluster.folder / "start.log",
        *sorted((cluster.folder / "log").glob("*.log"), key=os.path.getmtime)[-1:],
    ):
        if file.exists():
            text += file.read_text(errors="replace")[-1500:]
    return text


def _wait(cluster: Cluster) -> None:
    end = time.monotonic() + START_LIMIT
    while True:
        try:
            psycopg.connect(cluster.dsn(user=SUPERUSER, database="postgres"), connect_timeout=10).close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > end or "peer authentication" in str(error).lower():
                raise PostgresError(f"The database server does not answer: {error}") from error
            time.sleep(0.1)


def _make_roles(cluster: Cluster) -> None:
    with psycopg.connect(cluster.dsn(user=SUPERUSER, database="postgres"), autocommit=True) as connection:
        present = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        if OWNER not in present:
            connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB")
        if APPLICATION not in present:
            connection.execute(f"CREATE ROLE {APPLICATION} LOGIN")
            connection.execute(f"GRANT {APPLICATION} TO {OWNER}")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER} TEMPLATE template0")
            connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
            connection.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {APPLICATION}")


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    with (data / ".start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
