"""The rush: 10,000 places, 50,000 people, everybody at once, over HTTP against two server processes.

Each person asks once, every tenth twice. Beside it, in the same run on the same server, one hot pool in plain SQL, its
connections as many as the servers use at once. Counted afterwards: nothing is oversold, nobody has two.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from bench.load import drive
from bench.report import Result, percentile, publish
from bench.stand import Stand, running
from bench.yardsticks import EMPTY_VIEW, HOT_POOL, empty_view, hot_pool

if TYPE_CHECKING:
    from uuid import UUID

CLIENTS = 64
#: Statements that the two processes have under way at the same time.
CONNECTIONS = 6


def main(*, quick: bool) -> int:
    """Measure and publish."""
    rounds, places, people = (1, 2_000, 10_000) if quick else (3, 10_000, 50_000)
    result = Result(
        "rush",
        f"{places:,} places, {people:,} people, every tenth asks twice, over HTTP, {CLIENTS} clients.",
        "granted ≥ 400/s and ≥ 20 % of the hot pool; answers ≥ 1,500/s; p99 granted ≤ 300 ms; oversold 0",
    )
    with running() as stand:
        _boot(stand)
        _measure(result, stand, rounds, places, people)
    return publish(result, quick=quick)


def _boot(stand: Stand) -> None:
    os.environ["NUANXIN_DATA"] = str(stand.data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "nuanxin.settings"
    import django

    django.setup()


def _measure(result: Result, stand: Stand, rounds: int, places: int, people: int) -> None:
    key = stand.nuanxin("token", "--client", "bench", "--scope", "bookings.write")
    views, floors, granted, answers = [], [], [], []
    times: dict[str, list[float]] = {"booked": [], "refused": []}
    broken = oversold = 0
    _run(stand, key, _offer(100), _people(200))
    for _round in range(rounds):
        views.append(empty_view(stand, clients=8, seconds=3))
        floors.append(hot_pool(stand, clients=CONNECTIONS, seconds=3))
        offer = _offer(places)
        measured = _run(stand, key, offer, _people(people))
        granted.append(measured["granted"] / measured["granting"])
        answers.append(sum(map(len, measured["times"].values())) / measured["seconds"])
        for name in times:
            times[name] += measured["times"][name]
        over, twice = _count(offer, places, measured["granted"])
        oversold, broken = oversold + over, broken + twice
    result.add(EMPTY_VIEW, "requests/s", views)
    result.add(HOT_POOL, "places/s", floors)
    given = result.add("granted", "places/s", granted, HOT_POOL)
    result.add("granted against the empty view", "places/s", granted, EMPTY_VIEW)
    told = result.add("answers, granted and refused", "answers/s", answers, EMPTY_VIEW)
    for name, label in (("booked", "granted"), ("refused", "refused")):
        result.add(f"{label} p50", "ms", [percentile(times[name], 0.5) * 1000])
        result.add(f"{label} p99", "ms", [percentile(times[name], 0.99) * 1000])
    result.notes.append(f"Oversold: {oversold}. People with more than one: {broken}.")
    result.figures = {
        "granted_per_s": round(given.median, 1),
        "answers_per_s": round(told.median, 1),
        "ratio_hot_pool": round(result.ratio(given) or 0, 3),
        "p99_ms_granted": round(percentile(times["booked"], 0.99) * 1000, 1),
        "p99_ms_refused": round(percentile(times["refused"], 0.99) * 1000, 1),
        "oversold": oversold,
        "limit_broken": broken,
    }


def _run(stand: Stand, key: str, offer: UUID, people: list[str]) -> dict[str, Any]:
    """Let everybody ask, every tenth twice in a row, with another key."""
    bodies = [json.dumps({"member_number": number}) for number in people]
    wishes = [body for place, body in enumerate(bodies) for _time in range(1 if place % 10 else 2)]
    plan = {
        "host": stand.host,
        "port": stand.port,
        "clients": CLIENTS,
        "path": f"/api/v1/offers/{offer}/bookings",
        "key": key,
        "wishes": wishes,
        "run": str(offer),
    }
    measured = drive(plan)
    if measured["faults"]:
        raise RuntimeError(f"Not every wish was answered: {measured['faults']}")
    return measured


def _offer(places: int) -> UUID:
    """Make an offer that is open: one a person, of a kind of its own."""
    from datetime import timedelta

    from django.utils import timezone

    from nuanxin.access.actors import system
    from nuanxin.bookings.actions.offers import Draft, announce_offer, make_offer
    from nuanxin.bookings.actions.places import divide_places
    from nuanxin.organizations.models import Union

    now = timezone.now()
    draft = Draft(
        "coupon",
        "健身券",
        now - timedelta(minutes=1),
        now + timedelta(hours=1),
        limit_kind=f"bench {now.timestamp():.3f}",
        limit_count=1,
    )
    union = Union.objects.get(name="聊城市总工会")
    offer = make_offer(actor=system(), union=union, draft=draft, now=now)
    divide_places(actor=system(), offer=offer, places=places, now=now)
    announce_offer(actor=system(), offer=offer, now=now)
    return offer.pk


def _people(count: int) -> list[str]:
    from nuanxin.members.models import Membership

    found = list(Membership.objects.filter(state="active").order_by("pk").values_list("number", flat=True)[:count])
    if len(found) < count:
        raise RuntimeError(f"There are only {len(found)} members")
    return found


def _count(offer: UUID, places: int, told: int) -> tuple[int, int]:
    """Return how many places were oversold and how many people have more than one; rows and counters must agree."""
    from nuanxin.bookings.models import Booking, Pool

    taken = Pool.objects.values_list("taken", flat=True).get(offer=offer)
    holders = list(Booking.objects.filter(offer=offer, state="booked").values_list("worker_id", flat=True))
    if not taken == len(holders) == told == places:
        raise RuntimeError(f"{places} places: {taken} counted, {len(holders)} bookings, {told} told")
    return max(0, len(holders) - places), len(holders) - len(set(holders))
