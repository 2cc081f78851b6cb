"""Working a roster off on several threads, each with a database connection of its own."""

from __future__ import annotations

from contextlib import contextmanager
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, Any

from django.db import OperationalError, connections

from nuanxin.members.rules.rosters.limits import LANES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: How often a chunk is tried again when two transactions waited for each other.
_TRIES = 8


class Left(Exception):
    """Somebody else has taken the roster over, or has taken it back: there is nothing more to do here."""


class Lanes:
    """A few threads; with one lane everything runs in the caller's own thread and transaction."""

    def __init__(self, count: int) -> None:
        self._work: Queue[tuple[Callable[..., Any], tuple[Any, ...]] | None] = Queue(count)
        self._failed: list[BaseException] = []
        self._threads = [Thread(target=self._go, name=f"roster-{at}") for at in range(count)] if count > 1 else []
        for thread in self._threads:
            thread.start()

    def run(self, work: Callable[..., Any], *arguments: Any) -> None:
        """Begin one piece of work; wait first while too much is under way. Raises what went wrong before."""
        if not self._threads:
            patiently(work, *arguments)
            return
        self._complain()
        self._work.put((work, arguments))

    def finish(self) -> None:
        """Wait for everything under way, and raise what went wrong first."""
        self.close()
        self._complain()

    def close(self) -> None:
        """Let the threads finish what they hold, and end."""
        for _thread in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _complain(self) -> None:
        if self._failed:
            raise self._failed[0]

    def _go(self) -> None:
        try:
            while (piece := self._work.get()) is not None:
                if self._failed:
                    continue
                try:
                    patiently(piece[0], *piece[1])
                except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
                    self._failed.append(error)
        finally:
            connections.close_all()


@contextmanager
def lanes(count: int = LANES) -> Iterator[Lanes]:
    """Open lanes; at the end wait for the work under way."""
    opened = Lanes(count)
    try:
        yield opened
        opened.finish()
    finally:
        opened.close()


def patiently(work: Callable[..., Any], *arguments: Any) -> Any:
    """Do a transaction again when the database ended it because two waited for each other."""
    for turn in range(_TRIES):
        try:
            return work(*arguments)
        except OperationalError as error:
            if turn == _TRIES - 1 or not _is_deadlock(error):
                raise
    raise AssertionError("not reached")


def _is_deadlock(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", "") in {"40P01", "40001"}
