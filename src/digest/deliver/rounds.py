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
from digest.deliver.epochs import Epochs
from digest.deliver.gates import Gates
from digest.deliver.journal import Journal
from digest.errors import DeliveryError, StoreError, SubmitHalted
from digest.mishaps import note_mishap
from digest.model import WHOLE, Addressed, Delivery, DeliveryState, Letter
from digest.ports import Sender, Session
from digest.store.database import Database

__all__ = ["Links", "Rounds", "connections_for"]

Links = Callable[[Delivery], Addressed]
"""Gives a delivery the reader's own links."""

LOOK_AHEAD = 20  # batches in a row in which every recipient domain must wait, before a round ends
PULSE_SECONDS = 1.0
SHORT_WAIT_SECONDS = 2.0  # before a longer one all batches are looked at: others may stand behind a deferred domain


class Rounds:
    """Submits batches of one edition.

    `halted_by` is the provider's refusal once it refuses everything. `fault` is an exception that no
    sender raises on purpose: a mistake in Digest, after which nothing more may begin. `waiting_seconds`
    tells after a round when it is worth asking again for those whose domains had to wait, 0 without any.
    """

    def __init__(
        self,
        database: Database,
        sender: Sender,
        links: Links,
        journal: Journal,
        gates: Gates,
        *,
        connections: int,
        now: Callable[[], datetime],
        stop: threading.Event,
        is_going_on: Callable[[], bool],
        epochs: Epochs | None = None,
    ) -> None:
        self.halted_by = ""
        self.fault: Exception | None = None
        self._database = database
        self._sender = sender
        self._links = links
        self._journal = journal
        self._gates = gates
        self._connections = connections
        self._now = now
        self._stop = stop
        self._is_going_on = is_going_on
        self._epochs = epochs
        self._broken = threading.Event()  # nothing more may begin, for a reason of our own
        self.waiting_seconds = 0.0
        self._idle_batches = 0  # in a row
        self._last_batch = -1

    @property
    def moves(self) -> int:
        """How many deliveries have changed their state so far."""
        return self._journal.moves

    def is_stopping(self) -> bool:
        return self._stop.is_set() or self._broken.is_set() or bool(self._gates.breaker.halted_by)

    def run(self, due: Sequence[tuple[Letter, Sequence[int]]]) -> tuple[str, ...]:
        """Submit each letter to what is due of its batches; return what went wrong, without repeats.

        Raises:
            StoreError: the ledger can't be written.
        """
        self.waiting_seconds, self._idle_batches = 0.0, 0
        problems = [problem for letter, batches in due for problem in self._run(letter, batches)]
        return tuple(dict.fromkeys(problems))

    def _run(self, letter: Letter, batches: Sequence[int]) -> list[str]:
        todo: queue.SimpleQueue[int] = queue.SimpleQueue()
        for batch in sorted(batches, key=lambda batch: (batch <= self._last_batch, batch)):  # where it stopped
            todo.put(batch)
        connections = max(1, min(self._connections, len(batches)))
        with futures.ThreadPoolExecutor(connections, thread_name_prefix="deliver") as pool:
            working = [pool.submit(self._work, letter, todo) for _ in range(connections)]
            try:
                while futures.wait(working, PULSE_SECONDS).not_done:
                    if self._epochs is not None:
                        self._epochs.pulse()
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
                note_mishap(letter.edition_id, error)
                self.fault = self.fault or error
            elif error is not None:
                raise error
        self.halted_by = self.halted_by or self._gates.breaker.halted_by
        return problems

    def _work(self, letter: Letter, todo: queue.SimpleQueue[int]) -> None:
        try:
            with self._sender.open(letter) as session:
                while not self.is_stopping() and not self._is_worth_waiting():
                    if self._epochs is not None:
                        self._epochs.require()
                    self.deliver_batch(session, letter.edition_id, todo.get_nowait(), letter.segment)
        except queue.Empty:
            return
        except BaseException as error:
            # A session that failed ends alone; the others go on, and what it left waits for the next round.
            if not isinstance(error, DeliveryError) or isinstance(error, SubmitHalted):
                self._broken.set()
            raise

    def _is_worth_waiting(self) -> bool:
        return self._idle_batches >= LOOK_AHEAD and self.waiting_seconds <= SHORT_WAIT_SECONDS

    def deliver_batch(self, session: Session, edition_id: str, batch: int, segment: str = WHOLE) -> float:
        """Submit what is due of one batch now with the session's letter, which is that of `segment`.

        Its outcomes are on disk when this returns.

        Returns:
            In how many seconds it is worth asking again for those whose domain must wait; 0 without any.
        """
        self._journal.withdraw_gone(batch)
        due = ledger.due_deliveries(self._database, edition_id, batch, self._now(), segment)
        admission = self._gates.domains.admit(due)
        self._last_batch = batch
        self._idle_batches = 0 if admission.admitted or not due else self._idle_batches + 1
        if (seconds := admission.seconds_until_next) > 0:
            self.waiting_seconds = min(self.waiting_seconds or seconds, seconds)
        size = max(1, self._sender.batch_size)  # another sender may have been chosen since the freezing
        for start in range(0, len(admission.admitted), size):
            if self.is_stopping():
                return 0.0
            self._submit(session, admission.admitted[start : start + size])
        return admission.seconds_until_next

    def _submit(self, session: Session, due: Sequence[Delivery]) -> None:
        self._journal.take(due)
        emails = {delivery.id: delivery.email for delivery in due}
        try:
            outcomes = session.submit([self._links(delivery) for delivery in due], self._mark)
            for outcome in self._gates.breaker.watched(outcomes):
                self._journal.note(outcome)
                self._gates.domains.note(outcome, emails[outcome.delivery_id])
        except SubmitHalted as error:
            self._broken.set()
            # A definite refusal: what the sender could not tell, it has reported as UNCERTAIN itself.
            self._journal.settle(due, DeliveryState.QUEUED, str(error))
            raise
        except StoreError:
            self._journal.give_up(due, DeliveryState.UNCERTAIN, "in flight when the database was lost")
            raise
        except Exception as error:
            self._journal.settle(due, DeliveryState.UNCERTAIN, f"{type(error).__name__}: {error}")
            raise
        self._journal.settle(due, DeliveryState.UNCERTAIN, "the sender gave no outcome")

    def _mark(self, ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        """Be `ports.Mark`: wait for a turn, then make the intent durable unless work must stop."""
        if self.is_stopping():
            return frozenset()
        budget = self._gates.budget
        may_leave = budget.take(len(ids))
        granted: frozenset[str] = frozenset()
        if may_leave and self._gates.pace.take(may_leave) and not self.is_stopping():
            granted = self._journal.mark(ids[:may_leave], request_id)
        budget.give_back(may_leave - len(granted))
        if not granted and (budget.is_spent or not self._is_going_on()):  # the next ones need not be tried
            self._broken.set()
        return granted


def connections_for(sender: Sender, per_second: float) -> int:
    """Return how many connections the pace can use: more would hold a letter half-submitted while they wait."""
    return max(1, min(sender.connections, math.ceil(per_second) if per_second > 0 else sender.connections))
