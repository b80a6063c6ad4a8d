"""Whether mail may leave for real people: only from the host and the database that were armed.

A copy of the database, a restored backup, or the same disk in another machine is not armed: it may
not know what was submitted since. Each delivery begins with a new epoch, and begins another every few
seconds (`epochs`). It is a number that only grows, kept both in the database and in a file: beside the
database's own, or for a server in the project's var/. A database that is older than the file was restored.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from pathlib import Path

from digest.errors import DisarmedError, StoreError
from digest.ports import Sender
from digest.store.database import Database
from digest.store.settings import clear_setting, get_setting, put_setting

__all__ = [
    "arm",
    "begin_epoch",
    "disarm",
    "is_armed",
    "require_armed",
    "require_armed_elsewhere",
    "require_no_return",
    "require_same_epoch",
]

_KEY = "armed"
_EPOCH = "epoch"


def arm(database: Database, host: str) -> None:
    """Allow mail to leave from this host and this database, with an epoch that is new to every worker's machine."""
    begin_epoch(database)
    put_setting(database, _KEY, json.dumps(_place(database, host)))


def begin_epoch(database: Database) -> None:
    """Say on disk, here and beside the database, that letters are about to leave.

    Only for the one that may deliver, or is told to. The file names the next epoch before the database has it and the
    old one until then, so that a process may die at any point.
    """
    old = get_setting(database, _EPOCH) or ""
    last = max(map(_number, (old, *_read_epochs(database))))
    new = str(max(last + 1, time.time_ns() // 1_000_000))  # of the time, so that it is new to every machine
    _write_epochs(database, [old, new])
    put_setting(database, _EPOCH, new)
    _write_epochs(database, [new])


def disarm(database: Database) -> None:
    """Let nothing leave to people from here any more, until `arm`."""
    clear_setting(database, _KEY)


def is_armed(database: Database, host: str) -> bool:
    """Return whether letters may leave to people from `host` and this database."""
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


def require_same_epoch(database: Database) -> None:
    """Pass unless the database went back since it was armed here.

    Raises:
        DisarmedError: says that it did.
    """
    for _ in range(2):  # another thread may have begun a new one between the two looks
        epochs = _read_epochs(database)
        if (get_setting(database, _EPOCH) or "") in epochs:
            return
    raise DisarmedError(
        f"Nothing more is submitted: {_returned(database)}. Compare what was submitted, then say `digest arm`."
    )


def require_armed_elsewhere(database: Database, sender: Sender) -> None:
    """Pass when `sender` reaches nobody, or some host was armed for this very database.

    Raises:
        DisarmedError: it is a copy, or was never armed.
    """
    if not sender.reaches_people:
        return
    armed = json.loads(get_setting(database, _KEY) or "{}")
    if (armed.get("path"), armed.get("inode")) != database.identity():
        raise DisarmedError(
            f"Nothing is submitted: {database.label} was armed nowhere, or it is a copy of the one that was. "
            "Say `digest arm` where `digest serve` runs."
        )


def require_no_return(database: Database) -> None:
    """Pass unless the database is older than what a worker on this machine has seen of it.

    A worker begins no epoch itself; it notes the newest that it has met.

    Raises:
        DisarmedError: says what to do.
        StoreError: what was met can't be noted on this machine.
    """
    path = database.beside("epochs-seen")
    for _ in range(2):  # another worker may have noted a newer one between the two looks
        epoch = _number(get_setting(database, _EPOCH) or "")
        seen = _newest_seen(path)
        if epoch > seen:
            _replace(path, str(epoch))
        if epoch >= seen:
            return
    raise DisarmedError(
        f"Nothing is submitted: {_returned(database)}. When what it says is right, say `digest arm` where "
        "`digest serve` runs."
    )


def _newest_seen(path: Path) -> int:
    try:
        return max(map(_number, path.read_text("ascii").split() if path.exists() else ()), default=0)
    except OSError as error:
        raise StoreError(f"{path}: can't be read: {error.strerror}. Nothing is submitted from here.") from error


def _number(epoch: str) -> int:
    """Return an epoch as a number; 0 for the names of earlier versions, which have no order."""
    return int(epoch) if epoch.isdecimal() and len(epoch) < len("0123456789abcdef") else 0


def _returned(database: Database) -> str:
    return f"{database.storage.stem} is older than what was submitted from here: a restored backup"


def _place(database: Database, host: str) -> dict[str, str]:
    name, number = database.identity()
    return {"host": host, "path": name, "inode": number}


def _objection(database: Database, host: str) -> str | None:
    stored = get_setting(database, _KEY)
    if stored is None:
        return "this installation was never armed"
    armed, here = json.loads(stored), _place(database, host)
    if armed == here and (get_setting(database, _EPOCH) or "") not in _read_epochs(database):
        return _returned(database)
    if armed == here:
        return None
    if armed["host"] != host:
        return f"it was armed on host {armed['host']}, and this is {host}"
    return f"it was armed as {armed['path']}, and {here['path']} is another database or a copy"


def _epoch_file(database: Database) -> Path:
    return database.beside("epoch")


def _read_epochs(database: Database) -> list[str]:
    try:
        return _epoch_file(database).read_text("ascii").split("\n")
    except (OSError, UnicodeDecodeError):
        return []


def _write_epochs(database: Database, epochs: list[str]) -> None:
    _replace(_epoch_file(database), "\n".join(epochs))


def _replace(path: Path, text: str) -> None:
    """Replace a file as a whole, and on disk before anything else happens."""
    draft = path.with_name(f"{path.name}-{secrets.token_hex(4)}")  # containers count their processes anew
    try:
        with draft.open("w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise StoreError(f"{path}: can't be written: {error.strerror}. Nothing more is submitted.") from error
