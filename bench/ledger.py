"""What the ledger costs: freezing an audience, and each delivery's whole life, with a sender that discards.

    python -m bench.ledger [READERS …]

SQLite as it is shipped (WAL, synchronous=FULL), in a folder of its own under the system's temporary one.
Each size runs in a process of its own, so that its peak of memory is its own. The yardstick is a bare INSERT
of as many rows in one transaction of Python's sqlite3, in the same process.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from digest.deliver import dispatch, freezing, ledger
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

__all__ = ["EDITION", "LETTER", "NOW", "Discard", "frozen_edition", "no_links", "timed"]

NOW = datetime(2026, 11, 24, 7, tzinfo=UTC)
EDITION = "politics/2026-11-24"
LETTER = Letter(EDITION, "all", "Subject", "<p>Letter</p>", "Letter")
SIZES = (10_000, 100_000)
_CHUNK = 10_000


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


def main(sizes: Sequence[int]) -> None:
    """Print a row a size."""
    print(f"{'readers':>10}{'freeze':>10}{'':>14}{'deliver':>10}{'':>14}{'bare INSERT':>14}{'peak memory':>14}")
    for readers in sizes:
        command = [sys.executable, "-m", "bench.ledger", "--one", str(readers)]
        told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        each = {name: told[name] / readers * 1e6 for name in ("freeze", "deliver", "bare")}
        print(
            f"{readers:>10,}{told['freeze']:>8.2f} s{each['freeze']:>8.1f} µs/r {told['deliver']:>8.2f} s"
            f"{each['deliver']:>8.1f} µs/r {each['bare']:>9.1f} µs/r{told['memory']:>11.0f} MB",
            flush=True,
        )


def measure(readers: int) -> dict[str, float]:
    """Return seconds, and megabytes at the peak."""
    with tempfile.TemporaryDirectory() as folder:
        with closing(frozen_edition(Path(folder), LETTER, readers)) as database:
            frozen = timed(lambda: freezing.freeze_audience(database, EDITION, "politics", NOW, Discard.batch_size))
            delivering = timed(lambda: _deliver(database))
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            assert ledger.counts(database, EDITION) == ((DeliveryState.ACCEPTED, readers),)
        yardstick = timed(lambda: _bare_insert(Path(folder) / "yardstick.db", readers))
    return {"freeze": frozen, "deliver": delivering, "bare": yardstick, "memory": memory}


def frozen_edition(
    folder: Path, letter: Letter, readers: int, zones: Sequence[str] = ("",), url: str = "sqlite:///ledger.db"
) -> Database:
    """Return a database with so many readers and an edition whose letter, but not whose audience, is frozen.

    Args:
        zones: That the readers are in, one after the other.
    """
    database = open_database(url, root=folder)
    for start in range(0, readers, _CHUNK):
        people = (
            Subscriber(email=f"reader{number}@example.com", consent_source="bench", timezone=zones[number % len(zones)])
            for number in range(start, min(start + _CHUNK, readers))
        )
        entries = [Entry(person.email, person) for person in people]
        imports.add_subscribers(database, "politics", entries, NOW, how="bench")
    editions.open_edition(database, "politics", NOW, NOW, EDITION)
    publication = Publication("The Harbour Herald", "https://example.com", "news@example.com", "1 Quay Street")
    masthead = Masthead("Tuesday, 24 November 2026")
    edition = Edition(EDITION, "politics", NOW, publication, "Politics", "Subject", "", masthead, lead=None)
    editions.freeze(database, edition, letter, NOW)
    return database


def _deliver(database: Database) -> None:
    settings = DeliverySettings(per_second=0)
    dispatch.deliver(database, EDITION, LETTER, Discard(), no_links, settings, now=lambda: NOW)


def no_links(delivery: Delivery) -> Addressed:
    """Give a reader links that lead nowhere."""
    return Addressed(delivery, "https://example.com/u/x", "https://example.com/p/x")


def _bare_insert(path: Path, readers: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE deliveries (id TEXT PRIMARY KEY, edition TEXT, email TEXT, state TEXT)")
        rows = ((f"{number:032x}", EDITION, f"reader{number}@example.com", "queued") for number in range(readers))
        connection.executemany("INSERT INTO deliveries VALUES (?, ?, ?, ?)", rows)
        connection.commit()


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        main([int(word) for word in sys.argv[1:]] or SIZES)
