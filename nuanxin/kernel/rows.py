"""Rows in and out by statements whose text is made once, for the few paths where making it was half of the cost.

A join writes eighteen rows; composing each INSERT anew took longer than running it. See docs/adr/0007-hot-rows.md.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime
from functools import cache, partial
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.base import ModelState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

M = TypeVar("M", bound=models.Model)
#: Types that the driver takes as they are, whatever the column; JSON columns are asked first.
_PLAIN = frozenset({NoneType, bytes, str, bool, int, date, datetime, UUID})


def insert(*rows: models.Model, skip_known: bool = False) -> None:
    """Insert rows of one model as they stand: every column, no signal, no validation; the constraints judge.

    :param skip_known: leave out a row that a constraint calls a second one, instead of refusing.
    """
    statement, fields = _insertion(type(rows[0]), len(rows))
    if skip_known:
        statement += " ON CONFLICT DO NOTHING"
    database = connections[DEFAULT_DB_ALIAS]
    values: list[Any] = [
        value if plain and value.__class__ in _PLAIN else field.get_db_prep_save(value, database)
        for row in rows
        for field, plain, value in ((field, plain, getattr(row, field.attname)) for field, plain in fields)
    ]
    with database.cursor() as cursor:
        cursor.execute(statement, values)
    for row in rows:
        row._state.adding = False
        row._state.db = database.alias


def insert_from(row: models.Model, source: str) -> tuple[str, list[Any]]:
    """Return an INSERT of a row as it stands for each row of `source`, with its values: a part of a larger statement.

    For where one conditional UPDATE decides, in the same statement, whether there is anything to insert at all.

    :param source: name of the part whose rows count: one, or none.
    """
    statement, fields = _insertion_from(type(row))
    database = connections[DEFAULT_DB_ALIAS]
    values = [
        value if plain and value.__class__ in _PLAIN else field.get_db_prep_save(value, database)
        for field, plain, value in ((field, plain, getattr(row, field.attname)) for field, plain in fields)
    ]
    return f"{statement} FROM {source}", values


def update(row: models.Model, *, met: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    """Change columns of a row if it still meets the given values; answer whether it did. The instance is left alone.

    :param met: field names and the values that the row must still have; `changes` those that it gets.
    """
    meta = type(row)._meta
    database = connections[DEFAULT_DB_ALIAS]

    def bound(values: Mapping[str, Any]) -> list[tuple[str | None, Any]]:
        fields = [(_column_of(type(row), name), getattr(value, "pk", value)) for name, value in values.items()]
        return [(field.column, field.get_db_prep_save(value, database)) for field, value in fields]

    new, old = bound(changes), bound({"pk": row.pk, **met})
    written = {field.column: written_as(type(row), field) for field in meta.concrete_fields}
    columns_set = ", ".join(f'"{column}" = {written[column]}' for column, _value in new)
    condition = " AND ".join(f'"{column}" = %s' for column, _value in old)
    with database.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{meta.db_table}" SET {columns_set} WHERE {condition}',
            [value for _column, value in (*new, *old)],
        )
        return bool(cursor.rowcount)


def remove(rows: models.QuerySet[Any]) -> int:
    """Delete rows by one statement, without looking for what hangs on them: the foreign keys judge.

    `QuerySet.delete` would also send DELETE to append-only tables, where the application role may not, rows or no rows.
    """
    # None when Django sees by itself that nothing can be meant, and asks nothing
    deleted: int | None = rows._raw_delete(rows.db)
    return deleted or 0


@contextmanager
def pipelined() -> Iterator[None]:
    """Send the inserts of this block without waiting for each answer; the last line waits for all of them.

    Only inserts belong here: an UPDATE would not know yet how many rows it met.

    :raises IntegrityError: at the end of the block, for any of them.
    """
    database = connections[DEFAULT_DB_ALIAS]
    with database.wrap_database_errors, database.connection.pipeline():
        yield


def columns(model: type[models.Model], alias: str, only: tuple[str, ...] = ()) -> str:
    """Return a model's columns for a SELECT, in the order in which `load` takes them.

    :param only: names of the fields to be read; all, without any. The rest is deferred.
    """
    return ", ".join(f'{alias}."{field.column}"' for field in _read_of(model, only))


def width(model: type[models.Model], only: tuple[str, ...] = ()) -> int:
    """Return how many columns `columns` names."""
    return len(_read_of(model, only))


def load(model: type[M], values: Sequence[Any], only: tuple[str, ...] = ()) -> M:
    """Make a row's instance from the columns that `columns` named.

    As `Model.from_db` does, but for the signals, which we have none of: they and looking at each field were most of it.
    """
    names, converters = _loading(model, only)
    row = model.__new__(model)
    row._state = ModelState()
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    held = row.__dict__
    held.update(zip(names, values, strict=True))
    for name, convert in converters:
        held[name] = convert(held[name])
    return row


def written_as(model: type[models.Model], field: models.Field[Any, Any]) -> str:
    """Return how a value gets into a column: as it is, or by the expression around it that the model says."""
    said: Mapping[str, str] = getattr(model, "written_as", {})
    return said.get(field.name, "%s")


@cache
def _column_of(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    """Return a field by its name, by its column's name, or the primary key as `pk`."""
    return next(
        field
        for field in model._meta.concrete_fields
        if name in (field.name, field.attname) or (name == "pk" and field.primary_key)
    )


@cache
def _insertion(model: type[models.Model], count: int) -> tuple[str, tuple[tuple[models.Field[Any, Any], bool], ...]]:
    fields = tuple((field, not isinstance(field, models.JSONField)) for field in model._meta.concrete_fields)
    names = ", ".join(f'"{field.column}"' for field, _plain in fields)
    row = f"({', '.join(written_as(model, field) for field, _plain in fields)})"
    table = model._meta.db_table
    return f'INSERT INTO "{table}" ({names}) VALUES {", ".join([row] * count)}', fields


@cache
def _insertion_from(model: type[models.Model]) -> tuple[str, tuple[tuple[models.Field[Any, Any], bool], ...]]:
    """As `_insertion`, with each value's type told: what is selected takes none from the column it goes to."""
    fields = model._meta.concrete_fields
    names = ", ".join(f'"{field.column}"' for field in fields)
    typed = ", ".join(f"{written_as(model, field)}::{field.db_type(connection)}" for field in fields)
    return f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {typed}', tuple(
        (field, not isinstance(field, models.JSONField)) for field in fields
    )


@cache
def _read_of(model: type[models.Model], only: tuple[str, ...]) -> tuple[models.Field[Any, Any], ...]:
    return tuple(field for field in model._meta.concrete_fields if not only or field.name in only)


@cache
def _loading(
    model: type[models.Model], only: tuple[str, ...] = ()
) -> tuple[list[str], list[tuple[str, Callable[[Any], Any]]]]:
    fields = _read_of(model, only)
    converters: list[tuple[str, Callable[[Any], Any]]] = []
    for field in fields:
        for convert in field.get_db_converters(connection):
            expression = field.get_col(model._meta.db_table)
            converters.append((field.attname, partial(_read, convert, expression)))
    return [field.attname for field in fields], converters


def _read(convert: Callable[[Any, Any, Any], Any], expression: Any, value: Any) -> Any:
    return convert(value, expression, connection)
