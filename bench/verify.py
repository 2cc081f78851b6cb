"""Checking cards over HTTP, in the city of 57,768 members: ten-digit codes, and codes that a phone signed offline.

Every code is another member's and is used up; all are made right before each round, because they live for a minute.
Yardsticks in the same run: the empty view of the same server, and single-row durable INSERTs into the same database.
Besides: the bundle that counters take along, with 100,000 handles on its list.
"""

from __future__ import annotations

import gzip
import json
import os
import time
from typing import TYPE_CHECKING, Any

from bench.load import drive
from bench.report import Result, percentile, publish
from bench.stand import Stand, running
from bench.yardsticks import DURABLE_INSERT, EMPTY_VIEW, durable_insert, empty_view

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from nuanxin.members.models import Credential

CLIENTS = 8
#: Codes for each second: more than can be used up.
PER_SECOND = 2600
REVOKED = 100_000
_PATH = "/api/v1/cards/verify"


def main(*, quick: bool) -> int:
    """Measure and publish."""
    rounds, seconds = (1, 5.0) if quick else (5, 12.0)
    result = Result(
        "verify",
        f"Checks of cards over HTTP, {CLIENTS} clients, each code used up, in the city of 57,768 members.",
        "≥ 1,200 checks/s of ten-digit codes",
    )
    with running() as stand:
        _boot(stand)
        _measure(result, stand, rounds, seconds)
        _bundle(result, rounds=rounds)
    return publish(result, quick=quick)


def _boot(stand: Stand) -> None:
    os.environ["NUANXIN_DATA"] = str(stand.data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "nuanxin.settings"
    import django

    django.setup()


def _measure(result: Result, stand: Stand, rounds: int, seconds: float) -> None:
    key = stand.nuanxin("token", "--client", "bench", "--scope", "cards.verify")
    codes = _Codes()

    def run(make: Callable[[int], list[str]], length: float) -> dict[str, Any]:
        bodies = [json.dumps({"code": code}) for code in make(int(length * PER_SECOND))]
        measured = drive(
            {
                "host": stand.host,
                "port": stand.port,
                "clients": CLIENTS,
                "seconds": length,
                "path": _PATH,
                "key": key,
                "wanted": '"answer":"valid"',
                "checks": bodies,
            }
        )
        if measured["faults"]:
            raise RuntimeError(f"Not every check was answered rightly: {measured['faults']}")
        return measured

    run(codes.online, 2.0)
    run(codes.offline, 1.0)
    views, inserts = [], []
    rates: dict[str, list[float]] = {"ten-digit codes": [], "offline codes": []}
    times: dict[str, list[float]] = {name: [] for name in rates}
    for _ in range(rounds):
        views.append(empty_view(stand, clients=CLIENTS, seconds=seconds / 4))
        inserts.append(durable_insert(stand, clients=CLIENTS, seconds=seconds / 4))
        for name, make in (("ten-digit codes", codes.online), ("offline codes", codes.offline)):
            measured = run(make, seconds)
            rates[name].append(len(measured["times"]["check"]) / measured["seconds"])
            times[name] += measured["times"]["check"]
    result.add(EMPTY_VIEW, "requests/s", views)
    result.add(DURABLE_INSERT, "rows/s", inserts)
    online = result.add("ten-digit codes", "checks/s", rates["ten-digit codes"], EMPTY_VIEW)
    offline = result.add("offline codes", "checks/s", rates["offline codes"], EMPTY_VIEW)
    for name, taken in times.items():
        result.add(f"{name} p50", "ms", [percentile(taken, 0.5) * 1000])
        result.add(f"{name} p99", "ms", [percentile(taken, 0.99) * 1000])
    result.notes.append("An offline code costs two signature checks of P-256 more, and its long body.")
    result.figures = {
        "verifies_per_s": round(online.median, 1),
        "ratio_empty_view": round(result.ratio(online) or 0, 4),
        "p99_ms": round(percentile(times["ten-digit codes"], 0.99) * 1000, 1),
        "offline_verifies_per_s": round(offline.median, 1),
    }


class _Codes:
    """Codes of live cards, as the product makes them, written in bulk."""

    def __init__(self) -> None:
        from nuanxin.members.models import Card, Credential

        self.cards: list[UUID] = list(
            Card.objects.filter(revoked_at=None, membership__state="active").values_list("pk", flat=True)
        )
        Credential.objects.all().delete()
        self.turn = 0

    def _some_cards(self, count: int) -> list[UUID]:
        turn, self.turn = self.turn, self.turn + count
        return [self.cards[(turn + place) % len(self.cards)] for place in range(count)]

    def online(self, count: int) -> list[str]:
        """Make ten-digit codes, good for a minute from now."""
        from django.utils import timezone

        from nuanxin.kernel.secrets import digest
        from nuanxin.members.models import CardCode
        from nuanxin.members.rules.cards import expires, new_code

        codes = list({new_code() for _ in range(count)})
        now = timezone.now()
        CardCode.objects.all().delete()
        CardCode.objects.bulk_create(
            [
                CardCode(card_id=card, code_digest=digest("card-code", code), issued_at=now, expires_at=expires(now))
                for card, code in zip(self._some_cards(len(codes)), codes, strict=True)
            ],
            batch_size=5000,
        )
        return codes

    def offline(self, count: int) -> list[str]:
        """Make codes of credentials of today, all of this minute."""
        from django.utils import timezone

        from nuanxin.kernel.clock import ZONE
        from nuanxin.kernel.signing import PrivateKey, signing_keys
        from nuanxin.members.models import Credential
        from nuanxin.members.rules import credentials as rules

        now = timezone.now()
        local, signer = now.astimezone(ZONE), signing_keys().current(now)
        day, minute = rules.day_number(local.date()), local.hour * 60 + local.minute
        Credential.objects.all().delete()
        rows: list[Credential] = []
        codes: list[str] = []
        device = PrivateKey.new()
        point = device.public().compressed()
        for card in self._some_cards(min(count, len(self.cards))):
            handle = os.urandom(6)
            signed = rules.signed_text(signer.key_id, day, handle, 1, rules.surname_bytes("王"), point)
            issuer = signer.private.sign(signed)
            mark = device.sign(rules.device_text(signed, issuer, day, minute))
            codes.append(
                rules.pack(
                    rules.OfflineCode(
                        signer.key_id, day, minute, handle, 1, rules.surname_bytes("王"), point, issuer, mark
                    )
                )
            )
            rows.append(_row(card, handle, day))
        Credential.objects.bulk_create(rows, batch_size=5000)
        return codes


def _row(card: UUID, handle: bytes, day: int, *, serial: int = 1, withdrawn: str = "") -> Credential:
    from django.utils import timezone

    from nuanxin.members.models import Credential
    from nuanxin.members.rules.credentials import day_of, expires_at

    return Credential(
        card_id=card,
        handle=handle,
        day=day_of(day),
        serial=serial,
        issued_at=timezone.now(),
        expires_at=expires_at(day),
        withdrawn=withdrawn,
    )


def _bundle(result: Result, *, rounds: int) -> None:
    """Measure the bundle with a long list, in a transaction that is never committed."""
    from django.db import transaction
    from django.utils import timezone

    from nuanxin.kernel.clock import local_day
    from nuanxin.members.models import Card, Credential
    from nuanxin.members.queries.credentials import revoked_handles, sign_bundle
    from nuanxin.members.rules.credentials import day_number, encode

    now = timezone.now()
    cards, day = list(Card.objects.values_list("pk", flat=True)), day_number(local_day(now))
    with transaction.atomic():
        rows = [
            _row(cards[place % len(cards)], os.urandom(6), day, serial=2 + place // len(cards), withdrawn="revoked")
            for place in range(REVOKED)
        ]
        Credential.objects.bulk_create(rows, batch_size=5000)
        queries = [_timed(lambda: revoked_handles(now)) for _ in range(rounds)]
        wholes = [_timed(lambda: sign_bundle(now)) for _ in range(rounds)]
        size = len(sign_bundle(now).content)
        sent = len(gzip.compress(json.dumps({"bundle": encode(sign_bundle(now).content)}).encode()))
        transaction.set_rollback(True)
    result.add("list of 100,000 handles, one statement", "ms", queries)
    result.add("bundle with that list, signed", "ms", wholes)
    result.add("its size", "KB", [size / 1000])
    result.add("its size on the line", "KB", [sent / 1000])
    result.figures["bundle_kb_100000_revoked"] = round(sent / 1000)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
