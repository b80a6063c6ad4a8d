"""A worker: takes batches of frozen editions as Procrastinate's jobs and delivers them, beside others of its kind.

What it does with a batch is what a run without workers does (`deliver.rounds`). Its marks carry its name,
so that what it had in flight can be told from others' once it is gone; the number of the attempt keeps it
from recording over another's when it was only stopped and wakes again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import procrastinate
import psycopg
from procrastinate import App as Jobs
from procrastinate import PsycopgConnector
from procrastinate.worker import Worker
from sqlalchemy import select

from digest.app import App
from digest.deliver import arming, ledger
from digest.deliver.breaker import Breaker
from digest.deliver.endings import end, told_fault
from digest.deliver.gates import Gates
from digest.deliver.journal import Journal, journal_of
from digest.deliver.pace import DomainPace
from digest.deliver.rounds import SHORT_WAIT_SECONDS, Rounds
from digest.deliver.shared_pace import SharedPace
from digest.deliver.warm_up import Budget
from digest.deliver.watching import sweep
from digest.errors import DeliveryError, DigestError, DisarmedError, StoreError, SubmitHalted, UnansweredError
from digest.mishaps import note_mishap
from digest.model import ACCEPTED_STATES, EditionStatus
from digest.pipeline import addressed
from digest.ports import Session
from digest.slots import read_edition_id
from digest.store import editions
from digest.store.patience import patiently
from digest.store.postgres import PostgresStorage
from digest.store.schema import deliveries
from digest.store.workers import QUEUE, STALLED_SECONDS, TASK, beat, count_live, end_standing, leave

__all__ = ["require_server", "work"]

BEAT_SECONDS = 1.0
BEGIN_SECONDS = 5.0  # a job may be there a moment before its edition is SENDING
IDLE_SECONDS = 10.0  # a session that nobody used for longer is closed
SWEEP_SECONDS = 5.0
OTHER_THREADS = 6
OUTAGE_SECONDS = 10.0  # who can't reach the provider leaves batches to others, instead of putting off one after another


@dataclass(eq=False)
class _Idle:
    stack: ExitStack
    session: Session
    since: float


@dataclass(eq=False)
class _Open:
    """What a worker keeps of an edition from batch to batch."""

    rounds: Rounds
    breaker: Breaker
    journal: Journal
    closing: ExitStack
    sessions: dict[str, list[_Idle]] = field(default_factory=dict)  # by segment
    users: int = 0
    used_at: float = 0.0


class Batches:
    """Delivers batches, several at once. What is kept of an edition is made once and closed when it rests."""

    def __init__(self, app: App, stop: threading.Event) -> None:
        self.holder = secrets.token_hex(6)
        self.at_work = 0
        self.done = 0
        self._app = app
        self._stop = stop
        self._lock = threading.Lock()
        self._taken: set[tuple[str, int]] = set()
        self._refused = ""
        self._open: dict[tuple[str, int], _Open] = {}  # by edition, and how many share a domain's pace
        self._ended: list[_Open] = []

    def deliver(self, edition_id: str, batch: int) -> None:
        """Submit what is due of one batch; doing it again, or for an edition that is not SENDING, changes nothing.

        Who was held for gone meanwhile may be given its own batch again: what is left of that is put in later.
        """
        with self._lock:
            if (edition_id, batch) in self._taken:
                return
            self._taken.add((edition_id, batch))
            self.at_work += 1
        try:
            if self._is_sending_soon(edition_id) and self._is_armed():
                self._deliver(edition_id, batch)
        finally:
            with self._lock:
                self._taken.discard((edition_id, batch))
                self.at_work -= 1
                self.done += 1

    def _is_armed(self) -> bool:
        """Return whether letters may leave from this database; tell once why not."""
        try:
            arming.require_armed_elsewhere(self._app.database, self._app.sender)
            arming.require_no_return(self._app.database)
            self._refused = ""
        except DisarmedError as error:
            if str(error) != self._refused:
                print(error, file=sys.stderr, flush=True)
            self._refused = str(error)
        return not self._refused

    def _is_sending_soon(self, edition_id: str) -> bool:
        ends = time.monotonic() + BEGIN_SECONDS
        while not self._stop.is_set():
            row = editions.get_edition(self._app.database, edition_id)
            if row is None or row.status not in (EditionStatus.SENDING, EditionStatus.APPROVED):
                return False
            if row.status is EditionStatus.SENDING:
                late_at = row.late_at or row.slot + timedelta(minutes=self._app.config.delivery.too_late_minutes)
                return self._app.now() < late_at
            if time.monotonic() > ends or self._stop.wait(0.1):
                return False
        return False

    def _deliver(self, edition_id: str, batch: int) -> None:
        opened = self._opened(edition_id)
        try:
            segment = self._segment_of(edition_id, batch)
            idle = self._session(opened, edition_id, segment)
            try:
                while 0 < opened.rounds.deliver_batch(idle.session, edition_id, batch) <= SHORT_WAIT_SECONDS:
                    if opened.rounds.is_stopping() or self._stop.wait(SHORT_WAIT_SECONDS / 4):
                        break
            except BaseException:
                idle.stack.close()
                raise
            with self._lock:
                opened.sessions.setdefault(segment, []).append(idle)
                idle.since = time.monotonic()
        except SubmitHalted as error:
            is_only_here = isinstance(error, UnansweredError) and ledger.is_accepted_from_others(
                self._app.database, edition_id, self.holder
            )
            if not is_only_here:
                self._hold(edition_id, str(error))
            else:  # it is the way from here: the others go on
                print(f"{edition_id}, batch {batch}: {error}", file=sys.stderr, flush=True)
                self._stop.wait(OUTAGE_SECONDS)
        except (DeliveryError, StoreError) as error:  # what it left is due, and the next sweep finds it
            print(f"{edition_id}, batch {batch}: {error}", file=sys.stderr, flush=True)
        except Exception as error:
            note_mishap(edition_id, error)
            self._hold(edition_id, told_fault(error))
        finally:
            with self._lock:
                opened.users -= 1
                opened.used_at = time.monotonic()
        self._hold(edition_id, opened.breaker.halted_by)
        if opened.breaker.is_outage:
            self._stop.wait(OUTAGE_SECONDS)

    def _hold(self, edition_id: str, reason: str) -> None:
        if reason:
            end(self._app.database, edition_id, held_by=reason, is_spent=False, now=self._app.now())

    def _segment_of(self, edition_id: str, batch: int) -> str:
        wanted = (
            select(deliveries.c.segment)
            .where(deliveries.c.edition_id == edition_id, deliveries.c.state == "queued", deliveries.c.batch == batch)
            .limit(1)
        )
        with self._app.database.read() as connection:
            return connection.execute(wanted).scalar() or "all"

    def _session(self, opened: _Open, edition_id: str, segment: str) -> _Idle:
        with self._lock:
            waiting = opened.sessions.get(segment)
            if waiting:
                return waiting.pop()
        letter = editions.get_letter(self._app.database, edition_id, segment)
        if letter is None:
            letter = editions.get_letter(self._app.database, edition_id)
        if letter is None:
            raise DeliveryError(f"{edition_id}: no letter is stored. `digest audit {edition_id}` tells more.")
        stack = ExitStack()
        return _Idle(stack, stack.enter_context(self._app.sender.open(letter)), 0.0)

    def _opened(self, edition_id: str) -> _Open:
        told = self._app.config.delivery
        key = (edition_id, count_live(self._app.database) if told.per_domain_per_second > 0 else 0)
        with self._lock:
            opened = self._open.get(key)
            if opened is not None and opened.rounds.is_stopping():  # it has ended for a reason that may have passed
                self._ended.append(self._open.pop(key))
                opened = None
            if opened is None:
                opened = self._open[key] = self._made(edition_id, max(1, key[1]))
            opened.users += 1
            return opened

    def _made(self, edition_id: str, sharers: int) -> _Open:
        app, told = self._app, self._app.config.delivery
        database, closing = app.database, ExitStack()
        journal = closing.enter_context(
            journal_of(database, edition_id, told.max_attempts, app.now, holder=self.holder)
        )
        has_accepted = not set(ACCEPTED_STATES).isdisjoint(dict(ledger.counts(database, edition_id)))

        def is_going_on() -> bool:
            row = patiently(lambda: editions.get_edition(database, edition_id))
            return row is not None and row.status is EditionStatus.SENDING

        def wait(seconds: float) -> bool:
            while seconds > 0:
                if self._stop.wait(min(seconds, 0.5)) or not is_going_on():
                    return True
                seconds -= 0.5
            return False

        gates = Gates(
            DomainPace(told.per_domain_per_second / sharers, time.monotonic),
            Budget(None),
            SharedPace(database, told.per_second, time.monotonic, wait),
            Breaker(told.halt_after_failures, has_accepted=has_accepted),
        )
        rounds = Rounds(
            database,
            app.sender,
            partial(addressed, app.links, read_edition_id(edition_id)[0]),
            journal,
            gates,
            connections=1,
            now=app.now,
            stop=self._stop,
            is_going_on=is_going_on,
        )
        return _Open(rounds, gates.breaker, journal, closing)

    def flush(self) -> None:
        """Write what could not be written when the database was away."""
        with self._lock:
            journals = [opened.journal for opened in (*self._open.values(), *self._ended)]
        for journal in journals:
            journal.flush()

    def close_idle(self, seconds: float = IDLE_SECONDS) -> None:
        """Close what nobody used for so long."""
        now, closing = time.monotonic(), list[ExitStack]()
        with self._lock:
            resting = {key for key, one in self._open.items() if not one.users and now - one.used_at >= seconds}
            self._ended += [self._open.pop(key) for key in resting]
            for opened in (*self._open.values(), *self._ended):
                is_ended = opened in self._ended
                for segment, waiting in opened.sessions.items():
                    old = [idle for idle in waiting if is_ended or now - idle.since >= seconds]
                    closing += [idle.stack for idle in old]
                    opened.sessions[segment] = [idle for idle in waiting if idle not in old]
            closing += [opened.closing for opened in self._ended if not opened.users]
            self._ended = [opened for opened in self._ended if opened.users]
        for stack in closing:
            with contextlib.suppress(DigestError, OSError):
                stack.close()


def work(app: App, *, name: str, at_once: int, stop: threading.Event) -> None:
    """Deliver what is deferred until `stop` is set; then what is in flight is finished.

    Raises:
        StoreError: as `require_server`.
    """
    require_server(app)
    batches = Batches(app, stop)
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # what its connections meet, ours meet and tell
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    try:
        asyncio.run(_serve(app, batches, name, at_once, stop))
    finally:
        batches.close_idle(0.0)
        with contextlib.suppress(StoreError):
            leave(app.database, batches.holder)


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
