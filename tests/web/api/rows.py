"""Counting the rows of every table, so that a refusal can be shown to have changed nothing."""

from __future__ import annotations

from django.apps import apps
from django.db import connection

#: Counts of tries and sessions are kept whatever the answer is.
_KEPT = {"access_throttle", "access_browsersession"}


def counted() -> dict[str, int]:
    """Return how many rows each of our tables has, by one statement."""
    tables = sorted({model._meta.db_table for model in apps.get_models() if model._meta.managed} - _KEPT)
    parts = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM \"{table}\"" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(parts)
        return dict(cursor.fetchall())


def written() -> dict[str, int]:
    """Return how often a row of each table was inserted, changed or deleted in this transaction, taken back or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables WHERE relname <> ALL(%s)",
            [sorted(_KEPT)],
        )
        return {name: times for name, times in cursor.fetchall() if times}
