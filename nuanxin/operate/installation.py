"""Setting an installation up: keys, database, tables, grants, regions, code lists, and on wish the demo city.

Every step looks first whether it is done: setting up twice changes nothing and takes two seconds.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from nuanxin.postgres import cluster


def data_folder() -> Path:
    """Return the folder of this installation."""
    default = Path(__file__).resolve().parent.parent.parent / "data"
    return Path(os.environ.get("NUANXIN_DATA", "").strip() or default).resolve()


def embedded() -> bool:
    """Tell whether the database is the embedded server, not one that `NUANXIN_DATABASE_URL` names."""
    return not os.environ.get("NUANXIN_DATABASE_URL", "").strip()


def boot() -> None:
    """Start Django; the command line has said before, by `NUANXIN_DATABASE_ROLE`, as which role of the database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nuanxin.settings")
    import django

    django.setup()


def start_database() -> None:
    """Start the embedded server of the data folder; another server is the operator's own."""
    if embedded():
        cluster.start(data_folder())


class InstallationError(RuntimeError):
    """The data folder holds no installation."""


@contextmanager
def database(*, new: bool = False) -> Iterator[None]:
    """Have the embedded server run for one command; one that ran before is left running.

    Refused, unless a new installation is meant: a data folder without a database.
    """
    if embedded() and not new and not (cluster.find(data_folder()).folder / "PG_VERSION").exists():
        raise InstallationError(f"{data_folder()} holds no installation; NUANXIN_DATA says where to look.")
    ran = not embedded() or cluster.postmaster(cluster.find(data_folder())) is not None
    start_database()
    try:
        yield
    finally:
        if not ran:
            cluster.stop(data_folder())


def make_keys() -> None:
    """Write the keys file and the key of sessions on the first start; keys that are there are never touched.

    Comes before Django, which does not start without a key of sessions.
    """
    from nuanxin import settings
    from nuanxin.kernel.secrets import create_keys_file
    from nuanxin.kernel.signing import SIGNING_KEYS, create_signing_keys

    keys = settings.NUANXIN_KEYS_FILE
    if not keys.exists():
        create_keys_file(keys)
        print(f"The encryption keys are in {keys}. Keep a copy apart from the backups: without it they are unreadable.")
    create_signing_keys(keys.with_name(SIGNING_KEYS))
    if not settings.SECRET_KEY:
        file = keys.with_name("secret.key")
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48) + "\n")
        settings.SECRET_KEY = settings.secret_key()
    settings.NUANXIN_FILES.mkdir(parents=True, exist_ok=True, mode=0o700)


def set_up(*, city: bool = False) -> None:
    """Bring an installation to where it can serve: keys, tables, grants, regions, code lists, on wish the city."""
    make_keys()
    boot()
    migrate()
    load_shared_data()
    if city:
        build_city()


def unapplied() -> bool:
    """Tell whether the code has migrations that the database has not."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> None:
    """Apply what is new and give the application role its rights."""
    from django.core.management import call_command

    from nuanxin.postgres.grants import grant_application_role

    if unapplied():
        print("Making the tables …", flush=True)
        call_command("migrate", interactive=False, verbosity=0)
    grant_application_role()


def load_shared_data() -> None:
    """Load the divisions of China and the code lists; an edition that is there is not loaded twice."""
    from django.utils import timezone

    from .assembly import DIVISIONS

    now = timezone.now()
    regions = _entry("nuanxin.regions.actions", "load_regions")
    if regions is not None:
        report = regions(source=DIVISIONS, now=now)
        if getattr(report, "added", 0):
            print(f"Loaded {report.rows} regions.", flush=True)
    seed = _entry("nuanxin.organizations.actions", "seed_code_lists")
    if seed is not None:
        seed(now=now)
    lists = _entry("nuanxin.catalog.actions.seed", "seed_catalog_lists")
    if lists is not None:
        lists()
    roles = _entry("nuanxin.access.actions", "seed_roles")
    if roles is not None:
        roles()
    list_members = _entry("nuanxin.members.actions.searching", "list_members")
    if list_members is not None and (listed := list_members()):
        print(f"Wrote the search terms of {listed} memberships.", flush=True)


def build_city() -> None:
    """Make the demo city; it knows itself whether it stands already."""
    from django.utils import timezone

    build = _entry("demo.city", "build")
    if build is not None:
        build(now=timezone.now())


def sign_ins() -> list[str]:
    """Return the lines that tell a newcomer how to sign in to the demo city."""
    found = _entry("demo.city", "sign_ins")
    return [str(line) for line in found()] if found is not None else []


def _entry(module: str, name: str) -> Any:
    """Return a function of a package, or None when the package is not part of this installation."""
    try:
        return getattr(import_module(module), name, None)
    except ModuleNotFoundError as error:
        if error.name is not None and module.startswith(error.name):
            return None
        raise
