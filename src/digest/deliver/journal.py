"""Group commits: many connections' intents and outcomes in few transactions.

Every letter needs its intent on disk before it leaves, and with `synchronous=FULL` a transaction waits
for the disk. So one connection's thread commits for all that have asked meanwhile, and what asks
while it works goes into the next transaction. An outcome is recorded together with the next intent of
its connection: at any moment only what its last call of `mark` let go is unsettled on disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from digest.deliver.transitions import Attempt, begun, mark, record, withdraw_gone
from digest.errors import DeliveryError, StoreError
from digest.model import Delivery, DeliveryState, Outcome
from digest.store.database import Database, Writer
from digest.store.patience import patiently

__all__ = ["Journal", "journal_of"]


@dataclass(slots=True)
class _Ask:
    """Ids that a connection wants to submit. When it is done, `granted` is None if the commit failed."""

    ids: Sequence[str]
    request_id: str
    granted: frozenset[str] | None = None
    is_done: bool = False


@contextmanager
def journal_of(
    database: Database, edition_id: str, max_attempts: int, now: Callable[[], datetime], *, holder: str = ""
) -> Iterator[Journal]:
    """Open the journal of one edition in this process; a worker says who it is."""
    with database.writer() as writer:
        yield Journal(database, writer, edition_id, max_attempts, now, holder)


class Journal:
    """What is in flight for one edition in this process. Safe to use from several threads."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        edition_id: str,
        max_attempts: int,
        now: Callable[[], datetime],
        holder: str = "",
    ) -> None:
        self._database = database
        self._holder = holder
        self._writer = writer  # only for the thread that commits
        self._edition_id = edition_id
        self._max_attempts = max_attempts
        self._now = now
        self._lock = threading.Condition()  # guards all below; never held while the disk works
        self._attempts: dict[str, Attempt] = {}  # at the deliveries that were taken and have no outcome yet
        self._marked: set[str] = set()
        self._asks: list[_Ask] = []
        self._outcomes: list[tuple[Attempt, Outcome]] = []
        self._is_committing = False
        self.moves = 0  # states that were changed, for telling progress from standing still

    def withdraw_gone(self, batch: int) -> None:
        """Withdraw those of a batch who left after freezing, or let them wait for what they kept."""
        withdrawn = withdraw_gone(self._database, self._edition_id, batch, self._now())
        with self._lock:
            self.moves += withdrawn

    def take(self, deliveries: Iterable[Delivery]) -> None:
        """Begin an attempt at each delivery."""
        with self._lock:
            self._attempts.update((delivery.id, begun(delivery)) for delivery in deliveries)

    def mark(self, ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        """Make the intent durable and return the ids that may leave now (`ports.Mark`).

        Raises:
            StoreError: it can't be made durable; nothing may leave.
        """
        return self._commit(ids, request_id)

    def note(self, outcome: Outcome) -> None:
        """Keep an outcome for the next commit."""
        with self._lock:
            attempt = self._attempts.pop(outcome.delivery_id, None)
            if attempt is None:
                raise DeliveryError(f"The sender reported twice on {outcome.delivery_id}, or was never given it.")
            self._marked.discard(outcome.delivery_id)
            self._outcomes.append((attempt, outcome))

    def settle(self, deliveries: Iterable[Delivery], state: DeliveryState, detail: str) -> int:
        """End the attempt at each of `deliveries` that has no outcome, and commit.

        What was marked gets `state`; what was not is still queued. Returns how many were marked.
        """
        settled = self.give_up(deliveries, state, detail)
        self._commit(())
        return settled

    def give_up(self, deliveries: Iterable[Delivery], state: DeliveryState, detail: str) -> int:
        """Do as `settle`, to be written with the next commit."""
        settled = 0
        with self._lock:
            for delivery in deliveries:
                attempt = self._attempts.pop(delivery.id, None)
                if attempt is not None and delivery.id in self._marked:
                    self._marked.discard(delivery.id)
                    self._outcomes.append((attempt, Outcome(delivery.id, state, detail=detail, costs_attempt=False)))
                    settled += 1
        return settled

    def flush(self) -> None:
        """Write what waits for the next commit, if anything does."""
        if self._outcomes:
            self._commit(())

    def _commit(self, ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        """Write all that waits and mark `ids`, in one transaction, by this thread or by another."""
        ask = _Ask(ids, request_id)
        with self._lock:
            self._asks.append(ask)
            self._lock.wait_for(lambda: ask.is_done or not self._is_committing)
            if ask.is_done:
                return self._granted(ask)
            self._is_committing = True
            asks, self._asks = self._asks, []
            outcomes, self._outcomes = self._outcomes, []
        is_written = False
        try:
            # The outcomes are known to nobody else; a lost answer is asked after below, so none is written twice.
            patiently(lambda: self._write(asks, outcomes))
            is_written = True
        finally:
            with self._lock:
                if not is_written:
                    self._outcomes[:0] = outcomes
                for one in asks:
                    one.is_done = True
                self._is_committing = False
                self._lock.notify_all()
        return self._granted(ask)

    def _granted(self, ask: _Ask) -> frozenset[str]:
        if ask.granted is None:  # the thread that tried knows why, and says so
            raise StoreError(f"{self._database.label}: the ledger could not be written; nothing more was submitted.")
        return ask.granted

    def _write(self, asks: list[_Ask], outcomes: list[tuple[Attempt, Outcome]]) -> None:
        now = self._now()
        wanted: dict[tuple[str, str], list[Attempt]] = {}  # by the request that they travel in, and whose letter it is
        for ask in asks:
            for attempt in map(self._attempts.__getitem__, ask.ids):
                wanted.setdefault((ask.request_id, attempt.segment), []).append(attempt)
        granted, moved = frozenset[str](), 0
        with self._writer.transaction() as cursor:
            recorded = record(self._database, cursor, outcomes, now, self._max_attempts)
            for (request_id, _), attempts in wanted.items():
                marked = mark(self._database, cursor, self._edition_id, attempts, now, request_id, self._holder)
                granted |= marked.ids
                moved += len(marked.ids) + marked.left
        with self._lock:
            self._marked |= granted
            self.moves += recorded() + moved
        for ask in asks:
            ask.granted = granted.intersection(ask.ids)
