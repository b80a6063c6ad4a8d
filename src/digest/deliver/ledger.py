"""The ledger: one row a reader and edition, and what it adds up to.

`freezing` makes the rows, and from then on only `transitions` changes a delivery's state.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

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

from digest.model import Delivery, DeliveryState
from digest.store.database import Database
from digest.store.schema import deliveries as rows
from digest.store.schema import waves

__all__ = [
    "BATCHES_A_WAVE",
    "OPEN",
    "counts",
    "counts_in",
    "due_batches",
    "due_deliveries",
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


def due_batches(database: Database, edition_id: str, now: datetime, segment: str = "") -> tuple[int, ...]:
    """Return the numbers of the batches in which something may be submitted now: of all segments, or of one."""
    wanted = select(rows.c.batch).where(_is_due(edition_id, now)).distinct().order_by(rows.c.batch)
    if segment:
        wanted = wanted.where(rows.c.segment == segment)
    begun = select(func.count(), func.max(case((waves.c.at <= now, waves.c.number), else_=-1)))
    with database.read() as connection:
        known, last = connection.execute(begun.where(waves.c.edition_id == edition_id)).one()
        if known:  # those whose hour is still to come need not be looked at
            wanted = wanted.where(rows.c.batch < (last + 1) * BATCHES_A_WAVE)
        return tuple(connection.execute(wanted).scalars())


def due_deliveries(database: Database, edition_id: str, batch: int, now: datetime) -> tuple[Delivery, ...]:
    """Return what may be submitted now of one batch."""
    told = {"edition": edition_id, "batch": batch, "now": now}
    with database.read() as connection:
        found = database.prepared(_DUE_OF_BATCH).rows(connection.connection.cursor(), told)
    return tuple(
        Delivery(id_, edition_id, reader, email, DeliveryState.QUEUED, attempts, name=name, refusals=refusals)
        for id_, reader, email, name, attempts, refusals in found
    )


def next_due(
    database: Database, edition_id: str, after: datetime | None = None, segments: Sequence[str] = ()
) -> datetime | None:
    """Return when the earliest queued delivery that waits may be tried again, None when none waits.

    Args:
        after: Leave out those that were due by then.
        segments: Only these; all when empty.
    """
    wanted = select(func.min(rows.c.due_at)).where(rows.c.edition_id == edition_id, _queued())
    if segments:
        wanted = wanted.where(rows.c.segment.in_(segments))
    if after is not None:
        wanted = wanted.where(rows.c.due_at > after)
    with database.read() as connection:
        return connection.execute(wanted).scalar()


def has_begun(database: Database, edition_id: str) -> bool:
    """Return whether any delivery was tried."""
    tried = select(rows.c.id).where(rows.c.edition_id == edition_id, rows.c.attempts > 0).limit(1)
    with database.read() as connection:
        return connection.execute(tried).first() is not None


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
    found = _numbers(connection, rows.c.state, rows.c.edition_id == edition_id)
    return tuple((state, found[state]) for state in DeliveryState if state in found)


def _numbers(connection: Connection, column: Column[str], where: ColumnElement[bool]) -> dict[str, int]:
    """Count the rows by the values of `column`."""
    return dict(connection.execute(select(column, func.count()).where(where).group_by(column)).all())


def _queued() -> ColumnElement[bool]:
    return rows.c.state == DeliveryState.QUEUED


def _is_due(edition_id: str, now: datetime) -> ColumnElement[bool]:
    return and_(rows.c.edition_id == edition_id, _queued(), or_(rows.c.due_at.is_(None), rows.c.due_at <= now))


_DUE_OF_BATCH = (
    select(rows.c.id, rows.c.subscriber_id, rows.c.email, rows.c.name, rows.c.attempts, rows.c.refusals)
    .where(
        rows.c.edition_id == bindparam("edition"),
        _queued(),
        rows.c.batch == bindparam("batch"),
        or_(rows.c.due_at.is_(None), rows.c.due_at <= bindparam("now")),
    )
    .order_by(rows.c.subscriber_id)
)
