"""What providers reported later about deliveries, and the moves of the ledger that rest on it.

Every function works in the caller's transaction: a post is stored and acted on together or not at all.
A move is guarded by the states that it may leave, and goes forward only:

    UNCERTAIN → ACCEPTED → DELIVERED → BOUNCED → COMPLAINED

SUBMITTING is left alone: the process that submits records its own answer, and `settling` comes back to it.
What had been UNCERTAIN and was queued again (`resubmissions`) moves from wherever it is now: the event is of
the first submission, and submitting it again would double it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Update

from digest.model import DeliveryState
from digest.store.database import Database
from digest.store.given import given_values
from digest.store.schema import deliveries, editions, events, settings

__all__ = [
    "FORWARD",
    "Event",
    "Known",
    "Move",
    "Request",
    "accept_requests",
    "advance",
    "earliest_in_flight",
    "events_since",
    "get_settled_until",
    "keep",
    "known",
    "put_settled_until",
]

FORWARD = (
    DeliveryState.UNCERTAIN,
    DeliveryState.ACCEPTED,
    DeliveryState.DELIVERED,
    DeliveryState.BOUNCED,
    DeliveryState.COMPLAINED,
)
"""The states in the order in which events move a delivery through them."""

_SETTLED_UNTIL = "events-settled-until"
_PAGE = 1000  # rows


@dataclass(frozen=True, slots=True)
class Event:
    """One report on one delivery. `key` tells it by what it says, `provider_id` by its sender's number."""

    key: str
    delivery_id: str
    kind: str
    at: datetime  # by the provider's clock, whole seconds
    provider_id: str | None = None
    request_id: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a delivery that an event is about."""

    edition_id: str
    section: str
    subscriber_id: int
    address_key: str  # hashed
    batch: int
    state: DeliveryState
    is_erased: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A provider's request that an event names, and where in the ledger its deliveries are."""

    edition_id: str
    request_id: str
    batch: int


@dataclass(frozen=True, slots=True)
class Move:
    """A delivery that is to stand at `to` or further on."""

    delivery_id: str
    to: DeliveryState
    detail: str


def known(connection: Connection, ids: Iterable[str]) -> dict[str, Known]:
    """Return those of `ids` that are in the ledger."""
    rows = connection.execute(_KNOWN, {"ids": sorted(set(ids))})
    return {
        id_: Known(edition_id, section, subscriber_id, address_key, batch, DeliveryState(state), not email)
        for id_, edition_id, section, subscriber_id, address_key, batch, state, email in rows
    }


def keep(database: Database, connection: Connection, told: Sequence[Event], received_at: datetime) -> int:
    """Store events that are not there yet, by either of their names; return how many were not."""
    if not told:
        return 0
    rows = (_row(event) for event in told)
    return database.prepared(_KEEP[connection.dialect.name]).run_each(
        connection.connection.cursor(), {"received_at": received_at}, rows
    )


def advance(database: Database, connection: Connection, moves: Sequence[Move], now: datetime) -> int:
    """Move deliveries forward to where an event puts them; return how many moved."""
    moved = 0
    cursor = connection.connection.cursor()
    for to in FORWARD[1:]:
        rows = [{"the_id": move.delivery_id, "words": move.detail} for move in moves if move.to is to]
        if rows:
            moved += database.prepared(_ADVANCE[to]).run_each(cursor, {"moment": now}, rows)
    return moved


def accept_requests(database: Database, connection: Connection, requests: Sequence[Request], now: datetime) -> int:
    """Accept what is uncertain of requests that events tell to have been taken; return how many moved.

    A provider takes a request as a whole, and all of a request is of one batch.
    """
    if not requests:
        return 0
    cursor = connection.connection.cursor()
    rows = (
        {"edition": request.edition_id, "request": request.request_id, "number": request.batch} for request in requests
    )
    return database.prepared(_ACCEPT_REQUEST).run_each(cursor, {"moment": now}, rows)


def events_since(connection: Connection, received_at: datetime | None) -> Iterator[Sequence[Event]]:
    """Yield, page by page, what was received at `received_at` or later; everything when it is None."""
    wanted = select(events).order_by(events.c.received_at)
    if received_at is not None:
        wanted = wanted.where(events.c.received_at >= received_at)
    for rows in connection.execute(wanted).partitions(_PAGE):
        yield tuple(
            Event(row.key, row.delivery_id, row.kind, row.at, row.provider_id, row.request_id, row.detail)
            for row in rows
        )


def earliest_in_flight(connection: Connection, since: datetime | None) -> datetime | None:
    """Return when the first event came of those since then whose delivery is SUBMITTING; None without any."""
    wanted = (
        select(events.c.received_at)
        .join(deliveries, deliveries.c.id == events.c.delivery_id)
        .where(deliveries.c.state == DeliveryState.SUBMITTING)
        .order_by(events.c.received_at)
        .limit(1)
    )
    if since is not None:
        wanted = wanted.where(events.c.received_at >= since)
    return connection.execute(wanted).scalar()


def get_settled_until(connection: Connection) -> datetime | None:
    """Return from when on events may still have something to settle; None when all may."""
    told = connection.execute(select(settings.c.value).where(settings.c.key == _SETTLED_UNTIL)).scalar()
    return datetime.fromisoformat(told) if told is not None else None


def put_settled_until(database: Database, connection: Connection, moment: datetime) -> None:
    """Note until when requests without an answer have been settled, in the transaction that did it."""
    put = database.insert(settings).values(key=_SETTLED_UNTIL, value=moment.isoformat())
    connection.execute(put.on_conflict_do_update(index_elements=["key"], set_={"value": put.excluded.value}))


def _row(event: Event) -> dict[str, Any]:
    return {
        "key": event.key,
        "provider_id": event.provider_id,
        "delivery_id": event.delivery_id,
        "request_id": event.request_id,
        "kind": event.kind,
        "at": event.at,
        "detail": event.detail,
    }


# Not by IN, whose values SQLAlchemy writes into the statement each time: it is run for many rows at once.
def _is_one_of(*states: DeliveryState) -> ColumnElement[bool]:
    return or_(*(deliveries.c.state == state for state in states))


_WAS_UNCERTAIN = and_(
    _is_one_of(DeliveryState.QUEUED, DeliveryState.WITHDRAWN, DeliveryState.REJECTED), deliveries.c.resubmissions > 0
)


def _advance_to(to: DeliveryState) -> Update:
    behind = FORWARD[: FORWARD.index(to)]
    return (
        deliveries.update()
        .where(deliveries.c.id == bindparam("the_id"), or_(_is_one_of(*behind), _WAS_UNCERTAIN))
        .values(
            state=to,
            # Of an erased reader nothing is said again: the words often hold the address.
            detail=case((deliveries.c.email == "", deliveries.c.detail), else_=bindparam("words")),
            due_at=None,
            changed_at=bindparam("moment"),
        )
    )


_ADVANCE = {to: _advance_to(to) for to in FORWARD[1:]}
_ACCEPT_REQUEST = (
    deliveries.update()
    .where(
        deliveries.c.edition_id == bindparam("edition"),
        _is_one_of(DeliveryState.UNCERTAIN, DeliveryState.QUEUED),
        deliveries.c.batch == bindparam("number"),
        deliveries.c.request_id == bindparam("request"),
        or_(deliveries.c.state == DeliveryState.UNCERTAIN, deliveries.c.resubmissions > 0),
    )
    .values(
        state=DeliveryState.ACCEPTED,
        detail=case((deliveries.c.email == "", deliveries.c.detail), else_="another of its request was reported on"),
        due_at=None,
        changed_at=bindparam("moment"),
    )
)
_ASKED = given_values("ids")
_KNOWN = (
    select(
        deliveries.c.id,
        deliveries.c.edition_id,
        editions.c.section,
        deliveries.c.subscriber_id,
        deliveries.c.address_key,
        deliveries.c.batch,
        deliveries.c.state,
        deliveries.c.email,
    )
    .join_from(_ASKED, deliveries, deliveries.c.id == _ASKED.c.value)
    .join(editions, editions.c.id == deliveries.c.edition_id)
)
_KEEP = {
    "sqlite": sqlite.insert(events).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(events).on_conflict_do_nothing(),
}
