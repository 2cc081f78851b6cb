"""Partners of the demo city: stations with welcome packs on their shelves, a hospital, a gym, a cinema, a shop."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from demo.guests import COUNTER_PARTNER, MEMBER
from demo.places import CITY
from nuanxin.access.actions import add_staff
from nuanxin.access.actors import Actor, actor_of_account
from nuanxin.access.models import Account, PartnerDevice
from nuanxin.benefits.actions.pack_stock import keep_stock, mark_low, take_in, take_out
from nuanxin.benefits.models import PackRight
from nuanxin.benefits.rules.packs import DAYS, WHAT
from nuanxin.benefits.states.packs import PackItem
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.ids import new_id
from nuanxin.members.models import Membership
from nuanxin.members.queries.persons import phone_digest
from nuanxin.members.states import MembershipState
from nuanxin.organizations.actions.partners import create_partner, open_place, sign_contract
from nuanxin.organizations.models import DatedRule, Partner, PartnerPlace, Union
from nuanxin.regions.models import Region

if TYPE_CHECKING:
    from datetime import datetime

_OFFICE: Final = "liaocheng-services"
_NOTE: Final = "聊城市总工会新会员入会礼包方案（演示）"
#: kind, Chinese name, English name, contract number, what it may do, most a day, most a month, days it still runs
_PARTNERS: Final = (
    ("station", "聊城市暖新驿站", "Liaocheng Nuanxin Stations", "暖驿2026-001", ["pack", "event"], None, None, 400),
    ("hospital", COUNTER_PARTNER, "Liaocheng Workers' Hospital (demo)", "医2026-007",
     ["check_up", "coupon", "pack", "event", "recuperation"], 2_000, "300000", 220),
    ("gym", "动力健身馆", "Dongli Gym", "健2026-003", ["coupon"], 200, "20000", 20),
    ("cinema", "东昌电影大世界", "Dongchang Cinema World", "影2026-002", ["coupon", "pack"], 500, "50000", 90),
    ("shop", "湖畔便利店", "Lakeside Store", "商2025-019", ["coupon"], 100, "10000", -10),
)  # fmt: skip
#: Names of the stations, the first ones in the district of the tour.
_STATIONS: Final = ("东关驿站", "古城驿站", "柳园驿站", "新区驿站", "开发区驿站", "高铁站驿站")
#: Pieces of kit and ticket that lie at a station, from the first one on; the fourth has run out.
_LYING: Final = ((180, 90), (60, 40), (8, 25), (0, 0), (120, 60))


class Partners:
    """Enters them through the same acts as a cadre."""

    def __init__(self, now: datetime) -> None:
        self.now, self.today = now, local_day(now)
        account = Account.objects.filter(username=_OFFICE).first()
        self.actor: Actor | None = actor_of_account(account, now) if account else None
        self.union = Union.objects.filter(region_id=CITY, kind="federation").first()

    def make(self) -> int:
        """Make all of them once; return how many places there are."""
        if self.actor is None or self.union is None or Partner.objects.exists():
            return 0
        self._rules()
        made = {row[0]: self._partner(*row) for row in _PARTNERS}
        self._stations(made["station"])
        self._hospital(made["hospital"])
        for kind, name in (("gym", "柳园路店"), ("cinema", "东昌路影城"), ("shop", "湖滨店")):
            self._place(made[kind], name, "371502001", "东昌府区柳园南路")
        self._person(made["gym"])
        self._member()
        return PartnerPlace.objects.count()

    def _rules(self) -> None:
        """Let the city give kit, ticket and a year of insurance to whoever has joined within a month."""
        DatedRule.objects.create(
            name=WHAT,
            value={"kit": True, "ticket": True, "insurance": True},
            union=self.union,
            valid_from=self.today - timedelta(days=30),
            source_note=_NOTE,
        )
        DatedRule.objects.create(
            name=DAYS, value=180, union=self.union, valid_from=self.today - timedelta(days=30), source_note=_NOTE
        )

    def _partner(
        self,
        kind: str,
        name: str,
        name_en: str,
        number: str,
        kinds: list[str],
        day_cap: int | None,
        month_cap: str | None,
        runs: int,
    ) -> Partner:
        assert self.actor is not None
        assert self.union is not None
        fields = {
            "kind": kind,
            "name": name,
            "name_en": name_en,
            "contact": "客户经理",
            "contact_phone": "0635-8240000",
        }
        partner = create_partner(actor=self.actor, union=self.union, fields=fields, now=self.now)
        until: date = self.today + timedelta(days=runs)
        terms: dict[str, Any] = {
            "number": number,
            "valid_from": self.today - timedelta(days=300),
            "until": until,
            "kinds": kinds,
            "day_cap": day_cap,
            "month_cap": month_cap,
            "settlement_day": 5,
        }
        sign_contract(actor=self.actor, partner=partner, fields=terms, now=self.now)
        return partner

    def _place(self, partner: Partner, name: str, region: str, address: str) -> PartnerPlace:
        assert self.actor is not None
        known = Region.objects.filter(code__startswith=region, closed_on=None).order_by("code").first()
        fields = {"name": name, "address": address, "hours": "每天 8:00–20:00", "phone": "0635-8240001"}
        code = known.code if known else CITY
        return open_place(actor=self.actor, partner=partner, fields=fields, region=code, now=self.now)

    def _stations(self, partner: Partner) -> None:
        """Open stations in the district of the tour, and one in each other county."""
        for order, name in enumerate(_STATIONS):
            place = self._place(partner, name, f"37150200{order + 1}", f"东昌府区第{order + 1}站")
            self._shelve(place, *_LYING[order % len(_LYING)])
        counties = Region.objects.filter(code__startswith=CITY, level=3, is_pseudo=False, closed_on=None)
        for county in counties.exclude(code="371502").order_by("code")[:8]:
            self._shelve(self._place(partner, f"{county.name}驿站", county.code, f"{county.name}政务中心"), 40, 20)

    def _shelve(self, place: PartnerPlace, kits: int, tickets: int) -> None:
        assert self.actor is not None
        for item, count in ((PackItem.KIT, kits), (PackItem.TICKET, tickets)):
            stock = keep_stock(actor=self.actor, place=place, item=item, now=self.now)
            came = count or 30
            note = "2026年第四季度配送"
            take_in(actor=self.actor, stock=stock, amount=came, note=note, token=new_id(), now=self.now)
            if not count:
                take_out(
                    actor=self.actor, stock=stock, amount=came, note="入会仪式现场发放", token=new_id(), now=self.now
                )
            mark_low(actor=self.actor, stock=stock, low_at=10, now=self.now)

    def _hospital(self, partner: Partner) -> None:
        """Let the tour's counters stand at a place of their hospital, with packs on the shelf."""
        place = self._place(partner, "职工医院服务台", "371502001", "东昌府区东昌西路")
        PartnerDevice.objects.filter(partner=COUNTER_PARTNER, place=None).update(place=place)
        self._shelve(place, 50, 50)

    def _person(self, partner: Partner) -> None:
        assert self.actor is not None
        add_staff(actor=self.actor, partner=partner, name="孙丽", kinds=["coupon"], now=self.now)

    def _member(self) -> None:
        """Give the tour's member a pack that waits to be fetched."""
        found = Membership.objects.filter(
            worker__phone_digest=phone_digest(MEMBER.phone), state=MembershipState.ACTIVE
        ).first()
        if found is None:
            return
        PackRight.objects.bulk_create(
            PackRight(
                worker_id=found.worker_id,
                membership=found,
                union_id=found.union_id,
                item=item,
                granted_at=self.now,
                source_note=_NOTE,
                until=None if item == PackItem.INSURANCE else self.today + timedelta(days=180),
            )
            for item in PackItem
        )
