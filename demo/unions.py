"""The tree of unions: federations, the city's 882 unions of new employment, and 305 of flexible employment beside."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from demo.trades import DIRECT, PLATFORMS, TRADES, Trade
from nuanxin.kernel.clock import ZONE
from nuanxin.organizations.models import Union
from nuanxin.organizations.states import EmployerScope, UnionKind, UnionLevel
from nuanxin.regions.rules.pinyin import read_name

if TYPE_CHECKING:
    from demo.loading import Row
    from demo.places import Places
    from demo.seeds import Seed


@dataclass(slots=True)
class Node:
    """One union of the city while it is made."""

    id: UUID
    code: str
    name: str
    name_en: str
    kind: str
    level: str
    region: str
    path: str
    parent: Node | None
    founded_on: date
    trade: Trade | None = None
    platform: str = ""
    employers: list[Row] = field(default_factory=list)
    #: Rows of its admission rules.
    rules: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Size:
    """How many of each there are; the full city's figures are the promised ones."""

    members: int
    enterprises: int
    unions: int
    flexible: tuple[int, int, int]
    partners: int
    joint: int

    @classmethod
    def of(cls, scale: float) -> Size:
        """Return the full city's figures times a scale, at least a few of each."""

        def part(number: int, least: int) -> int:
            return max(least, round(number * scale))

        return cls(
            members=part(57_768, 200),
            enterprises=part(2_800, 80),
            unions=882 if scale >= 1 else 0,
            flexible=(part(135, 2), part(122, 1), part(48, 1)),
            partners=part(80, 2),
            joint=part(135, 2),
        )


class Tree:
    """Makes the unions, from the national federation down, and keeps them by what they are for."""

    def __init__(self, seed: Seed, places: Places, size: Size) -> None:
        self.seed, self.places, self.size = seed, places, size
        self.nodes: list[Node] = []
        self.new_employment: list[Node] = []
        self.counties: dict[str, Node] = {}
        self.townships: dict[str, Node] = {}
        self.industries: dict[tuple[str, str], Node] = {}
        self.platforms: dict[str, Node] = {}
        self.flexible: list[Node] = []

    def grow(self) -> None:
        """Make every union."""
        root = self._root()
        self.province = self._add(
            root, "山东省总工会", "Shandong Federation of Trade Unions", "37", UnionLevel.PROVINCE
        )
        self.city = self._add(
            self.province, "聊城市总工会", "Liaocheng Federation of Trade Unions", "3715", UnionLevel.CITY
        )
        self._federations()
        self._flexible()
        self.pool = self._add(
            self.city, "聊城市总工会会员周转库", "Holding Pool of the Liaocheng Federation", "3715", UnionLevel.CITY,
            UnionKind.POOL,
        )  # fmt: skip
        self.umbrella = self._add(
            self.city, "聊城市新就业形态工会联合会", "Liaocheng Federation of New-Employment Unions", "3715",
            UnionLevel.CITY, UnionKind.NEW_EMPLOYMENT,
        )  # fmt: skip
        self._industries()
        self._platforms()
        self._joint()

    def _root(self) -> Node | None:
        """Return the national federation, which set-up may have made already."""
        row = Union.objects.filter(parent=None).order_by("created_at").first()
        if row is None:
            return self._add(None, "中华全国总工会", "All-China Federation of Trade Unions", "", UnionLevel.NATION)
        return Node(row.id, row.code, row.name, row.name_en, row.kind, row.level, "", row.path, None, self.seed.today)

    def _federations(self) -> None:
        places = self.places
        for county in places.counties:
            name = f"{county.name}总工会"
            english = f"{places.title_en(county.code)} Federation of Trade Unions"
            self.counties[county.code] = self._add(self.city, name, english, county.code, UnionLevel.COUNTY)
        for township in places.townships:
            self.townships[township.code] = self._add(
                self.counties[township.code[:6]], f"{places.title(township.code)}总工会",
                f"{places.title_en(township.code)} Federation of Trade Unions", township.code, UnionLevel.TOWNSHIP,
            )  # fmt: skip

    def _flexible(self) -> None:
        """Make the joint unions of workers in flexible employment: of townships, villages and communities."""
        places, seed = self.places, self.seed
        known = [place for place in places.villages if place.code[:9] in self.townships]
        settled = [place for place in places.communities if place.code[:9] in self.townships]
        townships, villages, communities = self.size.flexible
        chosen = [
            *((place, UnionLevel.TOWNSHIP) for place in places.townships[:townships]),
            *((place, UnionLevel.VILLAGE) for place in seed.random.sample(known, min(villages, len(known)))),
            *((place, UnionLevel.VILLAGE) for place in seed.random.sample(settled, min(communities, len(settled)))),
        ]
        for place, level in chosen:
            node = self._add(
                self.townships[place.code[:9]], f"{places.title(place.code)}灵活就业人员联合工会",
                f"{places.title_en(place.code)} Joint Union of Flexible Workers", place.code, level, UnionKind.FLEXIBLE,
            )  # fmt: skip
            self.rule(
                node, EmployerScope.UNCOVERED, "企业外劳动者可以个人身份直接入会", "Workers without a union may join"
            )
            self.flexible.append(node)

    def _industries(self) -> None:
        """Make one federation for each trade in the city, and one in each county beneath it."""
        for trade in TRADES:
            top = self.member(
                self.umbrella, f"聊城市{trade.union}工会联合会", f"Liaocheng {trade.union_en} Federation", "3715",
                UnionKind.INDUSTRY, UnionLevel.CITY, trade,
            )  # fmt: skip
            self.industries[trade.group, "3715"] = top
            for order, county in enumerate(self.places.counties):
                node = self.member(
                    top, f"{county.name}{trade.union}工会联合会",
                    f"{self.places.title_en(county.code)} {trade.union_en} Federation", county.code,
                    UnionKind.INDUSTRY, UnionLevel.COUNTY, trade,
                )  # fmt: skip
                self.industries[trade.group, county.code] = node
                if trade.group in DIRECT or order % 2 == 0:
                    self.rule(
                        node, EmployerScope.UNCOVERED, "行业工会可直接吸收本行业劳动者入会",
                        "Industry federations may admit workers of their trade directly", groups=[trade.group],
                    )  # fmt: skip

    def _platforms(self) -> None:
        """Make the union of each platform; it admits those who work through the platform and have no other union."""
        for code, (name, english, group) in PLATFORMS.items():
            node = self.member(
                self.umbrella, f"聊城市{name}平台工会", f"Liaocheng Union of {english}", "3715", UnionKind.PLATFORM,
                UnionLevel.BASIC, next(trade for trade in TRADES if trade.group == group),
            )  # fmt: skip
            node.platform = code
            self.rule(
                node, EmployerScope.UNCOVERED, "平台工会吸收本平台劳动者入会",
                "Platform unions admit the platform's workers", platforms=[code],
            )  # fmt: skip
            self.platforms[code] = node

    def _joint(self) -> None:
        for township in self.places.townships[: self.size.joint]:
            trade = self.seed.one(TRADES[:4])
            node = self.member(
                self.industries[trade.group, township.code[:6]],
                f"{self.places.title(township.code)}小微企业联合工会",
                f"{self.places.title_en(township.code)} Joint Union of Small Firms", township.code, UnionKind.JOINT,
            )  # fmt: skip
            self.rule(
                node,
                EmployerScope.COVERED,
                "联合工会吸收所覆盖单位的职工",
                "Joint unions admit the workers of their firms",
            )

    def member(
        self, parent: Node, name: str, english: str, region: str, kind: UnionKind,
        level: UnionLevel = UnionLevel.BASIC, trade: Trade | None = None,
    ) -> Node:  # fmt: skip
        """Add a union beneath the city's federation of new-employment unions."""
        node = self._add(parent, name, english, region, level, kind)
        node.trade = trade or parent.trade
        self.new_employment.append(node)
        return node

    def _add(
        self, parent: Node | None, name: str, english: str, region: str, level: UnionLevel,
        kind: UnionKind = UnionKind.FEDERATION,
    ) -> Node:  # fmt: skip
        seed = self.seed
        old = kind == UnionKind.FEDERATION
        day = date(1950 + len(region), 5, 1) if old else seed.days_ago(1130 + int(seed.random.random() * 700))
        moment = datetime.combine(seed.days_ago(1900) if old else day, datetime.min.time(), tzinfo=ZONE)
        code = seed.letters(8)
        path = f"{parent.path if parent else '/'}{code}/"
        node = Node(
            seed.id_at(moment + timedelta(hours=9)), code, name, english, kind, level, region, path, parent, day
        )
        self.nodes.append(node)
        return node

    def rule(
        self, node: Node, employers: str, note: str, english: str, *, groups: list[str] | None = None,
        platforms: list[str] | None = None,
    ) -> None:  # fmt: skip
        """Give a union a dated rule of admission, with the note that says where it comes from."""
        since = node.founded_on
        node.rules.append(
            {
                "id": self.seed.id_at(datetime.combine(since, datetime.min.time(), tzinfo=ZONE)),
                "union_id": node.id,
                "employers": employers,
                "occupation_groups": groups or [],
                "platforms": platforms or [],
                "valid_from": since,
                "source_note": f"{note}（《{node.name}章程》{since.year}年）",
                "source_note_en": f"{english} (charter of {since.year})",
            }
        )


def house_rules(tree: Tree) -> list[Row]:
    """Return the dated rules that unions of firms gave themselves: whom the people office confirms is in at once."""
    own = next(node for node in tree.nodes if node.kind == UnionKind.ENTERPRISE)
    return [
        {
            "id": tree.seed.id_at(tree.seed.midnight - timedelta(days=400)),
            "name": "members.auto_approve",
            "value": {"employer_confirmed": True, "verified": False},
            "union_id": own.id,
            "valid_from": tree.seed.days_ago(400),
            "source_note": f"{own.name}委员会决议：人事部门确认在职的，自动批准入会",
        }
    ]


def union_rows(tree: Tree) -> list[Row]:
    """Return the rows of the unions, each after its parent; rules are in `Node.rules`."""
    return [
        {
            "id": node.id,
            "code": node.code,
            "name": node.name,
            "name_en": node.name_en,
            "pinyin": " ".join(read_name(node.name)),
            "kind": node.kind,
            "level": node.level,
            "parent_id": node.parent.id if node.parent else None,
            "path": node.path,
            "region_id": node.region or None,
            "credit_code": "",
            "contact": "工会办公室" if node.kind == UnionKind.FEDERATION else "",
            "contact_phone": "12351",
            "working_hours": "工作日 8:30–12:00，13:30–17:30",
            "founded_on": node.founded_on,
            "created_at": datetime.combine(node.founded_on, datetime.min.time(), tzinfo=ZONE),
        }
        for node in tree.nodes
    ]
