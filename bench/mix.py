"""The honest load beside an attack: joins, checks of cards and pages, at a steady pace, over connections kept open.

Reads a plan from standard input as JSON and writes what it measured to standard output.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

from bench.load import Line, request

PAGES = ("/", "/join/", "/states/", "/sign-in/")
_TRIES = 3


class Mix:
    """Joins with a card check at the end, and people who read pages."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.host = f"{plan['host']}:{plan['port']}"
        self.bodies = iter(plan["bodies"])
        self.times: dict[str, list[float]] = {"join": [], "verify": [], "page": []}
        self.faults: list[str] = []

    async def run(self) -> dict[str, Any]:
        """Keep the pace until the time is over; return times and faults."""
        until = time.perf_counter() + self.plan["seconds"]
        joiners, readers = 4, 4
        await asyncio.gather(
            *(self._paced(self._join, until, joiners / self.plan["joins"], turn / joiners) for turn in range(joiners)),
            *(self._paced(self._read, until, readers / self.plan["pages"], turn / readers) for turn in range(readers)),
        )
        told = {"times": self.times, "faults": self.faults[:10], "fault_count": len(self.faults)}
        return told | {"cpu": time.process_time()}

    async def _paced(self, act: Any, until: float, pause: float, turn: float) -> None:
        line = Line(self.plan["host"], self.plan["port"])
        due = time.perf_counter() + pause * turn
        while due < until:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            # what comes late is not measured from later: the pace does not slow down with the server
            await act(line)
            due += pause

    async def _ask(self, line: Line, kind: str, asked: bytes, wanted: tuple[int, ...]) -> Any:
        began = time.perf_counter()
        for _try in range(_TRIES):
            try:
                status, body, _seconds = await asyncio.wait_for(line.ask(asked), 30)
                break
            except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
                line.writer = None
                status, body = 0, repr(error).encode()
        self.times[kind].append(time.perf_counter() - began)
        if status not in wanted:
            self.faults.append(f"{kind} {status} {body[:150].decode(errors='replace')}")
            return None
        return json.loads(body) if body[:1] == b"{" else body

    async def _read(self, line: Line) -> None:
        path = PAGES[len(self.times["page"]) % len(PAGES)]
        await self._ask(line, "page", request("GET", path, host=self.host), (200,))

    async def _join(self, line: Line) -> None:
        machine, reviewer = self.plan["machine"], self.plan["reviewer"]
        body = next(self.bodies).encode()
        once = f"Idempotency-Key: {time.time_ns():x}\r\n"
        api = "/api/v1"
        sent = await self._post(line, "join", f"{api}/applications", machine, body, once)
        done = sent and await self._post(
            line, "join", f"{api}/applications/{sent['number']}/decision", reviewer, b'{"decision":"approve"}'
        )
        code = done and await self._post(line, "join", f"{api}/members/{done['member_number']}/card-codes", machine)
        if code:
            told = json.dumps({"code": code["code"]}).encode()
            answer = await self._post(line, "verify", f"{api}/cards/verify", machine, told)
            if answer and answer["answer"] != "valid":
                self.faults.append(f"verify: {answer}")

    async def _post(self, line: Line, kind: str, path: str, key: str, body: bytes = b"", extra: str = "") -> Any:
        return await self._ask(line, kind, request("POST", path, key, body, host=self.host, extra=extra), (200, 201))


if __name__ == "__main__":
    json.dump(asyncio.run(Mix(json.load(sys.stdin)).run()), sys.stdout)
