"""One pace for all workers: each takes a stretch of time from the database, and spaces its letters within it.

A stretch that was not used in its time is lost, so that the letters of all workers together never leave
faster than the pace.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from sqlalchemy import text

from digest.store.database import Database
from digest.store.patience import patiently

__all__ = ["SharedPace"]

STRETCH_SECONDS = 0.25
_HARDLY_SECONDS = 0.001
_TAKE = text(
    "INSERT INTO paces AS pace (key, free_at) VALUES ('all', clock_timestamp() + make_interval(secs => :seconds)) "
    "ON CONFLICT (key) DO UPDATE "
    "SET free_at = greatest(pace.free_at, clock_timestamp()) + make_interval(secs => :seconds) "
    "RETURNING extract(epoch FROM free_at - clock_timestamp()) - :seconds"
)


class SharedPace:
    """As `pace.Pace`, over every process that uses the database."""

    def __init__(
        self, database: Database, per_second: float, clock: Callable[[], float], wait: Callable[[float], bool]
    ) -> None:
        self._database = database
        self._per_second = per_second
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._next_at = self._ends_at = -math.inf  # of the stretch that is ours, by `clock`

    def take(self, count: int) -> bool:
        """Wait until `count` letters may leave; return False when work must stop instead.

        Raises:
            StoreError: the database can't be asked.
        """
        if self._per_second <= 0:
            return True
        with self._lock:
            turn = self._turn(count / self._per_second)
        while (left := turn - self._clock()) > _HARDLY_SECONDS:
            if self._wait(left):
                return False
        return True

    def _turn(self, seconds: float) -> float:
        now = self._clock()
        turn = max(now, self._next_at)
        if turn + seconds > self._ends_at + 1e-9:
            stretch = max(seconds, STRETCH_SECONDS)
            waiting = patiently(lambda: self._reserved(stretch))
            turn = self._clock() + max(0.0, waiting)
            self._ends_at = turn + stretch
        self._next_at = turn + seconds
        return turn

    def _reserved(self, seconds: float) -> float:
        """Reserve a stretch for this process; return in how many seconds it begins."""
        with self._database.beside_others() as connection:
            return float(connection.execute(_TAKE, {"seconds": seconds}).scalar_one())
