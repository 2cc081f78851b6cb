"""Coupons over partners' counters: scan a member's code, hear what applies here, redeem; over HTTP, two requests each.

Every code is another member's, and every coupon another one; eight counters of eight partners. Yardsticks in the same
run: the empty view of the same server, and single-row durable INSERTs into the same database. Counted afterwards: as
many redemptions, deliveries and counted coupons as answers, and none twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.load import drive
from bench.report import Result, percentile, publish
from bench.rush import _boot
from bench.stand import Stand, running
from bench.yardsticks import DURABLE_INSERT, EMPTY_VIEW, durable_insert, empty_view

if TYPE_CHECKING:
    from uuid import UUID

CLIENTS = 8
#: Coupons for each second: more than can be redeemed.
PER_SECOND = 1200


def main(*, quick: bool) -> int:
    """Measure and publish."""
    rounds, seconds = (1, 5.0) if quick else (5, 12.0)
    result = Result(
        "redeem",
        f"Scan → what applies → redeem, over HTTP, {CLIENTS} counters, in the city of 57,768 members.",
        "≥ 400 redemptions/s",
    )
    with running() as stand:
        _boot(stand)
        _measure(result, stand, rounds, seconds)
    return publish(result, quick=quick)


def _measure(result: Result, stand: Stand, rounds: int, seconds: float) -> None:
    keys = _counters()
    views, inserts, rates = [], [], []
    times: dict[str, list[float]] = {"scan": [], "redeem": [], "whole": []}
    _run(stand, keys, 2.0)
    for _round in range(rounds):
        views.append(empty_view(stand, clients=CLIENTS, seconds=seconds / 4))
        inserts.append(durable_insert(stand, clients=CLIENTS, seconds=seconds / 4))
        measured = _run(stand, keys, seconds)
        rates.append(len(measured["times"]["whole"]) / measured["seconds"])
        for name in times:
            times[name] += measured["times"][name]
    result.add(EMPTY_VIEW, "requests/s", views)
    result.add(DURABLE_INSERT, "rows/s", inserts)
    told = result.add("scan → what applies → redeem", "redemptions/s", rates, EMPTY_VIEW)
    for name, label in (("scan", "scan, with what applies"), ("redeem", "redemption"), ("whole", "both")):
        result.add(f"{label} p50", "ms", [percentile(times[name], 0.5) * 1000])
        result.add(f"{label} p99", "ms", [percentile(times[name], 0.99) * 1000])
    result.notes.append("A redemption is an audit entry, a delivery and two counted rows of the partner as well.")
    result.figures = {
        "redeems_per_s": round(told.median, 1),
        "ratio_empty_view": round(result.ratio(told) or 0, 4),
        "p99_ms": round(percentile(times["whole"], 0.99) * 1000, 1),
    }


def _run(stand: Stand, keys: list[str], seconds: float) -> dict[str, Any]:
    from nuanxin.benefits.models import MerchantTally, Redemption
    from nuanxin.catalog.models import Delivery

    codes = _coupons(int(seconds * PER_SECOND))
    before = Redemption.objects.count(), Delivery.objects.filter(source_kind="coupon").count(), _tallied(MerchantTally)
    measured = drive({"host": stand.host, "port": stand.port, "seconds": seconds, "keys": keys, "codes": codes})
    if measured["faults"]:
        raise RuntimeError(f"Not every coupon was redeemed: {measured['faults']}")
    after = Redemption.objects.count(), Delivery.objects.filter(source_kind="coupon").count(), _tallied(MerchantTally)
    new = {now - then for now, then in zip(after, before, strict=True)}
    if new != {len(measured["times"]["whole"])}:
        raise RuntimeError(f"{len(measured['times']['whole'])} answers, {new} rows")
    return measured


def _tallied(model: Any) -> int:
    return sum(row.count for row in model.objects.all() if len(row.period) == len("2026-11-22"))


def _counters() -> list[str]:
    """Make a partner with a contract and a counter for each client; return the keys."""
    from datetime import timedelta

    from django.utils import timezone

    from nuanxin.access.models import PartnerDevice
    from nuanxin.access.rules.keys import DEVICE_PREFIX, key_digest, new_key
    from nuanxin.organizations.models import Partner, PartnerContract, PartnerPlace, Union
    from nuanxin.regions.models import Region

    now, keys = timezone.now(), []
    union = Union.objects.get(name="聊城市总工会")
    region = Region.objects.filter(code__startswith="371502").order_by("-code")[0]
    for number in range(CLIENTS):
        name = f"健身房 {number} {now:%H%M%S}"
        partner = Partner.objects.create(union=union, name=name, kind="gym", created_at=now)
        PartnerContract.objects.create(
            partner=partner,
            number=f"HT-{now:%H%M%S}-{number}",
            kinds=["coupon"],
            valid_from=now.date() - timedelta(days=2),
            valid_until=now.date() + timedelta(days=30),
            created_at=now,
        )
        place = PartnerPlace.objects.create(
            partner=partner, name=name, region=region, address="东昌西路1号", created_at=now
        )
        key = new_key(DEVICE_PREFIX)
        PartnerDevice.objects.create(
            union=union, partner=name, name="1号窗口", place=place, kinds=[], key_digest=key_digest(key),
            created_at=now, enrolled_at=now,
        )  # fmt: skip
        keys.append(key)
    return keys


def _coupons(count: int) -> list[str]:
    """Give so many members a coupon of a new stock, and a code each; return the codes."""
    from datetime import timedelta

    from django.utils import timezone

    from nuanxin.access.actors import system
    from nuanxin.benefits.actions.coupons import issue_stock, make_kind
    from nuanxin.bookings.models import Booking, Pool
    from nuanxin.catalog.models import Service
    from nuanxin.kernel.ids import random_letters
    from nuanxin.members.models import Card
    from nuanxin.organizations.models import Partner, Union

    now = timezone.now()
    union = Union.objects.get(name="聊城市总工会")
    partners = Partner.objects.filter(union=union, name__startswith="健身房 ").select_related("union")
    service = Service.objects.order_by("code").values_list("code", flat=True).first()
    fields = {
        "name": "健身券", "face": "30", "cost": "20", "valid_from": now.date() - timedelta(days=2),
        "until": now.date() + timedelta(days=30), "service": service or "",
    }  # fmt: skip
    kind = make_kind(actor=system(), union=union, fields=fields, places=[(one, None) for one in partners], now=now)
    stock = {"stock": count, "opens_at": now - timedelta(minutes=1), "closes_at": now + timedelta(hours=1)}
    issue = issue_stock(actor=system(), kind=kind, fields=stock, now=now)
    pool = Pool.objects.get(offer=issue.offer_id)
    live = Card.objects.filter(revoked_at=None, membership__state="active").order_by("?")[:count]
    cards: list[tuple[UUID, UUID]] = list(live.values_list("pk", "membership__worker_id"))
    if len(cards) < count:
        raise RuntimeError(f"There are only {len(cards)} members")
    Booking.objects.bulk_create(
        [
            Booking(number=random_letters(10), offer_id=issue.offer_id, pool=pool, worker_id=worker, booked_at=now)
            for _card, worker in cards
        ],
        batch_size=2000,
    )
    Pool.objects.filter(pk=pool.pk).update(taken=count)
    return _codes([card for card, _worker in cards])


def _codes(cards: list[UUID]) -> list[str]:
    """Give each card a ten-digit code, good for a minute from now."""
    from django.utils import timezone

    from nuanxin.kernel.secrets import digest
    from nuanxin.members.models import CardCode
    from nuanxin.members.rules.cards import expires, new_code

    codes = list({new_code() for _ in range(len(cards) + len(cards) // 50 + 9)})[: len(cards)]
    CardCode.objects.all().delete()
    made = timezone.now()
    CardCode.objects.bulk_create(
        [
            CardCode(card_id=card, code_digest=digest("card-code", code), issued_at=made, expires_at=expires(made))
            for card, code in zip(cards, codes, strict=True)
        ],
        batch_size=5000,
    )
    return codes
