"""A small tree: the nation, a province, two cities, and a basic union in one of them."""

from types import SimpleNamespace

import pytest

from nuanxin.organizations.models import Enterprise, Union
from nuanxin.organizations.states import UnionKind, UnionLevel
from tests.factories import NOW
from tests.factories.regions import make_liaocheng_regions


def _union(code: str, parent: Union | None, level: UnionLevel, region: str | None) -> Union:
    return Union.objects.create(
        code=code,
        name=f"{code}工会",
        name_en=f"Union {code}",
        kind=UnionKind.FEDERATION if level != UnionLevel.BASIC else UnionKind.ENTERPRISE,
        level=level,
        parent=parent,
        path=f"{parent.path if parent else '/'}{code}/",
        region_id=region,
        created_at=NOW,
    )


@pytest.fixture
def tree(db: None) -> SimpleNamespace:
    """Make the tree, and an enterprise in the county."""
    make_liaocheng_regions()
    nation = _union("N", None, UnionLevel.NATION, None)
    city = _union("LC", nation, UnionLevel.CITY, "3715")
    county = _union("DCF", city, UnionLevel.COUNTY, "371502")
    basic = _union("B1", county, UnionLevel.BASIC, "371502001")
    other = _union("BJ", nation, UnionLevel.PROVINCE, "11")
    firm = Enterprise.objects.create(name="聊城快送有限公司", region_id="371502001", created_at=NOW)
    return SimpleNamespace(nation=nation, city=city, county=county, basic=basic, other=other, firm=firm)
