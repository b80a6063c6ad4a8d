"""What watching a delivery costs: the breaker and the domains' pace a letter, the warm-up and the forecast an edition.

    python -m bench.pace [READERS]

A hundred recipient domains in memory, and one edition in SQLite as it is shipped. The yardstick is a loop
over as many outcomes that does nothing but count them, and for the database one count of all rows.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.ledger import EDITION, LETTER, NOW, frozen_edition
from sqlalchemy import func, select

from digest.deliver.breaker import Breaker
from digest.deliver.freezing import freeze_audience
from digest.deliver.pace import DomainPace
from digest.deliver.targets import largest_domain
from digest.deliver.warm_up import allowance
from digest.model import Delivery, DeliveryState, Outcome
from digest.store.schema import deliveries

READERS = 1_000_000
_BATCH = 1000
_DOMAINS = 100


def main(readers: int) -> None:
    """Print a line a part."""
    letters = [Delivery(str(n), EDITION, n, f"reader{n}@domain{n % _DOMAINS}.example") for n in range(_BATCH)]
    outcomes = [Outcome(letter.id, DeliveryState.ACCEPTED) for letter in letters]
    breaker = Breaker(20, has_accepted=True)
    batches = max(1, readers // _BATCH)

    def count() -> None:
        for _ in range(batches):
            sum(1 for _ in outcomes)

    def watch() -> None:
        for _ in range(batches):
            sum(1 for _ in breaker.watched(outcomes))

    def pace(rate: float) -> Callable[[], None]:
        domains = DomainPace(rate, time.monotonic)

        def work() -> None:
            for _ in range(batches):
                domains.admit(letters)
                for letter, outcome in zip(letters, outcomes, strict=True):
                    domains.note(outcome, letter.email)

        return work

    print(f"a letter, over {batches * _BATCH:,}:")
    for name, work in (
        ("yardstick: a loop", count),
        ("breaker", watch),
        ("domains without a pace", pace(0)),
        ("domains at a pace", pace(1e6)),
    ):
        print(f"{name:>26}{seconds_of(work) / (batches * _BATCH) * 1e6:>10.2f} µs", flush=True)
    with tempfile.TemporaryDirectory() as folder, closing(frozen_edition(Path(folder), LETTER, readers)) as database:
        freeze_audience(database, EDITION, "politics", NOW, _BATCH)

        def count_rows() -> None:
            with database.read() as connection:
                connection.execute(select(func.count()).select_from(deliveries)).scalar_one()

        def allow() -> None:
            allowance(database, "politics", 4, NOW + timedelta(days=1), ZoneInfo("UTC"))

        print(f"an edition of {readers:,}:")
        print(f"{'largest domain':>26}{seconds_of(lambda: largest_domain(database, EDITION)):>10.3f} s", flush=True)
        with database.write_much() as connection:
            connection.execute(deliveries.update().values(state=DeliveryState.ACCEPTED))
        print(f"{'yardstick: count rows':>26}{seconds_of(count_rows):>10.3f} s")
        print(f"{'warm-up allowance':>26}{seconds_of(allow):>10.3f} s")


def seconds_of(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else READERS)
