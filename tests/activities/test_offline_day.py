"""A day of the bus whose three scanners have no network: what they tell later is set against the register."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from django.db.models import F
from django.test import Client

from nuanxin.access.actors import system
from nuanxin.access.models import PartnerDevice
from nuanxin.activities.actions.arrivals import decide_clash
from nuanxin.activities.actions.breakdown import move_day
from nuanxin.activities.models import Arrival
from nuanxin.activities.queries.buses import clashes
from nuanxin.activities.states.bus import ArrivalState, ClashKind
from nuanxin.bookings.actions.arriving import mark_no_shows
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.ending import cancel
from nuanxin.bookings.models import Booking, Pool
from nuanxin.bookings.states import BookingState
from nuanxin.catalog.models import Delivery
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.kernel.states import Moved
from nuanxin.members.actions.cards import replace_card
from nuanxin.records.models import AuditEntry
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for, make_device
from tests.factories.activities import Scanner, day_of, make_route, put_scanner
from tests.factories.catalog import make_service
from tests.factories.credentials import Held, make_credentials
from tests.factories.members import make_member, worker_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nuanxin.activities.models import BusDay
    from nuanxin.members.models import Membership
    from tests.factories.organizations import Tree


@contextmanager
def freeze(moment: datetime) -> Iterator[None]:
    """Let the server think that it is another hour."""
    with patch("django.utils.timezone.now", return_value=moment):
        yield


MORNING = datetime(2026, 11, 23, 7, 0, tzinfo=ZONE)


@dataclass
class Scene:
    """Who booked, with the phones they hold."""

    tree: Tree
    day: BusDay
    sessions: list[Any]
    booked: list[tuple[Membership, Held, Held]] = field(default_factory=list)

    def person(self, session: Any | None, *, joined: Any = None) -> tuple[Membership, Held, Held]:
        """Make a member with a phone; with a booking, when a session is given."""
        member = make_member(union=self.tree.couriers, **({"began_on": joined} if joined else {}))
        if session is not None:
            outcome = book(actor=system(), offer=self.day.route.offer_id, session=session.pk,
                           worker=member.worker_id, now=NOW - timedelta(days=2))  # fmt: skip
            assert outcome.booking_id, outcome
        first, second = make_credentials(worker_of(member), now=MORNING, count=2)
        return member, first, second


def _scene(tree: Tree, people: int) -> Scene:
    places = -(-people // 3) + 40
    make_service(union=tree.city, code="check_up")
    route = make_route(union=tree.city, places=places)
    day = day_of(route)
    sessions = list(route.offer.sessions.order_by("starts_at")[:3])
    scene = Scene(tree, day, sessions)
    for nth in range(people):
        scene.booked.append(scene.person(sessions[nth % 3]))
    return scene


def _at(scene: Scene, nth: int) -> datetime:
    """Return a moment within the window of the nth person, each some seconds after the other."""
    begins: datetime = scene.sessions[nth % 3].starts_at
    return begins + timedelta(seconds=5 + 10 * (nth // 3) % 8000)


def _sync(scanner: Scanner) -> list[dict[str, Any]]:
    """Send what waits over HTTP, and all of it a second time, which is answered as the first."""
    client = Client()
    clashes: dict[str, dict[str, Any]] = {}
    client.cookies["nuanxin_counter"] = scanner.key
    for again in range(2):
        for start in range(0, len(scanner.waiting), 100):
            part = scanner.waiting[start : start + 100]
            answer = client.post("/counter/bus/arrivals/", json.dumps({"arrivals": part}), "application/json")
            assert answer.status_code == 200, answer.content
            told = answer.json()
            assert (len(told["taken"]), told["refused"]) == (len(part), [])
            assert not again or all(clashes[each["id"]] == each for each in told["clashes"])
            clashes |= {each["id"]: each for each in told["clashes"]}
            assert sum(each["id"] in clashes for each in part) == len(told["clashes"])
    return list(clashes.values())


FAULTS = ("double", "revoked", "cancelled", "screenshot")
OVER = 3


def _day(scene: Scene, few: int) -> list[Scanner]:
    """Let a day without network go by, with so many of each fault planted; return the scanners."""
    keys = [put_scanner(scene.day, name=f"{nth}号机")[1] for nth in range(3)]
    scanners = [Scanner.fetch(key, MORNING) for key in keys]
    faults = [name for name in FAULTS for _nth in range(few)]
    for nth in range(len(scene.booked)):
        _arrive(scene, scanners, nth, faults[nth // 2] if nth % 2 == 0 and nth // 2 < len(faults) else "")
    _walk_ins(scene, scanners)
    return scanners


def _arrive(scene: Scene, scanners: list[Scanner], nth: int, fault: str) -> None:
    member, first, second = scene.booked[nth]
    moment, scanner, other = _at(scene, nth), scanners[nth % 3], scanners[(nth + 1) % 3]
    later = MORNING + timedelta(minutes=5)
    if fault == "revoked":  # lost and replaced after the scanners took their list along
        registrar = actor_for("registrar", union=scene.tree.city)
        replace_card(actor=registrar, number=member.number, reason="lost", now=later)
    if fault == "cancelled":
        booking = Booking.objects.get(worker=member.worker_id)
        cancel(actor=system(), booking_id=booking.pk, now=later)
    assert scanner.scan(first.code_at(moment), moment) == "booked"
    again = moment + timedelta(minutes=4)
    assert scanner.scan(second.code_at(again), again) == "already"
    if fault == "double":
        assert other.scan(second.code_at(again), again) == "booked"
    if fault == "screenshot":  # the very same code, held out to another scanner
        assert other.scan(first.code_at(moment), moment + timedelta(seconds=20)) == "booked"


def _walk_ins(scene: Scene, scanners: list[Scanner]) -> None:
    """Let in who joined today: as many as each scanner may; then one that lost its count lets in three too many."""
    moment = scene.sessions[2].starts_at + timedelta(minutes=30)
    for scanner in scanners:
        for _nth in range(scanner.known.windows[2].walk_ins):
            _member, first, second = scene.person(None, joined=TODAY)
            assert scanner.scan(first.code_at(moment), moment) == "not_listed"
            assert scanner.scan(second.code_at(moment), moment, walk_in=True) == "walk_in"
        _member, first, _second = scene.person(None, joined=TODAY)
        assert scanner.scan(first.code_at(moment), moment, walk_in=True) == "walk_ins_full"
    scanners[0].seen.walked[2] -= OVER
    for _nth in range(OVER):
        _member, first, _second = scene.person(None, joined=TODAY)
        assert scanners[0].scan(first.code_at(moment), moment, walk_in=True) == "walk_in"
    # Everybody else's places are all taken meanwhile.
    Pool.objects.filter(session=scene.sessions[2]).exclude(share__code="walk_in").update(capacity=F("taken"))


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("people", "few"), [(24, 2), pytest.param(950, 20, marks=pytest.mark.full)])
def test_the_clash_inbox_lists_exactly_what_was_planted(tree: Tree, people: int, few: int) -> None:
    scene = _scene(tree, people)
    scanners = _day(scene, few)
    arrived = sum(len(scanner.waiting) for scanner in scanners)
    evening = MORNING + timedelta(hours=11)
    with freeze(evening):
        told = [clash["clash"] for scanner in scanners for clash in _sync(scanner)]
    planted = {
        ClashKind.DOUBLE: few,
        ClashKind.REVOKED: few,
        ClashKind.CANCELLED: few,
        ClashKind.REPLAYED: few,
        ClashKind.OVER_CAPACITY: OVER,
    }
    assert Counter(told) == planted
    inbox = clashes(actor_for("services", union=tree.city))
    assert Counter(inbox.values_list("clash", flat=True)) == planted
    assert Arrival.objects.count() == arrived
    came = Booking.objects.filter(state=BookingState.CHECKED_IN).count()
    assert came == arrived - sum(planted.values())
    assert Delivery.objects.filter(source_kind="booking").count() == came
    assert not Pool.objects.filter(taken__gt=F("capacity")).exists()
    # Those who were let in twice came once, and are among the counted.
    double = inbox.filter(clash=ClashKind.DOUBLE)
    states = set(double.values_list("booking__state", flat=True))
    assert states == {BookingState.CHECKED_IN}


def test_a_cadre_decides_and_the_decision_stays(tree: Tree) -> None:
    scene = _scene(tree, 8)
    scanners = _day(scene, 1)
    with freeze(MORNING + timedelta(hours=11)):
        for scanner in scanners:
            _sync(scanner)
    cadre = actor_for("services", union=tree.city)
    later = MORNING + timedelta(hours=12)
    served = Delivery.objects.count()
    gave_back = clashes(cadre).get(clash=ClashKind.CANCELLED)
    decide_clash(actor=cadre, arrival=gave_back, stands=True, reason="现场确认已体检", now=later)
    assert Delivery.objects.filter(source_kind="arrival", worker=gave_back.worker_id).count() == 1
    with pytest.raises(Moved):
        decide_clash(actor=cadre, arrival=Arrival.objects.get(pk=gave_back.pk), stands=False, reason="x", now=later)
    double = clashes(cadre).get(clash=ClashKind.DOUBLE)
    with pytest.raises(Conflict, match="cannot_stand"):
        decide_clash(actor=cadre, arrival=double, stands=True, reason="x", now=later)
    with pytest.raises(Invalid):
        decide_clash(actor=cadre, arrival=double, stands=False, reason=" ", now=later)
    outsider = actor_for("services", union=tree.pool)
    with pytest.raises(NotFound):
        decide_clash(actor=outsider, arrival=double, stands=False, reason="x", now=later)
    decide_clash(actor=cadre, arrival=double, stands=False, reason="同一人两台设备", now=later)
    assert (Delivery.objects.count(), clashes(cadre).filter(pk=double.pk).exists()) == (served + 1, False)
    entry = AuditEntry.objects.get(action="activities.clash_decided", subject_id=double.pk)
    assert (entry.account_id, entry.detail["stands"]) == (cadre.account_id, False)


def test_who_was_served_against_the_register_is_checked_in_and_counts_once(tree: Tree) -> None:
    scene = _scene(tree, 2)
    scanners = [Scanner.fetch(put_scanner(scene.day, name=name)[1], MORNING) for name in ("1号机", "2号机")]
    member, first, second = scene.booked[0]
    moment = _at(scene, 0)
    registrar = actor_for("registrar", union=tree.city)
    replace_card(actor=registrar, number=member.number, reason="lost", now=MORNING + timedelta(minutes=1))
    assert scanners[0].scan(first.code_at(moment), moment) == "booked"
    assert scanners[1].scan(second.code_at(moment), moment) == "booked"
    evening = MORNING + timedelta(hours=11)
    with freeze(evening):
        told = [clash["clash"] for scanner in scanners for clash in _sync(scanner)]
    assert told == ["revoked", "revoked"]
    cadre, days_later = actor_for("services", union=tree.city), evening + timedelta(days=3)
    assert mark_no_shows(actor=system(), now=days_later) == 2
    one, other = clashes(cadre).order_by("pk")
    decide_clash(actor=cadre, arrival=one, stands=True, reason="当天换了卡，已体检", now=days_later)
    booking = Booking.objects.get(worker=member.worker_id)
    assert (booking.state, booking.checked_in_at, booking.barred_until) == ("checked_in", one.at, None)
    assert Arrival.objects.get(pk=one.pk).booking_id == booking.pk
    with pytest.raises(Conflict, match="cannot_stand"):
        decide_clash(actor=cadre, arrival=other, stands=True, reason="同一人", now=days_later)
    served = Delivery.objects.filter(worker=member.worker_id).values_list("source_kind", "day")
    assert list(served) == [("booking", local_day(moment))]
    assert Arrival.objects.get(pk=other.pk).state == ArrivalState.CLASH


def test_a_device_elsewhere_or_shut_out_tells_nothing(tree: Tree) -> None:
    scene = _scene(tree, 1)
    _device, key = put_scanner(scene.day)
    scanner = Scanner.fetch(key, MORNING)
    _member, first, _second = scene.booked[0]
    moment = _at(scene, 0)
    assert scanner.scan(first.code_at(moment), moment) == "booked"
    _stranger, its_key = make_device(union=tree.city, name="别处")
    client = Client()
    client.cookies["nuanxin_counter"] = its_key
    with freeze(MORNING + timedelta(hours=11)):
        body = json.dumps({"arrivals": scanner.waiting})
        told = client.post("/counter/bus/arrivals/", body, "application/json").json()
        assert told["refused"] == [scanner.waiting[0]["id"]]
        assert client.get("/counter/bus/snapshot/").status_code == 404
        PartnerDevice.objects.filter(pk=_device.pk).update(revoked_at=NOW)
        client.cookies["nuanxin_counter"] = key
        assert client.post("/counter/bus/arrivals/", body, "application/json").status_code == 401
    assert Arrival.objects.count() == 0


def test_a_clock_that_cannot_be_right_waits_for_a_decision(tree: Tree) -> None:
    scene = _scene(tree, 1)
    _device, key = put_scanner(scene.day)
    scanner = Scanner.fetch(key, MORNING)
    _member, first, _second = scene.booked[0]
    moment = _at(scene, 0)
    scanner.scan(first.code_at(moment), moment)
    scanner.waiting[0]["at"] = (MORNING + timedelta(days=200)).isoformat()
    with freeze(MORNING + timedelta(days=2)):  # the device stands at no bus any more
        told = _sync(scanner)
    assert [each["clash"] for each in told] == ["bad_clock"]
    assert (Arrival.objects.get().state, Arrival.objects.get().bus_day) == (ArrivalState.CLASH, scene.day)


def test_what_a_scanner_has_not_told_of_a_day_that_broke_down_is_not_lost(tree: Tree) -> None:
    scene = _scene(tree, 3)
    _device, key = put_scanner(scene.day)
    scanner = Scanner.fetch(key, MORNING)
    for nth in range(3):
        moment = _at(scene, nth)
        assert scanner.scan(scene.booked[nth][1].code_at(moment), moment) == "booked"
    noon = MORNING + timedelta(hours=4, minutes=30)  # the first window is over, the second goes on
    move_day(actor=system(), bus_day=scene.day, to=TODAY + timedelta(days=9), reason="车辆故障", now=noon)
    with freeze(MORNING + timedelta(hours=11)):
        told = _sync(scanner)
    assert [each["clash"] for each in told] == ["other_time", "other_time"]
    assert Arrival.objects.filter(state=ArrivalState.COUNTED).count() == 1
    assert Booking.objects.filter(state=BookingState.CHECKED_IN).count() == 1
    assert Booking.objects.filter(state=BookingState.BOOKED).count() == 2
