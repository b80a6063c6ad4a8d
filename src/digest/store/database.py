"""The opened database: its transactions, its schema's version, and statements in its dialect.

What is particular to SQLite or PostgreSQL is in `sqlite` and `postgres`; `storage` says what they share.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, PoolProxiedConnection, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.sql.elements import ClauseElement

from digest.errors import StoreError
from digest.store.migrations import HEAD, REVISIONS, migrate
from digest.store.prepared import Cursor, Prepared
from digest.store.schema import settings
from digest.store.sqlite import open_sqlite
from digest.store.storage import SoleLock, Storage

__all__ = ["Database", "Writer", "open_database"]

_HASH_KEY = "address-hash-key"
_HINT = "Write it like 'sqlite:///var/digest.db' or 'postgresql+psycopg://digest@db.example.com/digest'."


class Database:
    """An open database. Safe to use from several threads, each in transactions of its own."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.driver_errors: tuple[type[Exception], ...] = (DBAPIError, *storage.driver_errors)
        self._prepared: dict[ClauseElement, Prepared] = {}

    @property
    def label(self) -> str:
        """What messages call it; never with a password."""
        return self.storage.label

    def beside(self, ending: str) -> Path:
        """Return the path of a file that belongs to this database: beside its own, or in the project's var/."""
        return self.storage.folder / f"{self.storage.stem}.{ending}"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database and changes nothing."""
        with self._failures_named(), self.storage.engine.connect() as connection:
            yield connection

    def write(self) -> AbstractContextManager[Connection]:
        """Open a transaction that commits at the end of the block, or rolls back on any error.

        Of all that write so, in whatever process, one is at work at a time.

        Raises:
            StoreError: it can't be written, the disk is full, or another process kept it locked.
        """
        return self._write("in turn")

    def beside_others(self) -> AbstractContextManager[Connection]:
        """Open a transaction as `write` does, without waiting for a turn where the database needs none.

        For one statement on rows that nobody reads first.
        """
        return self._write("beside others")

    @contextmanager
    def _write(self, how: str) -> Iterator[Connection]:
        storage = self.storage
        with self._failures_named(), storage.turn(), storage.engine.connect() as connection:
            storage.require_writable()
            connection.execution_options(digest_writes=how)
            mark = None
            try:
                with connection.begin():
                    yield connection
                    mark = storage.mark_of(connection)
            except DBAPIError:
                if mark is None or not storage.was_committed(mark):
                    raise

    @contextmanager
    def write_much(self) -> Iterator[Connection]:
        """Open a transaction as `write` does, for very many rows."""
        with self.write() as connection, self.storage.much(connection):
            yield connection

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """Hold a connection for many short transactions, those of the ledger's inner loop.

        For one thread at a time.
        """
        writer = Writer(self)
        try:
            yield writer
        finally:
            writer.close()

    def prepared(self, statement: ClauseElement) -> Prepared:
        """Compile `statement` for `Writer`; once, since that costs more than running it."""
        if (known := self._prepared.get(statement)) is None:
            known = self._prepared[statement] = Prepared(statement, self.storage.engine.dialect)
        return known

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Return an INSERT that can say ON CONFLICT, in this database's dialect."""
        return postgresql.insert(table) if self.storage.path is None else sqlite.insert(table)

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
        """Leave nothing of what was erased in the log of writes, where that can be done from here."""
        with self._failures_named():
            self.storage.checkpoint()

    def damages(self, most: int) -> tuple[str, ...]:
        """Return what the database finds wrong with itself, at most so many; () when it is whole."""
        with self._failures_named():
            return self.storage.damages(most)

    def size_bytes(self) -> int:
        with self._failures_named():
            return self.storage.size_bytes()

    def identity(self) -> tuple[str, str]:
        """Return its name, and what tells it from a copy of it."""
        with self._failures_named():
            return self.storage.identity()

    def sole_lock(self, name: str) -> SoleLock:
        """Return a lock among all processes that use this database."""
        with self._failures_named():
            return self.storage.sole_lock(name)

    def close(self) -> None:
        self.storage.engine.dispose()

    @contextmanager
    def _failures_named(self) -> Iterator[None]:
        try:
            yield
        except self.driver_errors as error:
            raise self.storage.explained(getattr(error, "orig", None) or error) from error


class Writer:
    """Short transactions on one kept connection; see `Database.writer`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: PoolProxiedConnection | None = None

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """Open a transaction and give the driver's cursor. Other writers may be at work meanwhile.

        What statements touch is told once rows were asked for after them, or at the end.

        Raises:
            StoreError: as `Database.write`; nothing was written.
        """
        storage = self._database.storage
        with self._database._failures_named(), storage.turn():
            storage.require_writable()
            if self._connection is None:
                self._connection = storage.engine.raw_connection()
            cursor, mark = self._connection.cursor(), None
            try:
                with storage.together(self._connection):
                    begun = storage.begin(cursor)
                    yield cursor
                    number = begun()
                mark = number
                cursor.execute("COMMIT")
            except BaseException:
                self._undo()
                if mark is None or not storage.was_committed(mark):
                    raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _undo(self) -> None:
        """Roll back; a connection that can't is given up, and the next transaction opens another."""
        if self._connection is None:
            return
        try:
            self._connection.rollback()
        except self._database.driver_errors:
            self._connection.invalidate()
            self._connection = None


def open_database(url: str, *, root: Path = Path(), password: str = "") -> Database:
    """Open the database, bringing its schema to the newest version.

    Args:
        url: "sqlite:///var/digest.db", whose folder is made and whose relative path is taken from `root`; or
            "postgresql+psycopg://user@host/name".
        root: The folder of config.toml.
        password: For a server, where the URL has none.

    Raises:
        StoreError: it can't be opened or written, is no database of ours, or is of a newer Digest.
    """
    database = Database(_storage(url, root, password))
    try:
        with database._failures_named():
            database.storage.prepare()
        if _version(database) != HEAD:
            _upgrade(database)
    except BaseException:
        database.close()
        raise
    return database


def _storage(url: str, root: Path, password: str) -> Storage:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"{url!r} is no database address. {_HINT}") from error
    if parsed.drivername in ("postgresql", "postgresql+psycopg") and parsed.database:
        from digest.store.postgres import open_postgres  # its driver is loaded only where it is used

        return open_postgres(parsed, root, password)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise StoreError(f"{parsed.render_as_string(hide_password=True)!r} is not supported. {_HINT}")
    return open_sqlite((root / parsed.database).resolve())


def _version(database: Database) -> str | None:
    """Return the schema's version, None for an empty database. This is all that opening costs."""
    with database.read() as connection:
        tables = database.storage.tables(connection)
        if not tables:
            return None
        if "alembic_version" not in tables:
            raise StoreError(f"{database.label}: is a database of something else. Name another in database.url.")
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none()
    if version is not None and version not in REVISIONS:
        raise StoreError(
            f"{database.label}: was written by a newer Digest (schema {version}, this one knows {HEAD}). "
            "Upgrade Digest, or name another database in database.url."
        )
    return version


def _upgrade(database: Database) -> None:
    with database.write() as connection:  # whoever comes second finds the work done and Alembic does nothing
        migrate(connection)
        if connection.execute(_of_setting(_HASH_KEY)).scalar() is None:
            connection.execute(settings.insert().values(key=_HASH_KEY, value=secrets.token_hex(32)))


def _of_setting(key: str) -> Any:
    return select(settings.c.value).where(settings.c.key == key)
