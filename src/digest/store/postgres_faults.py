"""What PostgreSQL refuses, in our words: what it is, and what to do next."""

from __future__ import annotations

import psycopg
from psycopg import errors as pg

from digest.errors import DatabaseLostError, StoreError

__all__ = ["LOCK_SECONDS", "told_refusal"]

LOCK_SECONDS = 60  # for a turn to write; freezing a million readers takes less

_HOW = {
    pg.ReadOnlySqlTransaction: (
        StoreError,
        "takes no writes: it is a standby, or was set read-only. Name the primary server in database.url.",
    ),
    pg.InsufficientPrivilege: (StoreError, "this user may not do that ({words}). Make it the owner of the database."),
    pg.DiskFull: (StoreError, "the server's disk is full. Make room; nothing was lost, run again."),
    pg.LockNotAvailable: (
        StoreError,
        f"another process kept it locked for {LOCK_SECONDS} s. Find it in pg_stat_activity, or try again.",
    ),
    pg.DeadlockDetected: (DatabaseLostError, "undid this transaction to end a deadlock. Nothing was written."),
    pg.SerializationFailure: (DatabaseLostError, "undid this transaction for another one. Nothing was written."),
}
_AT_THE_DOOR = (
    ("password authentication failed", "refuses the password. Check the variable that database.password_env names."),
    ("no password supplied", "wants a password. Set the variable that database.password_env names."),
    ("no pg_hba.conf entry", "lets nobody in from here ({words}). See the server's pg_hba.conf."),
    ("does not exist", "is not there ({words}). Create it: CREATE DATABASE …, or name another in database.url."),
    ("too many", "has no connection left ({words}). Raise max_connections, or run fewer workers."),
)


def told_refusal(error: BaseException) -> tuple[type[StoreError], str]:
    """Return what kind of failure it is, and words for it."""
    words = " ".join(str(error).split("\n")[0].split()) or type(error).__name__
    for kind, (raised, told) in _HOW.items():
        if isinstance(error, kind):
            return raised, told.format(words=words)
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        for mark, told in _AT_THE_DOOR:
            if mark in str(error):
                return StoreError, told.format(words=words.removeprefix("connection failed: "))
        return DatabaseLostError, f"can't be reached ({words}). Nothing was written; try again when the server is back."
    return StoreError, words
