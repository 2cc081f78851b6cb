"""Numbers for machines: one scope, one way of cutting it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from nuanxin.insight.queries.dashboard import breakdown_of, children_of, cut_page, trend_of
from nuanxin.insight.queries.scopes import region_scope, union_scope
from nuanxin.insight.queries.statement import ChildPage, read_numbers
from nuanxin.insight.rules import Period, Sums, period_of
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from nuanxin.insight.queries.scopes import ScopeView
    from nuanxin.kernel.actor import Actor

#: Ways to cut a scope.
CUTS = ("day", "group", "door", "children")


@dataclass(frozen=True)
class TallyRow:
    """One row: `active` is the number of active members, now, or at the end of the day where a row is a day."""

    key: str
    name: str
    name_en: str
    applications: int
    admissions: int
    refusals: int
    active: int


@dataclass(frozen=True)
class TallyTable:
    """Numbers of one scope of one moment, their sum over the period, and where the next page begins."""

    scope: ScopeView
    period: Period
    as_of: datetime
    by: str
    total: TallyRow
    rows: tuple[TallyRow, ...]
    next_after: tuple[str, str] | None = None


def _row(key: str, name: str, english: str, sums: Sums, active: int) -> TallyRow:
    return TallyRow(key, name, english, sums.applications, sums.admissions, sums.refusals, active)


def tallies(
    actor: Actor,
    *,
    now: datetime,
    union: str | None = None,
    region: str | None = None,
    by: str = "day",
    since: date | None = None,
    until: date | None = None,
    after: tuple[str, str] | None = None,
    limit: int = 200,
) -> TallyTable:
    """Return numbers of a union or of a region (empty code: the nation) by day, group, door or child.

    Children come in pages by code of name; the others are whole.
    :raises Invalid: neither or both of union and region, an unknown cut, or a period that cannot be.
    :raises NotFound: out of the actor's reach.
    """
    if (union is None) == (region is None):
        raise Invalid("one_scope", _("Please name either a union or a region."), field="union")
    if by not in CUTS:
        raise Invalid("bad_cut", _("Please choose one of: day, group, door, children."), field="by")
    scope = union_scope(actor, union) if union is not None else region_scope(actor, region or "")
    period = period_of(since, until, today=local_day(now))
    page = ChildPage(sort="name", limit=limit, after=after) if by == "children" else None
    numbers = read_numbers(scope, period, period.since, page)
    days = {row.day: row for row in numbers if row.kind == "day" and row.day is not None}
    active = sum(row.active for row in numbers if row.kind == "total" and row.key == "")
    trend = trend_of(days, active, period.since, period.until)
    sums = _total(day.sums for day in trend)
    total = _row(scope.code, scope.name, scope.name_en, sums, active)
    next_after = None
    if by == "day":
        rows = [_row(str(day.day), str(day.day), str(day.day), day.sums, day.active) for day in trend]
    elif page is not None:
        children, next_after = cut_page(children_of(numbers, scope, active), page)
        rows = [_row(each.code, each.name, each.name_en, each.sums, each.active) for each in children]
    else:
        cut = breakdown_of(by[0], numbers, active, sums)
        rows = [_row(each.code, each.name, each.name_en, each.sums, each.active) for each in cut]
    return TallyTable(scope, period, now, by, total, tuple(rows), next_after)


def _total(many: Iterable[Sums]) -> Sums:
    found = list(many)
    return Sums(
        sum(each.applications for each in found),
        sum(each.admissions for each in found),
        sum(each.refusals for each in found),
        sum(each.active for each in found),
    )
