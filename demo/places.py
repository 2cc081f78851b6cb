"""The divisions of Liaocheng as the table of regions has them, and where in them people work."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from nuanxin.regions.models import Region
from nuanxin.regions.rules.names import name_en
from nuanxin.regions.states import Level

if TYPE_CHECKING:
    from demo.seeds import Seed

CITY = "3715"
PROVINCE = "37"
#: Share of each county in the people who work on the road; about its share in the city's economy.
SHARES = {
    "371502": 31, "371503": 11, "371521": 10, "371522": 11, "371524": 7, "371525": 9, "371526": 8, "371581": 13,
}  # fmt: skip


@dataclass
class Places:
    """What the city is made of, by level, and weights to draw a place of work by."""

    city: Region
    counties: list[Region]
    townships: list[Region]
    villages: list[Region]
    communities: list[Region]
    by_code: dict[str, Region]
    _drawn: dict[str, tuple[list[str], list[float]]] = field(default_factory=dict)

    def work_place(self, seed: Seed, area: str) -> str:
        """Return the code of a village or community in an area; towns and the busier counties come more often."""
        codes, weights = self._drawn.get(area) or self._weigh(area)
        return seed.random.choices(codes, cum_weights=weights)[0] if codes else area

    def _weigh(self, area: str) -> tuple[list[str], list[float]]:
        codes = [code for code in self.by_code if len(code) == 12 and code.startswith(area)]
        inside: dict[str, int] = {}
        for code in codes:
            inside[code[:6]] = inside.get(code[:6], 0) + self._busy(code)
        weights = list(accumulate(SHARES.get(code[:6], 5) * self._busy(code) / inside[code[:6]] for code in codes))
        self._drawn[area] = (codes, weights)
        return codes, weights

    def _busy(self, code: str) -> int:
        return 12 if "街道" in self.by_code[code[:9]].name else 2

    def title(self, code: str) -> str:
        """Return the name of an area as unions bear it: 东昌府区柳园街道利民社区."""
        if len(code) == 4:
            return self.by_code[code].name
        parts = [self.by_code[code[:length]].name for length in (6, 9, 12) if length <= len(code)]
        return "".join(parts[:-1]) + (short(parts[-1]) if len(code) == 12 else parts[-1])

    def title_en(self, code: str) -> str:
        """Return the English name of an area, the smallest part first."""
        lengths = [length for length in (12, 9, 6, 4) if length <= len(code)]
        return ", ".join(name_en(self.by_code[code[:length]]) for length in lengths[:3] if length > 4 or len(code) == 4)


def short(name: str) -> str:
    """Return a village's or community's name without the word for its committee."""
    for ending in ("村民委员会", "居民委员会", "村委会", "居委会"):
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            community = ending.startswith("居")
            if stem.endswith(("村", "社区")):
                return stem
            return stem + ("社区" if community else "村")
    return name


def read_places() -> Places:
    """Read the city's divisions. A township-level row that is no township or street is left out."""
    rows = list(Region.objects.filter(code__startswith=CITY, closed_on=None).order_by("code"))
    by_code = {row.code: row for row in rows}
    below = [row for row in rows if row.level == Level.VILLAGE]
    return Places(
        city=by_code[CITY],
        counties=[row for row in rows if row.level == Level.COUNTY and not row.is_pseudo],
        townships=[
            row for row in rows if row.level == Level.TOWNSHIP and row.name.endswith(("街道", "镇", "乡", "办事处"))
        ],
        villages=[row for row in below if row.name.endswith(("村民委员会", "村委会")) and "社区" not in row.name],
        communities=[row for row in below if row.name.endswith(("居委会", "居民委员会"))],
        by_code=by_code,
    )
