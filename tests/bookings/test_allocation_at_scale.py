"""A city's check-ups: 50,000 places over 100 sites with a share of 10 %, 60,000 applicants with priorities."""

from __future__ import annotations

import os
import random
import time
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from django.db import connection

from nuanxin.access.actors import system
from nuanxin.bookings.actions.allocating import allocate_by_priority
from nuanxin.bookings.actions.offers import close_offer
from nuanxin.bookings.actions.places import EVERYBODY, ShareDraft
from nuanxin.bookings.models import Booking, Offer, Pool, Waiting
from nuanxin.kernel.ids import new_id
from nuanxin.members.models import Worker
from tests.factories import NOW
from tests.factories.bookings import a_session, make_open_offer, sessions_of
from tests.factories.organizations import make_tree

pytestmark = [pytest.mark.django_db, pytest.mark.full, pytest.mark.timeout(900)]
SITES, EACH, APPLICANTS = 100, 500, 60_000
GROUPS = ("courier", "truck_driver", "food_delivery_rider", "security_guard", "domestic_worker")
NEW = ["courier", "truck_driver", "food_delivery_rider"]
#: Of each pool: the lowest score that got a place, and of those it could have had the highest that got none anywhere.
PASSED_OVER = """
WITH given AS (
  SELECT b.pool_id, p.share_id, p.session_id, min(q.score) AS least
    FROM bookings_booking b JOIN bookings_pool p ON p.id = b.pool_id
    JOIN bookings_waiting q ON q.booking_id = b.id
   WHERE b.offer_id = %(offer)s GROUP BY 1, 2, 3
)
SELECT count(*) FROM given JOIN bookings_waiting q
    ON q.offer_id = %(offer)s AND q.booking_id IS NULL AND given.share_id = ANY(q.shares)
   AND q.session_id = given.session_id AND q.score > given.least
"""


def _people(chance: random.Random) -> list[Worker]:
    workers = (
        Worker(
            id=new_id(),
            sealed_key=b"k",
            name="某",
            sealed_id=b"i",
            id_digest=os.urandom(32),
            sealed_phone=b"",
            occupation_group_id=chance.choice(GROUPS),
            region_id="371502001001",
            created_at=NOW,
        )
        for _number in range(APPLICANTS)
    )
    made: list[Worker] = []
    while batch := list(islice(workers, 2000)):
        made += Worker.objects.bulk_create(batch)
    return made


def _apply(offer: Offer, chance: random.Random) -> None:
    """Write the applications straight in: as `book` does, one by one, it would take the test's whole time."""
    reserved, everybody = offer.shares.order_by("order").values_list("pk", flat=True)
    sites = [session.pk for session in sessions_of(offer)]
    rows: list[Any] = [
        Waiting(
            offer=offer,
            worker=worker,
            session_id=chance.choice(sites),
            shares=[reserved, everybody] if worker.occupation_group_id in NEW else [everybody],
            score=chance.randrange(0, 95),
            joined_at=NOW + timedelta(seconds=place),
            state="applied",
        )
        for place, worker in enumerate(_people(chance))
    ]
    Waiting.objects.bulk_create(rows, batch_size=2000)


def test_a_citys_check_ups_are_given_by_points_with_the_share_kept(capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(20261122)
    who = [{"check": "group", "groups": NEW}]
    offer = make_open_offer(
        union=make_tree().city,
        way="priority",
        waits=True,
        limit_count=1,
        limit_period="year",
        sessions=[a_session(places=EACH, starts_at=NOW + timedelta(days=20, hours=site)) for site in range(SITES)],
        shares=(ShareDraft("new", "新就业形态劳动者", "reserved", percent=10, who=who), EVERYBODY),
    )
    _apply(offer, chance)
    close_offer(actor=system(), offer=offer, now=NOW)
    began = time.perf_counter()
    made = allocate_by_priority(actor=system(), offer=offer, now=NOW)
    seconds = time.perf_counter() - began
    with capsys.disabled():
        print(f"\n{made.booked:,} of {SITES * EACH:,} places to {made.applicants:,} applicants in {seconds:.1f} s")
    assert made.booked + made.waiting == APPLICANTS
    assert made.booked > 0.97 * SITES * EACH
    for pool in Pool.objects.filter(offer=offer).select_related("share"):
        assert pool.taken == Booking.objects.filter(pool=pool).count() <= pool.capacity
        if pool.share.code == "new":
            assert (pool.capacity, pool.taken) == (EACH // 10, EACH // 10), "the share is kept and used"
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE bookings_booking, bookings_waiting, bookings_pool")
        cursor.execute(PASSED_OVER, {"offer": offer.pk})
        assert cursor.fetchone() == (0,), "somebody with more points stands behind somebody with fewer"
    assert Booking.objects.values("worker").distinct().count() == made.booked
