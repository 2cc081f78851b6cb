"""Rows of any table with everything that it cannot be without, for tests that need one of each."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import models

from nuanxin.kernel.secrets import seal
from tests.factories import NOW

#: Columns that say when something is over: later than it began.
_ENDS = re.compile("closes|ends|until")
#: What stands in a column of each kind, when nobody says what.
_PLAIN: tuple[tuple[type[models.Field[Any, Any]], Any], ...] = (
    (models.DateTimeField, NOW),
    (models.DateField, NOW.date()),
    (models.TimeField, time(9)),
    (models.DecimalField, Decimal(1)),
    (models.BooleanField, False),
    (models.IntegerField, 1),
    (models.BinaryField, b"x"),
    (models.JSONField, {}),
)


def fill(model: type[models.Model], known: dict[type[models.Model], models.Model], **given: Any) -> Any:
    """Make a row; what it points at is taken from `known`, or made and kept there.

    :param given: columns with a value that matters.
    """
    values = dict(given)
    for field in model._meta.concrete_fields:
        if field.name in values or field.attname in values or field.null or field.has_default():
            continue
        if isinstance(field, models.ForeignKey):
            other = field.related_model
            assert isinstance(other, type)
            values[field.name] = known.get(other) or fill(other, known)
        elif not field.blank or not isinstance(field, models.CharField):
            values[field.name] = _value(field)
    row = model._default_manager.create(**values)
    known[model] = row
    return row


def _value(field: models.Field[Any, Any]) -> Any:
    if field.choices:
        return str(next(iter(field.flatchoices))[0])
    if isinstance(field, models.UUIDField):
        return uuid4()
    if field.name.startswith("sealed_"):
        return seal("x")
    for kind, value in _PLAIN:
        if isinstance(field, kind):
            return value + timedelta(days=1) if isinstance(value, date) and _ENDS.search(field.name) else value
    return uuid4().hex[: field.max_length or 12]
