"""Whether mail may leave for real people: only from the host and the database file that were armed.

A copy of the database, a restored backup, or the same disk in another machine is not armed: it may
not know what was submitted since.
"""

from __future__ import annotations

import json

from digest.errors import DisarmedError
from digest.ports import Sender
from digest.store.database import Database
from digest.store.settings import clear_setting, get_setting, put_setting

__all__ = ["arm", "disarm", "is_armed", "require_armed"]

_KEY = "armed"


def arm(database: Database, host: str) -> None:
    """Allow mail to leave from this host and this database file."""
    put_setting(database, _KEY, json.dumps(_place(database, host)))


def disarm(database: Database) -> None:
    clear_setting(database, _KEY)


def is_armed(database: Database, host: str) -> bool:
    return _objection(database, host) is None


def require_armed(database: Database, sender: Sender, host: str) -> None:
    """Pass when `sender` reaches nobody, or this host and database are armed.

    Raises:
        DisarmedError: says why not, and what to do.
    """
    objection = _objection(database, host) if sender.reaches_people else None
    if objection is not None:
        raise DisarmedError(
            f"Nothing is submitted through {sender.name}: {objection}. "
            "If real readers are to get mail from here, say `digest arm`."
        )


def _place(database: Database, host: str) -> dict[str, str]:
    return {"host": host, "path": str(database.path), "inode": str(database.path.stat().st_ino)}


def _objection(database: Database, host: str) -> str | None:
    stored = get_setting(database, _KEY)
    if stored is None:
        return "this installation was never armed"
    armed, here = json.loads(stored), _place(database, host)
    if armed == here:
        return None
    if armed["host"] != host:
        return f"it was armed on host {armed['host']}, and this is {host}"
    return f"it was armed as {armed['path']}, and {database.path} is another file or a copy"
