"""Workers of a server's database: who lives, and the batches that wait for them as Procrastinate's jobs.

A worker says every second that it lives; the clock is the server's. Procrastinate's own heartbeat tells when a
job is to be given to another, but it is of one connection: it ends when the server restarts, and the worker
with its letters in flight does not. The ledger is the truth: a job only says that somebody is to look at a
batch, so one too many does nothing, and one too few is put in by the next sweep.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from digest.store.database import Database

__all__ = [
    "STALLED_SECONDS",
    "WorkerRow",
    "beat",
    "count_live",
    "defer_due",
    "end_standing",
    "has_jobs",
    "leave",
    "list_workers",
]

QUEUE = "deliver"
TASK = "digest.deliver_batch"
STALLED_SECONDS = 10  # without a word from it, a worker is held for gone
STANDING_SECONDS = 8  # less than that: who settles what it left must not wait for its locks

# After a restart of the server nobody could say anything for a while.
LIVES = (
    f"(seen_at > now() - interval '{STALLED_SECONDS} s' "
    f"OR pg_postmaster_start_time() > now() - interval '{STALLED_SECONDS} s')"
)


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """One worker: how many batches it may work on `at_once`, how many it is `at_work` on, and how many it did."""

    holder: str
    name: str
    since: datetime
    seen_at: datetime
    at_once: int
    at_work: int
    batches: int
    lives: bool


def beat(database: Database, holder: str, name: str, at_once: int, at_work: int, batches: int) -> None:
    """Say that worker `holder` lives."""
    put = text(
        "INSERT INTO workers (holder, name, since, seen_at, at_once, at_work, batches) "
        "VALUES (:holder, :name, now(), now(), :at_once, :at_work, :batches) ON CONFLICT (holder) DO UPDATE "
        "SET seen_at = now(), at_work = excluded.at_work, batches = excluded.batches"
    )
    told = {"holder": holder, "name": name, "at_once": at_once, "at_work": at_work, "batches": batches}
    with database.beside_others() as connection:
        connection.execute(put, told)


def leave(database: Database, holder: str) -> None:
    """Take worker `holder` off the list: it has nothing in flight any more."""
    with database.beside_others() as connection:
        connection.execute(text("DELETE FROM workers WHERE holder = :holder"), {"holder": holder})


def end_standing(database: Database) -> int:
    """End sessions that stand still in mid-transaction, since others wait for their locks; return how many.

    Their process was stopped, or its machine is gone. The server's own `idle_in_transaction_session_timeout` does
    not see one that stands between two statements of a pipeline. If it wakes its transaction has not happened.
    """
    with database.read() as connection:
        return int(connection.execute(_END_STANDING, {"seconds": STANDING_SECONDS}).scalar_one())


_END_STANDING = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() "
    r"AND usename = current_user AND application_name ~ '^digest \S+ \d+$' AND wait_event = 'ClientRead' "
    "AND state IN ('active', 'idle in transaction', 'idle in transaction (aborted)') "
    "AND state_change < clock_timestamp() - make_interval(secs => :seconds)"
)


def list_workers(database: Database) -> tuple[WorkerRow, ...]:
    """Return the workers that were there within the last day, the oldest first; none with a file."""
    if database.storage.path is not None:
        return ()
    wanted = text(
        f"SELECT holder, name, since, seen_at, at_once, at_work, batches, {LIVES} FROM workers "  # noqa: S608
        "WHERE seen_at > now() - interval '1 day' ORDER BY since, holder"
    )
    with database.read() as connection:
        return tuple(WorkerRow(*row) for row in connection.execute(wanted))


def count_live(database: Database) -> int:
    """Return how many workers live; 0 with a file."""
    if database.storage.path is not None:
        return 0
    with database.read() as connection:
        return _count_live(connection)


def _count_live(connection: Connection) -> int:
    return int(connection.execute(text(f"SELECT count(*) FROM workers WHERE {LIVES}")).scalar_one())  # noqa: S608


def has_jobs(database: Database, edition_id: str) -> bool:
    """Return whether a batch of the edition waits for a worker or is being worked on."""
    wanted = text(
        "SELECT 1 FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queue_name = :queue "
        "AND args ->> 'edition_id' = :edition LIMIT 1"
    )
    with database.read() as connection:
        return connection.execute(wanted, {"queue": QUEUE, "edition": edition_id}).first() is not None


def defer_due(connection: Connection, edition_id: str, now: datetime) -> int:
    """Put in a job for each batch of which something is due and that has none; return how many.

    In the caller's writing transaction. With a file, or while no worker lives, nothing is put in.
    """
    if connection.dialect.name != "postgresql" or not _count_live(connection):
        return 0
    told = {"edition": edition_id, "now": now, "queue": QUEUE, "task": TASK}
    return int(connection.execute(_DEFER, told).scalar() or 0)


_DEFER = text(
    "WITH due AS (SELECT DISTINCT batch FROM deliveries WHERE edition_id = :edition AND state = 'queued' "
    "AND (due_at IS NULL OR due_at <= :now) "
    "AND segment <> ''), "
    "keyed AS (SELECT batch, :edition || '/' || batch AS key FROM due), "
    "wanted AS (SELECT batch, key FROM keyed WHERE NOT EXISTS (SELECT 1 FROM procrastinate_jobs AS job "
    "WHERE job.lock = key AND job.status IN ('todo', 'doing'))), "
    "rows AS (SELECT array_agg(ROW(CAST(:queue AS varchar), CAST(:task AS varchar), 0, key, key, "
    "jsonb_build_object('edition_id', CAST(:edition AS text), 'batch', batch), NULL)"
    "::procrastinate_job_to_defer_v1 ORDER BY batch) AS jobs FROM wanted) "
    "SELECT cardinality(procrastinate_defer_jobs_v1(jobs)) FROM rows WHERE jobs IS NOT NULL"
)
