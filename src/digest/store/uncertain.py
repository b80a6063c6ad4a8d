"""Deliveries whose answer was lost, by the request that they left in, and what may be done with them at once.

One statement decides and moves, so that an event which comes meanwhile is either seen or comes after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, literal, or_, select

from digest.model import DeliveryState, EditionStatus
from digest.store.database import Database
from digest.store.schema import deliveries, editions, events

__all__ = ["UncertainRequest", "has_event", "note_once", "resubmit", "uncertain_requests"]

# While an edition is SENDING its run may be counting what is left; HELD waits for an operator.
_RESTING = (EditionStatus.DONE, EditionStatus.APPROVED)


@dataclass(frozen=True, slots=True)
class UncertainRequest:
    """Deliveries of one edition that may be queued again, once, and that left in the same request.

    `request_id` is "" for those that left without one. `since` is when the last of them became
    UNCERTAIN: not before it was submitted.
    """

    edition_id: str
    request_id: str
    deliveries: int
    since: datetime
    slot: datetime
    late_at: datetime | None
    first_batch: int
    last_batch: int


def uncertain_requests(database: Database) -> tuple[UncertainRequest, ...]:
    """Return the uncertain requests of editions that nobody is delivering, held, or ended; oldest slot first."""
    wanted = (
        select(
            deliveries.c.edition_id,
            deliveries.c.request_id,
            func.count(),
            func.max(deliveries.c.changed_at),
            editions.c.slot_utc,
            editions.c.late_at,
            func.min(deliveries.c.batch),
            func.max(deliveries.c.batch),
        )
        .join(editions, editions.c.id == deliveries.c.edition_id)
        .where(
            deliveries.c.edition_id.in_(select(editions.c.id).where(editions.c.status.in_(_RESTING))),
            _may_return(),
        )
        .group_by(deliveries.c.edition_id, deliveries.c.request_id, editions.c.slot_utc, editions.c.late_at)
        .order_by(editions.c.slot_utc, deliveries.c.edition_id, deliveries.c.request_id)
    )
    with database.read() as connection:
        return tuple(UncertainRequest(*row) for row in connection.execute(wanted))


def has_event(
    database: Database, *, received_from: datetime, but: UncertainRequest, happened_after: datetime | None = None
) -> bool:
    """Return whether an event of another request was received then or later, of something that happened later."""
    wanted = (
        select(events.c.key)
        .where(events.c.received_at >= received_from, events.c.request_id != but.request_id)
        .limit(1)
    )
    if happened_after is not None:
        wanted = wanted.where(events.c.at > happened_after)
    with database.read() as connection:
        return connection.execute(wanted).first() is not None


def resubmit(
    database: Database, requests: Sequence[UncertainRequest], now: datetime, *, detail: str, only_without_events: bool
) -> int:
    """Queue what is uncertain of one edition's `requests` again and let it go on; return how many deliveries.

    Args:
        only_without_events: Leave a whole request where it is when any event tells of any delivery of it.
    """
    edition_id = requests[0].edition_id
    change = {
        "state": DeliveryState.QUEUED,
        "resubmissions": deliveries.c.resubmissions + 1,
        "detail": detail,
        "due_at": None,
        "changed_at": now,
    }
    moved = 0
    with database.write() as connection:
        if not _is_resting(connection, edition_id):
            return 0
        for request in requests:
            move = deliveries.update().where(_of(request), _may_return()).values(change)
            if only_without_events:
                move = move.where(~_is_reported(request))
            moved += connection.execute(move).rowcount
        if moved:
            connection.execute(
                editions.update()
                .where(editions.c.id == edition_id, editions.c.status == EditionStatus.DONE)
                .values(status=EditionStatus.SENDING, updated_at=now)
            )
    return moved


def note_once(database: Database, request: UncertainRequest, note: str) -> int:
    """Add `note` to the words on what is uncertain of `request`; return how many did not carry it yet."""
    add = (
        deliveries.update()
        .where(_of(request), _may_return(), ~deliveries.c.detail.endswith(note, autoescape=True))
        .values(detail=deliveries.c.detail + literal(f"; {note}"))
    )
    with database.write() as connection:
        return connection.execute(add).rowcount


def _may_return() -> ColumnElement[bool]:
    return and_(
        deliveries.c.state == DeliveryState.UNCERTAIN,
        deliveries.c.resubmissions == 0,
        deliveries.c.email != "",  # an erased reader has no address any more
    )


def _of(request: UncertainRequest) -> ColumnElement[bool]:
    return and_(deliveries.c.edition_id == request.edition_id, deliveries.c.request_id == request.request_id)


def _is_reported(request: UncertainRequest) -> ColumnElement[bool]:
    """Whether an event tells of any delivery that left in `request`, in whatever state that is now."""
    sibling = deliveries.alias("sibling")
    return or_(
        exists()
        .where(
            sibling.c.edition_id == request.edition_id,
            sibling.c.state.in_(list(DeliveryState)),  # so that the index leads to the few batches
            sibling.c.batch.between(request.first_batch, request.last_batch),
            sibling.c.request_id == request.request_id,
            events.c.delivery_id == sibling.c.id,
        )
        .correlate(None),
        exists().where(events.c.request_id == request.request_id).correlate(None),
    )


def _is_resting(connection: Connection, edition_id: str) -> bool:
    status = connection.execute(select(editions.c.status).where(editions.c.id == edition_id)).scalar()
    return status in _RESTING
