"""Clearing what erasures leave behind on disk.

PostgreSQL writes a changed row anew and leaves the old one in its page; plain VACUUM frees the place, but the bytes may
stay until something else is written over them, in indexes and in the planner's statistics, too. Only writing the table
anew lets go of them. What that costs, and what stays in the write-ahead log for how long: docs/adr/0010-erasure.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import OperationalError, connection
from django.utils import timezone

from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.members.actions.erasure import erase_again, erase_due
from nuanxin.members.models import Worker
from nuanxin.members.queries.erasure import dry_run, due_applications, due_workers
from nuanxin.records.actions.erasing import blankable
from nuanxin.records.actions.logbook import complete_log, read_log
from nuanxin.records.models import Erasure
from nuanxin.records.retention import register

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Name of the rule under which the register says that the storage was cleared.
CLEARED = "storage_cleared"
#: How long to wait for a table that is in use; it is tried again the next night.
_PATIENCE = "10s"


@dataclass(slots=True)
class Cleared:
    """Which tables were written anew, with seconds, and which were in use all the time."""

    tables: dict[str, float] = field(default_factory=dict)
    busy: list[str] = field(default_factory=list)


def tables_to_clear() -> list[str]:
    """Return the tables in which something was erased since the storage was last cleared; empty when nothing was.

    Of a person who was erased, every table of the register: what ordinary acts changed or deleted before lies in their
    pages, too. Not the audit: its values were always sealed, and the key is gone.
    """
    last = Erasure.objects.filter(rule=CLEARED).order_by("-at", "-pk").first()
    lines = Erasure.objects.exclude(rule=CLEARED)
    if last is not None:
        lines = lines.filter(pk__gt=last.pk)
    names = {name for fields in lines.values_list("fields", flat=True).distinct() for name in fields}
    labels = {name.rsplit(".", 1)[0] for name in names if name.count(".") == 2}
    if lines.filter(subject_type=Worker._meta.label_lower).exists():
        labels |= {line.model for line in register() if line.found_by}
    models = {apps.get_model(label) for label in labels}
    sealed_for_good = {model for model in models if getattr(model, "append_only", False)} - {*blankable()}
    return sorted(model._meta.db_table for model in models - sealed_for_good)


def clear_storage(*, now: datetime) -> Cleared:
    """Write anew every table in which something was erased, and the planner's statistics of it. As the owner.

    Each table is closed to everybody while it is written: run it in the quiet hours.
    """
    report = Cleared()
    wanted = tables_to_clear()
    if not wanted:
        return report
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{_PATIENCE}'")
        for table in (*wanted, "pg_statistic"):
            began = monotonic()
            try:
                # The statistics hold the commonest names: they are taken anew before their own table is rewritten.
                options = "FULL" if table == "pg_statistic" else "FULL, ANALYZE"
                cursor.execute(f'VACUUM ({options}) "{table}"')
                _forget_statistics(cursor, table)
            except OperationalError:
                report.busy.append(table)
            else:
                report.tables[table] = monotonic() - began
        cursor.execute("RESET lock_timeout")
    if not report.busy:
        Erasure(at=now, subject_type="storage", rule=CLEARED, fields=[], rows=len(report.tables)).save(
            force_insert=True
        )
    return report


def _forget_statistics(cursor: Any, table: str) -> None:
    """Drop what the planner remembers of a table that is empty by now: ANALYZE leaves it as it was.

    PostgreSQL before 18 has no means for it: there it stays until the table has rows again.
    """
    cursor.execute("SELECT current_setting('server_version_num')::int >= 180000")
    if not cursor.fetchone()[0] or table == "pg_statistic":
        return
    cursor.execute(
        "SELECT pg_clear_attribute_stats('public', %s, attname, false) FROM pg_attribute "
        f'WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND NOT EXISTS (SELECT FROM "{table}")',
        [table, f'"{table}"'],
    )


def planned(*, on: date | None, ids: bool) -> Iterator[str]:
    """Yield what would be erased by the end of a day, today without one: counts by rule; nothing is changed.

    :param ids: also the ids of people and applications, without any value.
    """
    now = datetime.combine(on, time.max, tzinfo=ZONE) if on else timezone.now()
    for row in dry_run(now=now):
        yield f"{row.rule:32} {row.model:28} {row.count:>8}{'+' if row.is_more else ''}"
    if ids:
        for due in (*due_applications(local_day(now), most=5000), *due_workers(local_day(now), most=5000)):
            yield f"{due.rule:32} {due.model:28} {due.pk} {due.number} since {due.since}"


def erased(*, now: datetime) -> Iterator[str]:
    """Erase what is due, and yield how many by rule."""
    report = erase_due(now=now)
    for rule, count in report.erased.items():
        yield f"{rule:32} {count:>8}"
    yield f"{complete_log()} lines added to the log of erasures; {report.left} left because they are needed again."


def cleared(*, now: datetime) -> Iterator[str]:
    """Clear the storage, and yield which tables took how long."""
    report = clear_storage(now=now)
    for table, seconds in report.tables.items():
        yield f"{table:40} {seconds:7.2f} s"
    if report.busy:
        yield f"In use, to be tried again: {', '.join(report.busy)}"
    if not report.tables and not report.busy:
        yield "Nothing was erased since the storage was last cleared."


def erased_again(file: Path) -> str:
    """Erase in a restored database whom the log of erasures names, keep the log, and say how many there were."""
    lines = list(read_log(file))
    count = erase_again(lines=lines, now=timezone.now())
    if not lines:
        return f"No log of erasures in {file}: who was erased after the backup is back. Give it with --erasures."
    return f"{count} people and applications erased again; the log names {len(lines)}."
