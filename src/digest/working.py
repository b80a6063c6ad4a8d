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
import time
from datetime import timedelta
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
from digest.errors import DatabaseLostError, DigestError, StoreError
from digest.mishaps import note_mishap
from digest.model import EditionStatus
from digest.same_links import require_same_links
from digest.store import editions
from digest.store.workers import QUEUE, STALLED_SECONDS, TASK, beat, leave

__all__ = ["require_server", "work"]

BEAT_SECONDS = 1.0
SWEEP_SECONDS = 5.0


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
    asyncio.get_running_loop().set_exception_handler(_unless_known)
    keeping = asyncio.create_task(_keep(app, batches, name, at_once, stop))
    while not stop.is_set():
        with contextlib.suppress(procrastinate.exceptions.ConnectorException, psycopg.Error, OSError):
            await _take_jobs(app, batches, at_once, stop)
        await asyncio.sleep(0.5)
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping


def _unless_known(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Pass over a job that was given to another when this worker said nothing for a while: the ledger knows better."""
    if not isinstance(context.get("exception"), procrastinate.exceptions.ConnectorException):
        loop.default_exception_handler(context)


async def _take_jobs(app: App, batches: Batches, at_once: int, stop: threading.Event) -> None:
    url = app.database.storage.engine.url.set(drivername="postgresql")
    jobs = Jobs(connector=PsycopgConnector(conninfo=url.render_as_string(hide_password=False), min_size=1, max_size=4))

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


async def _keep(app: App, batches: Batches, name: str, at_once: int, stop: threading.Event) -> None:
    """Say every second that this worker lives, and every few look after editions that nobody may be watching."""
    swept_at = 0.0
    while True:
        try:
            await asyncio.to_thread(beat, app.database, batches.holder, name, at_once, batches.at_work, batches.done)
            if not stop.is_set() and time.monotonic() - swept_at >= SWEEP_SECONDS:
                swept_at = time.monotonic()
                await asyncio.to_thread(_sweep, app)
            await asyncio.to_thread(batches.flush)
            await asyncio.to_thread(batches.close_idle)
        except DatabaseLostError as error:
            print(f"Waiting: {error}", file=sys.stderr, flush=True)
        except DigestError as error:
            note_mishap("worker", error)
        await asyncio.sleep(BEAT_SECONDS)


def _sweep(app: App) -> None:
    """Put in what is due of every edition that is SENDING: whoever watched it may be gone."""
    slack = timedelta(minutes=app.config.delivery.too_late_minutes)
    for row in editions.list_unfinished(app.database):
        if row.status is EditionStatus.SENDING:
            sweep(app.database, row.id, app.now(), slack)
