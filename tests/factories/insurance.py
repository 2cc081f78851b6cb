"""Gifted insurance: plans, batches, what insurers send back, and an insurer's service on this machine."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import TYPE_CHECKING, Any

from nuanxin.access.states import Scope
from nuanxin.benefits.actions.insurance_lists import freeze_batch, freeze_list
from nuanxin.benefits.actions.insurance_plans import prepare_batch
from nuanxin.benefits.actions.insurance_rolls import ask_roll, take_roll, write_roll_file
from nuanxin.benefits.models import InsuranceBatch, InsurancePlan, Insurer
from nuanxin.benefits.queries.insurance_rolls import RollLine, roll_lines
from nuanxin.benefits.rules.insurance import Checks
from nuanxin.kernel.secrets import seal
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for, make_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nuanxin.access.actors import Actor
    from nuanxin.organizations.models import Union

_serial = count(1)
SECRET = "both-sides-know-it"
FROM = TODAY + timedelta(days=8)


def make_insurer(*, address: str = "", name: str = "") -> Insurer:
    """Make an insurer with a key; with an address its service takes rolls."""
    label = name or f"平安互助保险{next(_serial)}"
    client, _key = make_client(name=label, scopes=[Scope.SEND_POLICIES])
    return Insurer.objects.create(
        name=label,
        name_en="Mutual",
        hotline="95500",
        address=address,
        client=client,
        sealed_secret=seal(SECRET),
        created_at=NOW,
    )


def make_plan(*, union: Union, insurer: Insurer | None = None, **fields: Any) -> InsurancePlan:
    """Make a plan of accident insurance for a year."""
    return InsurancePlan.objects.create(
        insurer=insurer or make_insurer(),
        union=union,
        **{
            "code": f"accident-{next(_serial)}",
            "name": "新就业形态劳动者意外伤害保险",
            "name_en": "Accident insurance",
            "cover": "意外身故、伤残、意外医疗",
            "sum_insured": Decimal("100000.00"),
            "premium": Decimal("36.00"),
            "months": 12,
            "valid_from": date(2026, 1, 1),
            "created_at": NOW,
        }
        | fields,
    )


def make_batch(
    *,
    union: Union,
    actor: Actor | None = None,
    plan: InsurancePlan | None = None,
    checks: Checks | None = None,
    **more: Any,
) -> InsuranceBatch:
    """Prepare a batch for the members of a union."""
    return prepare_batch(
        actor=actor or actor_for("services", union=union),
        plan=plan or make_plan(union=union),
        union=union,
        name="第一批",
        checks=checks or Checks(),
        **{"on": TODAY, "cover_from": FROM, "now": NOW} | more,
    )


def fresh(batch: InsuranceBatch) -> InsuranceBatch:
    """Return a batch as it stands now."""
    return InsuranceBatch.objects.select_related("plan__insurer", "union").get(pk=batch.pk)


def frozen(actor: Actor, batch: InsuranceBatch) -> InsuranceBatch:
    """Freeze a batch's list."""
    freeze_batch(actor=actor, batch=batch, now=NOW)
    freeze_list(batch_id=batch.pk, now=NOW)
    return fresh(batch)


def policies_of(actor: Actor, batch: InsuranceBatch) -> list[dict[str, Any]]:
    """Take the roll and return one right policy for each of its lines, as an insurer would write them."""
    return [
        {
            "ref": each.line,
            "policy_number": f"P{batch.number}{each.line:06d}",
            "name": each.name,
            "id_number": each.id_number,
            "cover_from": batch.cover_from.isoformat(),
            "cover_until": batch.cover_until.isoformat(),
            "sum_insured": str(batch.plan.sum_insured),
        }
        for each in taken(actor, batch)
    ]


def taken(actor: Actor, batch: InsuranceBatch) -> Iterator[RollLine]:
    """Have the roll of a batch written, take it, and return its lines."""
    ask_roll(actor=actor, batch=batch, now=NOW)
    write_roll_file(batch_id=batch.pk)
    take_roll(actor=actor, batch=batch, now=NOW)
    return roll_lines(batch)


class InsurerService(ThreadingHTTPServer):
    """Takes rolls part by part, as docs/insurance.md says: checks each signature, keeps each part once."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.parts: dict[int, dict[str, Any]] = {}
        self.completed: list[dict[str, Any]] = []
        self.refused: list[str] = []
        #: Requests after which the service fails, and how many more it has taken.
        self.fails_at: int | None = None
        self.taken = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/union"

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Take one request."""
        self.taken += 1
        if self.fails_at is not None and self.taken > self.fails_at:
            return 503, {"error": "down"}
        head, _slash, tail = path.removeprefix("/union/rolls/").partition("/")
        if head != body["batch"]:
            return 404, {"error": "batch"}
        if method == "PUT" and tail == f"parts/{body['part']}":
            known = self.parts.setdefault(body["part"], body)
            return (200, {"receipt": f"R{body['part']}"}) if known == body else (409, {"error": "changed"})
        people = sum(len(part["people"]) for part in self.parts.values())
        if (len(self.parts), people) != (body["parts"], body["people"]):
            return 409, {"error": "incomplete"}
        self.completed.append(body)
        return 200, {"receipt": "whole"}


class _Door(BaseHTTPRequestHandler):
    server: InsurerService

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        text = self.headers["X-Nuanxin-Timestamp"].encode() + b"\n" + body
        wanted = "hmac-sha256=" + hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted, self.headers["X-Nuanxin-Signature"]):
            self.server.refused.append(self.path)
            status, answer = 401, {"error": "signature"}
        else:
            status, answer = self.server.answer(self.command, self.path, json.loads(body))
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_PUT = do_POST = _take

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named so above
        """Say nothing."""


@contextmanager
def insurer_service() -> Iterator[InsurerService]:
    """Run an insurer's service for the length of a test."""
    service = InsurerService()
    thread = threading.Thread(target=service.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.shutdown()
        service.server_close()
        thread.join()
