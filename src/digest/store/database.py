"""Opening the database: its file, its schema's version, and its transactions.

SQLite for now: WAL with `synchronous=FULL`, so that what the ledger says has happened survives a
power cut. A writer begins with BEGIN IMMEDIATE: a transaction that begins by reading and then
writes fails at once with SQLITE_BUSY_SNAPSHOT whatever the time-out.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, Table, create_engine, event, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.sql.elements import ClauseElement

from digest.errors import StoreError
from digest.store.migrations import HEAD, REVISIONS, migrate
from digest.store.prepared import Cursor, Prepared
from digest.store.schema import settings

__all__ = ["Database", "Writer", "open_database"]

BUSY_TIMEOUT_MS = 30_000
CACHE_KIB = 8_192  # a connection
LARGE_CACHE_KIB = 32_768  # for one that fills random indexes with a million rows
_HASH_KEY = "address-hash-key"


class Database:
    """An open database. Safe to use from several threads, each in transactions of its own."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self.path = path
        self._engine = engine
        # SQLite lets writers poll for its lock, and one may starve; within a process they queue here.
        self._writing = threading.Lock()
        self._inode: int | None = None  # of the file, once it was written to
        self._prepared: dict[ClauseElement, Prepared] = {}

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database and changes nothing."""
        with self._failures_named(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that commits at the end of the block, or rolls back on any error.

        Raises:
            StoreError: the file can't be written, the disk is full, or another process kept it locked.
        """
        with self._failures_named(), self._writing, self._engine.connect() as connection:
            self._require_file()
            connection.execution_options(digest_writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def write_much(self) -> Iterator[Connection]:
        """Open a transaction as `write` does, for very many rows: with a large cache, for as long as it takes."""
        with self.write() as connection:
            connection.exec_driver_sql(f"PRAGMA cache_size=-{LARGE_CACHE_KIB}")
            try:
                yield connection
            finally:
                connection.exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KIB}")
                connection.exec_driver_sql("PRAGMA shrink_memory")

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """Hold a connection for many short transactions, those of the ledger's inner loop.

        For one thread at a time.
        """
        with self._failures_named(), closing(self._engine.raw_connection()) as pooled:
            yield Writer(self, pooled)

    def prepared(self, statement: ClauseElement) -> Prepared:
        """Compile `statement` for `Writer`; once, since that costs more than running it."""
        if (known := self._prepared.get(statement)) is None:
            known = self._prepared[statement] = Prepared(statement, self._engine.dialect)
        return known

    def insert(self, table: Table) -> sqlite.Insert:
        """Return an INSERT that can say ON CONFLICT, in this database's dialect."""
        return sqlite.insert(table)

    def hashed(self, address_key: str) -> str:
        """Return what stands for an address in every `address_key` column: HMAC-SHA256, 32 hex digits.

        The key is this database's own, so that a list of hashes can't be looked up elsewhere. It never
        changes: a suppression would be forgotten.
        """
        return hmac.digest(self._hash_key, address_key.encode("utf-8", "replace"), hashlib.sha256)[:16].hex()

    @cached_property
    def _hash_key(self) -> bytes:
        with self.read() as connection:
            return bytes.fromhex(connection.execute(_of_setting(_HASH_KEY)).scalar_one())

    def checkpoint(self) -> None:
        """Move all of the write-ahead log into the file and empty it: what was erased is then in neither."""
        with self.unbound() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    @contextmanager
    def unbound(self) -> Iterator[sqlite3.Connection]:
        """Open the driver's own connection, in no transaction: for pragmas that refuse to run in one."""
        with self._failures_named(), closing(self._engine.raw_connection()) as pooled:
            yield cast("sqlite3.Connection", pooled.dbapi_connection)

    def close(self) -> None:
        self._engine.dispose()

    def _require_file(self) -> None:
        """Refuse to write into a file that was deleted or replaced: SQLite itself would not notice."""
        try:
            inode = self.path.stat().st_ino
        except OSError:
            inode = None
        if self._inode is None:
            self._inode = inode
        if inode is None or inode != self._inode:
            raise StoreError(
                f"{self.path}: was deleted or replaced while it was open. Start again; nothing was written."
            )

    @contextmanager
    def _failures_named(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            raise StoreError(_explained(self.path, getattr(error, "orig", None) or error)) from error


class Writer:
    """Short transactions on one kept connection; see `Database.writer`."""

    def __init__(self, database: Database, connection: PoolProxiedConnection) -> None:
        self._database = database
        self._connection = connection

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """Open a transaction as `Database.write` does; give the driver's cursor.

        Raises:
            StoreError: as `Database.write`; nothing was written.
        """
        database = self._database
        with database._failures_named(), database._writing:
            database._require_file()
            cursor = self._connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise


def open_database(url: str, *, root: Path = Path()) -> Database:
    """Open the database, making its folder and bringing its schema to the newest version.

    Args:
        url: "sqlite:///var/digest.db"; a relative path is taken from `root`.
        root: The folder of config.toml.

    Raises:
        StoreError: it can't be opened or written, is no database of ours, or is of a newer Digest.
    """
    path = _file_of(url, root)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path.parent}: can't be made a folder for the database: {error.strerror}.") from error
    if path.exists() and not os.access(path, os.W_OK):
        raise StoreError(f"{path}: can't be written. Give this user the right to write it and its folder.")
    database = Database(_engine(path), path)
    try:
        _use_write_ahead_log(database)
        if _version(database) != HEAD:
            _upgrade(database)
    except BaseException:
        database.close()
        raise
    return database


def _file_of(url: str, root: Path) -> Path:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"{url!r} is no database address. Write it like 'sqlite:///var/digest.db'.") from error
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        shown = parsed.render_as_string(hide_password=True)
        raise StoreError(f"{shown!r} is not supported. Write it like 'sqlite:///var/digest.db'.")
    return (root / parsed.database).resolve()


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
        writes = connection.get_execution_options().get("digest_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _use_write_ahead_log(database: Database) -> None:
    """Switch a new file to WAL, which it then stays in."""
    with database.unbound() as connection:
        if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
            return
        # Two that switch at once fail without waiting; the folder's lock lets one go first.
        folder = os.open(database.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            connection.execute("PRAGMA journal_mode=WAL").fetchone()
        finally:
            os.close(folder)


def _version(database: Database) -> str | None:
    """Return the schema's version, None for an empty file. This is all that opening costs."""
    with database.read() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        if not tables:
            return None
        if "alembic_version" not in tables:
            raise StoreError(f"{database.path}: is a database of something else. Name another file in database.url.")
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none()
    if version is not None and version not in REVISIONS:
        raise StoreError(
            f"{database.path}: was written by a newer Digest (schema {version}, this one knows {HEAD}). "
            "Upgrade Digest, or name another file in database.url."
        )
    return version


def _upgrade(database: Database) -> None:
    with database.write() as connection:  # whoever comes second finds the work done and Alembic does nothing
        migrate(connection)
        if connection.execute(_of_setting(_HASH_KEY)).scalar() is None:
            connection.execute(settings.insert().values(key=_HASH_KEY, value=secrets.token_hex(32)))


def _of_setting(key: str) -> Any:
    return select(settings.c.value).where(settings.c.key == key)


def _explained(path: Path, error: BaseException) -> str:
    """Put SQLite's words into ours: which file, what, and what to do."""
    words = str(error)
    if "not a database" in words or "malformed" in words:
        return f"{path}: is damaged or no database ({words}). Restore a backup, or name another file in database.url."
    if "locked" in words or "busy" in words:
        return f"{path}: another process kept it locked for {BUSY_TIMEOUT_MS // 1000} s. Find it, or try again."
    if "readonly" in words or "unable to open" in words:
        return f"{path}: can't be written ({words}). Give this user the right to write it and its folder."
    if "full" in words:
        return f"{path}: the disk is full. Make room; nothing was lost, run again."
    return f"{path}: {words}"
