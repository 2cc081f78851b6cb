"""What stands between the web server and Django: slow senders wait here, and nobody waits for them.

The web server hands a request on as soon as its head is read. Reading the body may then take as long as the sender
likes, so it happens in one of many threads that do nothing else; a body that takes too long is cut off. Only whole
requests take one of the few turns in which Django works, each with a database connection of its own: more at once
would only share the same processors.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import ipaddress
import os
import socket
import sys
import threading
import time
from collections import Counter, deque
from functools import lru_cache
from io import BytesIO
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, connections

from nuanxin.web.kit.sources import is_trusted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: Requests that Django works on at once, in one process.
TURNS = 3
#: Longest body that is read: a form with its files. A longer one is refused by its length, unread.
MOST_BYTES = 32 * 1024 * 1024
#: Seconds a body may take to arrive, and bytes a second that a long one must come with.
PATIENCE, LEAST_RATE = 10.0, 4096
#: Bodies of one address, or of all, that may be a second late at once before patience ends.
MOST_LATE, MOST_LATE_IN_ALL = 16, 64
_STEP, _IN_MEMORY = 64 * 1024, 256 * 1024
_LOOK = 0.5
_TOO_LATE = b"The body did not arrive in time."
#: Asked about thousands of sockets in a row: letting go of the interpreter for each would cost more than the answer.
_libc = ctypes.PyDLL(None, use_errno=True)


class Reading:
    """Bodies that are on their way: whose, since when, and until when."""

    def __init__(self) -> None:
        self.held: dict[int, tuple[str, float, float]] = {}
        self.late: Counter[str] = Counter()
        self._watch: threading.Thread | None = None

    def begin(self, address: str, length: int) -> int:
        """Note that a body begins to be read; return a ticket."""
        if self._watch is None:
            self._watch = threading.Thread(target=self._look_forever, daemon=True, name="patience")
            self._watch.start()
        now = time.monotonic()
        ticket = threading.get_ident()
        self.held[ticket] = (address, now, now + PATIENCE + length / LEAST_RATE)
        return ticket

    def end(self, ticket: int) -> None:
        """Note that a body is there, or is not waited for any more."""
        self.held.pop(ticket, None)

    def is_full(self, address: str) -> bool:
        """Answer whether an address keeps so many bodies late that another one is not begun."""
        return self.late[address] >= MOST_LATE

    def _look_forever(self) -> None:
        while True:
            time.sleep(_LOOK)
            with contextlib.suppress(OSError, RuntimeError):
                self.look(time.monotonic())

    def look(self, now: float) -> None:
        """Count what is late, and cut off the addresses whose bodies are overdue, or that are late where many are."""
        held = list(self.held.values())
        late = Counter(address for address, began, _until in held if now - began > 1)
        self.late = late
        overdue = {address for address, _began, until in held if now > until}
        if late.total() > MOST_LATE_IN_ALL:
            overdue |= {address for address, count in late.items() if count >= MOST_LATE // 4}
        cut_off(overdue)


def cut_off(addresses: Iterable[str]) -> int:
    """Shut the connections that addresses have to our listening port; their neighbors' browsers open new ones."""
    wanted = {_packed(address) for address in addresses} - {b""}
    if not wanted:
        return 0
    ports, held = set(), []
    for each in _sockets(wanted | {b""}):
        if each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            ports.add(each.getsockname()[1])
            each.close()
        else:
            held.append(each)
    cut = 0
    for each in held:
        with contextlib.suppress(OSError), each:
            if each.getsockname()[1] in ports:
                each.shutdown(socket.SHUT_RDWR)
                cut += 1
    return cut


def _sockets(peers: set[bytes]) -> Iterator[socket.socket]:
    """Yield a duplicate of every internet socket of this process with such a peer; whoever takes one closes it."""
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - numbers, not files
        if _peer(int(name)) in peers:
            with contextlib.suppress(OSError):
                yield socket.socket(fileno=os.dup(int(name)))


def _peer(number: int) -> bytes | None:
    """Return the other end's address, empty for a socket without one; None for what is no internet socket."""
    found, size = ctypes.create_string_buffer(128), ctypes.c_uint(128)
    if _libc.getpeername(number, found, ctypes.byref(size)):
        return b"" if ctypes.get_errno() == errno.ENOTCONN else None
    family = int.from_bytes(found.raw[:2], sys.byteorder)
    if family == socket.AF_INET:
        return found.raw[4:8]
    return _packed(socket.inet_ntop(family, found.raw[8:24])) if family == socket.AF_INET6 else None


@lru_cache(maxsize=4096)
def _packed(address: str) -> bytes:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(_plain(address)).packed
    return b""


@lru_cache(maxsize=4096)
def _plain(address: str) -> str:
    with contextlib.suppress(ValueError):
        found = ipaddress.ip_address(address.partition("%")[0])
        return str(getattr(found, "ipv4_mapped", None) or found)
    return address


class _Place:
    """A request's place in the line, and the turn that it is given."""

    def __init__(self) -> None:
        self.held: Any = None
        #: Locked until the turn is given: a bare lock wakes its one waiter quicker than an event.
        self.given = threading.Lock()
        self.given.acquire()


class Turns:
    """The few turns in which Django works: whoever waits longest is next.

    The queues of the standard library let a newcomer go before whoever is only just waking up; of many who asked at
    once the slowest then waited four times as long.
    """

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._free: list[Any] = [None] * count
        self._waiting: deque[_Place] = deque()

    def get(self) -> Any:
        """Wait for a turn; return the database connection that it worked with last, if any."""
        with self._lock:
            if self._free:
                return self._free.pop()
            mine = _Place()
            self._waiting.append(mine)
        mine.given.acquire()
        return mine.held

    def put(self, held: Any) -> None:
        """Give a turn to whoever waits longest, with its database connection."""
        with self._lock:
            if not self._waiting:
                self._free.append(held)
                return
            theirs = self._waiting.popleft()
        theirs.held = held
        theirs.given.release()


class Patient:
    """The WSGI application around Django's."""

    def __init__(self, django: Callable[..., Iterable[bytes]], turns: int = TURNS) -> None:
        self.django = django
        self.turns = Turns(turns)
        self.reading = Reading()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Read the body, if there is one; then let Django work when it is this request's turn."""
        length = environ.get("CONTENT_LENGTH") or "0"
        if length != "0" and not self._read(environ, length):
            start_response("408 Request Timeout", [("Content-Type", "text/plain"), ("Connection", "close")])
            return [_TOO_LATE]
        held = self.turns.get()
        try:
            if held is not None:
                connections[DEFAULT_DB_ALIAS] = held
            return self._work(environ, start_response)
        finally:
            self._give_back()

    def _read(self, environ: dict[str, Any], length: str) -> bool:
        """Put the whole body where Django reads it; what is too long is left out, and refused by its length."""
        size = int(length) if length.isascii() and length.isdigit() else MOST_BYTES + 1
        body: Any = TemporaryFile() if _IN_MEMORY < size <= MOST_BYTES else BytesIO()  # noqa: SIM115 - closed with the request
        given, environ["wsgi.input"] = environ["wsgi.input"], body
        if size > MOST_BYTES:
            return True
        address = _plain(environ.get("REMOTE_ADDR", ""))
        is_proxy = is_trusted(environ.get("REMOTE_ADDR", ""))
        if not is_proxy and self.reading.is_full(address):
            return False
        ticket = self.reading.begin("" if is_proxy else address, size)
        left = size
        try:
            while left and (part := given.read(min(left, _STEP))):
                body.write(part)
                left -= len(part)
        finally:
            self.reading.end(ticket)
        body.seek(0)
        return left == 0

    def _work(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Let Django answer; what is no stream is taken over whole."""
        answer = self.django(environ, start_response)
        if getattr(answer, "streaming", False):
            return answer
        whole = [b"".join(answer)]
        answer.close()  # type: ignore[attr-defined]
        return whole

    def _give_back(self) -> None:
        """Take the database connection from this thread, and let the next request have the turn and it."""
        held: Any = None
        try:
            initialized = connections.all(initialized_only=True)
            if initialized:
                held = initialized[0]
                if not held.allow_thread_sharing:
                    held.inc_thread_sharing()
                del connections[DEFAULT_DB_ALIAS]
        finally:
            self.turns.put(held)
