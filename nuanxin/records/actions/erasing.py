"""Carrying the retention register out: rows of one person, and rows that end by their own age."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Concat

from nuanxin.kernel.rows import insert
from nuanxin.records.actions.logbook import keep_outside
from nuanxin.records.models import Attachment, Erasure
from nuanxin.records.queries import due_rows, rows_of
from nuanxin.records.retention import DELETE_ROW, PersonalField, aged, register
from nuanxin.records.states import Because

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

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
    fields: list[str] = []
    touched = 0
    # What is deleted goes first: emptied rows may be what it hangs on.
    for (model, is_deleted), lines in sorted(_by_model().items(), key=lambda item: not item[0][1]):
        if (rows := rows_of(lines, anchors)) is None:
            continue
        names = [name for line in lines for name in line.names]
        count = remove_rows(rows) if is_deleted else _empty(rows, names, now)
        if count:
            fields += [f"{model}.{name}" for name in names]
            touched += count
    return _write(
        Erasure(
            at=now,
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk,
            union_path=union_path,
            rule=rule,
            because=because,
            fields=fields,
            rows=touched,
        )
    )


def _by_model() -> dict[tuple[str, bool], list[PersonalField]]:
    """Return the lines by model and by whether its rows go: each model is written once."""
    groups: dict[tuple[str, bool], list[PersonalField]] = defaultdict(list)
    for line in register():
        groups[line.model, line.erase == DELETE_ROW].append(line)
    return groups


def remove_rows(rows: models.QuerySet[Any]) -> int:
    """Delete rows with what hangs on them; return how many of the model itself."""
    deleted: int = rows.delete()[1].get(rows.model._meta.label, 0)
    return deleted


def _empty(rows: models.QuerySet[Any], names: list[str], now: datetime) -> int:
    """Empty fields; a row that knows when it was erased is told."""
    model = rows.model
    if getattr(model, "append_only", False):
        return _blank_for_good(rows)
    changes = {name: emptiness(model, name) for name in names}
    if any(field.name == "erased_at" for field in model._meta.concrete_fields):
        rows, changes = rows.filter(erased_at=None), changes | {"erased_at": now}
    return rows.update(**changes)


def _blank_for_good(rows: models.QuerySet[Any]) -> int:
    """Empty columns of an append-only table by the one function that may; what stays sealed there has lost its key."""
    ids = list(rows.values_list("pk", flat=True))
    if not ids or rows.model not in blankable():
        return len(ids)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{blanking_function(rows.model)}"(%s::uuid[])', [ids])
    return len(ids)


def emptiness(model: type[models.Model], name: str) -> Any:
    """Return what a field holds once it is emptied; a digest becomes random, so that no two are alike."""
    field = model._meta.get_field(name)
    if isinstance(field, ArrayField):
        return []
    if isinstance(field, models.Field) and field.null:
        return None
    if field.unique and isinstance(field, models.CharField):  # type: ignore[union-attr]
        return Concat(models.Value("erased-"), Cast("pk", models.CharField()))
    if isinstance(field, models.BinaryField):
        return b"" if name.startswith("sealed") else _RANDOM
    if isinstance(field, models.Field) and field.has_default():
        return field.get_default()
    return ""


def blanking_function(model: type[models.Model]) -> str:
    """Return the name of the database function that empties, and does nothing else, in an append-only table."""
    return f"blank_{model._meta.db_table}"


def blankable() -> dict[type[models.Model], list[str]]:
    """Return the append-only models with the columns that the register says are emptied.

    What is sealed under a person's key ends with the key; only where it ends before that, by its age, it is emptied.
    """
    columns: dict[type[models.Model], list[str]] = defaultdict(list)
    for line in register():
        model = apps.get_model(line.model)
        if getattr(model, "append_only", False) and line.erase != DELETE_ROW:
            columns[model] += [name for name in line.names if line.due or not name.startswith("sealed")]
    return {model: names for model, names in columns.items() if names}


def forget_aged(*, now: datetime, most: int = 5000, codes: Iterable[str] = ()) -> dict[str, int]:
    """Delete or empty the rows that have ended by their own age, a batch a transaction; return how many by rule.

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


@transaction.atomic
def _forget_batch(line: PersonalField, now: datetime, most: int) -> int:
    assert line.due is not None
    model = apps.get_model(line.model)
    oldest = due_rows(line, now).order_by(line.due.column, "pk")[:most]
    ids = list(oldest.values_list("pk", flat=True))
    rows = model._default_manager.filter(pk__in=ids)
    if line.erase == DELETE_ROW:
        count = remove_rows(rows)
    else:
        count = _empty(rows, list(line.names), now)
        # files that prove what was said there end with it
        Attachment.objects.filter(subject_id__in=ids).delete()
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
