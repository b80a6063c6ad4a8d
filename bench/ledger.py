"""What the ledger costs: freezing an audience, and each delivery's whole life, with a sender that discards.

    python -m bench.ledger [READERS]

SQLite as it is shipped (WAL, synchronous=FULL), in a folder of its own under the system's temporary one.
The yardstick is a bare INSERT of as many rows of the same table in one transaction of Python's sqlite3.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from digest.deliver import dispatch, ledger
from digest.model import (
    Addressed,
    Delivery,
    DeliveryState,
    Edition,
    Letter,
    Masthead,
    Outcome,
    Publication,
    Subscriber,
)
from digest.ports import Mark, Session
from digest.settings import DeliverySettings
from digest.store import editions, imports
from digest.store.database import Database, open_database
from digest.store.imports import Entry

NOW = datetime(2026, 11, 24, 7, tzinfo=UTC)
EDITION = "politics/2026-11-24"
LETTER = Letter(EDITION, "all", "Subject", "<p>Letter</p>", "Letter")


class Discard:
    """Accepts every letter at once."""

    name = "discard"
    reaches_people = False
    batch_size = 500
    connections = 1

    @contextmanager
    def open(self, letter: Letter) -> Iterator[Session]:
        yield self

    def submit(self, readers: Sequence[Addressed], mark: Mark) -> Iterator[Outcome]:
        leaving = mark([reader.delivery.id for reader in readers])
        for reader in readers:
            if reader.delivery.id in leaving:
                yield Outcome(reader.delivery.id, DeliveryState.ACCEPTED)


def main(readers: int) -> None:
    """Print seconds, microseconds a reader, and peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        with closing(open_database("sqlite:///ledger.db", root=Path(folder))) as database:
            _subscribe(database, readers)
            editions.open_edition(database, "politics", NOW, NOW, EDITION)
            editions.freeze(database, _edition(), LETTER, NOW)
            freezing = _timed(lambda: ledger.freeze_audience(database, EDITION, "politics", NOW, Discard.batch_size))
            delivering = _timed(lambda: _deliver(database))
            print(f"states: {ledger.counts(database, EDITION)}")
        yardstick = _timed(lambda: _bare_insert(Path(folder) / "yardstick.db", readers))
    for name, seconds in (("freeze", freezing), ("deliver", delivering), ("bare INSERT", yardstick)):
        print(f"{name:<12}{seconds:>8.2f} s{seconds / readers * 1e6:>9.1f} µs a reader")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, {readers:,} readers")


def _edition() -> Edition:
    publication = Publication("The Harbour Herald", "https://example.com", "news@example.com", "1 Quay Street")
    masthead = Masthead("Tuesday, 24 November 2026")
    return Edition(EDITION, "politics", NOW, publication, "Politics", "Subject", "", masthead, lead=None)


def _subscribe(database: Database, readers: int) -> None:
    people = [Subscriber(email=f"reader{number}@example.com", consent_source="bench") for number in range(readers)]
    entries = [Entry(person.email, person) for person in people]
    imports.add_subscribers(database, "politics", entries, NOW, how="bench")


def _deliver(database: Database) -> None:
    settings = DeliverySettings(per_second=10_000_000.0)
    dispatch.deliver(database, EDITION, LETTER, Discard(), _links, settings, now=lambda: NOW)


def _links(delivery: Delivery) -> Addressed:
    return Addressed(delivery, "https://example.com/u/x", "https://example.com/p/x")


def _bare_insert(path: Path, readers: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE deliveries (id TEXT PRIMARY KEY, edition TEXT, email TEXT, state TEXT)")
        rows = ((f"{number:032x}", EDITION, f"reader{number}@example.com", "queued") for number in range(readers))
        connection.executemany("INSERT INTO deliveries VALUES (?, ?, ?, ?)", rows)
        connection.commit()


def _timed(work: object) -> float:
    assert callable(work)
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
