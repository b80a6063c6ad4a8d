"""One round over the batches that are due: sessions in threads, each with a connection of its own.

A batch may be run any number of times: it is what the ledger says is due of it now.
"""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent import futures
from datetime import datetime

from digest.deliver import ledger
from digest.deliver.breaker import watched
from digest.deliver.journal import Journal
from digest.deliver.pace import Pace
from digest.deliver.transitions import withdraw_gone
from digest.errors import DeliveryError, StoreError, SubmitHalted
from digest.model import Addressed, Delivery, DeliveryState, Letter
from digest.ports import Sender, Session
from digest.store.database import Database

__all__ = ["Links", "Rounds", "connections_for"]

Links = Callable[[Delivery], Addressed]
"""Gives a delivery the reader's own links."""


class Rounds:
    """Submits batches of one edition.

    `halted_by` is the provider's refusal once it refuses everything. `fault` is an exception that no
    sender raises on purpose: a mistake in Digest, after which nothing more may begin.
    """

    def __init__(
        self,
        database: Database,
        letter: Letter,
        sender: Sender,
        links: Links,
        journal: Journal,
        pace: Pace,
        *,
        connections: int,
        now: Callable[[], datetime],
        stop: threading.Event,
        is_going_on: Callable[[], bool],
    ) -> None:
        self.halted_by = ""
        self.fault: Exception | None = None
        self._database = database
        self._letter = letter
        self._sender = sender
        self._links = links
        self._journal = journal
        self._pace = pace
        self._connections = connections
        self._now = now
        self._stop = stop
        self._is_going_on = is_going_on
        self._broken = threading.Event()  # nothing more may begin, for a reason of our own
        self._has_accepted = threading.Event()
        if dict(ledger.counts(database, letter.edition_id)).get(DeliveryState.ACCEPTED):
            self._has_accepted.set()

    @property
    def moves(self) -> int:
        """How many deliveries have changed their state so far."""
        return self._journal.moves

    def is_stopping(self) -> bool:
        return self._stop.is_set() or self._broken.is_set()

    def run(self, batches: Sequence[int]) -> tuple[str, ...]:
        """Submit what is due of `batches`; return what went wrong, without repeats.

        Raises:
            StoreError: the ledger can't be written.
        """
        todo: queue.SimpleQueue[int] = queue.SimpleQueue()
        for batch in batches:
            todo.put(batch)
        connections = max(1, min(self._connections, len(batches)))
        with futures.ThreadPoolExecutor(connections, thread_name_prefix="deliver") as pool:
            working = [pool.submit(self._work, todo) for _ in range(connections)]
            try:
                futures.wait(working)
            except BaseException:  # Ctrl-C: what is in flight is finished, nothing more begins
                self._broken.set()
                raise
        problems: list[str] = []
        for done in working:
            error = done.exception()
            if isinstance(error, SubmitHalted):
                self.halted_by = self.halted_by or str(error)
            elif isinstance(error, DeliveryError):
                problems.append(f"{self._sender.name}: {error}")
            elif isinstance(error, Exception) and not isinstance(error, StoreError):
                self.fault = self.fault or error
            elif error is not None:
                raise error
        return tuple(dict.fromkeys(problems))

    def _work(self, todo: queue.SimpleQueue[int]) -> None:
        try:
            with self._sender.open(self._letter) as session:
                while not self.is_stopping():
                    self.deliver_batch(session, todo.get_nowait())
        except queue.Empty:
            return
        except BaseException as error:
            # A session that failed ends alone; the others go on, and what it left waits for the next round.
            if not isinstance(error, DeliveryError) or isinstance(error, SubmitHalted):
                self._broken.set()
            raise

    def deliver_batch(self, session: Session, batch: int) -> None:
        """Submit what is due of one batch now; its outcomes are on disk when this returns."""
        self._journal.moves += withdraw_gone(self._database, self._letter.edition_id, batch, self._now())
        due = ledger.due_deliveries(self._database, self._letter.edition_id, batch, self._now())
        size = max(1, self._sender.batch_size)  # another sender may have been chosen since the freezing
        for start in range(0, len(due), size):
            if self.is_stopping():
                return
            self._submit(session, due[start : start + size])

    def _submit(self, session: Session, due: Sequence[Delivery]) -> None:
        self._journal.take(due)
        try:
            outcomes = session.submit([self._links(delivery) for delivery in due], self._mark)
            for outcome in watched(outcomes, self._has_accepted):
                self._journal.note(outcome)
        except SubmitHalted as error:
            self._broken.set()
            # A definite refusal: what the sender could not tell, it has reported as UNCERTAIN itself.
            self._journal.settle(due, DeliveryState.QUEUED, str(error))
            raise
        except StoreError:
            raise
        except Exception as error:
            self._journal.settle(due, DeliveryState.UNCERTAIN, f"{type(error).__name__}: {error}")
            raise
        self._journal.settle(due, DeliveryState.UNCERTAIN, "the sender gave no outcome")

    def _mark(self, ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        """Be `ports.Mark`: wait for a turn, then make the intent durable unless work must stop."""
        if self.is_stopping():
            return frozenset()
        if not self._pace.take(len(ids)):
            self._broken.set()
            return frozenset()
        if self.is_stopping():
            return frozenset()
        granted = self._journal.mark(ids, request_id)
        if not granted and not self._is_going_on():  # held or cancelled: the next ones need not be tried
            self._broken.set()
        return granted


def connections_for(sender: Sender, per_second: float) -> int:
    """Return how many connections the pace can use: more would hold a letter half-submitted while they wait."""
    return max(1, min(sender.connections, math.ceil(per_second) if per_second > 0 else sender.connections))
