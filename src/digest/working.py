"""A worker: takes batches of frozen editions as Procrastinate's jobs and delivers them, beside others of its kind.

It says every second that it lives, gives others' jobs back when they say nothing any more, and looks every few
seconds after editions that nobody may be watching.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import procrastinate
import psycopg
from procrastinate import App as Jobs
from procrastinate import PsycopgConnector
from procrastinate.worker import Worker

from digest.app import App
from digest.batching import Batches
from digest.deliver import arming
from digest.deliver.watching import sweep
from digest.errors import DigestError, DisarmedError, StoreError
from digest.mishaps import note_mishap
from digest.model import EditionStatus
from digest.same_links import require_same_links
from digest.store import editions
from digest.store.postgres import PostgresStorage
from digest.store.workers import QUEUE, STALLED_SECONDS, TASK, beat, end_standing, leave

__all__ = ["require_server", "work"]

BEAT_SECONDS = 1.0
SWEEP_SECONDS = 5.0
OTHER_THREADS = 6


def work(app: App, *, name: str, at_once: int, stop: threading.Event) -> None:
    """Deliver what is deferred until `stop` is set; then what is in flight is finished.

    Raises:
        StoreError: as `require_server` and `require_same_links`, or nothing can be noted in the project's var/.
        DisarmedError: the database is older than what was delivered from here.
    """
    require_server(app)
    require_same_links(app)
    arming.require_no_return(app.database)
    batches = Batches(app, stop)
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # as psycopg: what they meet, our errors tell
    try:
        asyncio.run(_serve(app, batches, name, at_once, stop))
    finally:
        batches.close_idle(0.0)
        with contextlib.suppress(StoreError):
            leave(app.database, batches.holder)
    if batches.refused_by is not None:
        raise batches.refused_by


def require_server(app: App) -> None:
    """Pass when several processes can share the database.

    Raises:
        StoreError: it is a file: only a server's can be shared.
    """
    if app.database.storage.path is not None:
        raise StoreError(
            f"{app.database.label} is a file of one machine: workers need a PostgreSQL database in database.url. "
            "Without workers `digest run` and `digest serve` deliver by themselves."
        )


async def _serve(app: App, batches: Batches, name: str, at_once: int, stop: threading.Event) -> None:
    """Take jobs, and begin anew when the server was away."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_unless_job_is_gone)
    loop.set_default_executor(ThreadPoolExecutor(at_once + OTHER_THREADS))  # a batch has one for as long as it takes
    async with _kept(app, batches, name, at_once, stop):
        while not stop.is_set():
            with contextlib.suppress(procrastinate.exceptions.ConnectorException, psycopg.Error, OSError):
                await _take_jobs(app, batches, at_once, stop)
            await asyncio.sleep(0.5)


def _unless_job_is_gone(loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
    """Say nothing of a job whose end could not be reported: it was given to another, or will be."""
    if not isinstance(told.get("exception"), procrastinate.exceptions.ConnectorException):
        loop.default_exception_handler(told)


async def _take_jobs(app: App, batches: Batches, at_once: int, stop: threading.Event) -> None:
    storage = app.database.storage
    assert isinstance(storage, PostgresStorage), "`require_server` has looked"
    jobs = Jobs(connector=PsycopgConnector(conninfo=storage.conninfo, min_size=1, max_size=4))

    @jobs.task(name=TASK, queue=QUEUE)
    def deliver_batch(edition_id: str, batch: int) -> None:
        batches.deliver(edition_id, batch)

    async with jobs.open_async():
        worker = Worker(
            jobs,
            queues=[QUEUE],
            concurrency=at_once,
            fetch_job_polling_interval=1.0,
            install_signal_handlers=False,
            update_heartbeat_interval=BEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
            delete_jobs="successful",
        )
        running = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]  # it has none
        while not running.done():
            await asyncio.wait([running], timeout=BEAT_SECONDS)
            if stop.is_set():
                worker.stop()  # type: ignore[no-untyped-call]
            else:
                await _retry_stalled(jobs)
        await running


async def _retry_stalled(jobs: Jobs) -> None:
    """Give the jobs of workers without a heartbeat to others."""
    manager = jobs.job_manager
    with contextlib.suppress(procrastinate.exceptions.ProcrastinateException):  # another was first
        for job in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED_SECONDS):
            await manager.retry_job(job)


@contextlib.asynccontextmanager
async def _kept(app: App, batches: Batches, name: str, at_once: int, stop: threading.Event) -> AsyncIterator[None]:
    """Say every second that this worker lives, and every few look after editions that nobody may be watching.

    Each is done beside the others: whoever waits for a lock is still alive.
    """

    def live() -> None:
        with contextlib.suppress(DisarmedError):  # said when there is something to deliver
            arming.require_no_return(app.database)
        beat(app.database, batches.holder, name, at_once, batches.at_work, batches.done)

    def look_after() -> None:
        if not stop.is_set():
            _sweep(app)

    def tidy() -> None:
        batches.flush()
        batches.close_idle()

    tasks = [
        asyncio.create_task(_again_and_again(work, seconds))
        for work, seconds in (
            (live, BEAT_SECONDS),
            (tidy, BEAT_SECONDS),
            (look_after, SWEEP_SECONDS),
            (partial(end_standing, app.database), SWEEP_SECONDS),
        )
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _again_and_again(work: Callable[[], object], seconds: float) -> None:
    while True:
        try:
            await asyncio.to_thread(work)
        except StoreError as error:
            print(f"Waiting: {error}", file=sys.stderr, flush=True)
        except DigestError as error:
            note_mishap("worker", error)
        await asyncio.sleep(seconds)


def _sweep(app: App) -> None:
    """Put in what is due of every edition that is SENDING: whoever watched it may be gone."""
    slack = timedelta(minutes=app.config.delivery.too_late_minutes)
    for row in editions.list_unfinished(app.database):
        if row.status is EditionStatus.SENDING:
            sweep(app.database, row.id, app.now(), slack)
