"""What the event webhook takes: signed posts of SendGrid's size, verified, kept and applied to the ledger.

    python -m bench.events [READERS]

Each of READERS deliveries (50,000 unless told) is reported on twice, processed and delivered, shuffled, a tenth
of it told again. The posts come three at once, as large as SendGrid's (768 KB). The yardstick is a bare INSERT of
as many rows by Python's sqlite3, committed as often with `synchronous=FULL`, and reading the same JSON.
The CPU's time is that of the process, which a busy machine changes less.
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.ledger import EDITION, NOW, frozen_edition
from sqlalchemy import func, select
from tests.standins.sendgrid_events import EventAccount, an_event, post_bodies

from digest.deliver.freezing import freeze_audience
from digest.feedback.events import read_post
from digest.feedback.settling import receive, settle_kept
from digest.feedback.signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER, Verifier, load_verifier
from digest.model import DeliveryState, Letter
from digest.store.database import Database
from digest.store.schema import deliveries

LETTER = Letter(EDITION, "all", "Subject", "<p>Letter</p>", "Letter")
POSTS_AT_ONCE = 3
PERSONALIZATIONS = 250
STAMP = str(int(NOW.timestamp()))


@dataclass(frozen=True)
class _Cost:
    seconds: float
    cpu_seconds: float


def main() -> None:
    readers = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    account = EventAccount()
    verifier = load_verifier(account.public_key, "bench")
    assert verifier is not None
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(
            frozen_edition(Path(folder), Letter(EDITION, "all", "Subject", "<p>Letter</p>", "Letter"), readers)
        ) as database,
    ):
        freeze_audience(database, EDITION, "politics", NOW, PERSONALIZATIONS)
        events = _events(database)
        bodies = post_bodies(events)
        posts = [(body, account.headers(body, STAMP)[SIGNATURE_HEADER]) for body in bodies]
        verified = _timed(lambda: [verifier.is_genuine(body, signed, STAMP, NOW) for body, signed in posts])
        bare = _bare(Path(folder) / "bare.db", bodies)
        taken: list[float] = []

        def take(post: tuple[bytes, str]) -> None:
            taken.append(_timed(lambda: _take(database, verifier, *post)).seconds)

        with ThreadPoolExecutor(POSTS_AT_ONCE) as pool:
            applied = _timed(lambda: list(pool.map(take, posts)))
        again = _timed(lambda: settle_kept(database, NOW))
        wrong = _wrong(database)
    taken.sort()
    print(f"{len(events):,} events on {readers:,} deliveries, {len(posts)} posts, {POSTS_AT_ONCE} at once")
    for what, cost in (
        ("signatures verified", verified),
        ("verified, kept, applied", applied),
        ("looked at again", again),
        ("a bare INSERT", bare),
    ):
        each = cost.cpu_seconds / len(events) * 1e6
        print(f"  {what:<24}{len(events) / cost.seconds:>10,.0f} events/s{each:>8.1f} µs of CPU an event")
    print(f"  a post: median {statistics.median(taken) * 1e3:.0f} ms, p99 {taken[int(len(taken) * 0.99)] * 1e3:.0f} ms")
    print(f"  wrong states: {wrong}")


def _events(database: Database) -> list[dict[str, Any]]:
    """Accept every delivery, and return its events, shuffled and some repeated."""
    with database.write() as connection:
        connection.execute(deliveries.update().values(state=DeliveryState.ACCEPTED))
        ids = connection.execute(select(deliveries.c.id).where(deliveries.c.edition_id == EDITION)).scalars().all()
    chance = random.Random(1)
    second = int(NOW.timestamp())
    events = [
        an_event(id_, kind, second, r=f"r{number // PERSONALIZATIONS}")
        for number, id_ in enumerate(ids)
        for kind in ("processed", "delivered")
    ]
    events += [{**event, "sg_event_id": None} for event in chance.sample(events, len(events) // 10)]
    chance.shuffle(events)
    return events


def _take(database: Database, verifier: Verifier, body: bytes, signature: str) -> None:
    assert verifier.is_genuine(body, signature, STAMP, NOW), TIMESTAMP_HEADER
    receive(database, read_post(body).told, lambda: NOW)


def _bare(path: Path, bodies: list[bytes]) -> _Cost:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE events (id TEXT, kind TEXT, at INTEGER, number TEXT, detail TEXT)")

        def insert() -> None:
            for body in bodies:
                rows = [
                    (row["d"], row["event"], row["timestamp"], row["sg_event_id"], row.get("reason", ""))
                    for row in json.loads(body)
                ]
                connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", rows)
                connection.commit()

        return _timed(insert)


def _wrong(database: Database) -> int:
    with database.read() as connection:
        wrong = select(func.count()).where(deliveries.c.state != DeliveryState.DELIVERED)
        return connection.execute(wrong.select_from(deliveries)).scalar_one()


def _timed(do: Callable[[], object]) -> _Cost:
    begun, begun_cpu = time.perf_counter(), time.process_time()
    do()
    return _Cost(time.perf_counter() - begun, time.process_time() - begun_cpu)


if __name__ == "__main__":
    main()
