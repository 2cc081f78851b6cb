"""What a worker had in hand when it was killed is done again, and holds no lock for good."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from nuanxin.operate.working import give_back

pytestmark = pytest.mark.django_db(transaction=True)


def doing(*, silent_for: str | None, lock: str | None = None, queueing_lock: str | None = None) -> int:
    """Put a task into the hands of a worker that last gave a sign of life so long ago; of one that is gone, without."""
    with connection.cursor() as cursor:
        worker = None
        if silent_for is not None:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s::interval) RETURNING id",
                [silent_for],
            )
            (worker,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, lock, queueing_lock, worker_id) "
            "VALUES ('cells', 'members.refresh_cells', 'doing', %s, %s, %s) RETURNING id",
            [lock, queueing_lock, worker],
        )
        return int(cursor.fetchone()[0])


@pytest.fixture(autouse=True)
def _nothing_waits() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def states() -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, status FROM procrastinate_jobs")
        return dict(cursor.fetchall())


def look() -> None:
    async def run(taking: Any) -> None:
        async with taking.open_async():
            await give_back(taking)

    # in a thread of its own: a browser of an earlier test may have left a loop in this one
    worker = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(worker) as taking, ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, run(taking)).result()


def test_what_a_killed_worker_had_in_hand_is_to_be_done_again() -> None:
    gone, silent = doing(silent_for=None, lock="cells"), doing(silent_for="25 seconds")
    lives = doing(silent_for="3 seconds")
    look()
    assert states() == {gone: "todo", silent: "todo", lives: "doing"}


def test_where_the_next_one_waits_already_the_killed_one_goes() -> None:
    gone = doing(silent_for=None, lock="cells", queueing_lock="cells")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, lock, queueing_lock) "
            "VALUES ('cells', 'members.refresh_cells', 'todo', 'cells', 'cells') RETURNING id"
        )
        (waits,) = cursor.fetchone()
    look()
    assert (gone in states(), states()[waits]) == (False, "todo")
