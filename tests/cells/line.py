"""A line between instances that loses, doubles, delays, reorders and spoils what is sent over it."""

from __future__ import annotations

import random
import threading
import time
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

#: What may happen to a message, and how often of a hundred.
FAULTS = {
    "lost": 8,
    "answer lost": 8,
    "doubled": 8,
    "late": 8,
    "again much later": 6,
    "spoiled": 5,
    "answer spoiled": 5,
    "no gateway": 4,
}


class Line(ThreadingHTTPServer):
    """Stands in front of one instance; `target` is where it passes messages on to."""

    daemon_threads = True

    def __init__(self, target: str, *, seed: int, faults: dict[str, int] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Carrier)
        self.target = urlsplit(target)
        self.faults = FAULTS if faults is None else faults
        self.chance = random.Random(seed)
        self.lock = threading.Lock()
        self.kept: list[tuple[str, bytes]] = []
        self.is_cut = False
        self.happened: dict[str, int] = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def draw(self) -> str:
        """Return what happens to the next message."""
        with self.lock:
            if self.is_cut:
                return "cut"
            at = self.chance.uniform(0, 100)
            for fault, share in self.faults.items():
                at -= share
                if at < 0:
                    self.happened[fault] = self.happened.get(fault, 0) + 1
                    return fault
            self.happened["fine"] = self.happened.get("fine", 0) + 1
            return "fine"

    def carry(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Pass a message on and return the answer."""
        connection = HTTPConnection(self.target.hostname or "", self.target.port, timeout=20)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException):
            return 502, b"{}"
        finally:
            connection.close()

    def spoil(self, body: bytes) -> bytes:
        """Return a body with one character changed inside its envelope."""
        at = self.chance.randrange(14, max(15, len(body) - 3))
        return body[:at] + (b"A" if body[at : at + 1] != b"A" else b"B") + body[at + 1 :]


class _Carrier(BaseHTTPRequestHandler):
    server: Line

    def do_POST(self) -> None:
        line = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = line.draw()
        if fault in {"lost", "cut"}:
            self.close_connection = True
            return
        if fault == "no gateway":
            self._answer(502, b"<html>Bad Gateway</html>")
            return
        if fault == "late":
            time.sleep(line.chance.uniform(0, 0.3))
        status, answer = line.carry(self.path, line.spoil(body) if fault == "spoiled" else body)
        if fault == "doubled":
            status, answer = line.carry(self.path, body)
        if fault == "again much later":
            with line.lock:
                line.kept.append((self.path, body))
        elif line.kept and line.chance.random() < 0.3:
            with line.lock:
                old = line.kept.pop(line.chance.randrange(len(line.kept))) if line.kept else None
            if old:
                line.carry(*old)
        if fault == "answer lost":
            self.close_connection = True
            return
        self._answer(status, line.spoil(answer) if fault == "answer spoiled" else answer)

    def _answer(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass

    def log_message(self, *_words: object) -> None:
        pass
