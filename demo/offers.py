"""A handful of offers to book in the demo city: open, full with people waiting, by priority, still to come."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from demo.places import CITY
from nuanxin.access.actors import Actor, actor_of_account
from nuanxin.access.models import Account
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.offers import Draft, announce_offer, make_offer, open_offer
from nuanxin.bookings.actions.outcomes import Wish
from nuanxin.bookings.actions.places import SessionDraft, ShareDraft, divide_places
from nuanxin.bookings.models import Offer, Session
from nuanxin.bookings.states import NoShowRule, Period, ShareKind, Way
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.members.models import Membership
from nuanxin.members.states import MembershipState
from nuanxin.organizations.models import Union
from nuanxin.regions.models import Region

if TYPE_CHECKING:
    from uuid import UUID

#: Whose name the offers are made in.
_OFFICE = "liaocheng-services"
_MEMBER: dict[str, Any] = {"check": "member"}
_RIDERS = {"check": "group", "groups": ["courier", "food_delivery_rider", "ride_hailing_driver", "truck_driver"]}
#: The first of them, by whose name it is seen that they stand.
_FIRST = "泰山三日疗休养"
_EVERYBODY = ShareDraft("open", "公开名额", name_en="Open to all")


class Offers:
    """Makes them through the same acts as a cadre, and lets some members book."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.today = local_day(now)
        account = Account.objects.get(username=_OFFICE)
        self.actor = actor_of_account(account, now)
        self.union = Union.objects.filter(region_id=CITY, kind="federation").order_by("path").first()
        self.county = Region.objects.filter(code__startswith="371502").order_by("code").first()

    def make(self) -> int:
        """Make all of them; return how many bookings there are."""
        if self.union is None or Offer.objects.filter(name=_FIRST).exists():
            return 0
        people = list(_people())
        self._outing(people[:60])
        taken = self._film_night(people[60:100])
        taken += self._first_aid(people[100:112])
        self._safety()
        self._swimming()
        self._dumplings()
        return taken

    def _at(self, days: int, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(self.today + timedelta(days=days), time(hour, minute), tzinfo=ZONE)

    def _offer(
        self,
        *,
        shares: tuple[ShareDraft, ...] = (_EVERYBODY,),
        sessions: list[SessionDraft] | None = None,
        places: int = 0,
        opened: bool = True,
        **says: Any,
    ) -> Offer:
        says = {"opens_at": self._at(-2, 9), "closes_at": self._at(12, 18)} | says
        assert self.union is not None
        offer = make_offer(actor=self.actor, union=self.union, draft=Draft(**says), now=self.now)
        divide_places(
            actor=self.actor, offer=offer, shares=shares, sessions=sessions or [], places=places, now=self.now
        )
        announce_offer(actor=self.actor, offer=offer, now=self.now)
        return open_offer(actor=self.actor, offer=offer, now=self.now) if opened else offer

    def _outing(self, people: list[UUID]) -> None:
        """Three days on Mount Tai, by priority: a tenth and more for new forms of employment."""
        offer = self._offer(
            kind="recuperation",
            service="recuperation",
            name=_FIRST,
            name_en="Three days of rest at Mount Tai",
            about="住宿、餐饮、门票和往返大巴由工会承担。含一次中医理疗和一次健康讲座。",
            about_en="Bed, board, tickets and the coach are on the union. One physiotherapy session, one health talk.",
            way=Way.PRIORITY,
            closes_at=self._at(9, 18),
            cancel_until_hours=72,
            limit_period=Period.YEAR,
            limit_count=1,
            limit_kind="recuperation",
            checks=[_MEMBER, {"check": "member_for", "days": 90}],
            shares=(
                ShareDraft(
                    "new_forms",
                    "新就业形态劳动者",
                    ShareKind.RESERVED,
                    percent=30,
                    who=[_RIDERS],
                    name_en="New forms of employment",
                ),
                _EVERYBODY,
            ),
            sessions=[
                SessionDraft(self._at(20, 8), self._at(22, 18), 40, "泰安市职工疗养院", "Tai'an Workers' Sanatorium"),
                SessionDraft(self._at(27, 8), self._at(29, 18), 40, "泰安市职工疗养院", "Tai'an Workers' Sanatorium"),
            ],
        )
        first = offer.sessions.order_by("starts_at").values_list("pk", flat=True).first()
        for order, worker in enumerate(people):
            said = {"employer_check_up": order % 3 == 0}
            self._ask(offer, first if order % 2 else None, worker, Wish(said=said))

    def _film_night(self, people: list[UUID]) -> int:
        """An open-air film with thirty seats: full, and ten people wait."""
        offer = self._offer(
            kind="event",
            service="",
            name="流动暖新·周末电影夜",
            name_en="Weekend film night",
            about="东昌湖畔露天放映，热饮和暖宝宝管够。可以带一位家人。",
            about_en="Open air by Dongchang Lake, with hot drinks and hand warmers. You may bring one of your family.",
            waits=True,
            offer_minutes=180,
            most_seats=2,
            cancel_until_hours=4,
            no_show=NoShowRule.FREE,
            places=0,
            sessions=[
                SessionDraft(
                    self._at(6, 19), self._at(6, 21, 30), 30, "东昌湖湖滨广场", "Dongchang Lake Square", self.county
                )
            ],
        )
        session = _first(offer)
        return sum(self._ask(offer, session, worker) for worker in people)

    def _first_aid(self, people: list[UUID]) -> int:
        """First aid on three evenings, two places, with a share for couriers and one for walk-ins."""
        places = (("光岳楼劳动者驿站", "Guangyue Tower Station"), ("振兴路劳动者驿站", "Zhenxing Road Station"))
        offer = self._offer(
            kind="course",
            name="路上急救一小时",
            name_en="First aid on the road, in one hour",
            about="心肺复苏、止血包扎、交通事故现场怎么办。学完发急救包。",
            about_en="CPR, stopping a bleeding, what to do after a crash. You go home with a first-aid kit.",
            waits=True,
            cancel_until_hours=12,
            no_show=NoShowRule.BARS,
            bar_days=30,
            shares=(
                ShareDraft(
                    "riders",
                    "骑手和司机",
                    ShareKind.RESERVED,
                    percent=40,
                    who=[_RIDERS],
                    name_en="Riders and drivers",
                    releases_at=self._at(3, 12),
                ),
                _EVERYBODY,
                ShareDraft("walk_in", "当天现场", ShareKind.WALK_IN, percent=10, name_en="On the spot"),
            ),
            sessions=[
                SessionDraft(self._at(day, hour), self._at(day, hour + 1), 12, zh, en, self.county)
                for day in (4, 5, 11)
                for zh, en in places
                for hour in (14, 20)
            ],
        )
        session = _first(offer)
        return sum(self._ask(offer, session, worker) for worker in people)

    def _safety(self) -> None:
        """Only for drivers of trucks: others read why not, and what to do."""
        self._offer(
            kind="event",
            name="货车司机冬季行车安全课",
            name_en="Winter driving for truck drivers",
            about="防滑链怎么装、暗冰怎么认、长下坡怎么刹。每人送一副防滑链。",
            about_en="Snow chains, black ice, long descents. Everybody takes a set of chains home.",
            checks=[_MEMBER, {"check": "group", "groups": ["truck_driver"]}],
            sessions=[
                SessionDraft(
                    self._at(8, 9), self._at(8, 11), 80, "聊城公路港司机之家", "Liaocheng Road Port", self.county
                )
            ],
        )

    def _swimming(self) -> None:
        """For women from 35, and only for those whom a cadre has seen."""
        self._offer(
            kind="event",
            name="女职工游泳课",
            name_en="Swimming for women",
            about="八次课，零基础也能学会。",
            about_en="Eight lessons; no need to know anything.",
            checks=[_MEMBER, {"check": "sex", "is": "F"}, {"check": "age", "least": 18, "most": 55}],
            sessions=[
                SessionDraft(
                    self._at(10, 10), self._at(10, 12), 25, "市职工文体中心", "Workers' Sports Center", self.county
                )
            ],
        )

    def _dumplings(self) -> None:
        """Announced: it opens in three days."""
        self._offer(
            kind="event",
            name="冬至包饺子",
            name_en="Dumplings at the winter solstice",
            about="和家人一起来，饺子管饱。",
            about_en="Bring your family; there are dumplings for everybody.",
            opens_at=self._at(3, 10),
            closes_at=self._at(26, 12),
            opened=False,
            most_seats=4,
            sessions=[
                SessionDraft(
                    self._at(29, 10),
                    self._at(29, 13),
                    100,
                    "市总工会职工之家",
                    "House of the city's union",
                    self.county,
                )
            ],
        )

    def _ask(self, offer: Offer, session: UUID | None, worker: UUID, wish: Wish | None = None) -> int:
        actor = Actor(kind="worker", worker_id=worker)
        outcome = book(actor=actor, offer=offer.pk, session=session, worker=worker, now=self.now, wish=wish)
        return int(bool(outcome.number))


def _first(offer: Offer) -> UUID | None:
    return Session.objects.filter(offer=offer).order_by("starts_at", "pk").values_list("pk", flat=True).first()


def _people() -> list[UUID]:
    """Return members by their number, which is as good as drawn by lot."""
    rows = Membership.objects.filter(state=MembershipState.ACTIVE, union__region__code__startswith=CITY)
    return list(rows.order_by("number").values_list("worker_id", flat=True)[:200])


def make_offers(now: datetime) -> int:
    """Make the offers of the demo city, unless there are any; return how many bookings there are."""
    return Offers(now).make()
