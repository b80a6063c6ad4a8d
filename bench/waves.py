"""An edition in 38 waves: what freezing and delivering it costs beside one hour for all, and whether memory stays flat.

    python -m bench.waves [READERS]

SQLite as it is shipped and a PostgreSQL started from the tests' wheel, with fsync as a server has it; a sender that
discards, and a clock that is set on to each wave: the waiting is left out. Each way runs in a process of its own, so
that its peak of memory is its own. The yardstick is an edition with one hour for all.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.ledger import EDITION, LETTER, NOW, Discard, frozen_edition, no_links, timed
from tests.postgres import Server, empty_database

from digest.deliver import dispatch, ledger
from digest.deliver.auditing import audit
from digest.deliver.freezing import Audience, freeze_together
from digest.deliver.waves import next_wave
from digest.model import DeliveryState
from digest.settings import DeliverySettings
from digest.slots import Wave
from digest.store.database import Database

READERS = 1_000_000
WAVES = 38
FIRST = datetime(2026, 11, 23, 17, tzinfo=UTC)


@dataclass
class _Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


def main(readers: int) -> None:
    print(f"{readers:,} readers, a process each\n")
    print(f"{'':22}{'freeze':>10}{'deliver':>11}{'each':>10}{'passes':>9}{'peak memory':>14}{'audit':>8}")
    server = Server(Path(tempfile.mkdtemp(prefix="pg-")), "-c listen_addresses='' -c max_wal_size=4GB")
    server.start()
    try:
        for store in ("SQLite", "PostgreSQL"):
            for way in ("one hour", "38 waves"):
                url = "sqlite:///ledger.db" if store == "SQLite" else empty_database(server.url)
                print(f"{store:<12}{way:<10}{_told(way, readers, url)}", flush=True)
    finally:
        server.stop()


def _told(way: str, readers: int, url: str) -> str:
    command = [sys.executable, "-m", "bench.waves", "--one", way, str(readers), url]
    told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    each = told["deliver"] / readers * 1e6
    return (
        f"{told['freeze']:>8.1f} s{told['deliver']:>9.1f} s{each:>7.1f} µs{told['passes']:>9}"
        f"{told['memory']:>11.0f} MB{'good' if told['audited'] else 'BAD':>8}"
    )


def measure(way: str, readers: int, url: str) -> dict[str, float]:
    """Return seconds, how often the edition was gone on with, megabytes at the peak, and whether it adds up."""
    zones = [f"zone-{number}" for number in range(WAVES)]
    waves = tuple(Wave(FIRST + timedelta(minutes=41 * number), (zone,)) for number, zone in enumerate(zones))
    has_waves = way == "38 waves"
    clock = _Clock(FIRST if has_waves else NOW)
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(frozen_edition(Path(folder), LETTER, readers, zones, url)) as database,
    ):
        audience = Audience(EDITION, ("politics",), waves if has_waves else (), zones[0])
        freezing = timed(lambda: freeze_together(database, [audience], clock(), Discard.batch_size))
        passes = 0

        def deliver() -> None:
            nonlocal passes
            while True:
                passes += 1
                _deliver(database, clock)
                following = next_wave(database, EDITION, clock())
                if following is None:
                    return
                clock.now = following

        delivering = timed(deliver)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        adds_up = ledger.counts(database, EDITION) == ((DeliveryState.ACCEPTED, readers),)
        audited = adds_up and not audit(database, EDITION).has_failed
    return {"freeze": freezing, "deliver": delivering, "passes": passes, "memory": memory, "audited": audited}


def _deliver(database: Database, clock: _Clock) -> None:
    settings = DeliverySettings(per_second=0, too_late_minutes=24 * 60)
    dispatch.deliver(
        database, EDITION, LETTER, Discard(), no_links, settings, now=clock, patience_seconds=0.0, wait=lambda _: False
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]), sys.argv[4])))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else READERS)
