"""The demo city's check-up bus: one route with five sites this week and the next, packages, and recuperation."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from demo.guests import COUNTER_PARTNER, MEMBER
from demo.places import CITY
from nuanxin.access.actors import Actor, actor_of_account
from nuanxin.access.models import Account, PartnerDevice
from nuanxin.activities.actions.recuperation import StayDraft, offer_recuperation
from nuanxin.activities.actions.routes import RouteDraft, Stop, assign_device, plan_route
from nuanxin.activities.models import BusDay, BusRoute, CheckPackage
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.offers import announce_offer, open_offer
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.members.models import Membership
from nuanxin.members.queries.persons import phone_digest
from nuanxin.members.states import MembershipState
from nuanxin.organizations.models import Partner, Union

if TYPE_CHECKING:
    from uuid import UUID

_OFFICE: Final = "liaocheng-services"
_SITES: Final = (
    ("东昌府区政务服务中心", "Dongchangfu Service Hall", "东昌西路168号"),
    ("顺丰聊城中转场", "SF Liaocheng Hub", "开发区嘉明路"),
    ("振华商圈外卖骑手站", "Zhenhua Riders' Station", "柳园南路"),
    ("聊城货运物流园", "Liaocheng Freight Park", "高新区光岳路"),
    ("高铁站网约车候客区", "Railway Station Car Park", "聊城西站"),
)
_WINDOWS: Final = ((time(7, 30), time(9)), (time(9), time(10, 30)), (time(14), time(15, 30)), (time(18), time(20)))
_DAYS: Final = 10
_PACKAGES: Final = (
    ("base", "基础套餐", "Basic package", None, ["一般检查", "血常规", "肝功能", "血糖血脂", "心电图", "腹部彩超"],
     ["General", "Blood count", "Liver", "Sugar and fats", "ECG", "Abdominal ultrasound"]),
    ("riders", "骑手加项", "For riders", "food_delivery_rider", ["颈腰椎", "膝关节", "胃幽门螺杆菌"],
     ["Neck and back", "Knees", "Helicobacter"]),
    ("couriers", "快递员加项", "For couriers", "courier", ["颈腰椎", "下肢静脉"], ["Neck and back", "Leg veins"]),
    ("truck", "货车司机加项", "For truck drivers", "truck_driver", ["睡眠呼吸", "颈腰椎", "前列腺"],
     ["Sleep and breath", "Neck and back", "Prostate"]),
    ("ride", "网约车司机加项", "For ride-hailing drivers", "ride_hailing_driver", ["睡眠呼吸", "颈腰椎", "视力眼底"],
     ["Sleep and breath", "Neck and back", "Eyes"]),
)  # fmt: skip


class Checkups:
    """Makes them through the same acts as a cadre, and lets some members book."""

    def __init__(self, now: datetime) -> None:
        self.now, self.today = now, local_day(now)
        account = Account.objects.filter(username=_OFFICE).first()
        self.actor: Actor | None = actor_of_account(account, now) if account else None
        self.union = Union.objects.filter(region_id=CITY, kind="federation").first()

    def make(self) -> int:
        """Make all of them once; return how many days the bus goes out."""
        if self.actor is None or self.union is None or BusRoute.objects.exists():
            return 0
        self._packages(self.union)
        route = self._route(self.actor, self.union)
        self._devices(self.actor, route)
        self._bookings(self.actor, route)
        self._recuperation(self.actor, self.union)
        return route.days.count()

    def _packages(self, union: Union) -> None:
        CheckPackage.objects.bulk_create(
            CheckPackage(
                union=union,
                code=code,
                name=name,
                name_en=name_en,
                group_id=group,
                is_add_on=group is not None,
                items=items,
                items_en=items_en,
                valid_from=date(self.today.year, 1, 1),
                source_note=f"聊城市总工会{self.today.year}年新就业形态劳动者体检方案（演示）",
            )
            for code, name, name_en, group, items, items_en in _PACKAGES
        )

    def _route(self, actor: Actor, union: Union) -> BusRoute:
        days = [self.today + timedelta(days=at) for at in range(_DAYS)]
        stops = [Stop(day, *_SITES[at % len(_SITES)]) for at, day in enumerate(days)]
        draft = RouteDraft(
            name=f"{self.today.year}年新就业形态劳动者流动体检车",
            name_en="Check-up bus for people who work on the road",
            about="体检车开到站点、园区和商圈，免费。请空腹，带会员码。",
            about_en="The bus comes to where you work, free of charge. Please come without breakfast, with your card.",
            stops=stops,
            windows=_WINDOWS,
            places=20,
            opens_at=self.now - timedelta(days=5),
            closes_at=self.now + timedelta(days=_DAYS),
            new_percent=40,
            clinic=Partner.objects.filter(name=COUNTER_PARTNER).first(),
        )
        route = plan_route(actor=actor, union=union, draft=draft, now=self.now)
        announce_offer(actor=actor, offer=route.offer, now=self.now)
        open_offer(actor=actor, offer=route.offer, now=self.now)
        return route

    def _devices(self, actor: Actor, route: BusRoute) -> None:
        """Let the tour's counters scan on every day."""
        devices = list(PartnerDevice.objects.filter(partner=COUNTER_PARTNER, revoked_at=None).order_by("name", "pk"))
        for day in BusDay.objects.filter(route=route).select_related("route__offer__union").order_by("day"):
            for device in devices[:2]:
                assign_device(actor=actor, bus_day=day, device=device, now=self.now)

    def _bookings(self, actor: Actor, route: BusRoute) -> None:
        """Let members of the city book, fewer each day, and the tour's member the next time there is."""
        sessions = list(route.offer.sessions.filter(starts_at__gt=self.now).order_by("starts_at", "pk"))
        own = Membership.objects.filter(
            worker__phone_digest=phone_digest(MEMBER.phone), state=MembershipState.ACTIVE
        ).first()
        people = Membership.objects.filter(state=MembershipState.ACTIVE, worker__merged_into=None)
        chosen: list[UUID] = list(people.order_by("-pk").values_list("worker_id", flat=True)[: 2 * len(sessions)])
        if own is not None:
            chosen.insert(0, own.worker_id)
        for at, worker in enumerate(dict.fromkeys(chosen)):
            session = sessions[at * at % len(sessions) if at else 0]
            book(actor=actor, offer=route.offer_id, session=session.pk, worker=worker, now=self.now)

    def _recuperation(self, actor: Actor, union: Union) -> None:
        draft = StayDraft(
            name="蓬莱海滨疗休养（5天）",
            name_en="Five days by the sea at Penglai",
            about="往返大巴、食宿和康养课程由工会承担；可带一位家属，费用自理。",
            about_en="Bus, room, board and courses are paid by the union; one companion at the own cost.",
            destination="烟台蓬莱职工疗养院",
            destination_en="Workers' sanatorium at Penglai, Yantai",
            is_outside=False,
            days=5,
            yuan_per_day=Decimal(380),
            departures=[self.today + timedelta(days=at) for at in (20, 27)],
            places=40,
            opens_at=self.now - timedelta(days=1),
            closes_at=datetime.combine(self.today + timedelta(days=10), time(18), tzinfo=ZONE),
            companions=1,
            companion_yuan=Decimal(1500),
        )
        stay = offer_recuperation(actor=actor, union=union, draft=draft, now=self.now)
        announce_offer(actor=actor, offer=stay.offer, now=self.now)
        open_offer(actor=actor, offer=stay.offer, now=self.now)
