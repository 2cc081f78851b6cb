"""What the charts and cards of a dashboard show: numbers of one reading, put side by side for the eye."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from nuanxin.access.states import Permission
from nuanxin.web.kit.templatetags.kit import local_name, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from nuanxin.insight.queries import Breakdown, ChildRow, Dashboard, ScopeView, TrendDay
    from nuanxin.insight.rules import Share, Sums
    from nuanxin.kernel.actor import Actor

#: Days of the small trend in a card.
_SPARK_DAYS = 30


@dataclass(frozen=True)
class Card:
    """One number with its unit, what it is made of, when it was true, and the rows behind it."""

    label: str
    value: str
    unit: str
    url: str = ""
    note: str = ""
    at: datetime | None = None
    numerator: int | None = None
    denominator: int | None = None
    part_unit: str = ""
    trend: tuple[int, ...] = ()


@dataclass(frozen=True)
class Links:
    """Addresses of the rows behind a number, for who may see them there; empty for who may not."""

    actor: Actor
    scope: ScopeView

    def rows(self, area: str, permission: str, **filters: str) -> str:
        """Return the address of a list of another task, or nothing."""
        if self.scope.kind != "union" or not self.actor.may(permission, at=self.scope.path):
            return ""
        try:
            return f"{reverse(area)}?{urlencode({'union': self.scope.code} | filters)}"
        except NoReverseMatch:
            return ""

    def people(self, **filters: str) -> str:
        """Return the address of the people behind a number."""
        return self.rows("desk:people:members", Permission.VIEW_MEMBERS, **filters)

    def queue(self) -> str:
        """Return the address of the applications that wait."""
        return self.rows("desk:review:queue", Permission.REVIEW)


def _grown(found: Dashboard, measure: str) -> str:
    change = found.changed(measure)
    before = getattr(found.before, measure)
    if change is None:
        return _("%(count)s in the period before") % {"count": f"{before:,}"}
    return _("%(change)s against %(count)s before") % {"change": f"{change:+.1f}%", "count": f"{before:,}"}


def cards(found: Dashboard, links: Links) -> list[Card]:
    """Return the numbers at the top of the page."""
    person, case = _("persons"), _("cases")
    approval, last = found.sums.approval, found.trend[-_SPARK_DAYS:]
    percent = approval.percent
    return [
        Card(
            _("Active members"),
            f"{found.active:,}",
            person,
            links.people(state="active"),
            at=found.as_of,
            trend=tuple(day.active for day in last),
        ),
        Card(
            _("Applications"),
            f"{found.sums.applications:,}",
            case,
            note=_today(_grown(found, "applications"), found.today.applications),
            trend=tuple(day.sums.applications for day in last),
        ),
        Card(
            _("Admissions"),
            f"{found.sums.admissions:,}",
            person,
            note=_today(_grown(found, "admissions"), found.today.admissions),
            trend=tuple(day.sums.admissions for day in last),
        ),
        Card(
            _("Refusals"),
            f"{found.sums.refusals:,}",
            case,
            note=_today(_grown(found, "refusals"), found.today.refusals),
            trend=tuple(day.sums.refusals for day in last),
        ),
        Card(
            _("Approval rate"),
            "—" if percent is None else f"{percent:.1f}%",
            "",
            numerator=approval.numerator,
            denominator=approval.denominator,
            part_unit=_("admitted / decided"),
        ),
        Card(_("Waiting now"), f"{found.waiting:,}", case, links.queue(), at=found.as_of),
    ]


def _today(text: str, count: int) -> str:
    return _("%(text)s · today %(count)s") % {"text": text, "count": f"{count:,}"}


def active_chart(trend: Iterable[TrendDay]) -> dict[str, Any]:
    """Return the line of active members at the end of each day."""
    days = list(trend)
    series = [{"name": _("Active members"), "data": [day.active for day in days]}]
    return {"x": [day.day.isoformat() for day in days], "series": series, "unit": _("persons")}


def flow_chart(trend: Iterable[TrendDay]) -> dict[str, Any]:
    """Return applications, admissions and refusals by calendar week: days jump too much to be read over a year."""
    weeks: dict[str, list[int]] = {}
    for day in trend:
        year, week, _weekday = day.day.isocalendar()
        sums = weeks.setdefault(f"{year}-W{week:02d}", [0, 0, 0])
        for place, value in enumerate((day.sums.applications, day.sums.admissions, day.sums.refusals)):
            sums[place] += value
    names = (_("Applications"), _("Admissions"), _("Refusals"))
    series = [{"name": name, "data": [sums[place] for sums in weeks.values()]} for place, name in enumerate(names)]
    return {"x": list(weeks), "series": series, "unit": _("by week")}


def months(trend: Iterable[TrendDay]) -> list[list[str]]:
    """Return the trend as a table: one row a month, the latest first."""
    found: dict[str, list[int]] = {}
    for day in trend:
        row = found.setdefault(day.day.isoformat()[:7], [0, 0, 0, 0])
        for place, value in enumerate((day.sums.applications, day.sums.admissions, day.sums.refusals)):
            row[place] += value
        row[3] = day.active
    return [[month, *(f"{value:,}" for value in row)] for month, row in reversed(found.items())]


def bars(cuts: tuple[Breakdown, ...], addresses: dict[str, str]) -> dict[str, Any]:
    """Return lying bars of active members, each leading to the people behind it where that is allowed."""
    data = {"name": _("Active members"), "data": [cut.active for cut in cuts]}
    if any(addresses.values()):
        data["links"] = [addresses.get(cut.code, "") for cut in cuts]
    return {"x": [local_name(cut) for cut in cuts], "series": [data], "unit": _("persons")}


def _counted(sums: Sums) -> dict[str, str]:
    return {name: f"{getattr(sums, name):,}" for name in ("applications", "admissions", "refusals")}


def _percent(share: Share) -> str:
    return "—" if share.percent is None else f"{number(share.percent)}%"


def _linked(count: int, url: str) -> str:
    return format_html('<a href="{}">{}</a>', url, f"{count:,}") if url else f"{count:,}"


def cut_lines(cuts: Sequence[Breakdown], addresses: Mapping[str, str]) -> list[dict[str, str]]:
    """Return occupation groups or doors as lines of a table."""
    return [
        {
            "name": local_name(cut),
            "active": _linked(cut.active, addresses.get(cut.code, "")),
            "share": _percent(cut.of_active),
            **_counted(cut.sums),
        }
        for cut in cuts
    ]


def child_lines(scope: ScopeView, children: Sequence[ChildRow], people_url: str) -> list[dict[str, str]]:
    """Return the unions or regions directly below as lines of a table, each leading to its own dashboard."""
    lines = []
    address = reverse(f"desk:insight:{scope.kind}", args=["CODE"])
    for child in children:
        approval = child.sums.approval
        decided = format_html(
            '{} <span class="nx-sub">{} / {}</span>',
            _percent(approval),
            f"{approval.numerator:,}",
            f"{approval.denominator:,}",
        )
        lines.append(
            {
                "url": address.replace("CODE", child.code),
                "name": local_name(child),
                "active": _linked(child.active, f"{people_url}?union={child.code}" if people_url else ""),
                "share": _percent(child.of_active),
                **_counted(child.sums),
                "approval": "—" if approval.percent is None else decided,
            }
        )
    return lines
