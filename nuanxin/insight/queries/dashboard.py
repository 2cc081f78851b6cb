"""The dashboard of one union or region."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from nuanxin.insight.queries.statement import ChildPage, NumberRow, read_numbers
from nuanxin.insight.rules import Period, Share, Sums, change, period_of
from nuanxin.kernel.clock import local_day
from nuanxin.members.models import Application
from nuanxin.members.states import WAITING
from nuanxin.organizations.models import Door, OccupationGroup
from nuanxin.regions.models import Region
from nuanxin.regions.queries import name_en
from nuanxin.regions.rules import level_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nuanxin.insight.queries.scopes import ScopeView
    from nuanxin.kernel.actor import Actor


@dataclass(frozen=True)
class TrendDay:
    """One day: what happened on it, and how many active members there were when it ended."""

    day: date
    sums: Sums
    active: int


@dataclass(frozen=True)
class Breakdown:
    """One occupation group or door: what happened in the period, active members now, and the share of them."""

    code: str
    name: str
    name_en: str
    sums: Sums
    active: int
    of_active: Share
    of_applications: Share


@dataclass(frozen=True)
class ChildRow:
    """One union or region directly below: what happened in the period, and active members now."""

    code: str
    name: str
    name_en: str
    sums: Sums
    active: int
    of_active: Share
    sorting: str


@dataclass(frozen=True)
class Dashboard:
    """All numbers of one scope, of one moment. Applications and refusals are cases, the others persons."""

    scope: ScopeView
    period: Period
    as_of: datetime
    active: int
    waiting: int
    ever: Sums
    today: Sums
    sums: Sums
    before: Sums
    trend: tuple[TrendDay, ...]
    groups: tuple[Breakdown, ...]
    doors: tuple[Breakdown, ...]
    children: tuple[ChildRow, ...]
    children_count: int
    #: Active members of the scope that none of the children counts: the union's own, or of no smaller region.
    own_active: int
    next_after: tuple[str, str] | None

    @property
    def is_empty(self) -> bool:
        """Answer whether nothing was ever counted here."""
        return self.ever == Sums()

    def changed(self, measure: str) -> float | None:
        """Return by how many percent a measure grew against the period before."""
        return change(getattr(self.sums, measure), getattr(self.before, measure))


def _sums(rows: Sequence[NumberRow]) -> Sums:
    return Sums(
        sum(row.applications for row in rows),
        sum(row.admissions for row in rows),
        sum(row.refusals for row in rows),
        sum(row.active for row in rows),
    )


def _within(days: dict[date, NumberRow], period: Period) -> Sums:
    return _sums([row for day, row in days.items() if period.since <= day <= period.until])


def trend_of(days: dict[date, NumberRow], active_now: int, since: date, until: date) -> tuple[TrendDay, ...]:
    """Return every day from one to another, and the number of active members as it stood when each ended."""
    active = active_now - sum(row.active for day, row in days.items() if day > until)
    trend = []
    day = until
    while day >= since:
        row = days.get(day)
        sums = Sums(row.applications, row.admissions, row.refusals, row.active) if row else Sums()
        trend.append(TrendDay(day, sums, active))
        active -= sums.active
        day -= timedelta(days=1)
    return tuple(reversed(trend))


def _names(kind: str) -> dict[str, tuple[str, str]]:
    if kind == "g":
        groups = OccupationGroup.objects.order_by("position", "code")
        return {group.code: (group.name, group.name_en) for group in groups}
    return {door.code: (door.name, door.name_en) for door in Door.objects.order_by("code")}


def breakdown_of(kind: str, rows: Sequence[NumberRow], all_active: int, all_sums: Sums) -> tuple[Breakdown, ...]:
    """Return the slices of one kind (`g` groups, `d` doors) that ever counted anything, largest first. One query."""
    names = _names(kind)
    ever = {row.key[2:]: row for row in rows if row.kind == "total" and row.key.startswith(f"{kind}:")}
    period = {row.key[2:]: row for row in rows if row.kind == "slice" and row.key.startswith(f"{kind}:")}
    found = []
    for code, row in ever.items():
        name, english = names.get(code, (code, code))
        sums = _sums([period[code]] if code in period else [])
        of_active = Share(row.active, all_active)
        of_applications = Share(sums.applications, all_sums.applications)
        found.append(Breakdown(code, name, english or name, sums, row.active, of_active, of_applications))
    return tuple(sorted(found, key=lambda each: (-each.active, -each.sums.applications, each.code)))


def children_of(rows: Sequence[NumberRow], scope: ScopeView, all_active: int) -> tuple[ChildRow, ...]:
    """Return the children on this page as the statement ordered them."""
    found = []
    for row in rows:
        if row.kind != "child":
            continue
        name, english = row.name or "", row.name_en or row.name or ""
        if scope.kind == "region":
            english = name_en(Region(code=row.key, name=name, name_pinyin=row.name_en or "", level=level_of(row.key)))
        sums = Sums(row.applications, row.admissions, row.refusals)
        share = Share(row.active, all_active)
        found.append(ChildRow(row.key, name, english, sums, row.active, share, row.sorting or ""))
    return tuple(found)


def _waiting(scope: ScopeView) -> int:
    waiting = Application.objects.filter(state__in=WAITING)
    if scope.kind == "union":
        return waiting.filter(union__path__startswith=scope.path).count()
    return waiting.filter(union__region__code__startswith=scope.code).count() if scope.code else waiting.count()


def cut_page(children: tuple[ChildRow, ...], page: ChildPage) -> tuple[tuple[ChildRow, ...], tuple[str, str] | None]:
    """Take off the row beyond the page, and return where the next page begins if there is one."""
    if len(children) <= page.limit:
        return children, None
    last = children[page.limit - 1]
    value = str(last.active) if page.sort.endswith("active") else last.sorting
    return children[: page.limit], (value, last.code)


def dashboard(
    actor: Actor,
    scope: ScopeView,
    *,
    now: datetime,
    since: date | None = None,
    until: date | None = None,
    page: ChildPage | None = None,
) -> Dashboard:
    """Return all numbers of a scope that `union_scope` or `region_scope` gave this actor. Four queries.

    :raises Invalid: a period that cannot be.
    """
    actor.require("insight.view")
    today = local_day(now)
    period = period_of(since, until, today=today)
    page = page or ChildPage()
    rows = read_numbers(scope, period, min(period.trend_since, period.before.since), page)
    days = {row.day: row for row in rows if row.kind == "day" and row.day is not None}
    ever = _sums([row for row in rows if row.kind == "total" and row.key == ""])
    sums = _within(days, period)
    below = next(row for row in rows if row.kind == "children")
    children, next_after = cut_page(children_of(rows, scope, ever.active), page)
    return Dashboard(
        scope=scope,
        period=period,
        as_of=now,
        active=ever.active,
        waiting=_waiting(scope),
        ever=ever,
        today=_within(days, Period(today, today)),
        sums=sums,
        before=_within(days, period.before),
        trend=trend_of(days, ever.active, period.trend_since, period.until),
        groups=breakdown_of("g", rows, ever.active, sums),
        doors=breakdown_of("d", rows, ever.active, sums),
        children=children,
        children_count=below.applications,
        own_active=ever.active - below.active,
        next_after=next_after,
    )
