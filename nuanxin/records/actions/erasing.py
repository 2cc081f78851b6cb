"""Carrying the retention register out: rows of one person, and rows that end by their own age."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL

from nuanxin.kernel.rows import insert
from nuanxin.records.actions.logbook import keep_outside
from nuanxin.records.models import Erasure
from nuanxin.records.retention import DELETE_ROW, PersonalField, aged, register
from nuanxin.records.states import Because

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    Anchors = Mapping[str, Collection[Any]]

#: What stands where a digest stood: equal to no other, found by nothing.
_RANDOM = RawSQL("sha256(gen_random_uuid()::text::bytea)", [])


@transaction.atomic
def erase_rows(
    *,
    anchors: Anchors,
    subject: models.Model,
    union_path: str,
    rule: str,
    because: str = Because.RULE,
    now: datetime,
) -> Erasure:
    """Erase what the register lists of one person, by each line's own way, and write the line that says so.

    Part of the transaction of an action that has decided that it may be done.

    :param anchors: by what the person's rows are known; see `records.retention.ANCHORS`.
    :param subject: the person or application that is erased.
    :param rule: name of the rule by which; never a value.
    """
    found = {line: rows for line in register() if (rows := _rows_of(line, anchors)) is not None}
    touched: dict[str, int] = {}
    fields: list[str] = []
    # What is deleted goes first: emptied rows may be what it hangs on.
    for line in sorted(found, key=lambda line: line.erase != DELETE_ROW):
        count = _erase(line, found[line])
        if count:
            fields += [f"{line.model}.{name}" for name in line.names]
            touched[line.model] = max(touched.get(line.model, 0), count)
    return _write(
        Erasure(
            at=now,
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk,
            union_path=union_path,
            rule=rule,
            because=because,
            fields=fields,
            rows=sum(touched.values()),
        )
    )


def subjects_of(anchors: Anchors) -> set[UUID]:
    """Return the ids of every row of a person that the register finds, for what is filed under such ids."""
    ids: set[UUID] = set()
    for line in register():
        rows = _rows_of(line, {name: values for name, values in anchors.items() if name != "subject"})
        if rows is not None and isinstance(rows.model._meta.pk, models.UUIDField):
            ids.update(rows.values_list("pk", flat=True))
    return ids


def _rows_of(line: PersonalField, anchors: Anchors) -> models.QuerySet[Any] | None:
    condition = Q()
    for lookup, anchor in line.found_by:
        if values := anchors.get(anchor):
            condition |= Q(**{f"{lookup}__in": list(values)})
    return apps.get_model(line.model)._default_manager.filter(condition) if condition else None


def _erase(line: PersonalField, rows: models.QuerySet[Any]) -> int:
    model = rows.model
    if line.erase == DELETE_ROW:
        deleted: int = rows.delete()[1].get(model._meta.label, 0)
        return deleted
    if getattr(model, "append_only", False):
        return _blank_for_good(line, rows)
    return rows.update(**{name: emptiness(model, name) for name in line.names})


def _blank_for_good(line: PersonalField, rows: models.QuerySet[Any]) -> int:
    """Empty columns of an append-only table by the one function that may; what is sealed there has lost its key."""
    plain = [name for name in line.names if not name.startswith("sealed")]
    ids = list(rows.values_list("pk", flat=True))
    if not plain or not ids:
        return len(ids)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{blanking_function(rows.model)}"(%s::uuid[])', [ids])
    return len(ids)


def emptiness(model: type[models.Model], name: str) -> Any:
    """Return what a field holds once it is emptied; a digest becomes random, so that no two are alike."""
    field = model._meta.get_field(name)
    if isinstance(field, models.Field) and field.null:
        return None
    if isinstance(field, models.BinaryField):
        return b"" if name.startswith("sealed") else _RANDOM
    if isinstance(field, models.Field) and field.has_default():
        return field.get_default()
    return ""


def blanking_function(model: type[models.Model]) -> str:
    """Return the name of the database function that empties, and does nothing else, in an append-only table."""
    return f"blank_{model._meta.db_table}"


def blankable() -> dict[type[models.Model], list[str]]:
    """Return the append-only models with the text columns that the register says are emptied."""
    columns: dict[type[models.Model], list[str]] = defaultdict(list)
    for line in register():
        model = apps.get_model(line.model)
        if getattr(model, "append_only", False) and line.erase != DELETE_ROW:
            columns[model] += [name for name in line.names if not name.startswith("sealed")]
    return {model: names for model, names in columns.items() if names}


def forget_aged(*, now: datetime, most: int = 5000, codes: Iterable[str] = ()) -> dict[str, int]:
    """Delete the rows that have ended by their own age, a batch a transaction; return how many by rule.

    May be stopped and started again at any time: what is left is due the next time.

    :param codes: only these rules; all of them if none is named.
    """
    wanted = set(codes)
    counts = {}
    for line in aged():
        assert line.due is not None
        if wanted and line.due.code not in wanted:
            continue
        counts[line.due.code] = 0
        while count := _forget_batch(line, now, most):
            counts[line.due.code] += count
            if count < most:
                break
    return counts


def due_rows(line: PersonalField, now: datetime) -> models.QuerySet[Any]:
    """Return the rows of a line that have ended by their own age."""
    due = line.due
    assert due is not None
    before = {f"{due.column}__lt": now - due.period}
    return apps.get_model(line.model)._default_manager.filter(**before, **due.where)


@transaction.atomic
def _forget_batch(line: PersonalField, now: datetime, most: int) -> int:
    assert line.due is not None
    model = apps.get_model(line.model)
    oldest = due_rows(line, now).order_by(line.due.column).values("pk")[:most]
    count: int = model._default_manager.filter(pk__in=oldest).delete()[1].get(model._meta.label, 0)
    if count:
        _write(
            Erasure(
                at=now,
                subject_type=model._meta.label_lower,
                rule=line.due.code,
                fields=[f"{line.model}.{name}" for name in line.names],
                rows=count,
            )
        )
    return count


def _write(line: Erasure) -> Erasure:
    insert(line)
    keep_outside([line])
    return line
