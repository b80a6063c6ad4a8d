"""Walks the ledger: hands an edition's queued deliveries to the sender, round by round.

`deliver` may be called again at any time, by any number of processes: one works, and it goes on from
what the ledger says. A letter leaves only after its intent is on disk, and what was in flight when a
process died is never submitted again by itself. How a letter travels is the sender's business.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from digest.deliver import ledger
from digest.deliver.endings import end, end_late, told_fault
from digest.deliver.epochs import Epochs, epochs_of
from digest.deliver.exclusive import sole_deliverer
from digest.deliver.forecast import Target
from digest.deliver.gates import gates_of
from digest.deliver.journal import journal_of
from digest.deliver.letters import MakeLetter, letter_of
from digest.deliver.pace import DomainPace
from digest.deliver.rounds import Links, Rounds, connections_for
from digest.deliver.targets import watched_target
from digest.deliver.transitions import orphans_to_uncertain
from digest.deliver.warm_up import Budget
from digest.deliver.watching import watch
from digest.deliver.waves import next_wave, withdraw_late
from digest.errors import EditionError
from digest.model import DeliveryState, EditionStatus, Letter
from digest.ports import Sender
from digest.settings import DeliverySettings
from digest.store import editions
from digest.store.database import Database
from digest.store.editions import EditionRow
from digest.store.patience import patiently
from digest.store.storage import SoleLock
from digest.store.workers import count_live

__all__ = ["Dispatched", "Links", "deliver", "watchful"]

WATCH_SECONDS = 0.5  # how often a wait looks whether the edition was held or cancelled
MOST_FAILURES = 3  # rounds in a row in which the sender failed and no delivery moved
_BEGUN = frozenset({EditionStatus.APPROVED, EditionStatus.SENDING})


@dataclass(frozen=True, slots=True)
class Dispatched:
    """Where the edition stands after this run, and what an operator should know about it."""

    status: EditionStatus
    counts: tuple[tuple[DeliveryState, int], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Limits:
    too_late_at: datetime
    slack: timedelta  # how long after their own hour readers may still get it
    patience_seconds: float
    wait: Callable[[float], bool]
    budget: Budget
    epochs: Epochs
    lock: SoleLock


def _untold(_: str) -> None:
    """Keep it to the notes."""


def deliver(
    database: Database,
    edition_id: str,
    letter: Letter,
    sender: Sender,
    links: Links,
    settings: DeliverySettings,
    *,
    now: Callable[[], datetime],
    stop: threading.Event | None = None,
    wait: Callable[[float], bool] | None = None,
    clock: Callable[[], float] = time.monotonic,
    patience_seconds: float = math.inf,
    allowance: int | None = None,
    domains: DomainPace | None = None,
    target: Target | None = None,
    make_letter: MakeLetter | None = None,
    tell: Callable[[str], None] = _untold,
) -> Dispatched:
    """Submit what is queued of a frozen edition, until nothing is left, it is too late, or `stop` is set.

    Args:
        letter: What to submit. What was frozen for this edition is submitted in its place, and each segment's letter
            to that segment.
        stop: Set it to end early: what is in flight is finished, the rest stays queued.
        wait: Sleeps for so many seconds; returns True when work must stop. By default `stop.wait`.
        clock: Seconds that never run backwards, for the pace.
        patience_seconds: The longest wait for a refused delivery's next attempt. When it would be
            longer the edition stays SENDING, and the next call goes on.
        allowance: How many letters may leave today; whoever is beyond it is WITHDRAWN. None: no limit.
        domains: Kept from call to call, it remembers which recipient domains refuse for now; else each call
            begins without knowing any.
        target: When everything should be accepted. Whether it can be is told before, and what came of it after.
        make_letter: Makes the letter of those who left a section of several; without it they get none.
        tell: Gets what is worth knowing while it goes on.

    Raises:
        EditionError: the edition is unknown, not approved, or its audience is not frozen.
        StoreError: the ledger can't be written; nothing more was submitted.
    """
    stop = stop or threading.Event()
    wait = wait or stop.wait

    def is_going_on() -> bool:
        return patiently(lambda: _row(database, edition_id)).status is EditionStatus.SENDING

    watch_on = watchful(wait, is_going_on)
    are_at_work = allowance is None and count_live(database) > 0  # a day's volume is counted by one
    notes: tuple[str, ...] = ()
    with sole_deliverer(database, wait) as lock:
        if lock is not None and _begin(database, edition_id, now()):
            gates = gates_of(
                settings,
                allowance=allowance,
                has_accepted=ledger.has_accepted(database, edition_id),
                domains=domains,
                clock=clock,
                wait=watch_on,
            )
            connections = connections_for(sender, settings.per_second)
            with (
                epochs_of(database, sender, lock, clock) as epochs,
                journal_of(database, edition_id, settings.max_attempts, now) as journal,
                watched_target(database, edition_id, settings, target, now, allowance, tell) as outcome,
            ):

                def is_still_ours(epochs: Epochs = epochs) -> bool:
                    epochs.pulse()
                    return not epochs.returned and is_going_on()

                wait_on = watchful(wait, is_still_ours)
                limits = _limits(database, edition_id, settings, patience_seconds, wait_on, gates.budget, epochs, lock)
                rounds = Rounds(
                    *(database, sender, links, journal, gates),
                    connections=connections,
                    now=now,
                    stop=stop,
                    is_going_on=is_going_on,
                    epochs=epochs,
                )
                is_left_to_workers = are_at_work and _leave_to_workers(database, edition_id, limits, now)
                if not is_left_to_workers or now() >= limits.too_late_at:
                    letters = _Letters(database, letter, make_letter or _no_letter, now)
                    notes = _work_off(database, edition_id, letters, rounds, limits, now)
                else:
                    notes = end(database, edition_id, held_by="", is_spent=False, now=now())
            notes = (*notes, *outcome, *filter(None, (epochs.returned,)))
    return Dispatched(_row(database, edition_id).status, ledger.counts(database, edition_id), notes)


def _limits(
    database: Database,
    edition_id: str,
    settings: DeliverySettings,
    patience_seconds: float,
    wait: Callable[[float], bool],
    budget: Budget,
    epochs: Epochs,
    lock: SoleLock,
) -> _Limits:
    row = _row(database, edition_id)
    slack = timedelta(minutes=settings.too_late_minutes)
    return _Limits(row.late_at or row.slot + slack, slack, patience_seconds, wait, budget, epochs, lock)


def watchful(wait: Callable[[float], bool], is_going_on: Callable[[], bool]) -> Callable[[float], bool]:
    """Return a `wait` that ends within a second when the edition is held or cancelled meanwhile."""

    def wait_watchfully(seconds: float) -> bool:
        while seconds > 0:
            step = min(seconds, WATCH_SECONDS)
            if wait(step) or not is_going_on():
                return True
            seconds -= step
        return False

    return wait_watchfully


def _row(database: Database, edition_id: str) -> EditionRow:
    row = editions.get_edition(database, edition_id)
    if row is None:
        raise EditionError(f"There is no edition {edition_id!r}. `digest status` lists them.")
    return row


def _begin(database: Database, edition_id: str, now: datetime) -> bool:
    """Set the edition SENDING; return False when it is finished."""
    row = _row(database, edition_id)
    if row.status is EditionStatus.DRAFT:
        raise EditionError(f"{edition_id} is a draft: freeze its letter first.")
    if row.status in _BEGUN and row.candidates is None:
        raise EditionError(f"{edition_id} has no audience yet: freeze that first.")
    return editions.set_status(database, edition_id, EditionStatus.SENDING, expected=_BEGUN, now=now)


class _Letters:
    """The letter of each segment, read or made when it is needed first."""

    def __init__(self, database: Database, given: Letter, make: MakeLetter, now: Callable[[], datetime]) -> None:
        is_frozen = given.segment in editions.segments_of(database, given.edition_id)
        self._known: dict[str, Letter] = {} if is_frozen else {given.segment: given}
        self._of = partial(letter_of, database, given.edition_id, make=make, now=now)

    def __getitem__(self, segment: str) -> Letter | None:
        if (letter := self._known.get(segment) or self._of(segment)) is not None:
            self._known[segment] = letter
        return letter

    def due(self, batches: Sequence[tuple[str, tuple[int, ...]]]) -> list[tuple[Letter, tuple[int, ...]]]:
        """Return each segment's letter with its batches, without those of a segment that has none."""
        return [(letter, numbers) for segment, numbers in batches if (letter := self[segment]) is not None]


def _no_letter(segment: str) -> Letter:
    raise EditionError(f"nobody has made one for {segment!r}")


def _leave_to_workers(database: Database, edition_id: str, limits: _Limits, now: Callable[[], datetime]) -> bool:
    """Look on while workers deliver; return False when there is none any more and work is left."""
    return watch(
        database,
        edition_id,
        until=limits.too_late_at,
        slack=limits.slack,
        patience_seconds=limits.patience_seconds,
        wait=limits.wait,
        now=now,
    )


def _work_off(
    database: Database,
    edition_id: str,
    letters: _Letters,
    rounds: Rounds,
    limits: _Limits,
    now: Callable[[], datetime],
) -> tuple[str, ...]:
    """Make rounds over what is due until there is a reason to end; return what to tell."""
    notes: list[str] = []
    orphans = orphans_to_uncertain(database, edition_id, now())
    if orphans:
        notes.append(f"In flight when an earlier run stopped, uncertain and not submitted again: {orphans}.")
    failures = 0
    while not rounds.is_stopping() and _row(database, edition_id).status is EditionStatus.SENDING:
        if not limits.lock.take():  # a server that was restarted has freed it, and another was quicker
            return (*notes, "Another run delivers it now.")
        if limits.epochs.has_returned():
            break
        moment = now()
        if late := withdraw_late(database, edition_id, moment, limits.slack):
            notes.append(f"Withdrawn, since their hour had passed too long ago: {late}.")
        due_now = ledger.due_batches(database, edition_id, moment)
        due = moment if due_now else ledger.next_due(database, edition_id)
        if due is None:
            break
        if moment >= limits.too_late_at:
            return (*notes, end_late(database, edition_id, moment, limits.too_late_at))
        if due > moment:
            seconds = (min(due, limits.too_late_at) - moment).total_seconds()
            if seconds > limits.patience_seconds:
                notes.append(_next_attempt(due, is_wave=due == next_wave(database, edition_id, moment)))
                break
            limits.wait(seconds)
            continue
        before, began = rounds.moves, now()
        problems = rounds.run(letters.due(due_now))
        if rounds.moves == before and not problems and rounds.waiting_seconds:
            # At least as long as the round took, so that asking never takes more time than waiting.
            moment = now()
            again = moment + max(timedelta(seconds=rounds.waiting_seconds), moment - began)
            again = min(again, ledger.next_due(database, edition_id, moment) or again)
            if (again - moment).total_seconds() > limits.patience_seconds:
                notes.append(_next_attempt(again))
                break
            limits.wait(max(0.0, (min(again, limits.too_late_at) - moment).total_seconds()))
            continue
        failures = failures + 1 if rounds.moves == before else 0
        if failures == MOST_FAILURES:
            notes += problems or ("The sender took none of the letters.",)
            break
        if failures:
            limits.wait(2.0**failures)
    held_by = told_fault(rounds.fault) if rounds.fault else rounds.halted_by
    return (*notes, *end(database, edition_id, held_by=held_by, is_spent=limits.budget.is_spent, now=now()))


def _next_attempt(at: datetime, *, is_wave: bool = False) -> str:
    if is_wave:
        return f"Others get it at their own hour; the next is {at:%Y-%m-%d %H:%M} UTC."
    return f"Refused for now; the next attempt is at {at:%H:%M:%S} UTC."
