"""Kill -9 of the database, the web server and the worker in the middle of a rush: what was acknowledged is there, once.

Each client takes a coupon for a person, has a code made, scans it at a counter and redeems; what gets no answer is
asked again, with the same key or by the same scan. `NUANXIN_KILLS=100` kills a hundred times.
"""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from nuanxin.postgres import cluster
from tests.races import test_killed
from tests.races.test_killed import run_cli, victim, wait_until_ready

KILLS = int(os.environ.get("NUANXIN_KILLS", "6"))
pytestmark = [pytest.mark.full, pytest.mark.timeout(600 + 25 * KILLS)]
data = test_killed.data
PEOPLE, STOCK = 4000, 3500
#: Makes people, a stock for most of them, and a counter; prints what the load needs.
SCENE = f"""
import json
from datetime import timedelta
from django.utils import timezone
from nuanxin.access.actors import system
from nuanxin.benefits.actions.coupons import issue_stock, make_kind
from nuanxin.organizations.models import Union
from nuanxin.regions.models import Region
from tests.factories.members import make_member
from tests.factories.partners import make_counter, make_place
union = Union.objects.order_by("path").first()
now = timezone.now()
region = Region.objects.filter(level=5).order_by("code").values_list("code", flat=True).first()
place = make_place(union=union, region=region)
today = timezone.localdate()
place.partner.contracts.update(valid_from=today - timedelta(days=9), valid_until=today + timedelta(days=9))
_device, key = make_counter(place)
fields = dict(name="清凉券", face="1.99", least_spend="2", cost="1.99", valid_from=today - timedelta(days=1),
              until=today + timedelta(days=9))
kind = make_kind(actor=system(), union=union, fields=fields, places=[(place.partner, None)], now=now)
stock = dict(stock={STOCK}, opens_at=now - timedelta(minutes=1), closes_at=now + timedelta(days=1))
issue = issue_stock(actor=system(), kind=kind, fields=stock, now=now)
numbers = [make_member(union=union, region=region).number for _number in range({PEOPLE})]
print(json.dumps(dict(offer=str(issue.offer_id), device=key, numbers=numbers)))
"""
WHOLE = """
SELECT (SELECT taken FROM bookings_pool), (SELECT count(*) FROM bookings_booking),
       (SELECT count(DISTINCT worker_id) FROM bookings_booking),
       (SELECT count(*) FROM records_auditentry WHERE action = 'bookings.booked')
"""
USED = """
SELECT (SELECT count(*) FROM bookings_booking WHERE state = 'checked_in'),
       (SELECT count(*) FROM benefits_redemption), (SELECT count(DISTINCT coupon_id) FROM benefits_redemption),
       (SELECT count FROM benefits_merchanttally WHERE length(period) = 10),
       (SELECT count(*) FROM records_auditentry WHERE action = 'benefits.coupon_redeemed')
"""


@dataclass
class Load:
    """Clients that take and redeem coupons, and remember what was acknowledged."""

    machine: str
    scene: dict[str, Any]
    booked: dict[str, str] = field(default_factory=dict)
    redeemed: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)
    stop: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.asking = test_killed.Load(self.machine, self.machine, stop=self.stop)
        self.people = iter(self.scene["numbers"])

    def run(self) -> None:
        """Serve one person after the other until told to stop."""
        while not self.stop.is_set():
            with self.lock:
                number = next(self.people, None)
            if number is None:
                return
            self._serve(number)

    def _serve(self, number: str) -> None:
        path = f"/offers/{self.scene['offer']}/bookings"
        told = self.asking.ask("POST", path, self.machine, {"member_number": number}, key=str(uuid4()))
        if told is None or told["outcome"] != "booked":
            return
        with self.lock:
            self.booked[told["number"]] = number
        device = self.scene["device"]
        made = self.asking.ask("POST", f"/members/{number}/card-codes", self.machine, wanted=(200, 201, 429))
        found = self.asking.ask("POST", "/scans", device, {"code": (made or {}).get("code", "")}, wanted=(200, 422))
        things = [thing for thing in (found or {}).get("applies", []) if not thing["refused"]]
        if not found or not things:
            return
        body = {"scan": found["scan"], "coupon": things[0]["key"]}
        done = self.asking.ask("POST", "/redemptions", device, body, wanted=(200, 409))
        if done is not None and "redemption" in done:
            with self.lock:
                self.redeemed.add(done["redemption"])


def test_acknowledged_coupons_survive_and_none_is_there_twice(data: Path) -> None:
    scene = json.loads(run_cli(data, "django", "shell", "--no-imports", "-c", SCENE))
    load = Load(run_cli(data, "token", "--client", "load"), scene)
    threads = [Thread(target=load.run) for _number in range(4)]
    for thread in threads:
        thread.start()
    for turn in range(KILLS):
        time.sleep(1.2)
        os.kill(victim(data, turn), signal.SIGKILL)
        time.sleep(0.4)
        wait_until_ready()
    time.sleep(2)
    load.stop.set()
    for thread in threads:
        thread.join()
    with psycopg.connect(cluster.find(data).dsn(user=cluster.APPLICATION)) as connection:
        rows = connection.execute("SELECT number FROM bookings_booking").fetchall()
        redeemed = {str(row[0]) for row in connection.execute("SELECT id FROM benefits_redemption").fetchall()}
        places, used = connection.execute(WHOLE).fetchone(), connection.execute(USED).fetchone()
    print(
        f"{KILLS} kills: {len(load.booked)} coupons and {len(load.redeemed)} redemptions acknowledged; {places} {used}"
    )
    assert len(load.redeemed) > 50, "the load was too small to prove anything"
    assert set(load.booked) - {row[0] for row in rows} == set()
    assert load.redeemed - redeemed == set()
    assert places is not None
    assert used is not None
    assert len(set(places)) == 1, places
    assert places[0] <= STOCK
    assert len(set(used)) == 1, used
