"""How a delivery moves on: each move is one statement that is guarded by the state it leaves.

    QUEUED ─ mark ─→ SUBMITTING ─ record ─→ ACCEPTED, REJECTED, UNCERTAIN, or QUEUED again, due later
      ├─ mark, when the reader has left meanwhile ─→ WITHDRAWN
      └─ mark, when they left one section of several ─→ QUEUED, in the segment of those that remain
    QUEUED ─ record, when the provider refused before anything was submitted ─→ REJECTED or QUEUED
    SUBMITTING ─ orphans_to_uncertain, when its process is gone ─→ UNCERTAIN
    UNCERTAIN ─ record, when that process lives and has the attempt's answer ─→ ACCEPTED, REJECTED

The number of the attempt fences: an outcome of an older attempt moves nothing. The statements are in `moves`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select, text

from digest.deliver.moves import (
    FIRST_GONE,
    KEEP_SENDING,
    MARK,
    PART,
    RECORD,
    REMAINING,
    REMAINING_OF_BATCH,
    WITHDRAW,
    WITHDRAW_GONE,
)
from digest.deliver.segments import remaining_segment
from digest.model import WHOLE, Delivery, DeliveryState, Outcome
from digest.store.database import Database
from digest.store.prepared import Cursor
from digest.store.schema import deliveries, editions, workers
from digest.store.workers import LIVES

__all__ = [
    "Attempt",
    "Marked",
    "begun",
    "editions_in_flight",
    "mark",
    "orphans_to_uncertain",
    "record",
    "retry_wait",
    "withdraw_gone",
    "withdraw_rest",
]

# Tried at 0, 1, 5, 21 and 81 min: soon after the 5 minutes that greylisting usually asks for, and for longer
# than a provider is commonly down, since five refusals reject a reader.
FIRST_WAIT_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 3600.0
_LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True)
class Attempt:
    """The `number`th time (from 1) that a delivery is tried, with the letter of `segment`.

    Its reader was refused `refusals` times before.
    """

    delivery_id: str
    number: int
    refusals: int = 0
    segment: str = WHOLE


@dataclass(frozen=True, slots=True)
class Marked:
    """The deliveries that `mark` moved and that may leave now, and how many readers had left, all of it or a part."""

    ids: frozenset[str]
    left: int


def begun(delivery: Delivery) -> Attempt:
    """Return the attempt that begins with `delivery` as it was read from the ledger."""
    return Attempt(delivery.id, delivery.attempts + 1, delivery.refusals, delivery.segment)


def mark(
    database: Database,
    cursor: Cursor,
    edition_id: str,
    attempts: Sequence[Attempt],
    now: datetime,
    request_id: str,
    holder: str = "",
) -> Marked:
    """Move deliveries of one segment from QUEUED to SUBMITTING, held by `holder`: those may leave now.

    Whoever unsubscribed or was suppressed after freezing becomes WITHDRAWN instead; whoever left one of several
    sections waits for the letter of the others. Nothing moves unless the edition is SENDING, so holding or cancelling
    it works in mid-delivery; nor does what was attempted by someone else since it was read, or is to get another
    letter since.
    """
    if not attempts:
        return Marked(frozenset(), 0)
    told = {
        "edition": edition_id,
        "segment": attempts[0].segment,
        "ids": {attempt.delivery_id: attempt.number for attempt in attempts},
        "now": now,
        "request": request_id,
        "holder": holder,
    }
    # Where writers work beside each other, whoever holds the edition waits for this mark, or it for them.
    if database.storage.path is None:
        database.prepared(KEEP_SENDING).run(cursor, told)
    ids = frozenset(row[0] for row in database.prepared(MARK).rows(cursor, told))
    if len(ids) == len(attempts):
        return Marked(ids, 0)
    withdrawn = database.prepared(WITHDRAW).rows(cursor, told)
    return Marked(ids, len(withdrawn) + _part(database, cursor, REMAINING, told))


def record(
    database: Database, cursor: Cursor, outcomes: Sequence[tuple[Attempt, Outcome]], now: datetime, max_attempts: int
) -> Callable[[], int]:
    """Record what became of each attempt; what is returned tells, after the transaction, how many rows moved.

    Fewer than were given means that someone else has settled the others meanwhile.
    """
    if not outcomes:
        return lambda: 0
    recording = cursor.connection.cursor()
    ordered = sorted(outcomes, key=lambda told: told[0].delivery_id)  # the same order for all: no deadlock
    rows = (_recorded(attempt, outcome, now, max_attempts) for attempt, outcome in ordered)
    database.prepared(RECORD).run_each(recording, {"now": now}, rows)
    return lambda: int(recording.rowcount)


def withdraw_gone(database: Database, edition_id: str, batch: int, now: datetime) -> int:
    """Move those of a batch to WITHDRAWN who left after freezing, before any work is done for them.

    Who left one of several sections waits for the letter of the others. Whoever leaves between this and their turn
    is found by `mark`. Returns how many moved.
    """
    told = {"edition": edition_id, "batch": batch, "now": now}
    with database.read() as connection:
        cursor = connection.connection.cursor()
        if not database.prepared(FIRST_GONE).rows(cursor, told):
            return 0
    with database.writer() as writer, writer.transaction() as writing:
        withdrawn = database.prepared(WITHDRAW_GONE).rows(writing, told)
        return len(withdrawn) + _part(database, writing, REMAINING_OF_BATCH, told)


def _part(database: Database, cursor: Cursor, remaining: Select[Any], told: dict[str, Any]) -> int:
    """Let those who left one of several sections wait for the letter of the others; return how many they are."""
    sections: dict[tuple[str, str], set[str]] = {}
    for id_, segment, section in database.prepared(remaining).rows(cursor, told):
        sections.setdefault((id_, segment), set()).add(section)
    order = told["edition"].rpartition("/")[0].split("+")
    moves = [
        {"the_id": id_, "from": segment, "to": remaining_segment([key for key in order if key in left])}
        for (id_, segment), left in sorted(sections.items())
    ]
    if moves:
        database.prepared(PART).run_each(cursor, {"now": told["now"]}, moves)
    return len(moves)


def withdraw_rest(database: Database, edition_id: str, why: str, now: datetime, segment: str = "") -> int:
    """Move all that is still queued, or is of one segment, to WITHDRAWN; return how many that were."""
    withdraw = (
        deliveries.update()
        .where(deliveries.c.edition_id == edition_id, deliveries.c.state == DeliveryState.QUEUED)
        .values(state=DeliveryState.WITHDRAWN, detail=why, due_at=None, changed_at=now)
    )
    if segment:
        withdraw = withdraw.where(deliveries.c.segment == segment)
    with database.write() as connection:
        return connection.execute(withdraw).rowcount


def editions_in_flight(database: Database) -> tuple[str, ...]:
    """Return the editions of which something is SUBMITTING, by a process that works or one that is gone."""
    in_flight = exists().where(deliveries.c.edition_id == editions.c.id, deliveries.c.state == DeliveryState.SUBMITTING)
    with database.read() as connection:
        return tuple(connection.execute(select(editions.c.id).where(in_flight)).scalars())


def orphans_to_uncertain(database: Database, edition_id: str, now: datetime, *, only_workers: bool = False) -> int:
    """Settle what was in flight when its process died, and return how many those were.

    What a run without workers had is settled only for `sole_deliverer`: to anyone else these are another's letters on
    their way. What a worker had is settled for anybody, once that worker is known to be gone.
    """
    is_gone = deliveries.c.holder == ""
    if database.storage.path is None:
        lives = exists().where(workers.c.holder == deliveries.c.holder, text(LIVES))
        is_gone = and_(deliveries.c.holder != "", ~lives) if only_workers else or_(is_gone, ~lives)
    settle = (
        deliveries.update()
        .where(deliveries.c.edition_id == edition_id, deliveries.c.state == DeliveryState.SUBMITTING, is_gone)
        .values(
            state=DeliveryState.UNCERTAIN,
            detail="in flight when the process that submitted it stopped",
            changed_at=now,
        )
        .returning(deliveries.c.id)
    )
    with database.write() as connection:
        return len(connection.execute(settle).all())


def retry_wait(attempt: Attempt, asked_seconds: float | None) -> timedelta:
    """Return how long to wait before the next attempt: growing, and never less than the provider asked.

    Spread by up to a tenth, by the delivery's id, so that what failed together does not return together.
    """
    grown = min(FIRST_WAIT_SECONDS * 4 ** (attempt.number - 1), LONGEST_WAIT_SECONDS)
    spread = 1 + zlib.crc32(attempt.delivery_id.encode()) % 1000 / 10_000
    return timedelta(seconds=max(grown, asked_seconds or 0.0) * spread)


def _wait(attempt: Attempt, outcome: Outcome) -> timedelta:
    """Return how long a refused delivery waits: an outage is asked after steadily, and never waits longer each time."""
    if not outcome.costs_attempt:  # everybody waits: unspread, so that those of one request travel in one again
        return timedelta(seconds=max(FIRST_WAIT_SECONDS, outcome.retry_after_seconds or 0.0))
    return retry_wait(attempt, outcome.retry_after_seconds)


def _recorded(attempt: Attempt, outcome: Outcome, now: datetime, max_attempts: int) -> dict[str, Any]:
    words = _storable(outcome.detail)
    told = {
        "the_id": attempt.delivery_id,
        "attempt": attempt.number,
        "to": outcome.state.value,
        "refused": attempt.refusals,
        "provider": _storable(outcome.provider_id),
        "request": outcome.request_id,
        "words": words,
        "due": None,
    }
    if outcome.state is not DeliveryState.QUEUED:
        return told
    refused = told["refused"] = attempt.refusals + outcome.costs_attempt
    if outcome.costs_attempt and refused >= max_attempts:
        given_up = f"given up after {max_attempts} attempts: {words}"[:_LONGEST_DETAIL]
        return {**told, "to": DeliveryState.REJECTED.value, "words": given_up}
    return {**told, "due": now + _wait(attempt, outcome)}


def _storable(words: str) -> str:
    """Return a provider's words without what a text column refuses."""
    if words.isascii() and words.isprintable() and len(words) <= _LONGEST_DETAIL:
        return words
    return words[:_LONGEST_DETAIL].encode("utf-8", "replace").decode().replace("\0", "\ufffd")
