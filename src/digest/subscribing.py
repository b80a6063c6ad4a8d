"""Readers into the lists and out of them: joins what `audience` decides with what `store` keeps."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from digest.audience import address_key, read_list
from digest.config import Config
from digest.errors import Fault, ListError
from digest.model import Subscriber
from digest.store import imports, subscribers
from digest.store.database import Database
from digest.store.imports import Added, Entry
from digest.store.settings import get_setting, put_setting

__all__ = ["Imported", "add_reader", "erase_reader", "find_reader", "import_list", "import_lists", "remove_reader"]


@dataclass(frozen=True, slots=True)
class Imported:
    """What a list brought: how many of each, and the rows that are wrong."""

    counts: tuple[tuple[Added, int], ...]
    faults: tuple[Fault, ...]

    @property
    def summary(self) -> str:
        words = {
            Added.JOINED: "joined",
            Added.KNOWN: "known already",
            Added.LEFT: "kept out (unsubscribed)",
            Added.SUPPRESSED: "kept out (suppressed)",
        }
        told = [f"{count} {words[added]}" for added, count in self.counts]
        if self.faults:
            told.append(f"{len(self.faults)} bad row{'s' if len(self.faults) != 1 else ''}")
        return ", ".join(told) or "no rows"


def import_lists(config: Config, database: Database, now: datetime) -> tuple[Fault, ...]:
    """Add the readers of subscribers/SECTION.csv to each section; return every fault.

    Lists only ever add: a row that left a file unsubscribes nobody. A file that was read before and is
    unchanged is not read again, unless it has faults: those are told at every run.
    """
    faults: list[Fault] = []
    for section in config.sections:
        path = config.path("subscribers") / f"{section}.csv"
        if path.exists():
            faults += _import_changed(database, path, section, now)
    return tuple(faults)


def _import_changed(database: Database, path: Path, section: str, now: datetime) -> tuple[Fault, ...]:
    key = f"list-read:{section}"
    try:
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        if get_setting(database, key) == content:
            return ()
        faults = import_list(database, path, section, now, name=f"subscribers/{path.name}").faults
    except (ListError, OSError) as error:
        reason = f"can't be read: {error.strerror}." if isinstance(error, OSError) else str(error)
        return (Fault(f"subscribers/{path.name}", reason),)
    if not faults:
        put_setting(database, key, content)
    return faults


def import_list(database: Database, path: Path, section: str, now: datetime, *, name: str = "") -> Imported:
    """Add a CSV's good rows to `section`; `name` is what messages call the file.

    Raises:
        ListError: the file can't be read at all.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ListError(f"{path}: can't be read: {error.strerror}.") from error
    reading = read_list(data, name or str(path))
    added = _add(database, section, reading.subscribers, now, how=name or path.name)
    counts = Counter(added)
    return Imported(tuple((kind, counts[kind]) for kind in Added if counts[kind]), reading.faults)


def add_reader(database: Database, email: str, section: str, *, name: str, source: str, now: datetime) -> str:
    """Add one reader; return in words what became of it.

    Raises:
        ListError: the address or the name can't be used, or the reader has left or is suppressed.
    """
    # The row that a list would have, so that one set of rules decides what is an address and a name.
    row = io.StringIO()
    csv.writer(row).writerows((("email", "name"), (email, name)))
    reading = read_list(row.getvalue().encode(), "the command line")
    if reading.faults:
        raise ListError(" ".join(f"{fault.problem} {fault.hint}".rstrip() for fault in reading.faults))
    person = replace(reading.subscribers[0], consented_at=now, consent_source=source)
    [added] = _add(database, section, [person], now, how=source)
    if added in (Added.LEFT, Added.SUPPRESSED):
        raise ListError(
            f"{email} is suppressed and gets nothing."
            if added is Added.SUPPRESSED
            else f"{email} has unsubscribed from {section}; only they can come back, by their preferences page."
        )
    return {
        Added.JOINED: f"{email} joined {section}.",
        Added.KNOWN: f"{email} is in {section} already.",
    }[added]


def remove_reader(database: Database, email: str, section: str | None, now: datetime) -> str:
    """Take a reader off `section`, or off all for None; return what was done, in words.

    Raises:
        ListError: nobody here has the address.
    """
    person = find_reader(database, email)
    left = subscribers.unsubscribe(database, person.id, section, now, how="removed by hand")
    return f"{email} left {', '.join(left)}." if left else f"{email} was in none of these."


def find_reader(database: Database, email: str) -> Subscriber:
    """Return who has this address.

    Raises:
        ListError: nobody does.
    """
    person = subscribers.find(database, address_key(email))
    if person is None:
        raise ListError(f"Nobody here has the address {email!r}.")
    return person


def erase_reader(database: Database, email: str, now: datetime) -> str:
    """Erase everything about an address, known or not, and keep it from coming back."""
    was_known = subscribers.erase(database, address_key(email), now)
    found = "is erased" if was_known else "was not known here"
    return f"{email} {found}. A keyed hash of the address stays, so that no import brings it back."


def _add(
    database: Database, section: str, people: Sequence[Subscriber], now: datetime, *, how: str
) -> tuple[Added, ...]:
    entries = [Entry(address_key(person.email), person) for person in people]
    return imports.add_subscribers(database, section, entries, now, how=how)
