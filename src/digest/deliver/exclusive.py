"""Only one process at a time delivers from a database.

The lock is the operating system's, or the server's on a connection of its own, and ends with its
holder, however that ends. So whoever holds it knows that a SUBMITTING row which it did not write itself
belongs to a process that is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from digest.store.database import Database
from digest.store.storage import SoleLock

__all__ = ["sole_deliverer"]

_POLL_SECONDS = 0.2


@contextmanager
def sole_deliverer(database: Database, wait: Callable[[float], bool]) -> Iterator[SoleLock | None]:
    """Wait for the lock and hold it; yield None when work must stop instead.

    A server that was restarted has freed the lock: ask `take` of what is yielded before relying on it again.

    Args:
        wait: Sleeps for so many seconds; returns True when work must stop.
    """
    lock = database.sole_lock("delivering")
    try:
        yield lock if _taken(lock, wait) else None
    finally:
        lock.release()


def _taken(lock: SoleLock, wait: Callable[[float], bool]) -> bool:
    while not lock.take():
        if wait(_POLL_SECONDS):
            return False
    return True
