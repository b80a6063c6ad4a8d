"""SQLite as `Storage`: a file, one writer at a time, and locks of the operating system.

WAL with `synchronous=FULL`, so that what the ledger says has happened survives a power cut. A writer
begins with BEGIN IMMEDIATE: a transaction that begins by reading and then writes fails at once with
SQLITE_BUSY_SNAPSHOT whatever the time-out.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import cast

from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, create_engine, event
from sqlalchemy.engine.interfaces import DBAPICursor as Cursor

from digest.errors import StoreError

__all__ = ["SqliteStorage", "open_sqlite"]

BUSY_TIMEOUT_MS = 30_000
CACHE_KIB = 8_192  # a connection
LARGE_CACHE_KIB = 32_768  # for one that fills random indexes with a million rows


class SqliteStorage:
    """A database file."""

    driver_errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, path: Path) -> None:
        self.path: Path | None = path
        self.label = str(path)
        self.folder = path.parent
        self.stem = path.name
        self.engine = _engine(path)
        self._file = path
        # SQLite lets writers poll for its lock, and one may starve; within a process they queue here.
        self._writing = threading.Lock()
        self._inode: int | None = None  # of the file, once it was written to

    def prepare(self) -> None:
        """Switch a new file to WAL, which it then stays in."""
        with self.unbound() as connection:
            if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
                return
            # Two that switch at once fail without waiting; the folder's lock lets one go first.
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                connection.execute("PRAGMA journal_mode=WAL").fetchone()
            finally:
                os.close(folder)

    def tables(self, connection: Connection) -> frozenset[str]:
        named = "SELECT name FROM sqlite_master WHERE type = 'table'"
        return frozenset(connection.exec_driver_sql(named).scalars())

    def turn(self) -> AbstractContextManager[object]:
        return self._writing

    def require_writable(self) -> None:
        """Refuse to write into a file that was deleted or replaced: SQLite itself would not notice."""
        try:
            inode = self._file.stat().st_ino
        except OSError:
            inode = None
        if self._inode is None:
            self._inode = inode
        if inode is None or inode != self._inode:
            raise StoreError(
                f"{self.label}: was deleted or replaced while it was open. Start again; nothing was written."
            )

    def together(self, connection: PoolProxiedConnection) -> AbstractContextManager[object]:
        return nullcontext()  # nothing is on its way to a library

    def begin(self, cursor: Cursor) -> Callable[[], str]:
        cursor.execute("BEGIN IMMEDIATE")
        return lambda: ""

    def mark_of(self, connection: Connection) -> str:
        return ""

    def was_committed(self, mark: str) -> bool:
        return False  # the library itself answers, so an error is one

    @contextmanager
    def much(self, connection: Connection) -> Iterator[None]:
        """Work with a large cache, for as long as it takes."""
        connection.exec_driver_sql(f"PRAGMA cache_size=-{LARGE_CACHE_KIB}")
        try:
            yield
        finally:
            connection.exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KIB}")
            connection.exec_driver_sql("PRAGMA shrink_memory")

    def checkpoint(self) -> None:
        """Move all of the write-ahead log into the file and empty it: what was erased is then in neither."""
        with self.unbound() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    @contextmanager
    def unbound(self) -> Iterator[sqlite3.Connection]:
        """Open the driver's own connection, in no transaction: for pragmas that refuse to run in one."""
        with closing(self.engine.raw_connection()) as pooled:
            yield cast("sqlite3.Connection", pooled.dbapi_connection)

    def explained(self, error: BaseException) -> StoreError:
        words = str(error)
        if "not a database" in words or "malformed" in words:
            told = f"is damaged or no database ({words}). Restore a backup, or name another file in database.url."
        elif "locked" in words or "busy" in words:
            told = f"another process kept it locked for {BUSY_TIMEOUT_MS // 1000} s. Find it, or try again."
        elif "readonly" in words or "unable to open" in words:
            told = f"can't be written ({words}). Give this user the right to write it and its folder."
        elif "full" in words:
            told = "the disk is full. Make room; nothing was lost, run again."
        else:
            told = words
        return StoreError(f"{self.label}: {told}")

    def damages(self, most: int) -> tuple[str, ...]:
        """Let SQLite look at every page of its file (PRAGMA quick_check)."""
        with self.unbound() as connection:
            found = [str(row[0]) for row in connection.execute(f"PRAGMA quick_check({most})")]
        return tuple(line for line in found if line != "ok")

    def weaknesses(self) -> tuple[str, ...]:
        return ()  # its settings are ours

    def size_bytes(self) -> int:
        return self._file.stat().st_size

    def identity(self) -> tuple[str, str]:
        return self.label, str(self._file.stat().st_ino)

    def sole_lock(self, name: str) -> FileLock:
        return FileLock(self.folder / f"{self.stem}.{name}")


class FileLock:
    """`SoleLock` of the operating system, on a file beside the database's."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        os.close(self._file)


def open_sqlite(path: Path) -> SqliteStorage:
    """Open the file, making its folder.

    Raises:
        StoreError: it can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path.parent}: can't be made a folder for the database: {error.strerror}.") from error
    if path.exists() and not os.access(path, os.W_OK):
        raise StoreError(f"{path}: can't be written. Give this user the right to write it and its folder.")
    return SqliteStorage(path)


def _engine(path: Path) -> Engine:
    # Overflow without limit: threads wait for the write lock, not for a connection.
    engine = create_engine(URL.create("sqlite", database=str(path)), pool_size=10, max_overflow=-1)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # erased means overwritten, not only unlinked
            f"cache_size=-{CACHE_KIB}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("digest_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
