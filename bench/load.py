"""The load: a process of its own that drives whole joins, or bare requests, over connections that are kept open.

Reads a plan from standard input as JSON and writes what it measured to standard output. Knows HTTP/1.1 with
Content-Length and nothing more, so that it is never what is slow.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from itertools import cycle
from typing import Any

Plan = dict[str, Any]


class Line:
    """One connection; requests go out as bytes made beforehand."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self, request: bytes) -> tuple[int, bytes, float]:
        """Send one request; return status, body and seconds."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        began = time.perf_counter()
        self.writer.write(request)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        body = await self.reader.readexactly(length)
        if b"connection: close" in head:
            self.writer.close()
            self.writer = None
        return int(head[9:12]), body, time.perf_counter() - began


def request(method: str, path: str, key: str = "", body: bytes = b"", *, host: str, extra: str = "") -> bytes:
    """Return a request as bytes."""
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{extra}"
    if key:
        head += f"Authorization: Bearer {key}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    elif method == "POST":
        head += "Content-Length: 0\r\n"
    return head.encode() + b"\r\n" + body


class Joins:
    """Whole joins: apply → approve → card code, each measured by itself."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.host = f"{plan['host']}:{plan['port']}"
        self.bodies = iter(plan["bodies"])
        self.times: dict[str, list[float]] = {"apply": [], "approve": [], "card_code": [], "join": []}
        self.faults: list[str] = []

    async def run(self) -> dict[str, Any]:
        """Drive the clients until the time is over; return times and faults."""
        began = time.perf_counter()
        until = began + self.plan["seconds"]
        clients = [self._client(until) for _ in range(self.plan["clients"])]
        await asyncio.gather(*clients)
        return {"seconds": time.perf_counter() - began, "times": self.times, "faults": self.faults[:5]}

    async def _client(self, until: float) -> None:
        line = Line(self.plan["host"], self.plan["port"])
        pause = self.plan["clients"] / self.plan["rate"] if self.plan.get("rate") else 0.0
        due = time.perf_counter() + pause * (len(self.times["join"]) % 7) / 7
        while time.perf_counter() < until:
            body = next(self.bodies, None)
            if body is None:
                return
            if pause:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                due += pause
            began = time.perf_counter()
            if await self._join(line, body.encode()):
                self.times["join"].append(time.perf_counter() - began)

    async def _join(self, line: Line, body: bytes) -> bool:
        plan = self.plan
        once = f"Idempotency-Key: {hash(body) & 0xFFFFFFFFFFFF:x}{time.time_ns()}\r\n"
        sent = await self._ask(line, "apply", "/api/v1/applications", plan["machine"], body, once)
        if sent is None:
            return False
        path = f"/api/v1/applications/{sent['number']}/decision"
        done = await self._ask(line, "approve", path, plan["reviewer"], b'{"decision":"approve"}')
        if done is None:
            return False
        path = f"/api/v1/members/{done['member_number']}/card-codes"
        return await self._ask(line, "card_code", path, plan["machine"]) is not None

    async def _ask(
        self, line: Line, what: str, path: str, key: str, body: bytes = b"", extra: str = ""
    ) -> dict[str, Any] | None:
        status, answer, seconds = await line.ask(request("POST", path, key, body, host=self.host, extra=extra))
        self.times[what].append(seconds)
        if status not in (200, 201):
            self.faults.append(f"{what} {status} {answer[:300].decode(errors='replace')}")
            return None
        parsed: dict[str, Any] = json.loads(answer)
        return parsed


async def checks(plan: Plan) -> dict[str, Any]:
    """Send each of the given bodies once, and fault every answer that is not the wanted one."""
    times: list[float] = []
    faults: list[str] = []
    host, wanted = f"{plan['host']}:{plan['port']}", plan["wanted"].encode()
    asked = iter([request("POST", plan["path"], plan["key"], body.encode(), host=host) for body in plan["checks"]])
    began = time.perf_counter()
    until = began + plan["seconds"]

    async def client() -> None:
        line = Line(plan["host"], plan["port"])
        while time.perf_counter() < until and (body := next(asked, None)) is not None:
            status, answer, seconds = await line.ask(body)
            times.append(seconds)
            if status != 200 or wanted not in answer:
                faults.append(f"{status} {answer[:300].decode(errors='replace')}")

    await asyncio.gather(*(client() for _ in range(plan["clients"])))
    return {"seconds": time.perf_counter() - began, "times": {"check": times}, "faults": faults[:5]}


async def rush(plan: Plan) -> dict[str, Any]:
    """Send every wish once, each with a key of its own, as fast as answers come; granted and refused apart."""
    host = f"{plan['host']}:{plan['port']}"
    wishes = iter(
        [
            request(
                "POST",
                plan["path"],
                plan["key"],
                body.encode(),
                host=host,
                extra=f"Idempotency-Key: {plan['run']}-{place}\r\n",
            )
            for place, body in enumerate(plan["wishes"])
        ]
    )
    times: dict[str, list[float]] = {"booked": [], "refused": []}
    numbers: set[str] = set()
    faults: list[str] = []
    began = time.perf_counter()
    last = began

    async def client() -> None:
        nonlocal last
        line = Line(plan["host"], plan["port"])
        while (wish := next(wishes, None)) is not None:
            status, answer, seconds = await line.ask(wish)
            told = json.loads(answer) if status == 200 else {}
            if told.get("outcome") not in times:
                faults.append(f"{status} {answer[:300].decode(errors='replace')}")
                continue
            times[told["outcome"]].append(seconds)
            if told["number"] and told["number"] not in numbers:
                numbers.add(told["number"])
                last = time.perf_counter()

    await asyncio.gather(*(client() for _ in range(plan["clients"])))
    return {
        "seconds": time.perf_counter() - began,
        "granting": last - began,
        "granted": len(numbers),
        "times": times,
        "faults": faults[:5],
    }


async def redeems(plan: Plan) -> dict[str, Any]:
    """Scan each of the given codes, take the coupon that applies, redeem it: two requests a member, until time is over.

    Each client is a counter with a key of its own.
    """
    times: dict[str, list[float]] = {"scan": [], "redeem": [], "whole": []}
    faults: list[str] = []
    host = f"{plan['host']}:{plan['port']}"
    codes = iter(plan["codes"])
    began = time.perf_counter()
    until = began + plan["seconds"]

    async def ask(line: Line, what: str, path: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
        status, answer, seconds = await line.ask(request("POST", path, key, json.dumps(body).encode(), host=host))
        times[what].append(seconds)
        if status != 200:
            faults.append(f"{what} {status} {answer[:300].decode(errors='replace')}")
            return {}
        told: dict[str, Any] = json.loads(answer)
        return told

    async def client(key: str) -> None:
        line = Line(plan["host"], plan["port"])
        while time.perf_counter() < until and (code := next(codes, None)) is not None:
            start = time.perf_counter()
            found = await ask(line, "scan", "/api/v1/scans", key, {"code": code})
            coupons = [
                thing for thing in found.get("applies", []) if thing["kind"] == "coupon" and not thing["refused"]
            ]
            if not coupons:
                faults.append(f"no coupon applies: {json.dumps(found)[:300]}")
                continue
            told = {"scan": found["scan"], "coupon": coupons[0]["key"]}
            done = await ask(line, "redeem", "/api/v1/redemptions", key, told)
            if done and not done["again"]:
                times["whole"].append(time.perf_counter() - start)

    await asyncio.gather(*(client(key) for key in plan["keys"]))
    return {"seconds": time.perf_counter() - began, "times": times, "faults": faults[:5]}


async def bare(plan: Plan) -> dict[str, Any]:
    """Ask for one address, or for some in turn with the cookie of each, over and over."""
    times: list[float] = []
    faults: list[str] = []
    host = f"{plan['host']}:{plan['port']}"
    asks = plan.get("asks") or [[plan["path"], ""]]
    asked = [request("GET", path, host=host, extra=f"Cookie: {cookie}\r\n" if cookie else "") for path, cookie in asks]
    turn = cycle(asked)
    pause, chance = float(plan.get("pause", 0.0)), random.Random(1)
    began = time.perf_counter()
    until = began + plan["seconds"]

    async def client() -> None:
        line = Line(plan["host"], plan["port"])
        await asyncio.sleep(chance.random() * pause)
        while time.perf_counter() < until:
            wanted = next(turn)
            status, _body, seconds = await line.ask(wanted)
            times.append(seconds)
            if pause:  # people do not keep step with each other
                await asyncio.sleep(chance.uniform(0.5, 1.5) * pause)
            if status != 200:
                faults.append(f"{status} {wanted[:80].decode()}")

    await asyncio.gather(*(client() for _ in range(plan["clients"])))
    return {"seconds": time.perf_counter() - began, "times": {"bare": times}, "faults": faults[:5]}


def drive(plan: Plan) -> dict[str, Any]:
    """Run a plan in a process of its own and return what it measured."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=json.dumps(plan), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"The load failed:\n{done.stderr[-3000:]}")
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


if __name__ == "__main__":
    given = json.load(sys.stdin)
    if "wishes" in given:
        work = rush(given)
    elif "codes" in given:
        work = redeems(given)
    else:
        work = Joins(given).run() if "bodies" in given else checks(given) if "checks" in given else bare(given)
    json.dump(asyncio.run(work), sys.stdout)
