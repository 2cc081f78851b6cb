"""Paging by key: a page starts after the last row of the one before, however long the list is."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)

_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (dt.datetime, lambda value: value.isoformat()),
    (dt.date, lambda value: value.isoformat()),
    (uuid.UUID, str),
    (Decimal, str),
)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows. `next` and `previous` are cursors for the `page` parameter of the address, or empty."""

    items: list[Row]
    next: str
    previous: str

    @property
    def has_other_pages(self) -> bool:
        """Tell whether there is anything to page to."""
        return bool(self.next or self.previous)


def page(queryset: QuerySet[Row], *, order: Sequence[str], cursor: str = "", size: int = 50) -> Page[Row]:
    """Cut one page out of a queryset.

    `order` names fields ("-" for descending, "a__b" follows a relation); it must end in the primary key and its
    fields must never be null: a null has no place in an order by key. A cursor that cannot be read starts at the
    beginning.
    """
    if not order or order[-1].lstrip("-") not in {"pk", "id"}:
        raise ValueError("An order for paging by key ends in the primary key.")
    backwards, values = _read(cursor, len(order))
    wanted = [_turned(name) for name in order] if backwards else list(order)
    rows = queryset.order_by(*wanted)
    if values is not None:
        try:
            rows = rows.filter(_after(wanted, _typed(queryset.model, wanted, values)))
        except (ValidationError, ValueError, TypeError):
            return page(queryset, order=order, size=size)
    found = list(rows[: size + 1])
    more = len(found) > size
    items = found[:size]
    if backwards:
        items.reverse()
    if not items and values is not None:
        return page(queryset, order=order, size=size)
    has_next = more if not backwards else True
    has_previous = more if backwards else values is not None
    return Page(
        items=items,
        next=_write("n", items[-1], order) if items and has_next else "",
        previous=_write("p", items[0], order) if items and has_previous else "",
    )


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows that stand after the given key: a > 1, or a = 1 and b > 2, …"""
    condition = Q()
    equal = Q()
    for index, (name, value) in enumerate(zip(order, values, strict=True)):
        field = name.lstrip("-")
        beyond = Q(**{f"{field}__{'lt' if name.startswith('-') else 'gt'}": value})
        condition |= equal & beyond if index else beyond
        equal &= Q(**{field: value})
    first = order[0]
    bound = Q(**{f"{first.lstrip('-')}__{'lte' if first.startswith('-') else 'gte'}": values[0]})
    return bound & condition


def _write(direction: str, row: Model, order: Sequence[str]) -> str:
    key: list[Any] = [direction]
    for name in order:
        value: Any = row
        for step in name.lstrip("-").split("__"):
            value = getattr(value, step)
        for kind, writer in _WRITERS:
            if isinstance(value, kind):
                value = writer(value)
                break
        key.append(value)
    text = json.dumps(key, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, length: int) -> tuple[bool, list[Any] | None]:
    if not cursor or len(cursor) > 1000:
        return False, None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, UnicodeError):
        return False, None
    if not isinstance(key, list) or len(key) != length + 1 or key[0] not in {"n", "p"}:
        return False, None
    values = key[1:]
    if any(value is None or isinstance(value, list | dict) for value in values):
        return False, None
    return key[0] == "p", values


def _typed(model: type[Model], order: Sequence[str], values: Sequence[Any]) -> list[Any]:
    """Turn the words of a cursor into values of the fields they belong to; refuse what does not fit."""
    typed: list[Any] = []
    for name, value in zip(order, values, strict=True):
        typed.append(_field(model, name.lstrip("-")).to_python(value))
    return typed


def _field(model: type[Model], path: str) -> Any:
    at: Any = model
    field: Any = None
    for step in path.split("__"):
        try:
            field = at._meta.pk if step == "pk" else at._meta.get_field(step)
        except FieldDoesNotExist as error:
            raise ValueError(f"{at.__name__} has no field {step} to order by.") from error
        at = field.related_model or at
    return field
