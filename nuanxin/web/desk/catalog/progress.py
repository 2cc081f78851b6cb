"""For leaders: what the union's services did this year, of how many, and where to look next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.access.states import Permission
from nuanxin.catalog.queries.counts import NOTHING, Counts, counts_below, counts_by_month, counts_of
from nuanxin.catalog.queries.service import areas, budgets_of_union
from nuanxin.catalog.queries.targets import targets_of
from nuanxin.catalog.states import Standing
from nuanxin.insight.queries.tallies import tallies
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound
from nuanxin.organizations.queries import ancestors_of, get_union, open_groups, visible_unions
from nuanxin.web.desk.catalog.forms import year_of
from nuanxin.web.desk.catalog.words import definitions, spent_of, target_row
from nuanxin.web.desk.insight.charts import Card
from nuanxin.web.kit.templatetags.kit import local_name, number, percent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.http import HttpResponse

    from nuanxin.organizations.models import Union
    from nuanxin.web.desk.requests import DeskRequest

SEE = Permission.VIEW_SERVICES
#: Unions below that one page shows.
_MOST_BELOW = 60


@require_safe
def progress(request: DeskRequest, code: str = "") -> HttpResponse:
    """Show one union's year: persons of all members, times, money of its budget, targets, areas, unions below."""
    request.actor.require(SEE)
    union = get_union(request.actor, code, SEE) if code else _topmost(request)
    today = local_day(request.now)
    year = year_of(request.GET.get("year"), today)
    counts = counts_of(union, year)
    members, below_members = _members(request, union)
    lines = targets_of(union, year, now=request.now)
    rows = [target_row(line, today) for line in lines]
    months = counts_by_month(union, year, "")
    context = {
        "page_title": local_name(union),
        "union": union,
        "above": [each for each in ancestors_of(union) if _is_seen(request, each)],
        "year": year,
        "years": [today.year, today.year - 1],
        "now": request.now,
        "cards": _cards(counts, members, rows, union, year, request.now),
        "worrying": [row for row in rows if row["progress"].standing in (Standing.OVERDUE, Standing.BEHIND)],
        "areas": _areas(counts, budgets_of_union(union, year)),
        "groups": _groups(counts, today),
        "below": [
            {
                "union": each,
                "members": below_members.get(each.code),
                "share": _share(each.counts.people, below_members.get(each.code)),
                "url": f"{reverse('desk:catalog:progress_of', args=[each.code])}?year={year}",
            }
            for each in counts_below(union, year, "")[:_MOST_BELOW]
        ],
        "chart": {
            "x": [f"{year}-{month:02d}" for month in range(1, 13)],
            "series": [{"name": _("Times"), "data": [months.get(month, NOTHING).times for month in range(1, 13)]}],
            "unit": _("person-times"),
        },
        "months": [
            [f"{year}-{month:02d}", f"{each.people:,}", f"{each.times:,}", f"{each.cost:,}"]
            for month, each in months.items()
        ],
        "month_header": [_("Month"), _("Persons, first time this year"), _("Times"), _("Yuan")],
        "definitions": definitions(),
    }
    return render(request, "desk/catalog/progress.html", context)


def _topmost(request: DeskRequest) -> Union:
    union = visible_unions(request.actor, SEE).order_by("path", "pk").first()
    if union is None:
        raise NotFound
    return union


def _is_seen(request: DeskRequest, union: Union) -> bool:
    return bool(request.actor.may(SEE, at=union))


def _members(request: DeskRequest, union: Union) -> tuple[int | None, Mapping[str, int]]:
    """Return the active members of a union and of each directly below, for who may see those numbers."""
    if not request.actor.may(Permission.VIEW_TALLIES, at=union):
        return None, {}
    day = local_day(request.now)
    table = tallies(request.actor, now=request.now, union=union.code, by="children", since=day, until=day, limit=200)
    return table.total.active, {row.key: row.active for row in table.rows}


def _share(part: int, whole: int | None) -> str:
    return percent(part / whole) if whole else "—"


def _cards(
    counts: Mapping[tuple[str, str], Counts],
    members: int | None,
    rows: list[dict[str, Any]],
    union: Union,
    year: int,
    now: datetime,
) -> list[Card]:
    """Return the numbers at the top, each with what it is a part of and the rows behind it."""
    whole = counts.get(("", ""), NOTHING)
    spent = spent_of(whole, sum(budgets_of_union(union, year).values(), start=NOTHING.cost))
    done = sum(row["progress"].standing == Standing.DONE for row in rows)
    late = sum(row["progress"].standing == Standing.OVERDUE for row in rows)
    listed = f"{reverse('desk:catalog:targets')}?{urlencode({'union': union.code, 'year': f'{year}'})}" if rows else ""
    cards = [
        Card(
            _("Members served, each once"),
            _share(whole.people, members) if members else number(whole.people),
            "" if members else _("persons"),
            at=now,
            numerator=whole.people if members else None,
            denominator=members,
            part_unit=_("served this year / active members now, persons"),
        ),
        Card(_("Times served"), number(whole.times), _("person-times"), at=now),
        Card(
            _("Spent of the budget"),
            percent(spent["share"]) if spent["share"] is not None else number(whole.cost),
            "" if spent["share"] is not None else _("yuan"),
            at=now,
            numerator=int(whole.cost) if spent["share"] is not None else None,
            denominator=int(spent["budget"]) if spent["share"] is not None else None,
            part_unit=_("yuan"),
        ),
    ]
    if rows:
        share = percent(done / len(rows))
        word = _("targets")
        cards.append(
            Card(_("Targets reached"), share, "", listed, at=now, numerator=done, denominator=len(rows), part_unit=word)
        )
        cards.append(Card(_("Targets overdue"), number(late), word, f"{listed}&standing=overdue", at=now))
    return cards


def _areas(counts: Mapping[tuple[str, str], Counts], spent: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what each area did and spent."""
    return [
        {
            "area": area,
            "counts": (found := counts.get((f"a:{area.pk}", ""), NOTHING)),
            "spent": spent_of(found, spent.get(area.pk)),
            "url": f"{reverse('desk:catalog:services')}?{urlencode({'area': area.pk, 'given': 'all'})}",
        }
        for area in areas()
    ]


def _groups(counts: Mapping[tuple[str, str], Counts], today: Any) -> list[dict[str, Any]]:
    """Return how many of each occupation were served, most first."""
    found: list[dict[str, Any]] = [
        {"group": group, "counts": counts.get(("", f"g:{code}"), NOTHING)} for code, group in open_groups(today).items()
    ]
    return sorted((row for row in found if row["counts"].times), key=lambda row: -row["counts"].people)
