"""Two draws of the demo city: one that is drawn and can be rechecked, one whose entries are open."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from demo.places import CITY
from nuanxin.access.actors import Actor, actor_of_account, system
from nuanxin.access.models import Account
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.draws import announce_draw
from nuanxin.bookings.actions.draws_deciding import confirm_value, enter_value, reveal
from nuanxin.bookings.actions.draws_drawing import draw_lots
from nuanxin.bookings.actions.draws_freezing import freeze
from nuanxin.bookings.actions.offers import Draft, announce_offer, close_offer, make_offer, open_offer
from nuanxin.bookings.actions.places import ShareDraft, divide_places
from nuanxin.bookings.models import Draw, Offer
from nuanxin.bookings.states import Period, ShareKind, Way
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.members.models import Membership
from nuanxin.members.states import MembershipState
from nuanxin.organizations.models import Union

if TYPE_CHECKING:
    from uuid import UUID

#: Who announces and types, and who confirms.
_FIRST, _SECOND = "liaocheng-services", "liaocheng"
_MEMBER: dict[str, Any] = {"check": "member"}
_RIDERS = {"check": "group", "groups": ["courier", "food_delivery_rider", "ride_hailing_driver", "truck_driver"]}
_SHARES = (
    ShareDraft(
        "new_forms",
        "新就业形态劳动者",
        ShareKind.RESERVED,
        percent=40,
        who=[_RIDERS],
        name_en="New forms of employment",
    ),
    ShareDraft("open", "公开名额", name_en="Open to all"),
)
_LINK = "https://www.cwl.gov.cn/ygkj/wqkjgg/ssq/"


class Draws:
    """Makes them through the same acts as cadres and members."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.today = local_day(now)
        self.first, self.second = (
            actor_of_account(Account.objects.get(username=name), now) for name in (_FIRST, _SECOND)
        )
        self.union = Union.objects.filter(region_id=CITY, kind="federation").order_by("path").first()

    def make(self) -> int:
        """Make both, unless there are any; return how many tickets there are."""
        if self.union is None or Draw.objects.exists():
            return 0
        people = list(_people())
        return self._camp(people[:70]) + self._tickets(people[70:100])

    def _camp(self, people: list[UUID]) -> int:
        """A family camp: drawn three days ago, thirty places."""
        announced, opened, closed, value = self._at(-14, 9), self._at(-13, 9), self._at(-4, 18), self._at(-3, 21, 30)
        offer, draw = self._lottery(
            announced,
            places=30,
            waits=True,
            value_at=value,
            source="中国福利彩票双色球开奖号码（演示）",
            source_en="Winning numbers of the national lottery (demo)",
            kind="recuperation",
            name="职工亲子冬令营",
            name_en="Winter camp for families",
            about="两天一夜，带孩子学滑雪。家长一人、孩子一人，费用由工会承担。",
            about_en="Two days and a night; children learn to ski. One parent and one child, on the union.",
            opens_at=opened,
            closes_at=closed,
            cancel_until_hours=48,
            limit_kind="winter_camp",
            limit_period=Period.YEAR,
            limit_count=1,
        )
        open_offer(actor=self.first, offer=offer, now=opened)
        self._enter(offer, people, opened + timedelta(hours=5))
        close_offer(actor=self.first, offer=offer, now=closed)
        freeze(actor=system(), draw=draw, now=closed + timedelta(seconds=5))
        typed = value + timedelta(minutes=12)
        enter_value(actor=self.first, draw=draw, value="03 09 14 21 27 30 + 11", link=_LINK, now=typed)
        confirmed = typed + timedelta(minutes=6)
        confirm_value(actor=self.second, draw=draw, value="03 09 14 21 27 30 + 11", now=confirmed)
        reveal(actor=system(), draw=draw, now=confirmed + timedelta(seconds=4))
        draw_lots(actor=system(), draw=draw, now=confirmed + timedelta(seconds=8))
        return draw.tickets

    def _tickets(self, people: list[UUID]) -> int:
        """Tickets for the new year's concert: entries are open for two days more."""
        announced, opened = self._at(-3, 9), self._at(-2, 9)
        offer, _draw = self._lottery(
            announced,
            places=20,
            waits=True,
            value_at=self._at(3, 21, 30),
            source="中国福利彩票双色球开奖号码",
            source_en="Winning numbers of the national lottery",
            kind="event",
            name="职工新年音乐会门票",
            name_en="Tickets for the new year's concert",
            about="水城明珠大剧场，20 张票，抽签决定。",
            about_en="At the Grand Theatre: twenty tickets, given by lot.",
            opens_at=opened,
            closes_at=self._at(2, 18),
            cancel_until_hours=24,
        )
        open_offer(actor=self.first, offer=offer, now=opened)
        return self._enter(offer, people, opened + timedelta(hours=3))

    def _at(self, days: int, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(self.today + timedelta(days=days), time(hour, minute), tzinfo=ZONE)

    def _lottery(
        self, now: datetime, *, places: int, value_at: datetime, source: str, source_en: str, **says: Any
    ) -> tuple[Offer, Draw]:
        assert self.union is not None
        draft = Draft(way=Way.LOTTERY, checks=[_MEMBER], **says)
        offer = make_offer(actor=self.first, union=self.union, draft=draft, now=now)
        divide_places(actor=self.first, offer=offer, shares=_SHARES, places=places, now=now)
        announce_offer(actor=self.first, offer=offer, now=now)
        draw = announce_draw(
            actor=self.first,
            offer=offer,
            source=source,
            source_en=source_en,
            source_link=_LINK,
            value_at=value_at,
            now=now,
        )
        return offer, draw

    def _enter(self, offer: Offer, people: list[UUID], now: datetime) -> int:
        for order, worker in enumerate(people):
            actor = Actor(kind="worker", worker_id=worker)
            at = now + timedelta(minutes=7 * order)
            book(actor=actor, offer=offer.pk, session=None, worker=worker, now=at)
        return len(people)


def _people() -> list[UUID]:
    """Return members by their number, from the end: the first ones book elsewhere."""
    rows = Membership.objects.filter(state=MembershipState.ACTIVE, union__region__code__startswith=CITY)
    return list(rows.order_by("-number").values_list("worker_id", flat=True)[:100])
