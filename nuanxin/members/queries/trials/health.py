"""The health of the rules below one union: read in a few statements, whatever the size of the tree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Q
from django.db.models.functions import Left

from nuanxin.kernel.clock import local_day
from nuanxin.members.queries.trials.reviewers import Unreviewed, unions_without_reviewers
from nuanxin.members.rules.trials.health import (
    Caught,
    Collision,
    Survey,
    asked_by_itself,
    caught_places,
    collisions,
    survey,
    zones_of,
)
from nuanxin.organizations.models import AdmissionRule, Coverage
from nuanxin.organizations.queries.atlas import atlas_of_area
from nuanxin.organizations.queries.lists import open_groups
from nuanxin.organizations.queries.routing import rule_facts
from nuanxin.organizations.states import EmployerScope, UnionKind
from nuanxin.regions.models import Region
from nuanxin.regions.states import Level

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from nuanxin.organizations.models import Union
    from nuanxin.organizations.rules.facts import UnionFacts

#: Why a rule or a coverage can never decide, the gravest first.
REASONS: Final = ("shadowed", "nobody", "poster_only", "no_employer", "union_closed", "enterprise_closed", "over")
_COUNTY, _TOWNSHIP = 6, 9
#: What is not asked of the unions of some forty thousand rules.
_UNASKED: Final = ("pinyin", "contact", "contact_phone", "address", "working_hours", "founded_on", "created_at")


@dataclass(frozen=True, slots=True)
class Dead:
    """A rule, or a coverage, that can never decide, and why: one of `REASONS`.

    :param by: for `shadowed` the step and the union that always decide before.
    """

    reason: str
    union: Union
    rule: AdmissionRule | None = None
    coverage: Coverage | None = None
    by: tuple[str, UnionFacts] | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """What there is to mend below one union on one day."""

    dead: list[Dead]
    collisions: list[Collision]
    unreviewed: list[Unreviewed]
    caught: list[Caught]
    villages: int


def rules_health(union: Union, *, now: datetime) -> Health:
    """Survey the area and the subtree of a union that the caller may see.

    Eleven statements. Places are told by township inside a city, by county above.
    """
    day = local_day(now)
    scope = union.region_id or ""
    atlas = atlas_of_area(scope, below=union.path, on=day)
    counties = _counties(scope)
    atlas.cities.update(counties)
    villages = _villages(scope)
    zones = zones_of(atlas.places, villages, counties)
    atlas.cities.update({zone.code: counties[zone.code[:_COUNTY]] for zone in zones})
    found = survey(atlas, zones, open_groups(day))
    covering = Counter(
        dict(
            Coverage.objects.filter(_open(day), union__path__startswith=union.path, enterprise__closed_at=None)
            .values_list("union_id")
            .annotate(count=Count("pk"))
        )
    )
    return Health(
        _dead(union, day, found, covering),
        collisions(atlas.unions.values(), below=union.path),
        unions_without_reviewers(union, found.villages, covering, now=now),
        caught_places(found, zones, villages, size=_TOWNSHIP if len(scope) >= len("3715") else _COUNTY),
        sum(villages.values()),
    )


def _open(day: date) -> Q:
    return Q(valid_until=None) | Q(valid_until__gt=day)


def _counties(scope: str) -> dict[str, str]:
    """Return the counties in an area, and the one that the area lies in, each with its city."""
    narrow = scope[:_COUNTY]
    rows = Region.objects.filter(level=Level.COUNTY, code__startswith=narrow, closed_on=None)
    return dict(rows.values_list("code", "city_code"))


def _villages(scope: str) -> dict[str, int]:
    """Return the number of villages in each township of an area."""
    rows = Region.objects.filter(level=Level.VILLAGE, code__startswith=scope, closed_on=None)
    counted = rows.annotate(township=Left("code", _TOWNSHIP)).values_list("township").annotate(count=Count("pk"))
    return dict(counted.order_by("township"))


def _dead(union: Union, day: date, found: Survey, covering: Counter[UUID]) -> list[Dead]:
    rules = AdmissionRule.objects.filter(union__path__startswith=union.path, valid_from__lte=day)
    dead = []
    rules = rules.select_related("union").defer(*(f"union__{field}" for field in _UNASKED))
    for rule in rules.order_by("union__path", "valid_from", "pk"):
        reason = _reason(rule, day, found, covering)
        if reason:
            by = found.beaten.get(rule.pk) if reason == "shadowed" else None
            dead.append(Dead(reason, rule.union, rule=rule, by=by))
    dead += _dead_coverages(union, day)
    return sorted(dead, key=lambda each: REASONS.index(each.reason))


def _reason(rule: AdmissionRule, day: date, found: Survey, covering: Counter[UUID]) -> str:
    """Return why a rule can never decide, or nothing."""
    union = rule.union
    if rule.valid_until is not None and rule.valid_until <= day:
        return "over"
    if union.closed_at is not None:
        return "union_closed"
    if rule.employers == EmployerScope.COVERED:
        return "" if covering[union.pk] else "no_employer"
    if union.kind == UnionKind.POOL or rule.pk in found.living:
        return ""
    if not asked_by_itself(union, rule_facts(rule)):
        return "poster_only"
    return "shadowed" if rule.pk in found.beaten else "nobody"


def _dead_coverages(union: Union, day: date) -> list[Dead]:
    """Return coverages that hold although their union or employer is closed, and those that are over."""
    rows = Coverage.objects.filter(union__path__startswith=union.path, valid_from__lte=day)
    closed = rows.filter(_open(day), ~Q(union__closed_at=None) | ~Q(enterprise__closed_at=None))
    over = rows.filter(valid_until__lte=day)
    found = [
        Dead("union_closed" if row.union.closed_at else "enterprise_closed", row.union, coverage=row)
        for row in closed.select_related("union", "enterprise").order_by("union__path", "pk")
    ]
    found += [
        Dead("over", row.union, coverage=row)
        for row in over.select_related("union", "enterprise").order_by("union__path", "pk")
    ]
    return found
