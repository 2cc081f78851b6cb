"""Unions, enterprises and their rules, straight into the tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from nuanxin.kernel.ids import random_letters
from nuanxin.organizations.actions.seed import NATIONAL_CODE, seed_code_lists
from nuanxin.organizations.models import (
    AdmissionRule,
    Coverage,
    DatedRule,
    Enterprise,
    EnterprisePlatform,
    Union,
)
from nuanxin.organizations.rules import level_for
from nuanxin.organizations.rules.fields import pinyin_of
from nuanxin.organizations.states import CoverageBasis, EmployerScope, UnionKind, UnionLevel
from tests.factories import NOW, TODAY
from tests.factories.regions import make_liaocheng_regions

_SERIAL = count(1)
#: When the rows of the factories begin to hold.
SINCE = date(2026, 1, 1)


def national() -> Union:
    """Return the national federation; the code lists are seeded when they are missing."""
    found = Union.objects.filter(code=NATIONAL_CODE).first()
    if found is None:
        seed_code_lists(NOW)
        found = Union.objects.get(code=NATIONAL_CODE)
    return found


def make_union(
    *,
    parent: Union | None = None,
    name: str = "",
    kind: str = UnionKind.FEDERATION,
    level: str | None = None,
    region: str | None = None,
    code: str = "",
    admits: str = "",
    groups: list[str] | None = None,
    platforms: list[str] | None = None,
    regions: list[str] | None = None,
    **fields: Any,
) -> Union:
    """Make a union under a parent (the national federation unless said otherwise).

    :param region: code of an existing region; the parent's unless said otherwise.
    :param level: follows from the region unless said otherwise.
    :param admits: an `EmployerScope` makes one admission rule in force, for these groups, platforms and regions.
    """
    above = parent or national()
    code = code or random_letters(8)
    region = region or above.region_id
    name = name or f"第{next(_SERIAL)}工会"
    made = Union(
        code=code,
        name=name,
        pinyin=pinyin_of(name),
        kind=kind,
        level=level or (UnionLevel.BASIC if kind == UnionKind.ENTERPRISE else level_for(region or "")),
        parent=above,
        path=f"{above.path}{code}/",
        region_id=region,
        **{"created_at": NOW} | fields,
    )
    made.save(force_insert=True)
    if admits:
        make_admission_rule(union=made, employers=admits, groups=groups, platforms=platforms, regions=regions)
    return made


def make_admission_rule(
    *,
    union: Union,
    employers: str = EmployerScope.ANY,
    groups: list[str] | None = None,
    platforms: list[str] | None = None,
    regions: list[str] | None = None,
    valid_from: date = SINCE,
    valid_until: date | None = None,
    source_note: str = "测试规定",
) -> AdmissionRule:
    """Make one admission rule; it holds since the beginning of the year unless said otherwise."""
    return AdmissionRule.objects.create(
        union=union,
        employers=employers,
        occupation_groups=groups or [],
        platforms=platforms or [],
        region_codes=regions or [],
        valid_from=valid_from,
        valid_until=valid_until,
        source_note=source_note,
        source_note_en="A test's rule",
    )


def make_enterprise(
    *,
    name: str = "",
    region: str = "371502",
    credit_code: str = "",
    union: Union | None = None,
    basis: str = CoverageBasis.OWN,
    platforms: tuple[str, ...] = (),
    **fields: Any,
) -> Enterprise:
    """Make an enterprise, covered by a union and working for platforms when these are given."""
    name = name or f"第{next(_SERIAL)}物流有限公司"
    made = Enterprise(
        name=name,
        pinyin=pinyin_of(name),
        region_id=region,
        credit_code=credit_code,
        **{"created_at": NOW} | fields,
    )
    made.save(force_insert=True)
    if union:
        make_coverage(enterprise=made, union=union, basis=basis)
    for platform in platforms:
        EnterprisePlatform.objects.create(enterprise=made, platform_id=platform, valid_from=SINCE)
    return made


def make_coverage(
    *,
    enterprise: Enterprise,
    union: Union,
    basis: str = CoverageBasis.OWN,
    valid_from: date = SINCE,
    valid_until: date | None = None,
) -> Coverage:
    """Make a coverage of an enterprise by a union."""
    return Coverage.objects.create(
        enterprise=enterprise, union=union, basis=basis, valid_from=valid_from, valid_until=valid_until
    )


def make_dated_rule(
    *,
    name: str,
    value: Any,
    union: Union | None = None,
    region: str | None = None,
    valid_from: date = TODAY - timedelta(days=30),
    valid_until: date | None = None,
    source_note: str = "测试规定",
) -> DatedRule:
    """Make one dated rule for a union's subtree, a region, or everywhere."""
    return DatedRule.objects.create(
        name=name,
        value=value,
        union=union,
        region_id=region,
        valid_from=valid_from,
        valid_until=valid_until,
        source_note=source_note,
    )


@dataclass(frozen=True)
class Tree:
    """A small real tree: the nation, a province, the city of Liaocheng with one county, and what admits there."""

    nation: Union
    province: Union
    city: Union
    county: Union
    new_employment: Union
    couriers: Union
    township: Union
    village: Union
    pool: Union


def make_tree() -> Tree:
    """Make the regions of Liaocheng and a tree in which every worker of the city has a union that admits him."""
    make_liaocheng_regions()
    nation = national()
    province = make_union(parent=nation, region="37", name="山东省总工会", code="SDZGH000")
    city = make_union(parent=province, region="3715", name="聊城市总工会", code="LCSZGH00")
    county = make_union(parent=city, region="371502", name="东昌府区总工会", code="DCFQZGH0")
    new_employment = make_union(
        parent=city, kind=UnionKind.NEW_EMPLOYMENT, name="聊城市新就业形态工会联合会", code="LCXJYXT0"
    )
    couriers = make_union(
        parent=county,
        kind=UnionKind.INDUSTRY,
        name="东昌府区快递行业工会联合会",
        code="DCFKD000",
        admits=EmployerScope.UNCOVERED,
        groups=["courier"],
    )
    township = make_union(
        parent=county,
        kind=UnionKind.FLEXIBLE,
        region="371502001",
        name="古楼街道灵活就业人员联合工会",
        code="GLJDLH00",
        admits=EmployerScope.UNCOVERED,
    )
    village = make_union(
        parent=township,
        kind=UnionKind.FLEXIBLE,
        region="371502001001",
        name="古城社区灵活就业人员联合工会",
        code="GCSQLH00",
        admits=EmployerScope.UNCOVERED,
    )
    pool = make_union(
        parent=city,
        kind=UnionKind.POOL,
        name="聊城市新就业形态群体工会周转库",
        code="LCZZK000",
        admits=EmployerScope.ANY,
    )
    return Tree(nation, province, city, county, new_employment, couriers, township, village, pool)
