"""The background worker: two takers of tasks in one process, one of them for texts alone; no kill loses a task."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status

if TYPE_CHECKING:
    from procrastinate import App

#: Tasks at once. Texts have a place of their own: a code that somebody waits for does not wait for a long list.
_PLACES: Final = 4
_TEXTS: Final = "texts"
#: Seconds between two signs of life of a worker, and after how long a silent one counts as killed.
_BEAT: Final = 5
_SILENT: Final = 20


def work() -> None:
    """Take tasks until a signal comes."""
    with app.replace_connector(app.connector.get_worker_connector()) as taking:  # type: ignore[attr-defined]
        asyncio.run(_work(taking))


async def _work(taking: App) -> None:
    async with taking.open_async():
        texts = _take(taking, places=1, queues=[_TEXTS])
        beside = [asyncio.create_task(texts), asyncio.create_task(_watch(taking))]
        try:
            await _take(taking, places=_PLACES)
        finally:
            for each in beside:
                each.cancel()
            await asyncio.gather(*beside, return_exceptions=True)


async def _take(taking: App, *, places: int, queues: list[str] | None = None) -> None:
    await taking.run_worker_async(
        queues=queues,  # type: ignore[arg-type]  # none: all
        concurrency=places,
        install_signal_handlers=queues is None,
        delete_jobs="successful",
        update_heartbeat_interval=_BEAT,
        stalled_worker_timeout=_SILENT,
    )


async def _watch(taking: App) -> None:
    while True:
        await give_back(taking)
        await asyncio.sleep(_BEAT)


async def give_back(taking: App) -> None:
    """Have done again what a worker had in hand when it was killed: every task bears that.

    Without it the lock of such a task would be held for good.
    """
    for job in await taking.job_manager.get_stalled_jobs(seconds_since_heartbeat=_SILENT):
        try:
            await taking.job_manager.retry_job(job)
        except UniqueViolation:  # the next one of its kind waits already
            with contextlib.suppress(ConnectorException):
                await taking.job_manager.finish_job(job, Status.ABORTED, delete_job=True)
        except ConnectorException:  # another worker was quicker
            continue
