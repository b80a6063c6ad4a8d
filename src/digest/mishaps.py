"""What was caught without being expected: counted, and kept whole in the log.

Whoever runs Digest reads one line of it in a report; whoever mends it needs the traceback. Without `digest
serve`, which writes the log to standard error, nobody listens.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter

__all__ = ["LOGGER", "mishaps_so_far", "note_mishap"]

LOGGER = logging.getLogger("digest")
LOGGER.addHandler(logging.NullHandler())

_counts: Counter[str] = Counter()
_lock = threading.Lock()


def note_mishap(where: str, error: BaseException) -> None:
    """Count and log an exception that is about to be told as a value."""
    with _lock:
        _counts[where] += 1
    LOGGER.error("mishap in %s: %s: %s", where, type(error).__name__, error, exc_info=error)


def mishaps_so_far() -> dict[str, int]:
    """Return how many there were in this process, by place."""
    with _lock:
        return dict(_counts)
