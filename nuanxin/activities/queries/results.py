"""Results of check-ups: a member's own, what a clinic gave, and counts from which nobody can be made out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nuanxin.activities.models import CheckResult, FindingCount
from nuanxin.activities.rules.counts import suppressed
from nuanxin.activities.states.bus import Finding
from nuanxin.organizations.queries.lists import occupation_groups

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.activities.models import BusRoute


@dataclass(frozen=True, slots=True)
class GroupFindings:
    """One trade's counts by finding; None where a small number is hidden."""

    name: str
    name_en: str
    counts: tuple[int | None, ...]


def findings_of(route: BusRoute) -> list[GroupFindings]:
    """Return how many people had which finding, by trade. Numbers under five are hidden, and what would tell them."""
    cells: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(Finding.values, 0))
    for row in FindingCount.objects.filter(route=route).order_by("group_code", "pk"):
        cells[row.group_code][row.finding] = row.people
    names = {group.code: (group.name, group.name_en) for group in occupation_groups()}
    found = []
    for code, counts in cells.items():
        shown = suppressed(counts)
        name, name_en = names.get(code, (code, code))
        found.append(GroupFindings(name, name_en, tuple(shown[each] for each in Finding.values)))
    return found


def own_results(worker_id: UUID) -> QuerySet[CheckResult]:
    """Return a member's own results, the newest first, without what is in them."""
    rows = CheckResult.objects.filter(worker=worker_id, replaced_at=None).defer("sealed_report", "sealed_finding")
    return rows.select_related("bus_day__site", "bus_day__route__offer", "bus_day__route__clinic").order_by("-pk")
