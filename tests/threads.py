"""Live threads that are let go at the same moment, for races that are real."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

from django.db import connection, connections

if TYPE_CHECKING:
    from collections.abc import Callable


def at_once(work: Callable[[int], object], times: int = 20) -> list[object]:
    """Do the work in so many threads, each with a connection of its own, all let go at the same moment."""
    gate = Barrier(times)

    def one(number: int) -> object:
        try:
            connection.ensure_connection()
            gate.wait(timeout=30)
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))
