"""One pace for all connections: so many letters a second and no bursts."""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["Pace"]


class Pace:
    """Lets letters leave one after the other, `per_second` of them; 0 or less means as fast as they can.

    Args:
        clock: Seconds from any start; never runs backwards.
        wait: Sleeps for so many seconds; returns True when it was cut short because work must stop.
    """

    def __init__(self, per_second: float, clock: Callable[[], float], wait: Callable[[float], bool]) -> None:
        self._seconds_each = 1 / per_second if per_second > 0 else 0.0
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._free_at = clock()

    def take(self, count: int) -> bool:
        """Wait until `count` letters may leave; return False when work must stop instead."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._free_at)
            self._free_at = turn + count * self._seconds_each
        return turn <= now or not self._wait(turn - now)
