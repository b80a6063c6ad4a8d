"""What an audit costs, and a listing of every delivery, by the size of the audience.

    python -m bench.audit [READERS …]

Each ledger is made in one process and audited in another, so that the peak of memory is the audit's. The
yardstick is Python's sqlite3 reading the same rows in the same order into the same hash, in that process.
"""

from __future__ import annotations

import hashlib
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from bench.ledger import EDITION, NOW, frozen_edition

from digest.deliver import freezing
from digest.deliver.auditing import audit, check_database
from digest.deliver.listing import each_delivery
from digest.deliver.surprise import expected_deliveries
from digest.model import DeliveryState, EditionStatus, Letter
from digest.store.database import open_database
from digest.store.schema import deliveries, editions

SIZES = (10_000, 100_000)
LETTER = Letter(EDITION, "all", "Subject", "<p>Letter</p>", "Letter")


def main(sizes: Sequence[int]) -> None:
    """Print a row a size."""
    names = ("audit", "bare hash", "quick_check", "listing", "expected")
    print(f"{'readers':>10}" + "".join(f"{name:>14}" for name in names) + f"{'memory at first':>18}{'at the peak':>14}")
    for readers in sizes:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "bench.audit", folder, str(readers)]
            subprocess.run([*command, "--make"], check=True)
            told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        seconds = "".join(f"{told[name]:>12.2f} s" for name in names)
        print(f"{readers:>10,}{seconds}{told['first']:>15.0f} MB{told['peak']:>11.0f} MB", flush=True)


def measure(folder: Path, readers: int) -> dict[str, float]:
    """Return seconds, and megabytes before and at the peak."""
    with closing(open_database("sqlite:///ledger.db", root=folder)) as database:
        first = _peak_megabytes()
        auditing = _timed(lambda: _require(not audit(database, EDITION).has_failed))
        listing = _timed(lambda: _require(sum(1 for _ in each_delivery(database, EDITION)) == readers))
        expected = _timed(lambda: _require(expected_deliveries(database, "politics") == readers))
        checking = _timed(lambda: _require(not check_database(database).has_failed))
        peak = _peak_megabytes()
        same = audit(database, EDITION).sha256
    bare = _timed(lambda: _require(_bare_hash(folder / "ledger.db") == same))
    return {
        "audit": auditing,
        "bare hash": bare,
        "quick_check": checking,
        "listing": listing,
        "expected": expected,
        "first": first,
        "peak": peak,
    }


def make(folder: Path, readers: int) -> None:
    """Store a finished edition that every reader's provider has accepted."""
    with closing(frozen_edition(folder, LETTER, readers)) as database:
        freezing.freeze_audience(database, EDITION, "politics", NOW, 500)
        with database.write_much() as connection:
            accepted = {"state": DeliveryState.ACCEPTED, "attempts": 1, "provider_id": "250 2.0.0 Ok: queued as Q00001"}
            connection.execute(deliveries.update().values(accepted))
            connection.execute(editions.update().values(status=EditionStatus.DONE))


def _bare_hash(path: Path) -> str:
    digest = hashlib.sha256()
    wanted = "SELECT id, subscriber_id, state, provider_id FROM deliveries WHERE edition_id = ? ORDER BY id"
    with closing(sqlite3.connect(path)) as connection:
        for row in connection.execute(wanted, [EDITION]):
            digest.update((json.dumps(row, separators=(",", ":")) + "\n").encode())
    return digest.hexdigest()


def _require(is_so: bool) -> None:
    assert is_so


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    if sys.argv[3:] == ["--make"]:
        make(Path(sys.argv[1]), int(sys.argv[2]))
    elif len(sys.argv) > 1 and not sys.argv[1].isdigit():
        print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
    else:
        main([int(word) for word in sys.argv[1:]] or SIZES)
