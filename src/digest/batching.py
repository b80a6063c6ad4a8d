"""The batches that a worker takes: each is delivered as a run without workers does it (`deliver.rounds`).

A worker's marks carry its name, so that what it had in flight can be told from others' once it is gone; the
number of the attempt keeps it from recording over another's when it was only stopped and wakes again.
"""

from __future__ import annotations

import contextlib
import secrets
import sys
import threading
import time
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from digest.app import App
from digest.combining import remaining_letter
from digest.deliver import arming, ledger
from digest.deliver.breaker import Breaker
from digest.deliver.dispatch import watchful
from digest.deliver.endings import end, told_fault
from digest.deliver.gates import Gates
from digest.deliver.journal import Journal, journal_of
from digest.deliver.letters import letter_of
from digest.deliver.pace import DomainPace
from digest.deliver.rounds import SHORT_WAIT_SECONDS, Rounds
from digest.deliver.shared_pace import SharedPace
from digest.deliver.warm_up import Budget
from digest.errors import DatabaseLostError, DeliveryError, DigestError, StoreError, SubmitHalted, UnansweredError
from digest.mishaps import note_mishap
from digest.model import EditionStatus
from digest.pipeline import addressed
from digest.ports import Session
from digest.slots import read_edition_id
from digest.store import editions
from digest.store.patience import patiently
from digest.store.workers import count_live

__all__ = ["Batches"]

BEGIN_SECONDS = 5.0  # a job may be there a moment before its edition is SENDING
IDLE_SECONDS = 10.0  # a session that nobody used for longer is closed
OUTAGE_SECONDS = 10.0  # who can't reach the provider leaves batches to others, instead of putting off one after another


@dataclass(eq=False)
class _Idle:
    stack: ExitStack
    session: Session
    since: float


@dataclass(eq=False)
class _Open:
    """What a worker keeps of an edition from batch to batch."""

    rounds: Rounds
    breaker: Breaker
    journal: Journal
    closing: ExitStack
    sessions: dict[str, list[_Idle]] = field(default_factory=dict)  # by segment
    users: int = 0
    used_at: float = 0.0


class Batches:
    """Delivers batches, several at once. What is kept of an edition is made once and closed when it rests."""

    def __init__(self, app: App, stop: threading.Event) -> None:
        self.holder = secrets.token_hex(6)
        self.at_work = 0
        self.done = 0
        self.refused_by: DigestError | None = None  # why nothing may be delivered from here any more
        self._app = app
        self._stop = stop
        self._lock = threading.Lock()
        self._taken: set[tuple[str, int]] = set()
        self._open: dict[tuple[str, int], _Open] = {}  # by edition, and how many share a domain's pace
        self._ended: list[_Open] = []

    def deliver(self, edition_id: str, batch: int) -> None:
        """Submit what is due of one batch; doing it again, or for an edition that is not SENDING, changes nothing.

        Who was held for gone meanwhile may be given its own batch again: what is left of that is put in later.
        """
        with self._lock:
            if (edition_id, batch) in self._taken:
                return
            self._taken.add((edition_id, batch))
            self.at_work += 1
        try:
            if self._is_sending_soon(edition_id) and self._may_deliver():
                self._deliver(edition_id, batch)
        except DatabaseLostError as error:  # nothing of it was submitted, and the next sweep puts it in again
            print(f"{edition_id}, batch {batch}: {error}", file=sys.stderr, flush=True)
        finally:
            with self._lock:
                self._taken.discard((edition_id, batch))
                self.at_work -= 1
                self.done += 1

    def _may_deliver(self) -> bool:
        """Return whether letters may leave from this database; if they may not, this worker ends: others may."""
        try:
            arming.require_armed_elsewhere(self._app.database, self._app.sender)
            arming.require_no_return(self._app.database)
        except DatabaseLostError:
            raise
        except DigestError as error:
            self.refused_by = error
            self._stop.set()
            return False
        return True

    def _is_sending_soon(self, edition_id: str) -> bool:
        ends = time.monotonic() + BEGIN_SECONDS
        while not self._stop.is_set():
            row = editions.get_edition(self._app.database, edition_id)
            if row is None or row.status not in (EditionStatus.SENDING, EditionStatus.APPROVED):
                return False
            if row.status is EditionStatus.SENDING:
                late_at = row.late_at or row.slot + timedelta(minutes=self._app.config.delivery.too_late_minutes)
                return self._app.now() < late_at
            if time.monotonic() > ends or self._stop.wait(0.1):
                return False
        return False

    def _deliver(self, edition_id: str, batch: int) -> None:
        opened, done = self._opened(edition_id), set[str]()
        try:
            while (segment := self._next_segment(edition_id, batch, done)) and not opened.rounds.is_stopping():
                done.add(segment)
                self._deliver_segment(opened, edition_id, batch, segment)
        except SubmitHalted as error:
            is_only_here = isinstance(error, UnansweredError) and ledger.is_accepted_from_others(
                self._app.database, edition_id, self.holder
            )
            if not is_only_here:
                self._hold(edition_id, str(error))
            else:  # it is the way from here: the others go on
                print(f"{edition_id}, batch {batch}: {error}", file=sys.stderr, flush=True)
                self._stop.wait(OUTAGE_SECONDS)
        except (DeliveryError, StoreError) as error:  # what it left is due, and the next sweep finds it
            print(f"{edition_id}, batch {batch}: {error}", file=sys.stderr, flush=True)
        except Exception as error:
            note_mishap(edition_id, error)
            self._hold(edition_id, told_fault(error))
        finally:
            with self._lock:
                opened.users -= 1
                opened.used_at = time.monotonic()
        self._hold(edition_id, opened.breaker.halted_by)
        if opened.breaker.is_outage:
            self._stop.wait(OUTAGE_SECONDS)

    def _hold(self, edition_id: str, reason: str) -> None:
        if reason:
            end(self._app.database, edition_id, held_by=reason, is_spent=False, now=self._app.now())

    def _deliver_segment(self, opened: _Open, edition_id: str, batch: int, segment: str) -> None:
        idle = self._session(opened, edition_id, segment)
        if idle is None:
            return
        try:
            while 0 < opened.rounds.deliver_batch(idle.session, edition_id, batch, segment) <= SHORT_WAIT_SECONDS:
                if opened.rounds.is_stopping() or self._stop.wait(SHORT_WAIT_SECONDS / 4):
                    break
        except BaseException:
            idle.stack.close()
            raise
        with self._lock:
            opened.sessions.setdefault(segment, []).append(idle)
            idle.since = time.monotonic()

    def _next_segment(self, edition_id: str, batch: int, done: Collection[str]) -> str:
        """Return a segment of the batch that something is due of, "" when there is no other than those."""
        due = ledger.due_segments(self._app.database, edition_id, batch, self._app.now())
        return next((segment for segment in due if segment not in done), "")

    def _session(self, opened: _Open, edition_id: str, segment: str) -> _Idle | None:
        with self._lock:
            waiting = opened.sessions.get(segment)
            if waiting:
                return waiting.pop()
        make = partial(remaining_letter, self._app, edition_id)
        letter = letter_of(self._app.database, edition_id, segment, make, self._app.now)
        if letter is None:
            return None
        stack = ExitStack()
        return _Idle(stack, stack.enter_context(self._app.sender.open(letter)), 0.0)

    def _opened(self, edition_id: str) -> _Open:
        told = self._app.config.delivery
        key = (edition_id, count_live(self._app.database) if told.per_domain_per_second > 0 else 0)
        with self._lock:
            opened = self._open.get(key)
            if opened is not None and opened.rounds.is_stopping():  # it has ended for a reason that may have passed
                self._ended.append(self._open.pop(key))
                opened = None
            if opened is None:
                opened = self._open[key] = self._made(edition_id, max(1, key[1]))
            opened.users += 1
            return opened

    def _made(self, edition_id: str, sharers: int) -> _Open:
        app, told = self._app, self._app.config.delivery
        database, closing = app.database, ExitStack()
        journal = closing.enter_context(
            journal_of(database, edition_id, told.max_attempts, app.now, holder=self.holder)
        )
        has_accepted = ledger.has_accepted(database, edition_id)

        def is_going_on() -> bool:
            row = patiently(lambda: editions.get_edition(database, edition_id))
            return row is not None and row.status is EditionStatus.SENDING

        gates = Gates(
            DomainPace(told.per_domain_per_second / sharers, time.monotonic),
            Budget(None),
            SharedPace(database, told.per_second, time.monotonic, watchful(self._stop.wait, is_going_on)),
            Breaker(told.halt_after_failures, has_accepted=has_accepted),
        )
        rounds = Rounds(
            database,
            app.sender,
            partial(addressed, app.links, read_edition_id(edition_id)[0]),
            journal,
            gates,
            connections=1,
            now=app.now,
            stop=self._stop,
            is_going_on=is_going_on,
        )
        return _Open(rounds, gates.breaker, journal, closing)

    def flush(self) -> None:
        """Write what could not be written when the database was away."""
        with self._lock:
            journals = [opened.journal for opened in (*self._open.values(), *self._ended)]
        for journal in journals:
            journal.flush()

    def close_idle(self, seconds: float = IDLE_SECONDS) -> None:
        """Close what nobody used for so long."""
        now, closing = time.monotonic(), list[ExitStack]()
        with self._lock:
            resting = {key for key, one in self._open.items() if not one.users and now - one.used_at >= seconds}
            self._ended += [self._open.pop(key) for key in resting]
            for opened in (*self._open.values(), *self._ended):
                is_ended = opened in self._ended
                for segment, waiting in opened.sessions.items():
                    old = [idle for idle in waiting if is_ended or now - idle.since >= seconds]
                    closing += [idle.stack for idle in old]
                    opened.sessions[segment] = [idle for idle in waiting if idle not in old]
            closing += [opened.closing for opened in self._ended if not opened.users]
            self._ended = [opened for opened in self._ended if opened.users]
        for stack in closing:
            with contextlib.suppress(DigestError, OSError):
                stack.close()
