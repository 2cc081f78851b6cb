"""Coupons of the demo city: a line that opens tomorrow, one open now, some used, a gift, a clash, a month to settle."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from demo.guests import COUNTER_PARTNER, MEMBER
from demo.places import CITY
from nuanxin.access.actors import Actor, actor_of_account
from nuanxin.access.models import Account, PartnerDevice
from nuanxin.benefits.actions.coupons import issue_stock, make_kind
from nuanxin.benefits.actions.gifts import give_coupon, keep_stock_back
from nuanxin.benefits.actions.redeeming import redeem
from nuanxin.benefits.actions.redeeming_late import Late, redeem_late
from nuanxin.benefits.models import CouponIssue, CouponKind
from nuanxin.benefits.rules.coupons import KIND
from nuanxin.bookings.actions.booking import book
from nuanxin.catalog.rules.applies import Here
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.ids import new_id
from nuanxin.members.models import Membership
from nuanxin.members.queries.persons import phone_digest
from nuanxin.members.states import MembershipState
from nuanxin.organizations.models import Partner, Union

if TYPE_CHECKING:
    from uuid import UUID

_OFFICE: Final = "liaocheng-services"
#: People who got a coupon some weeks ago, and how many of them have used it.
_GOT, _USED = 40, 30


class Coupons:
    """Makes them through the same acts as a cadre, members and a counter."""

    def __init__(self, now: datetime) -> None:
        self.now, self.today = now, local_day(now)
        account = Account.objects.filter(username=_OFFICE).first()
        self.actor: Actor | None = actor_of_account(account, now) if account else None
        self.union = Union.objects.filter(region_id=CITY, kind="federation").first()
        self.partners = {
            partner.name: partner for partner in Partner.objects.filter(union=self.union).select_related("union")
        }

    def make(self) -> int:
        """Make all of them once; return how many coupons people got."""
        if self.actor is None or self.union is None or not self.partners or CouponKind.objects.exists():
            return 0
        gym = self._kind(
            "健身券", "Gym coupon", face="30", cost="20", partners=("动力健身馆",), service="gym_coupon",
            about="到店出示会员码，抵一次健身费。", about_en="Show your member code: it pays for one visit.",
        )  # fmt: skip
        self._stock(gym, 10_000, opens=self._at(1, 10), closes=self._at(4, 20), has_line=True)
        keep_stock_back(actor=self.actor, kind=gym, fields={"stock": 50}, now=self.now)
        drinks = self._kind(
            "暖心热饮券", "Hot-drink coupon", face="1.99", least_spend="2", cost="1.99", service="",
            partners=("东昌电影大世界", COUNTER_PARTNER), about="满2元减1.99元，当日有效，快递、外卖、网约车师傅专享。",
            about_en="1.99 yuan off from 2 yuan, good on the day you take it.", days_valid=7, offline_limit=20,
        )  # fmt: skip
        hot = self._stock(drinks, 2_000, opens=self._at(-1, 9), closes=self._at(10, 20), has_line=False)
        return self._used(drinks) + self._tour(hot) + self._gift(gym)

    def _at(self, days: int, hour: int) -> datetime:
        return datetime.combine(self.today + timedelta(days=days), time(hour), tzinfo=ZONE)

    def _kind(self, name: str, name_en: str, *, partners: tuple[str, ...], **fields: Any) -> CouponKind:
        assert self.actor is not None
        assert self.union is not None
        typed = {
            "name": name,
            "name_en": name_en,
            "valid_from": self.today - timedelta(days=60),
            "until": self.today + timedelta(days=90),
        }
        places = [(self.partners[each], None) for each in partners if each in self.partners]
        return make_kind(actor=self.actor, union=self.union, fields=typed | fields, places=places, now=self.now)

    def _stock(
        self,
        kind: CouponKind,
        stock: int,
        *,
        opens: datetime,
        closes: datetime,
        has_line: bool,
        now: datetime | None = None,
    ) -> CouponIssue:
        assert self.actor is not None
        fields = {"stock": stock, "opens_at": opens, "closes_at": closes, "has_line": has_line, "per_second": 200,
                  "limit_count": 2, "limit_period": "month"}  # fmt: skip
        return issue_stock(actor=self.actor, kind=kind, fields=fields, now=now or self.now)

    def _used(self, kind: CouponKind) -> int:
        """Let some members take one five weeks ago and use it at the tour's counter: a month waits to be settled."""
        device = PartnerDevice.objects.filter(partner=COUNTER_PARTNER).select_related("place__partner", "union").first()
        if device is None or device.place is None:
            return 0
        then = (self.today.replace(day=1) - timedelta(days=12)).isoformat()
        day = datetime.fromisoformat(then).replace(hour=9, tzinfo=ZONE)
        issue = self._stock(kind, 200, opens=day, closes=day + timedelta(days=3), has_line=False, now=day)
        people = Membership.objects.filter(state=MembershipState.ACTIVE, union__path__startswith=self.union.path)  # type: ignore[union-attr]
        chosen = list(people.select_related("worker").order_by("pk")[:_GOT])
        for order, member in enumerate(chosen):
            at = day + timedelta(minutes=order)
            key = self._take(issue, member.worker_id, at)
            if key is None or order >= _USED:
                continue
            later = at + timedelta(days=order % 6, hours=order % 9)
            counter = Actor(kind="device", source_id=device.pk)
            redeem(actor=counter, worker=member.worker, here=_here(device), key=str(key), now=later)
        if chosen:
            self._clash(kind, device, chosen[-1])
        return len(chosen)

    def _clash(self, kind: CouponKind, device: PartnerDevice, member: Membership) -> None:
        """Let the counter tell late of a member whose coupon has run out long ago: somebody has to decide."""
        late = Late(new_id(), kind.pk, member.worker, self.now - timedelta(hours=3))
        counter = Actor(kind="device", source_id=device.pk)
        redeem_late(actor=counter, here=_here(device), late=late, now=self.now)

    def _gift(self, kind: CouponKind) -> int:
        """Thank the tour's member with one coupon."""
        found = self._tourist()
        if found is None or self.actor is None:
            return 0
        why = "感谢您向社区报告路面塌陷"
        give_coupon(actor=self.actor, kind=kind, number=found.number, reason=why, now=self.now)
        return 1

    def _take(self, issue: CouponIssue, worker: UUID, at: datetime) -> UUID | None:
        person = Actor(kind="worker", worker_id=worker)
        return book(actor=person, offer=issue.offer_id, session=None, worker=worker, now=at).booking_id

    def _tour(self, issue: CouponIssue) -> int:
        """Give the tour's member a coupon that can be tried at the tour's counter."""
        found = self._tourist()
        return int(found is not None and self._take(issue, found.worker_id, self.now) is not None)

    def _tourist(self) -> Membership | None:
        phone = phone_digest(MEMBER.phone)
        return Membership.objects.filter(worker__phone_digest=phone, state=MembershipState.ACTIVE).first()


def _here(device: PartnerDevice) -> Here:
    assert device.place is not None
    return Here(
        device_id=device.pk,
        union_path=device.union.path,
        place_id=device.place_id,
        partner_id=device.place.partner_id,
        place_name=device.place.name,
        kinds=frozenset({KIND}),
        scan_id=new_id(),
    )
