"""Only one process at a time delivers from a database.

The lock is the operating system's and ends with its holder, however that ends. So whoever holds it
knows that a SUBMITTING row which it did not write itself belongs to a process that is gone.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from digest.store.database import Database

__all__ = ["sole_deliverer"]

_POLL_SECONDS = 0.2


@contextmanager
def sole_deliverer(database: Database, wait: Callable[[float], bool]) -> Iterator[bool]:
    """Wait for the lock beside the database's file and hold it; yield False when work must stop instead.

    Args:
        wait: Sleeps for so many seconds; returns True when work must stop.
    """
    path = database.path.with_name(database.path.name + ".delivering")
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _locked(file, wait)
    finally:
        os.close(file)


def _locked(file: int, wait: Callable[[float], bool]) -> bool:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if wait(_POLL_SECONDS):
                return False
        else:
            return True
