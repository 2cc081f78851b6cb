"""The applications of a period, replayed against a draft: nothing is written, nobody is named.

Five statements whatever the number of applications. Those of the actor's own area that are with unions out of reach,
such as the city's pool, are counted and not shown: a draft mostly takes from there (numbers, not people).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Q

from nuanxin.access.states import Permission
from nuanxin.members.models import Application
from nuanxin.members.queries.applications import visible_applications
from nuanxin.members.rules.routing import Applicant
from nuanxin.members.rules.trials.replay import Case, Replay, replay
from nuanxin.members.states import ApplicationState
from nuanxin.organizations.models import Union
from nuanxin.organizations.queries.atlas import atlas_for
from nuanxin.organizations.states import UnionLevel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.rules.atlas import Draft

#: Periods that can be chosen, in days.
PERIODS: Final = (7, 30, 90, 365)
USUAL: Final = 30
#: Applications replayed at most, the newest; a page says so when there are more.
MOST: Final = 100_000
_COLUMNS = (
    "number",
    "occupation_group_id",
    "region_id",
    "platform_id",
    "employer_id",
    "employer_name",
    "scanned_union__code",
    "union__path",
    "started_at",
)


@dataclass(frozen=True, slots=True)
class Trial:
    """A draft tried on the applications of a period.

    :param on: the day whose rules are compared with and without the draft.
    :param found: applications of the period, of which at most `MOST` were replayed.
    """

    on: date
    since: datetime
    until: datetime
    found: int
    replay: Replay


def try_draft(actor: Actor, draft: Draft, *, days: int, now: datetime, most: int = MOST) -> Trial:
    """Replay the applications of the last days that the actor may see, or count, against a draft.

    :param days: length of the period, one of `PERIODS`; any other is the usual month.
    """
    since = now - timedelta(days=days if days in PERIODS else USUAL)
    rows = _applications(actor).filter(started_at__gte=since, started_at__lt=now)
    newest = rows.order_by("-started_at", "-pk").values_list(*_COLUMNS)[: most + 1]
    reach = actor.reach(Permission.VIEW_MEMBERS)
    cases = [_case(row, reach) for row in newest]
    found = rows.count() if len(cases) > most else len(cases)
    atlas = atlas_for(
        {case.applicant.region_code for case in cases},
        employer_ids={draft.employer, *(case.employer_id for case in cases)},
        scanned_codes={case.scanned_code for case in cases},
        union_ids=[draft.union],
        on=draft.on,
    )
    return Trial(draft.on, since, now, found, replay(cases[:most], atlas, draft))


def _applications(actor: Actor) -> QuerySet[Application]:
    """Return what the actor may see, and what comes from the area whose numbers the actor may see."""
    visible = visible_applications(actor)
    areas = _areas(actor)
    if not areas:
        return visible
    inside = Q()
    for area in areas:
        inside |= Q(region__code__startswith=area) if area else Q(union__isnull=False)
    return visible | Application.objects.filter(inside, union__isnull=False).exclude(state=ApplicationState.UNCONFIRMED)


def _areas(actor: Actor) -> list[str]:
    """Return the regions for which the unions answer where the actor sees numbers; basic unions answer for none."""
    reach = actor.reach(Permission.VIEW_TALLIES)
    if "/" in reach:
        return [""]
    tops = Union.objects.filter(path__in=reach).exclude(level=UnionLevel.BASIC).order_by("path")
    return [code or "" for code in tops.values_list("region_id", flat=True)]


def _case(row: Sequence[object], reach: tuple[str, ...]) -> Case:
    number, group, region, platform, employer, employer_name, scanned, path, at = row
    return Case(
        str(number),
        Applicant(str(group), str(region), str(platform or ""), str(employer_name or "")),
        employer,  # type: ignore[arg-type]
        str(scanned or ""),
        shown=any(str(path or "").startswith(top) for top in reach),
        at=at,  # type: ignore[arg-type]
    )
