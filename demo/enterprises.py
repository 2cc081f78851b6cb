"""The 2,800 firms: most without a union, the others covered by their own, a joint or a platform's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from demo.identities import credit_code
from demo.places import SHARES
from demo.trades import BRANDS, PLATFORMS, TRADES, Trade
from nuanxin.kernel.clock import ZONE
from nuanxin.organizations.states import CoverageBasis, EmployerScope, UnionKind
from nuanxin.regions.rules.pinyin import read_name

if TYPE_CHECKING:
    from demo.loading import Row
    from demo.unions import Node, Tree


class Firms:
    """Makes the firms, their links to platforms, who covers them, and the unions of those that have their own."""

    def __init__(self, tree: Tree) -> None:
        self.tree, self.seed, self.places = tree, tree.seed, tree.places
        self.rows: list[Row] = []
        self.links: list[Row] = []
        self.coverages: list[Row] = []
        #: Firms without a union, by trade's group and county.
        self.open: dict[tuple[str, str], list[Row]] = {}
        self._names: set[str] = set()

    def found(self) -> None:
        """Make every firm; unions of firms fill the city's new-employment unions up to their number."""
        size = self.tree.size
        partners = [trade for trade in TRADES if trade.platforms]
        for _ in range(size.partners):
            self._partner(self.seed.one(partners))
        wanted = (size.unions or len(self.tree.new_employment) + max(9, size.enterprises // 8)) - len(
            self.tree.new_employment
        )
        for order in range(wanted):
            self._own(self._trade() if order >= len(TRADES) else TRADES[order])
        for node in [node for node in self.tree.new_employment if node.kind == UnionKind.JOINT]:
            for _ in range(self.seed.random.randint(2, 5)):
                firm = self._firm(node.trade or TRADES[0], node.region, small=True)
                self._cover(firm, node, CoverageBasis.JOINT)
        while len(self.rows) < size.enterprises:
            trade = self._trade()
            firm = self._firm(trade, self._area(), small=True)
            self.open.setdefault((trade.group, firm["region_id"][:6]), []).append(firm)

    def _partner(self, trade: Trade) -> None:
        """Make a partner firm of a platform with a union of its own, beneath the platform's union."""
        platform = self.seed.one(trade.platforms)
        above = self.tree.platforms[platform]
        firm = self._firm(trade, self._area(), platform=platform)
        node = self.tree.member(
            above, f"{firm['name']}工会（{PLATFORMS[platform][0]}合作企业）", "", firm["region_id"], UnionKind.PLATFORM
        )
        self.tree.rule(node, EmployerScope.COVERED, "本企业工会吸收本企业职工", "A firm's union admits its workers")
        self._cover(firm, node, CoverageBasis.PARTNER)

    def _own(self, trade: Trade) -> None:
        firm = self._firm(trade, self._area())
        above = self.tree.industries[trade.group, firm["region_id"][:6]]
        node = self.tree.member(above, f"{firm['name']}工会", "", firm["region_id"], UnionKind.ENTERPRISE)
        self.tree.rule(node, EmployerScope.COVERED, "本企业工会吸收本企业职工", "A firm's union admits its workers")
        self._cover(firm, node, CoverageBasis.OWN)

    def _trade(self) -> Trade:
        return self.seed.random.choices(TRADES, weights=[trade.share for trade in TRADES])[0]

    def _area(self) -> str:
        """Return a township, towns more often."""
        counties = self.places.counties
        county = self.seed.random.choices(counties, weights=[SHARES.get(place.code, 5) for place in counties])[0]
        towns = [place for place in self.places.townships if place.code.startswith(county.code)]
        codes = [town.code for town in towns]
        chosen: str = self.seed.random.choices(codes, weights=[5 if "街道" in town.name else 1 for town in towns])[0]
        return chosen

    def _name(self, trade: Trade, region: str) -> str:
        while True:
            county = self.places.by_code[region[:6]].name
            place = county.rstrip("市县区") if len(county) > 2 else county
            head = place if self.seed.random.random() < 0.6 else "聊城市"
            name = f"{head}{self.seed.one(BRANDS)}{self.seed.one(trade.firms)}"
            if name not in self._names:
                self._names.add(name)
                return name

    def _firm(self, trade: Trade, region: str, *, platform: str = "", small: bool = False) -> Row:
        seed = self.seed
        name = self._name(trade, region)
        moment = datetime.combine(seed.days_ago(1120), datetime.min.time(), tzinfo=ZONE) + timedelta(
            minutes=seed.random.randrange(200_000)
        )
        row: Row = {
            "id": seed.id_at(moment),
            "credit_code": credit_code(seed, kind="92" if small and seed.random.random() < 0.25 else "91", area=region),
            "name": name,
            "pinyin": " ".join(read_name(name)),
            "region_id": region,
            "headcount": int(seed.random.lognormvariate(2.2 if small else 3.6, 0.7)) + 3,
            "created_at": moment,
        }
        self.rows.append(row)
        if not platform and trade.platforms and seed.random.random() < 0.35:
            platform = seed.one(trade.platforms)
        if platform:
            self.links.append(
                {
                    "id": seed.id_at(moment),
                    "enterprise_id": row["id"],
                    "platform_id": platform,
                    "valid_from": moment.date(),
                }
            )
        return row

    def _cover(self, firm: Row, node: Node, basis: str) -> None:
        node.employers.append(firm)
        self.coverages.append(
            {
                "id": self.seed.id_at(firm["created_at"]),
                "enterprise_id": firm["id"],
                "union_id": node.id,
                "basis": basis,
                "valid_from": node.founded_on,
            }
        )
