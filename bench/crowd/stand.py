"""A whole installation of a province with members by the million, made once and kept: see `bench.crowd.population`.

    python -m bench.crowd --members 1000000 [--data FOLDER] [--drop]

Rows are as real ones are: each person's ID and phone sealed under a key of their own, with digests and search terms.
They go in by COPY with the indexes taken away and made anew at the end. Superuser rights spare the checks of foreign
keys; adding the constraints again would check them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

ROOT = Path(__file__).resolve().parent.parent.parent
BATCH = 4000
_TABLES = (
    "members_application", "members_worker", "members_membership", "members_membershipentry", "members_card",
    "records_auditentry", "organizations_enterprise", "organizations_coverage",
)  # fmt: skip


@dataclass(frozen=True)
class Crowd:
    """A stand that is ready: where it is and how it was made."""

    data: Path
    members: int
    seconds: float
    rows: int


def folder(members: int) -> Path:
    """Return the data folder of a stand of so many members."""
    named = os.environ.get("NUANXIN_DATA", "").strip()
    return Path(named).resolve() if named else ROOT / "build" / "bench" / f"crowd-{members}"


def boot(data: Path, *, role: str = "owner") -> None:
    """Start Django and the database of a stand in this process."""
    os.environ |= {"NUANXIN_DATA": str(data), "NUANXIN_DATABASE_ROLE": role}
    from nuanxin.operate import installation

    data.mkdir(parents=True, exist_ok=True)
    installation.make_keys()
    installation.start_database()
    installation.boot()


def ready(members: int, data: Path | None = None) -> Crowd:
    """Make the stand unless it is there, and leave its database running.

    :param members: how many members there shall be.
    """
    home = data or folder(members)
    boot(home)
    from nuanxin.operate import installation

    installation.set_up()
    mark = home / "crowd.json"
    if not mark.exists() or json.loads(mark.read_text())["members"] != members:
        began = time.perf_counter()
        rows = _fill(home, members)
        mark.write_text(json.dumps({"members": members, "seconds": time.perf_counter() - began, "rows": rows}))
    kept = json.loads(mark.read_text())
    return Crowd(home, kept["members"], kept["seconds"], kept["rows"])


@contextmanager
def resting(home: Path) -> Iterator[None]:
    """Stop the database of a stand at the end."""
    from nuanxin.postgres import cluster

    try:
        yield
    finally:
        cluster.stop(home)


def drop(home: Path) -> None:
    """Stop the database of a stand and delete its folder."""
    from nuanxin.postgres import cluster

    kept = cluster.find(home).folder
    cluster.stop(home)
    shutil.rmtree(kept, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


def _fill(home: Path, members: int) -> int:
    from bench.crowd.province import Province
    from bench.crowd.rows import Rows
    from nuanxin.postgres import cluster

    where = cluster.find(home).dsn(user=cluster.SUPERUSER)
    with _bare(where):
        province = Province.build(firms=max(1000, members // 10))
        rows = Rows(where, province)
        began = time.perf_counter()
        for count in rows.write(members, batch=BATCH):
            if count % (BATCH * 25) == 0 or count == members:
                print(f"{count:,} people, {rows.written / (time.perf_counter() - began):,.0f} rows/s", flush=True)
    _tidy(where)
    return rows.written


@contextmanager
def _bare(where: str) -> Iterator[None]:
    """Take every index and key but the primary ones away for a while; make them anew at the end."""
    import psycopg

    with psycopg.connect(where, autocommit=True) as owner:
        owner.execute("SET maintenance_work_mem = '1GB'")
        again = []
        for table in _TABLES:
            owner.execute(f"TRUNCATE {table} CASCADE")
            again += _strip(owner, table)
        yield
        for statement in again:
            owner.execute(statement)


def _strip(owner: psycopg.Connection[Any], table: str) -> list[str]:
    """Drop the secondary indexes of a table; return the statements that make them again."""
    unique = owner.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'",
        [table],
    ).fetchall()
    again = [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {text}' for name, text in unique]
    for name, _text in unique:
        owner.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE')
    plain = owner.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = %s::regclass AND NOT indisprimary",
        [table],
    ).fetchall()
    for name, text in plain:
        owner.execute(f"DROP INDEX {name}")
        again.append(text)
    return again


def _tidy(where: str) -> None:
    import psycopg

    with psycopg.connect(where, autocommit=True) as owner:
        for table in _TABLES:
            owner.execute(f"VACUUM (ANALYZE) {table}")
        owner.execute("ANALYZE organizations_union")
        owner.execute("CHECKPOINT")


def main() -> int:
    """Make or drop a stand from the command line."""
    parser = argparse.ArgumentParser(prog="bench.crowd", description="A province with members by the million.")
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--drop", action="store_true", help="delete the stand instead of making it")
    chosen = parser.parse_args()
    home = chosen.data.resolve() if chosen.data else folder(chosen.members)
    if chosen.drop:
        drop(home)
        return 0
    with resting(home):
        made = ready(chosen.members, home)
    print(f"{made.members:,} members, {made.rows:,} rows in {made.seconds:.0f} s, in {made.data}")
    return 0
