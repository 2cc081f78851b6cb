"""What everything is compared with, measured in the same run on the same server."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg

from bench.load import drive
from nuanxin.postgres import cluster

if TYPE_CHECKING:
    from bench.stand import Stand

EMPTY_VIEW = "empty view"
DURABLE_INSERT = "durable INSERT"
HOT_POOL = "hot pool in plain SQL"


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


def hot_pool(stand: Stand, *, clients: int, seconds: float) -> float:
    """Return places taken a second from one hot row: booking and conditional decrement, four statements each."""
    embedded = cluster.find(stand.data)
    where = f"host={embedded.socket} port={cluster.PORT} dbname={cluster.DATABASE} user={cluster.OWNER}"
    with psycopg.connect(where, autocommit=True) as owner:
        owner.execute("DROP TABLE IF EXISTS bench_booking, bench_pool")
        owner.execute("CREATE TABLE bench_pool (id int PRIMARY KEY, taken int NOT NULL, CHECK (taken <= 100000000))")
        owner.execute("CREATE TABLE bench_booking (id uuid PRIMARY KEY, pool int NOT NULL, person uuid NOT NULL)")
        owner.execute("CREATE UNIQUE INDEX bench_booking_once ON bench_booking (pool, person)")
        owner.execute("INSERT INTO bench_pool VALUES (1, 0)")
        until = time.perf_counter() + seconds

        def take() -> None:
            with psycopg.connect(where, autocommit=True) as connection:
                while time.perf_counter() < until:
                    connection.execute("BEGIN")
                    connection.execute("INSERT INTO bench_booking VALUES (%s, 1, %s)", [uuid4(), uuid4()])
                    connection.execute("UPDATE bench_pool SET taken = taken + 1 WHERE id = 1 AND taken < 100000000")
                    connection.execute("COMMIT")

        threads = [threading.Thread(target=take) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = owner.execute("SELECT taken, (SELECT count(*) FROM bench_booking) FROM bench_pool").fetchone()
        owner.execute("DROP TABLE bench_booking, bench_pool")
    assert found is not None
    if found[0] != found[1]:
        raise RuntimeError(f"The plain pool counts {found[0]} but holds {found[1]}")
    return float(found[0]) / seconds
