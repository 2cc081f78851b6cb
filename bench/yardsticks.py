"""What everything is compared with, measured in the same run on the same server."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import psycopg

from bench.load import drive
from nuanxin.postgres import cluster

if TYPE_CHECKING:
    from bench.stand import Stand

EMPTY_VIEW = "empty view"
DURABLE_INSERT = "durable INSERT"


def empty_view(stand: Stand, *, clients: int, seconds: float) -> float:
    """Return requests a second of the view that does nothing."""
    plan = {"host": stand.host, "port": stand.port, "path": "/healthz", "clients": clients, "seconds": seconds}
    measured = drive(plan)
    return len(measured["times"]["bare"]) / float(measured["seconds"])


def durable_insert(stand: Stand, *, clients: int, seconds: float) -> float:
    """Return single-row INSERTs a second, each committed to disk before the next."""
    embedded = cluster.find(stand.data)
    where = f"host={embedded.socket} port={cluster.PORT} dbname={cluster.DATABASE} user={cluster.OWNER}"
    with psycopg.connect(where, autocommit=True) as owner:
        owner.execute("DROP TABLE IF EXISTS bench_yardstick")
        owner.execute("CREATE TABLE bench_yardstick (id bigserial PRIMARY KEY, at timestamptz, words text)")
        done: list[int] = []
        until = time.perf_counter() + seconds

        def insert() -> None:
            count = 0
            with psycopg.connect(where, autocommit=True) as connection:
                while time.perf_counter() < until:
                    connection.execute("INSERT INTO bench_yardstick (at, words) VALUES (now(), 'one row')")
                    count += 1
            done.append(count)

        threads = [threading.Thread(target=insert) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        owner.execute("DROP TABLE bench_yardstick")
    return sum(done) / seconds
