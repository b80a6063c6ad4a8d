"""A lock of a PostgreSQL server, on a connection of its own."""

from __future__ import annotations

import contextlib

import psycopg
from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError

__all__ = ["AdvisoryLock"]

_KEY = "hashtextextended(%s || '@' || current_schema(), 0)"


class AdvisoryLock:
    """`SoleLock` of the server, on a connection of its own: when that ends the lock is free."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._pooled: PoolProxiedConnection | None = None
        self._is_held = False

    def take(self) -> bool:
        """Take it if it is free; if it was ours, see that its connection still lives."""
        try:
            if self._pooled is None:
                self._pooled, self._is_held = self._engine.raw_connection(), False
            cursor = self._pooled.cursor()
            if self._is_held:
                cursor.execute("SELECT 1")
                return True
            cursor.execute(f"SELECT pg_try_advisory_lock({_KEY})", (self._name,))
            self._is_held = bool((cursor.fetchone() or (False,))[0])
        except (DBAPIError, psycopg.Error):
            self.release()
            return False
        return self._is_held

    def release(self) -> None:
        """Free it and end the connection."""
        pooled, self._pooled, self._is_held = self._pooled, None, False
        if pooled is not None:
            with contextlib.suppress(psycopg.Error):
                pooled.cursor().execute("SELECT pg_advisory_unlock_all()")
            pooled.invalidate()
