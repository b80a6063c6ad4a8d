"""The ledger: one row a reader and edition, and what it adds up to.

`freezing` makes the rows, and from then on only `transitions` changes a delivery's state.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)

from digest.model import ACCEPTED_STATES, WHOLE, Delivery, DeliveryState
from digest.store.database import Database
from digest.store.schema import deliveries as rows
from digest.store.schema import waves

__all__ = [
    "BATCHES_A_WAVE",
    "OPEN",
    "count_open",
    "counts",
    "counts_in",
    "counts_of_each",
    "due_batches",
    "due_deliveries",
    "due_segments",
    "has_accepted",
    "has_begun",
    "is_accepted_from_others",
    "next_due",
]

BATCHES_A_WAVE = 1_000_000
"""A wave's batches are numbered from its own number times this."""

_LONGER = timedelta(seconds=2)  # than letters that were on their way together

OPEN = frozenset({DeliveryState.QUEUED, DeliveryState.SUBMITTING})
"""The states of a delivery that is not settled; an edition with none of them is done."""


def counts(database: Database, edition_id: str) -> tuple[tuple[DeliveryState, int], ...]:
    """Return how many deliveries are in each state, in the states' order, without the empty ones."""
    with database.read() as connection:
        return counts_in(connection, edition_id)


def counts_of_each(database: Database, edition_ids: Sequence[str]) -> dict[str, tuple[tuple[DeliveryState, int], ...]]:
    """Return for each of the editions what `counts` does."""
    wanted = select(rows.c.edition_id, rows.c.state, func.count()).group_by(rows.c.edition_id, rows.c.state)
    with database.read() as connection:
        found = connection.execute(wanted.where(rows.c.edition_id.in_(edition_ids))).all()
    numbers = {(edition_id, state): count for edition_id, state, count in found}
    return {
        edition_id: tuple(
            (state, numbers[edition_id, state]) for state in DeliveryState if (edition_id, state) in numbers
        )
        for edition_id in edition_ids
    }


def due_batches(database: Database, edition_id: str, now: datetime) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return the segments of which something may be submitted now, each with the numbers of its batches."""
    wanted = select(rows.c.segment, rows.c.batch).where(_is_due(edition_id, now)).distinct()
    begun = select(func.count(), func.max(case((waves.c.at <= now, waves.c.number), else_=-1)))
    with database.read() as connection:
        known, last = connection.execute(begun.where(waves.c.edition_id == edition_id)).one()
        if known:  # those whose hour is still to come need not be looked at
            wanted = wanted.where(rows.c.batch < (last + 1) * BATCHES_A_WAVE)
        found = sorted(connection.execute(wanted).all())
    return tuple((segment, tuple(batch for _, batch in pairs)) for segment, pairs in groupby(found, itemgetter(0)))


def due_deliveries(
    database: Database, edition_id: str, batch: int, now: datetime, segment: str = WHOLE
) -> tuple[Delivery, ...]:
    """Return what may be submitted now of one batch with the letter of `segment`."""
    told = {"edition": edition_id, "batch": batch, "segment": segment, "now": now}
    with database.read() as connection:
        found = database.prepared(_DUE_OF_BATCH).rows(connection.connection.cursor(), told)
    return tuple(
        Delivery(
            id_,
            edition_id,
            reader,
            email,
            DeliveryState.QUEUED,
            attempts,
            name=name,
            refusals=refusals,
            segment=segment,
        )
        for id_, reader, email, name, attempts, refusals in found
    )


def due_segments(database: Database, edition_id: str, batch: int, now: datetime) -> tuple[str, ...]:
    """Return the segments of which something may be submitted now in one batch."""
    wanted = select(rows.c.segment).where(_is_due(edition_id, now), rows.c.batch == batch).distinct()
    with database.read() as connection:
        return tuple(connection.execute(wanted.order_by(rows.c.segment)).scalars())


def next_due(database: Database, edition_id: str, after: datetime | None = None) -> datetime | None:
    """Return when the earliest queued delivery that waits may be tried again, None when none waits.

    Args:
        after: Leave out those that were due by then.
    """
    wanted = select(func.min(rows.c.due_at)).where(rows.c.edition_id == edition_id, _queued(), _has_letter())
    if after is not None:
        wanted = wanted.where(rows.c.due_at > after)
    with database.read() as connection:
        return connection.execute(wanted).scalar()


def has_begun(database: Database, edition_id: str) -> bool:
    """Return whether any delivery was tried."""
    tried = select(rows.c.id).where(rows.c.edition_id == edition_id, rows.c.attempts > 0).limit(1)
    with database.read() as connection:
        return connection.execute(tried).first() is not None


def has_accepted(database: Database, edition_id: str) -> bool:
    """Return whether any delivery was accepted."""
    accepted = select(rows.c.id).where(rows.c.edition_id == edition_id, rows.c.state.in_(ACCEPTED_STATES)).limit(1)
    with database.read() as connection:
        return connection.execute(accepted).first() is not None


def count_open(database: Database, edition_id: str) -> int:
    """Return how many deliveries are not settled."""
    is_open = and_(rows.c.edition_id == edition_id, rows.c.state.in_(OPEN))
    with database.read() as connection:
        return int(connection.execute(select(func.count()).where(is_open)).scalar_one())


def is_accepted_from_others(database: Database, edition_id: str, holder: str) -> bool:
    """Return whether others' letters went on being accepted after the last of `holder`'s was."""
    accepted = and_(rows.c.edition_id == edition_id, rows.c.state == DeliveryState.ACCEPTED)
    theirs = func.max(case((rows.c.holder != holder, rows.c.changed_at)))
    with database.read() as connection:
        last, own = connection.execute(
            select(theirs, func.max(case((rows.c.holder == holder, rows.c.changed_at)))).where(accepted)
        ).one()
    return last is not None and (own is None or last - own > _LONGER)


def counts_in(connection: Connection, edition_id: str) -> tuple[tuple[DeliveryState, int], ...]:
    """Return as `counts` does, within a transaction that is open."""
    found = _numbers(connection, rows.c.state, rows.c.edition_id == edition_id)
    return tuple((state, found[state]) for state in DeliveryState if state in found)


def _numbers(connection: Connection, column: Column[str], where: ColumnElement[bool]) -> dict[str, int]:
    """Count the rows by the values of `column`."""
    return dict(connection.execute(select(column, func.count()).where(where).group_by(column)).all())


def _queued() -> ColumnElement[bool]:
    return rows.c.state == DeliveryState.QUEUED


def _has_letter() -> ColumnElement[bool]:
    """Say in SQL that a delivery need not wait until it is decided which letter its reader gets."""
    return rows.c.segment != ""


def _is_due(edition_id: str, now: datetime) -> ColumnElement[bool]:
    is_time = or_(rows.c.due_at.is_(None), rows.c.due_at <= now)
    return and_(rows.c.edition_id == edition_id, _queued(), _has_letter(), is_time)


_DUE_OF_BATCH = (
    select(rows.c.id, rows.c.subscriber_id, rows.c.email, rows.c.name, rows.c.attempts, rows.c.refusals)
    .where(
        rows.c.edition_id == bindparam("edition"),
        _queued(),
        rows.c.batch == bindparam("batch"),
        rows.c.segment == bindparam("segment"),
        or_(rows.c.due_at.is_(None), rows.c.due_at <= bindparam("now")),
    )
    .order_by(rows.c.subscriber_id)
)
