"""Waiting for a database that is away for a moment: a server that starts again, a connection that was cut."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from digest.errors import DatabaseLostError

__all__ = ["PATIENCE_SECONDS", "patiently"]

PATIENCE_SECONDS = 120.0  # longer than a server takes to start again
_RETRY_SECONDS = 0.2

T = TypeVar("T")


def patiently(work: Callable[[], T]) -> T:
    """Return what `work` returns, trying again while the database can't be reached: nothing was written then.

    Raises:
        StoreError: something else is wrong, or the database stayed away.
    """
    ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return work()
        except DatabaseLostError:
            if time.monotonic() > ends:
                raise
            time.sleep(_RETRY_SECONDS)
