"""What `Database` needs to know of the kind of database below it: one adapter each for SQLite and PostgreSQL.

Both keep the same promise: writers take turns, so that what a transaction has read is still true when
it writes. Only the ledger's inner loop (`Database.writer`) may run beside other writers, and there
every statement is guarded by the state that it leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, PoolProxiedConnection
from sqlalchemy.engine.interfaces import DBAPICursor as Cursor

from digest.errors import StoreError

__all__ = ["SoleLock", "Storage"]


class SoleLock(Protocol):
    """A lock among all processes that use one database; it ends with its holder, however that ends."""

    def take(self) -> bool:
        """Take it if it is free or ours already, without waiting; return whether it is ours now."""
        ...

    def release(self) -> None: ...


class Storage(Protocol):
    """One database of one kind, opened."""

    label: str
    """Names it in messages; never with a password."""
    folder: Path
    """Where files that belong to it lie; `stem` begins their names."""
    stem: str
    path: Path | None
    """Its file, None for a server's."""
    engine: Engine
    driver_errors: tuple[type[Exception], ...]
    """What the driver raises when it is used without SQLAlchemy."""

    def prepare(self) -> None:
        """Make a new database ready for its first transaction."""
        ...

    def tables(self, connection: Connection) -> frozenset[str]:
        """Return the names of the tables that are there."""
        ...

    def turn(self) -> AbstractContextManager[object]:
        """Wait for this thread's turn to write, where that is settled within the process."""
        ...

    def require_writable(self) -> None:
        """Refuse to write into what is no longer the database that was opened."""
        ...

    def together(self, connection: PoolProxiedConnection) -> AbstractContextManager[object]:
        """Send statements without waiting for each one's answer, until rows are asked for or the block ends."""
        ...

    def begin(self, cursor: Cursor) -> Callable[[], str]:
        """Begin a transaction of the inner loop; what is returned tells its mark, to ask `was_committed` with."""
        ...

    def mark_of(self, connection: Connection) -> str:
        """Return the mark of the writing transaction that is open on `connection`."""
        ...

    def was_committed(self, mark: str) -> bool:
        """Return whether a transaction is committed whose COMMIT was never answered.

        Raises:
            StoreError: that can't be found out.
        """
        ...

    def much(self, connection: Connection) -> AbstractContextManager[None]:
        """Prepare a writing transaction for very many rows."""
        ...

    def checkpoint(self) -> None:
        """Leave nothing of what was erased in the log of writes, where that can be done from here."""
        ...

    def explained(self, error: BaseException) -> StoreError:
        """Put the driver's words into ours: which database, what, and what to do."""
        ...

    def damages(self, most: int) -> tuple[str, ...]:
        """Return what the database finds wrong with itself, at most so many; () when it is whole."""
        ...

    def weaknesses(self) -> tuple[str, ...]:
        """Return settings with which a power cut may lose what was committed."""
        ...

    def size_bytes(self) -> int: ...

    def identity(self) -> tuple[str, str]:
        """Return its name and what tells it from a copy of it, for `digest arm`."""
        ...

    def sole_lock(self, name: str) -> SoleLock: ...
