"""Rows by the thousand into a table: COPY's text, made by hand because making it is most of the work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db import models

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
NULL = "\\N"


class Target:
    """A table with the columns that are given; every other one gets its model's default."""

    def __init__(self, model: type[models.Model], given: str, **always: str) -> None:
        """Remember the columns.

        :param given: names of the columns that each line brings, in order; `always` those with one text in every row.
        """
        wanted = given.split()
        fixed = dict(always)
        for field in model._meta.concrete_fields:
            if field.column not in wanted and field.column not in always and not field.null:
                fixed[str(field.column)] = text(str(_plain(field.get_default())))
        self._table = model._meta.db_table
        self._columns = ", ".join([*wanted, *fixed])
        #: What ends every line.
        self.end = "".join(f"\t{value}" for value in fixed.values()) + "\n"

    def copy(self, lines: Iterable[str]) -> None:
        """Write rows through this thread's connection; the constraints judge.

        :param lines: given columns with tabs between them, in COPY's text format, and `end` behind.
        """
        content = "".join(lines)
        if not content:
            return
        statement = f"COPY {self._table} ({self._columns}) FROM STDIN"
        with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(content)


def _plain(value: Any) -> Any:
    return {True: "t", False: "f"}.get(value, value) if isinstance(value, bool) else value


def text(value: str) -> str:
    """Return a text as COPY takes it."""
    return value if value.isalnum() else value.translate(_ESCAPES)


def raw(value: bytes | None) -> str:
    """Return bytes as COPY takes them."""
    return NULL if value is None else f"\\\\x{value.hex()}"
