"""The health of the rules below one union: what never decides, what collides, who is missing, who has only the pool."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.queries.trials.health import REASONS, Dead, Health, rules_health
from nuanxin.members.rules.routing import step_of
from nuanxin.organizations.queries import get_union, open_groups, visible_unions
from nuanxin.organizations.states import EDIT_RULES, EDIT_UNIONS, UnionKind
from nuanxin.regions.queries import get_regions
from nuanxin.web.desk.routing.tabs import tabs
from nuanxin.web.desk.routing.words import joined, place_names
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpResponse, HttpResponseBase

    from nuanxin.members.rules.trials.health import Caught, Collision
    from nuanxin.organizations.models import Union
    from nuanxin.web.desk.requests import DeskRequest

#: Rows shown of each list; the workbook holds every row.
_SHOWN = 100
LISTS = {
    "dead": gettext_lazy("Rules that never decide"),
    "collisions": gettext_lazy("Rules that collide"),
    "unreviewed": gettext_lazy("Unions without reviewers"),
    "caught": gettext_lazy("Places with only the pool"),
}
WHY_DEAD = {
    "shadowed": gettext_lazy("Another union always decides before it."),
    "nobody": gettext_lazy("Nobody fits it: no such trade, platform and place together."),
    "poster_only": gettext_lazy(
        "Only for those who scan the union's own poster: routing never asks such a union, or such an area, by itself."
    ),
    "no_employer": gettext_lazy("It is about covered employers, and the union covers none."),
    "union_closed": gettext_lazy("The union is closed."),
    "enterprise_closed": gettext_lazy("The enterprise is closed."),
    "over": gettext_lazy("It is over."),
}
STEPS = {
    "own_union": gettext_lazy("the employer's union is asked first"),
    "platform_union": gettext_lazy("the platform's union is asked first"),
    "industry_federation": gettext_lazy("the industry federation is asked first"),
    "village_union": gettext_lazy("the village's union is asked first"),
}


@require_safe
def health(request: DeskRequest) -> HttpResponse:
    """Show one of the four lists, with the counts of all."""
    union, chosen, found = _found(request)
    reason = request.GET.get("why", "")
    rows = _rows_of(request, found, chosen, reason)
    counts = {"dead": sum(row.reason != "over" for row in found.dead), "collisions": len(found.collisions)}
    counts |= {"unreviewed": len(found.unreviewed), "caught": len(found.caught)}
    address = f"{request.path}?union={union.code}"
    context = {
        "page_title": _("Health of the rules"),
        "tabs": tabs("health"),
        "union": union,
        "chosen": chosen,
        "title": LISTS[chosen],
        "lists": [
            {"label": label, "url": f"{address}&list={name}", "count": counts[name], "current": name == chosen}
            for name, label in LISTS.items()
        ],
        "rows": rows[:_SHOWN],
        "more": max(len(rows) - _SHOWN, 0),
        "reasons": _reasons(found.dead, reason) if chosen == "dead" else [],
        "reason": reason,
        "villages": found.villages,
        "excel_url": f"{reverse('desk:routing:health_excel')}?union={union.code}&list={chosen}",
        "template": f"desk/routing/{chosen}.html",
    }
    return render(request, "desk/routing/health.html", context)


@require_safe
def excel(request: DeskRequest) -> HttpResponseBase:
    """Send one of the lists as a workbook."""
    _union, chosen, found = _found(request)
    rows = _rows_of(request, found, chosen, request.GET.get("why", "") or "every")
    return workbook_response(str(LISTS[chosen]), _heading(chosen), (row["sheet"] for row in rows))


def _heading(chosen: str) -> list[str]:
    """Return the heading of the sheet of a list."""
    union, code, groups = _("Union"), _("Union code"), _("Occupation groups")
    return {
        "dead": [union, code, _("Rule or coverage"), _("Why"), _("Decides instead")],
        "collisions": [_("Wins"), code, _("Loses"), code, groups, _("Platforms"), _("Regions")],
        "unreviewed": [
            union,
            code,
            _("Waiting"),
            _("Received in 30 days"),
            _("Villages"),
            _("Employers"),
            _("Reviewed above by"),
        ],
        "caught": [_("Place"), _("Region code"), _("Villages"), groups, _("Goes to")],
    }[chosen]


def _found(request: DeskRequest) -> tuple[Union, str, Health]:
    """Read which union and list is asked for; the topmost union in reach when none is."""
    request.actor.require(EDIT_RULES)
    code = request.GET.get("union", "").strip()[:12]
    if code:
        union = get_union(request.actor, code, EDIT_RULES)
    else:
        first = visible_unions(request.actor, EDIT_RULES).filter(closed_at=None).order_by("path").first()
        if first is None:
            raise NotFound
        union = first
    chosen = request.GET.get("list", "dead")
    return union, chosen if chosen in LISTS else "dead", rules_health(union, now=request.now)


def _rows_of(request: DeskRequest, found: Health, chosen: str, reason: str) -> list[dict[str, Any]]:
    if chosen == "dead":
        wanted = [row for row in found.dead if row.reason == reason or (not reason and row.reason != "over")]
        return [_dead_row(row) for row in (found.dead if reason == "every" else wanted)]
    if chosen == "collisions":
        return _collision_rows(found.collisions, request)
    if chosen == "unreviewed":
        return [_unreviewed_row(request, row) for row in found.unreviewed]
    return _caught_rows(request, found.caught)


def _reasons(dead: Iterable[Dead], chosen: str) -> list[dict[str, Any]]:
    counts = Counter(row.reason for row in dead)
    return [
        {"name": name, "label": WHY_DEAD[name], "count": counts[name], "current": name == chosen}
        for name in REASONS
        if counts[name]
    ]


def _admission_url(code: str) -> str:
    return f"{reverse('desk:organizations:union', args=[code])}?tab=admission"


def _before(row: Dead) -> str:
    """Return in words why another union, or another rule, decides before this one."""
    if row.by is None:
        return ""
    step, winner = row.by
    own = row.union.region_id or ""
    if winner.id == row.union.pk:
        return _("another rule of the same union comes first")
    if step != step_of(kind=row.union.kind, level=row.union.level, region_code=own):
        return str(STEPS[step])
    return _("equal in rank, with an earlier union code") if winner.region_code == own else _("its area is narrower")


def _dead_row(row: Dead) -> dict[str, Any]:
    what = row.rule.source_note if row.rule else row.coverage.enterprise.name if row.coverage else ""
    by = local_name(row.by[1]) if row.by else ""
    url = _admission_url(row.union.code)
    if row.coverage:
        url = reverse("desk:organizations:enterprise", args=[row.coverage.enterprise_id])
    return {
        "row": row,
        "name": local_name(row.union),
        "what": what,
        "rule": row.rule,
        "why": WHY_DEAD[row.reason],
        "by": by,
        "step": _before(row),
        "url": url,
        "sheet": [local_name(row.union), row.union.code, what, str(WHY_DEAD[row.reason]), by],
    }


def _collision_rows(found: Iterable[Collision], request: DeskRequest) -> list[dict[str, Any]]:
    groups = {code: local_name(group) for code, group in open_groups(local_day(request.now)).items()}
    rows = list(found)
    places = place_names(area for row in rows[:_SHOWN] for area in row.areas)
    return [
        {
            "row": row,
            "winner": local_name(row.winner),
            "loser": local_name(row.loser),
            "winner_url": _admission_url(row.winner.code),
            "loser_url": _admission_url(row.loser.code),
            "groups": joined(groups.get(code, code) for code in row.groups) or _("all"),
            "platforms": joined(row.platforms) or _("all"),
            "areas": joined(places.get(area, area) for area in row.areas),
            "sheet": [
                local_name(row.winner),
                row.winner.code,
                local_name(row.loser),
                row.loser.code,
                joined(groups.get(code, code) for code in row.groups) or _("all"),
                joined(row.platforms) or _("all"),
                joined(row.areas),
            ],
        }
        for row in rows
    ]


def _unreviewed_row(request: DeskRequest, row: Any) -> dict[str, Any]:
    grants = request.actor.may(Permission.GRANT_POSTS, at=row.union)
    above = local_name(row.above) if row.above else ""
    address = reverse("desk:access:new_post") if grants else reverse("desk:organizations:union", args=[row.union.code])
    return {
        "row": row,
        "name": local_name(row.union),
        "above": above,
        "url": f"{address}?union={row.union.code}" if grants else f"{address}?tab=posts",
        "sheet": [local_name(row.union), row.union.code, row.waiting, row.received, row.villages, row.employers, above],
    }


def _caught_rows(request: DeskRequest, found: list[Caught]) -> list[dict[str, Any]]:
    named = {code: local_name(group) for code, group in open_groups(local_day(request.now)).items()}
    regions = get_regions({code for each in found for code in (each.code, each.code[:6])})
    parents = _federations(request, found)
    rows = []
    for each in found:
        parent = parents.get(each.code) or parents.get(each.code[:6])
        place = local_name(regions[each.code]) if each.code in regions else each.code
        above = local_name(regions[each.code[:6]]) if len(each.code) > 6 and each.code[:6] in regions else ""
        groups = _groups_in_words(each, named)
        goes_to = _("the holding pool") if each.step == "pool" else _("the federation above: there is no pool")
        rows.append(
            {
                "row": each,
                "place": f"{above} {place}".strip(),
                "most": max(each.groups.values()),
                "groups": groups,
                "goes_to": goes_to,
                "no_pool": each.step != "pool",
                "url": reverse("desk:organizations:new_union", args=[parent]) if parent else "",
                "sheet": [place, each.code, max(each.groups.values()), groups, goes_to],
            }
        )
    return rows


def _groups_in_words(row: Caught, named: Mapping[str, str]) -> str:
    """Name the trades; with the number of villages where it differs from trade to trade."""
    counts = {code: count for code, count in row.groups.items() if code in named}
    alike = len(set(counts.values())) == 1
    if alike and len(counts) == len(named):
        return _("all occupations")
    if alike and len(named) - len(counts) < len(counts):
        return _("all but %(names)s") % {"names": joined(named[code] for code in named if code not in counts)}
    return joined(named[code] if alike else f"{named[code]} {counts[code]}" for code in named if code in counts)


def _federations(request: DeskRequest, found: list[Caught]) -> dict[str, str]:
    """Return the federations under which a union for these places may be made, by region."""
    codes = {code for each in found for code in (each.code, each.code[:6])}
    rows = visible_unions(request.actor, EDIT_UNIONS).filter(
        kind=UnionKind.FEDERATION, region__in=codes, closed_at=None
    )
    return dict(rows.values_list("region_id", "code"))
