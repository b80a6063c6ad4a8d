"""PostgreSQL as `Storage`: a server that several machines may use, through psycopg 3.

`synchronous_commit=on`, so that what the ledger says has happened survives a power cut. Writers take
turns by an advisory lock that ends with their transaction, so that every guard which holds on SQLite
holds here too. A COMMIT whose answer was lost is asked after by the transaction's own number
(`pg_xact_status`) before anything is said about it, let alone done again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, create_engine, event
from sqlalchemy.engine.interfaces import DBAPICursor as Cursor
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from digest.errors import StoreError
from digest.store.advisory_lock import AdvisoryLock
from digest.store.postgres_faults import LOCK_SECONDS, told_refusal

__all__ = ["PostgresStorage", "open_postgres", "storable"]

CONNECT_SECONDS = 10
LOST_COMMIT_SECONDS = 60.0  # how long the fate of a COMMIT is asked after
_POLL_SECONDS = 0.5
_WRITING = "digest.writing"
_SESSION = {
    "synchronous_commit": "on",
    "timezone": "UTC",
    "jit": "off",
    "lock_timeout": f"{LOCK_SECONDS}s",
    # A process that was stopped in mid-transaction must not keep everybody from writing.
    "idle_in_transaction_session_timeout": "15s",
    # The server's side of `_KEEPALIVE`: what a machine that is gone held, such as a sole lock, is soon free.
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30s",
}
_KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}
_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
_NUMBER = "SELECT pg_current_xact_id()::text"
_BEGIN_BESIDE = f"{_BEGIN}; {_NUMBER}"
_BEGIN_TURN = f"{_BEGIN_BESIDE}; SELECT pg_advisory_xact_lock(hashtextextended('{_WRITING}@' || current_schema(), 0))"
# The inner loop's statements look up rows by their keys: to plan them anew takes as long as to run them.
_PLAN_ONCE = "SET LOCAL plan_cache_mode = force_generic_plan"
_BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class PostgresStorage:
    """A database of a PostgreSQL server."""

    path: Path | None = None
    driver_errors: tuple[type[Exception], ...] = (psycopg.Error,)

    def __init__(self, url: URL, folder: Path) -> None:
        where = f"{url.host or url.query.get('host') or 'localhost'}" + (f":{url.port}" if url.port else "")
        self.label = f"PostgreSQL database {url.database!r} at {where}"
        self.folder = folder
        self.stem = str(url.database).replace("/", "_")
        self.engine = _engine(url)
        self.conninfo = _conninfo(url)

    def prepare(self) -> None:
        """Have nothing to prepare: the server has its own settings, and `_SESSION` are ours."""

    def tables(self, connection: Connection) -> frozenset[str]:
        named = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        return frozenset(connection.exec_driver_sql(named).scalars())

    def turn(self) -> AbstractContextManager[object]:
        return nullcontext()  # `_BEGIN_TURN` waits for it, among all processes

    def require_writable(self) -> None:
        """Have nothing to look at: a server says by itself when it is another."""

    def together(self, connection: PoolProxiedConnection) -> AbstractContextManager[object]:
        return cast("psycopg.Connection[Any]", connection.dbapi_connection).pipeline()

    def begin(self, cursor: Cursor) -> Callable[[], str]:
        asked = cast("psycopg.Cursor[Any]", cursor).connection.cursor()
        for statement in (_BEGIN, _PLAN_ONCE, _NUMBER):
            asked.execute(statement)
        return lambda: str(_value(cast("Cursor", asked)))

    def mark_of(self, connection: Connection) -> str:
        return str(connection.info["digest_xid"])

    def was_committed(self, mark: str) -> bool:
        """Ask the server, as soon as it can be reached, what became of transaction `mark`."""
        ends = time.monotonic() + LOST_COMMIT_SECONDS
        while True:
            with contextlib.suppress(DBAPIError, psycopg.Error):
                status = self._status(mark)
                if status != "in progress":
                    return status == "committed"
            if time.monotonic() > ends:
                raise StoreError(
                    f"{self.label}: its connection ended while a transaction was written, and for "
                    f"{LOST_COMMIT_SECONDS:.0f} s it could not be asked whether that holds. "
                    "Nothing is done again by itself; `digest audit` tells what stands."
                )
            time.sleep(_POLL_SECONDS)

    def _status(self, mark: str) -> str | None:
        with contextlib.closing(self.engine.raw_connection()) as pooled:
            cursor = pooled.cursor()
            cursor.execute("SELECT pg_xact_status(%s::xid8)", (mark,))
            status = cast("str | None", _value(cursor))
            if status == "in progress":  # its session does not know yet that nobody listens
                end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_xid = (%s::xid8)::xid"
                cursor.execute(end, (mark,))
            return status

    @contextmanager
    def much(self, connection: Connection) -> Iterator[None]:
        """Let the transaction rest for as long as it must, and the planner know of the new rows at its end.

        What it waits for may be another database. The server itself would look at the rows a minute later, and walk all
        of a ledger for every mark until then.
        """
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        connection.exec_driver_sql("SET LOCAL application_name = 'digest, at length'")  # spared by `end_standing`
        yield
        connection.exec_driver_sql("ANALYZE deliveries, subscribers, subscriptions, suppressions")

    def checkpoint(self) -> None:
        """Leave the log to the server: its files are not ours to empty, and roll over by themselves."""

    def explained(self, error: BaseException) -> StoreError:
        kind, told = told_refusal(error)
        return kind(f"{self.label}: {told}")

    def damages(self, most: int) -> tuple[str, ...]:
        """Return how many pages failed their checksum, where the server keeps any."""
        asked = "SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()"
        with self.engine.connect() as connection:
            failures = int(connection.exec_driver_sql(asked).scalar() or 0)
        return (f"{failures} pages failed their checksum",)[:most] if failures else ()

    def weaknesses(self) -> tuple[str, ...]:
        with self.engine.connect() as connection:
            return tuple(
                f"{name} is off"
                for name in ("fsync", "full_page_writes")
                if connection.exec_driver_sql(f"SHOW {name}").scalar() == "off"
            )

    def size_bytes(self) -> int:
        with self.engine.connect() as connection:
            return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())

    def identity(self) -> tuple[str, str]:
        """Return its name and schema, and the cluster's own number with the database's in it."""
        asked = (
            "SELECT current_database() || '.' || current_schema(), "
            "(SELECT system_identifier FROM pg_control_system()) || '/' || oid "
            "FROM pg_database WHERE datname = current_database()"
        )
        with self.engine.connect() as connection:
            name, number = connection.exec_driver_sql(asked).one()
        return str(name), str(number)

    def sole_lock(self, name: str) -> AdvisoryLock:
        return AdvisoryLock(self.engine, f"digest.{name}")


def open_postgres(url: URL, root: Path, password: str) -> PostgresStorage:
    """Open a server's database; what belongs to it on this machine lies in the project's var/.

    Raises:
        StoreError: that folder can't be made.
    """
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # what its connections meet, our errors tell
    folder = root.resolve() / "var"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: can't be made: {error.strerror}.") from error
    url = url.set(drivername="postgresql+psycopg")
    if password and not url.password:
        url = url.set(password=password)
    return PostgresStorage(url, folder)


def _arguments(url: URL) -> dict[str, Any]:
    """Return what every connection is opened with."""
    told = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    own = url.query.get("options")
    return {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": f"digest {socket.gethostname()[:40]} {os.getpid()}",
        "options": f"{own} {told}" if isinstance(own, str) else told,
        **_KEEPALIVE,
    }


def _conninfo(url: URL) -> str:
    """Return what others than `engine` connect with, so that a link which is cut does not keep them for ever."""
    plain = url.set(drivername="postgresql").difference_update_query(["options"])
    return make_conninfo(plain.render_as_string(hide_password=False), **_arguments(url))


def _engine(url: URL) -> Engine:
    engine = create_engine(
        url.difference_update_query(["options"]),
        pool_size=5,
        max_overflow=30,
        pool_pre_ping=True,  # a server that was restarted has ended all that wait in the pool
        connect_args=_arguments(url),
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: psycopg.Connection[Any], _: object) -> None:
        connection.autocommit = True  # we say BEGIN ourselves
        connection.adapters.register_dumper(str, _StorableText)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        cursor = connection.connection.cursor()
        try:
            if (how := connection.get_execution_options().get("digest_writes")) is None:
                cursor.execute(_BEGIN_READING)
            else:
                connection.info["digest_xid"] = _begun(cursor, _BEGIN_TURN if how == "in turn" else _BEGIN_BESIDE)
        except psycopg.Error as error:
            # Raised as SQLAlchemy would have: a connection that is gone must not return to the pool.
            connection.invalidate(error)
            raise (InterfaceError if isinstance(error, psycopg.InterfaceError) else OperationalError)(
                _BEGIN_TURN, None, error
            ) from error

    return engine


def _begun(cursor: Cursor, statements: str) -> str:
    """Run statements of which the second tells the transaction's number; return that."""
    driver = cast("psycopg.Cursor[Any]", cursor)
    driver.execute(statements, prepare=False)
    driver.nextset()
    number = str(_value(cursor))
    while driver.nextset():
        pass
    return number


def _value(cursor: Cursor) -> Any:
    """Return what a SELECT of one value found."""
    row = cursor.fetchone()
    return row[0] if row is not None else None


class _StorableText(StrDumperUnknown):
    """Text without what PostgreSQL refuses, NUL and lone surrogates: U+FFFD stands in their place."""

    def dump(self, obj: str) -> Any:
        try:
            return super().dump(obj)
        except (UnicodeEncodeError, psycopg.DataError):
            return storable(obj).encode()


def storable(words: str) -> str:
    """Return a text with U+FFFD in the place of what PostgreSQL refuses."""
    if words.isascii() and "\0" not in words:
        return words
    return words.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")
