"""Reading the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from nuanxin.kernel.clock import WorkingCalendar
from nuanxin.kernel.remember import remembered
from nuanxin.kernel.secrets import keyring
from nuanxin.records.models import Attachment, AuditEntry, CalendarOverride
from nuanxin.records.retention import DELETE_ROW, register

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor
    from nuanxin.records.retention import PersonalField


def working_calendar() -> WorkingCalendar:
    """Return the calendar with this installation's overrides; at most one minute old."""
    return remembered("records.calendar", seconds=60, make=_read_calendar)


def _read_calendar() -> WorkingCalendar:
    return WorkingCalendar(overrides=dict(CalendarOverride.objects.values_list("day", "is_working")))


def visible_entries(actor: Actor) -> QuerySet[AuditEntry]:
    """Return the audit entries of the unions where the actor may read the audit."""
    reach = Q(pk__in=[])
    for path in actor.reach("records.read_audit"):
        reach |= Q(union_path__startswith=path)
    return AuditEntry.objects.filter(reach)


def entries_of(subject_id: UUID) -> QuerySet[AuditEntry]:
    """Return what was recorded of one thing, oldest first; the caller has already fetched the thing it may see."""
    return AuditEntry.objects.filter(subject_id=subject_id).order_by("at", "pk")


def entries_of_any(subject_ids: Collection[UUID]) -> QuerySet[AuditEntry]:
    """Return what was recorded of several things, newest first; the caller has already fetched what it may see."""
    return AuditEntry.objects.filter(subject_id__in=subject_ids).order_by("-at", "-pk")


def attachments_of(subject_ids: Collection[UUID]) -> dict[UUID, list[Attachment]]:
    """Return the files given with things, by the thing, without their content; the caller may see the things."""
    found: dict[UUID, list[Attachment]] = {}
    rows = Attachment.objects.filter(subject_id__in=subject_ids).defer("sealed_content")
    for row in rows.order_by("uploaded_at", "pk"):
        found.setdefault(row.subject_id, []).append(row)
    return found


def content_of(attachment: Attachment) -> bytes:
    """Return the content of a file, unsealed; the caller may see what it was given with."""
    return keyring().unseal(bytes(attachment.sealed_content))


def rows_of(lines: Sequence[PersonalField], anchors: Mapping[str, Collection[Any]]) -> QuerySet[Any] | None:
    """Return the rows of one person in the model of some lines; None when these anchors find none."""
    condition = Q()
    for lookup, anchor in {pair for line in lines for pair in line.found_by}:
        if values := anchors.get(anchor):
            condition |= Q(**{f"{lookup}__in": list(values)})
    return apps.get_model(lines[0].model)._default_manager.filter(condition) if condition else None


def subjects_of(anchors: Mapping[str, Collection[Any]]) -> set[UUID]:
    """Return the ids of every row of a person that the register finds, for what is filed under such ids."""
    ids: set[UUID] = set()
    for line in register():
        rows = rows_of([line], anchors)
        if rows is not None and isinstance(rows.model._meta.pk, models.UUIDField):
            ids.update(rows.values_list("pk", flat=True))
    return ids


def due_rows(line: PersonalField, now: datetime) -> QuerySet[Any]:
    """Return the rows of a line that have ended by their own age; where rows stay, those that are not emptied yet."""
    due, model = line.due, apps.get_model(line.model)
    assert due is not None
    before = {f"{due.column}__lt": now - due.period}
    rows: QuerySet[Any] = model._default_manager.filter(**before)
    if line.erase == DELETE_ROW:
        return rows
    marker = line.names[0]
    return rows.exclude(**{marker: b"" if isinstance(model._meta.get_field(marker), models.BinaryField) else ""})
