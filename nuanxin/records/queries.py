"""Reading the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db.models import Q

from nuanxin.kernel.clock import WorkingCalendar
from nuanxin.records.models import AuditEntry, CalendarOverride

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor

_CALENDAR = "records.calendar_overrides"


def working_calendar() -> WorkingCalendar:
    """Return the calendar with this installation's overrides; at most one minute old."""
    overrides = cache.get(_CALENDAR)
    if overrides is None:
        overrides = dict(CalendarOverride.objects.values_list("day", "is_working"))
        cache.set(_CALENDAR, overrides, 60)
    return WorkingCalendar(overrides=overrides)


def visible_entries(actor: Actor) -> QuerySet[AuditEntry]:
    """Return the audit entries of the unions where the actor may read the audit."""
    reach = Q(pk__in=[])
    for path in actor.reach("records.read_audit"):
        reach |= Q(union_path__startswith=path)
    return AuditEntry.objects.filter(reach)


def entries_of(subject_id: UUID) -> QuerySet[AuditEntry]:
    """Return what was recorded of one thing, oldest first; the caller has already fetched the thing it may see."""
    return AuditEntry.objects.filter(subject_id=subject_id).order_by("at", "pk")
