"""Rows into tables by COPY: every column is named, and what a row leaves out is the field's default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from psycopg import sql
from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Row = dict[str, Any]


def copy_in(model: type[models.Model], rows: Iterable[Mapping[str, Any]]) -> int:
    """Copy rows, given by column name, into a model's table; return how many."""
    fields = [
        field for field in model._meta.concrete_fields if field.column and not isinstance(field, models.AutoField)
    ]
    columns = sql.SQL(", ").join(sql.Identifier(str(field.column)) for field in fields)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(model._meta.db_table), columns)
    shape = [(field.attname, field.get_default, _dress(field)) for field in fields]
    count = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([dress(row[name] if name in row else default()) for name, default, dress in shape])
            count += 1
    return count


def _dress(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    if isinstance(field, models.JSONField):
        return lambda value: None if value is None else Jsonb(value)
    if isinstance(field, ArrayField):
        return lambda value: None if value is None else list(value)
    if isinstance(field, models.CharField):
        return lambda value: None if value is None else str(value)
    return lambda value: value


def analyze(*loaded: type[models.Model]) -> None:
    """Tell the planner what was loaded."""
    with connection.cursor() as cursor:
        for model in loaded:
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(model._meta.db_table)))
