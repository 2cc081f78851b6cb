"""What every test stands on: a real PostgreSQL, a database of its own for each worker, and no network."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

import psycopg
import pytest
import pytest_django
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase
from psycopg import sql

from nuanxin.kernel.remember import forget
from nuanxin.operate.translations import TranslationError, compile_catalogs
from nuanxin.postgres import cluster
from nuanxin.postgres.grants import grant_application_role

ROOT = Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    """Start the test server once, in the process that leads the workers."""
    if hasattr(config, "workerinput"):
        return
    data = settings.NUANXIN_DATA
    if not settings.NUANXIN_KEYS_FILE.exists():
        from nuanxin.kernel.secrets import create_keys_file  # needs settings

        create_keys_file(settings.NUANXIN_KEYS_FILE)
    with contextlib.suppress(TranslationError):  # tests/house reports it
        compile_catalogs()
    if "NUANXIN_DATABASE_URL" not in os.environ:
        data.mkdir(parents=True, exist_ok=True)
        used = (data / ".use.lock").open("w")
        fcntl.flock(used, fcntl.LOCK_SH)
        config.stash[_USED] = used
        cluster.start(data, throwaway=True)


_USED: pytest.StashKey[IO[str]] = pytest.StashKey()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the test server, unless another test run uses it."""
    used = config.stash.get(_USED, None)
    if used is None:
        return
    try:
        fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    cluster.stop(settings.NUANXIN_DATA)


def _fingerprint() -> str:
    """Name the tables as they are: a change of a migration, or of what brings its own, makes a new template."""
    versions = [version(name) for name in ("django", "procrastinate", "django-allauth")]
    digest = hashlib.sha256(" ".join([*versions, *settings.INSTALLED_APPS]).encode())
    for file in sorted(ROOT.glob("nuanxin/*/migrations/*.py")):
        digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _server() -> Iterator[psycopg.Connection[Any]]:
    options = connection.get_connection_params() | {"dbname": "postgres", "autocommit": True}
    options.pop("cursor_factory", None)
    options.pop("context", None)
    with psycopg.connect(**options) as opened:
        yield opened


def _sweep(server: psycopg.Connection[Any]) -> None:
    """Drop the templates of older migrations and what killed test runs left behind."""
    for (name,) in server.execute(
        "SELECT datname FROM pg_database WHERE datname ~ '^(nuanxin_template|test_nuanxin)_'"
    ):
        runner = name.removeprefix("test_nuanxin_").split("_")[0]
        if name.startswith("nuanxin_template_") or not Path(f"/proc/{runner}").exists():
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _template() -> str:
    """Return the database that holds every table and no row of ours, made once for each state of the migrations."""
    name = f"nuanxin_template_{_fingerprint()}"
    settings.NUANXIN_DATA.mkdir(parents=True, exist_ok=True)
    with (settings.NUANXIN_DATA / ".template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _server() as server:
            if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return name
            unfinished = f"{name}_unfinished"
            _sweep(server)
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(unfinished)))
        connection.settings_dict["NAME"] = unfinished
        call_command("migrate", verbosity=0, interactive=False)
        grant_application_role()
        connection.close()
        with _server() as server:
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
            )
    return name


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """Give this process a database of its own, copied from the template, and drop it at the end."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"test_nuanxin_{os.getpid()}_{worker}"
    kept = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        template = _template()
        with _server() as server:
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            )
        connection.settings_dict["NAME"] = name
    yield
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = kept
        with _server() as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


#: Nearly all of some two hundred tables are empty after a test; Django would empty, and then fill, every one of them.
_EMPTY = """
DO $$
DECLARE name text; has_rows boolean;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
      AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO has_rows;
    IF has_rows THEN EXECUTE format('DELETE FROM %I', name); END IF;
  END LOOP;
END $$
"""


def _delete_rows(_test: TransactionTestCase) -> None:
    """Delete what a test has committed; foreign keys are looked at when all is gone."""
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY)


TransactionTestCase._fixture_teardown = _delete_rows  # type: ignore[attr-defined]


@pytest.fixture
def as_application_role(db: None) -> Iterator[None]:
    """Play the role the product runs as: append-only tables refuse to be changed."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {cluster.APPLICATION}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """Let no test see what another one's process remembered."""
    cache.clear()
    forget()


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuse connections to anywhere but this machine."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise OSError(f"A test tried to reach {address[0]}; tests stay on this machine.")
        connect(self, address)

    socket.socket.connect = only_here  # type: ignore[method-assign, assignment]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]
