"""The check-up bus: a route with days and windows, scanners, and people who booked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from nuanxin.access.actors import actor_of_key, system
from nuanxin.activities.actions.routes import RouteDraft, Stop, assign_device, plan_route
from nuanxin.activities.models import BusDay
from nuanxin.activities.queries.snapshots import SIGNED_AS, read_snapshot, snapshot
from nuanxin.activities.rules.arrivals import Seen, Snapshot, Verdict, judge_arrival, queue_number
from nuanxin.activities.states.bus import LET_IN, ArrivalAnswer
from nuanxin.bookings.actions.offers import announce_offer
from nuanxin.kernel.signing import signing_keys
from nuanxin.members.queries.credentials import sign_bundle
from nuanxin.members.rules.credentials import Judgment, decode, judge_signatures, judge_time, settle, unpack
from nuanxin.members.rules.credentials import Seen as SeenCode
from nuanxin.members.states import CardAnswer
from tests.factories import NOW, TODAY
from tests.factories.access import make_device

if TYPE_CHECKING:
    from nuanxin.access.models import PartnerDevice
    from nuanxin.activities.models import BusRoute
    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Union

#: Windows around NOW, which is 10:00.
WINDOWS = ((time(8), time(10, 30)), (time(10, 30), time(13)), (time(14), time(17)))


def make_route(*, union: Union, days: int = 3, places: int = 20, **fields: Any) -> BusRoute:
    """Make a route that is announced, from today on, a day at each site."""
    stops = [Stop(TODAY + timedelta(days=at), f"第{at + 1}站", f"Site {at + 1}") for at in range(days)]
    values: dict[str, Any] = {
        "name": "新就业形态劳动者流动体检车",
        "name_en": "Check-up bus",
        "stops": stops,
        "windows": WINDOWS,
        "places": places,
        "opens_at": NOW - timedelta(days=3),
        "closes_at": NOW + timedelta(days=days),
    } | fields
    route = plan_route(actor=system(), union=union, draft=RouteDraft(**values), now=NOW - timedelta(days=4))
    announce_offer(actor=system(), offer=route.offer, now=NOW - timedelta(days=4))
    return route


def day_of(route: BusRoute, nth: int = 0) -> BusDay:
    """Return one day of a route."""
    rows = BusDay.objects.select_related("route__offer__union", "site").filter(route=route)
    return rows.order_by("day", "pk")[nth]


def put_scanner(bus_day: BusDay, *, name: str = "1号机") -> tuple[PartnerDevice, str]:
    """Put a new scanner at a day; return it with its key."""
    device, key = make_device(union=bus_day.route.offer.union, name=name)
    assign_device(actor=system(), bus_day=bus_day, device=device, now=NOW)
    return device, key


@dataclass
class Scanner:
    """A scanner as its script is: what it fetched with a network, and what it answers without one."""

    key: str
    actor: Actor
    known: Snapshot
    windows: list[str]
    letter: str
    seen: Seen = field(default_factory=Seen)
    codes: dict[tuple[bytes, int], datetime] = field(default_factory=dict)
    bundle: dict[str, Any] = field(default_factory=dict)
    waiting: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def fetch(cls, key: str, now: datetime) -> Scanner:
        """Take along the list of the day and the bundle, and check who signed."""
        import json

        actor = actor_of_key(key, now)
        signed = snapshot(actor, now)
        public = signing_keys().believed(now)[signed.key_id]
        assert public.verifies(signed.signature, SIGNED_AS + signed.content)
        told = json.loads(signed.content)
        bundle = json.loads(sign_bundle(now).content)
        windows = [each["id"] for each in told["windows"]]
        return cls(key, actor, read_snapshot(signed.content), windows, told["letter"], bundle=bundle)

    def card(self, text: str, now: datetime) -> Judgment:
        """Judge a code as the offline judge of a counter does: signatures, hour, list, seen here before."""
        code = unpack(text)
        refused = judge_signatures(code, signing_keys().believed(now))
        if refused is not None:
            return refused
        name = (code.handle, code.minute)
        first = self.codes.get(name)
        state = next((each for each in ("ended", "revoked", "suspended") if self._listed(each, code.handle)), None)
        listed = CardAnswer(state) if state else None
        seen = SeenCode(first, here=True) if first else None
        judgment = settle(judge_time(code, now), listed=listed, seen=seen, now=now)
        if judgment.answer == CardAnswer.VALID:
            self.codes.setdefault(name, now)
        return judgment

    def _listed(self, name: str, handle: bytes) -> bool:
        handles = decode(self.bundle.get(name, ""))
        return any(handles[at : at + 6] == handle for at in range(0, len(handles), 6))

    def scan(self, text: str, now: datetime, *, walk_in: bool = False) -> str:
        """Answer a code; whoever is let in waits to be told to the server."""
        judgment = self.card(text, now)
        if judgment.answer != CardAnswer.VALID:
            return str(judgment.answer.value)
        handle = unpack(text).handle
        verdict = judge_arrival(self.known, handle, now, self.seen, walk_in=walk_in)
        if verdict.answer in LET_IN:
            self.let_in(text, handle, verdict, now)
        return str(verdict.answer.value)

    def let_in(self, text: str, handle: bytes, verdict: Verdict, now: datetime) -> None:
        """Note somebody, judged or against the judgment."""
        self.seen.note(verdict.answer, handle, verdict.booking, verdict.window)
        self.waiting.append(
            {
                "id": str(uuid4()),
                "at": now.isoformat(timespec="milliseconds"),
                "code": text,
                "answer": ArrivalAnswer(verdict.answer).value,
                "window": None if verdict.window is None else self.windows[verdict.window],
                "number": queue_number(self.letter, len(self.waiting) + 1),
            }
        )
