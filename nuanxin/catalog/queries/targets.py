"""Targets with how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nuanxin.access.states import Permission
from nuanxin.catalog.models import Target, TargetClass
from nuanxin.catalog.queries.counts import NOTHING, Counts, counter_of, counts_of
from nuanxin.catalog.rules.targets import Progress, progress_of
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound
from nuanxin.organizations.queries import visible_unions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Union

_RELATED = ("heading", "service", "area", "group", "union")


@dataclass(frozen=True, slots=True)
class TargetLine:
    """A target, how far it is, and everything that was counted for it."""

    target: Target
    progress: Progress
    counts: Counts


def unions_with_targets(actor: Actor) -> list[Union]:
    """Return the unions in reach that have a list of targets in any year, the highest first."""
    rows = visible_unions(actor, Permission.VIEW_SERVICES).filter(
        pk__in=Target.objects.filter(dropped_at=None).values("union")
    )
    return sorted(rows, key=lambda union: (len(union.path), union.path))


def years_of(union: Union) -> list[int]:
    """Return the years for which a union has targets, the latest first."""
    return sorted(set(Target.objects.filter(union=union, dropped_at=None).values_list("year", flat=True)), reverse=True)


def targets_of(union: Union, year: int, *, now: datetime) -> list[TargetLine]:
    """Return a union's list for a year with how far each item is, in the order of the list; two statements."""
    counts = counts_of(union, year)
    rows = Target.objects.filter(union=union, year=year, dropped_at=None).select_related(*_RELATED)
    return [line_of(target, counts, now=now) for target in rows.order_by("heading__position", "number", "pk")]


def line_of(target: Target, counts: Mapping[tuple[str, str], Counts], *, now: datetime) -> TargetLine:
    """Return how far a target is by what its union counts in its year."""
    counted = counts.get(counter_of(target), NOTHING)
    progress = progress_of(
        counted.of(target.unit), target.amount, year=target.year, due_on=target.due_on, today=local_day(now)
    )
    return TargetLine(target, progress, counted)


def get_target(actor: Actor, target_id: UUID) -> Target:
    """Return one target of a union in reach; 404 otherwise."""
    unions = visible_unions(actor, Permission.VIEW_SERVICES)
    found = Target.objects.select_related(*_RELATED).filter(pk=target_id, dropped_at=None, union__in=unions).first()
    if found is None:
        raise NotFound
    return found


def headings() -> list[TargetClass]:
    """Return the classes of targets in their order."""
    return list(TargetClass.objects.order_by("position", "pk"))


def named_headings() -> set[str]:
    """Return the classes that a target names."""
    return set(Target.objects.order_by().values_list("heading_id", flat=True).distinct())
