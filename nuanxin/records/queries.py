"""Reading the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from nuanxin.kernel.clock import WorkingCalendar
from nuanxin.kernel.remember import remembered
from nuanxin.kernel.secrets import keyring
from nuanxin.records.models import Attachment, AuditEntry, CalendarOverride

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor


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
