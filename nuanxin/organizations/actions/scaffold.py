"""The federations of a city and its pool in one act: how an empty installation begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.organizations.actions.unions import create_union
from nuanxin.organizations.models import Union
from nuanxin.organizations.rules import level_for
from nuanxin.organizations.states import EDIT_UNIONS, UnionKind, UnionLevel
from nuanxin.regions.queries import children, get_region, get_regions

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.regions.models import Region


@dataclass(frozen=True, slots=True)
class PlannedUnion:
    """One union of the plan; `exists` when it stands there already and is left alone."""

    name: str
    kind: str
    region_code: str
    parent_region: str
    exists: bool

    @property
    def level(self) -> UnionLevel:
        """The level that answers for its region."""
        return level_for(self.region_code)

    @property
    def kind_label(self) -> str:
        """The kind in words."""
        return str(UnionKind(self.kind).label)


def plan_region(*, region_code: str, townships: bool = False) -> list[PlannedUnion]:
    """Return what `scaffold_region` would do, from the top down; nothing is written.

    The federations of the province, of the city and of its counties, and the city's holding pool; with `townships`
    also a flexible-employment union for each township. For a municipality the province is the city.

    :raises Invalid: the region is neither a city nor a municipality.
    """
    city = get_region(region_code)
    if city.city_code != city.code or city.is_pseudo:
        raise Invalid("not_a_city", _("Please choose a city, or a municipality."), field="region")
    regions = [get_regions([city.code[:2]])[city.code[:2]]]
    if len(city.code) > 2:
        regions.append(city)
    counties = children(city.code, skip_fillers=True)
    planned = [(_federation(region), region) for region in [*regions, *counties]]
    rows = [(name, UnionKind.FEDERATION, region.code, _above(region, city)) for name, region in planned]
    rows.insert(len(regions), (f"{city.name}新就业形态群体工会周转库", UnionKind.POOL, city.code, city.code))
    if townships:
        for county in counties:
            rows.extend(
                (f"{township.name}灵活就业人员联合工会", UnionKind.FLEXIBLE, township.code, county.code)
                for township in children(county.code)
            )
    there = set(
        Union.objects.filter(region__in={code for _name, _kind, code, _above in rows}, closed_at=None).values_list(
            "region_id", "kind"
        )
    )
    return [PlannedUnion(name, kind, code, above, (code, kind) in there) for name, kind, code, above in rows]


def _federation(region: Region) -> str:
    return f"{region.name}总工会"


def _above(region: Region, city: Region) -> str:
    """Return the region whose federation stands above that of a region."""
    if len(region.code) == 2:
        return ""
    above: str = region.code[:2] if region.code == city.code else city.code
    return above


@transaction.atomic
def scaffold_region(*, actor: Actor, region_code: str, now: datetime, townships: bool = False) -> list[Union]:
    """Create what is missing of the plan of `plan_region`, and return it.

    All or nothing. The actor needs the permission at each union above a new one. Refuses what `create_union` refuses.
    """
    actor.require(EDIT_UNIONS)
    made: list[Union] = []
    for planned in plan_region(region_code=region_code, townships=townships):
        if planned.exists:
            continue
        above = {"region_id": planned.parent_region} if planned.parent_region else {"parent": None}
        parent = Union.objects.get(kind=UnionKind.FEDERATION, closed_at=None, **above)
        fields = {"name": planned.name, "kind": planned.kind, "level": planned.level, "region": planned.region_code}
        made.append(create_union(actor=actor, parent=parent, fields=fields, now=now))
    return made
