"""Events move the ledger forward: each post in one transaction, with the same end in any order.

An event that comes again, under its own number or another, moves nothing and acts on nobody a second time.
One that comes while its delivery is SUBMITTING is kept: the process that submits has not recorded its answer
yet, and `settle_kept` looks again once it has, or once that process is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest.feedback.events import STATES, Told
from digest.model import DeliveryState
from digest.store import events as store
from digest.store import subscribers
from digest.store.database import Database
from digest.store.events import Event, Known, Move, Request

__all__ = ["Received", "receive", "settle_kept"]

_CLOCK_STEP = timedelta(minutes=1)  # by which two processes' clocks, or one that is set, may differ
_EVENT_SECOND = timedelta(seconds=1)  # its time is cut to the second
_HOW = "told by the provider"


@dataclass(frozen=True, slots=True)
class Received:
    """What a post came to: events new to us, deliveries moved, and events on what is not in the ledger."""

    kept: int
    moved: int
    unknown: int


def receive(database: Database, told: Sequence[Told], now: Callable[[], datetime]) -> Received:
    """Keep what a post tells, move the deliveries, and suppress or unsubscribe their readers.

    Raises:
        StoreError: the database can't be written; nothing was kept, and the post should come again.
    """
    if not told:
        return Received(0, 0, 0)
    with database.write() as connection:
        moment = now()  # not before: it must grow in the order in which posts are committed
        found = store.known(connection, (one.event.delivery_id for one in told))
        ours = [_without_words_on_erased(one, found) for one in told if one.event.delivery_id in found]
        moved = _move(database, connection, [one.event for one in ours], found, moment)
        kept = 0
        for one in ours:
            if (one.suppression or one.unsubscribes) and store.keep(database, connection, [one.event], moment):
                _act(database, connection, one, found[one.event.delivery_id], moment)
                kept += 1
        kept += store.keep(database, connection, [one.event for one in ours], moment)
    return Received(kept, moved, len(told) - len(ours))


def settle_kept(database: Database, now: datetime) -> int:
    """Apply kept events whose deliveries were SUBMITTING when they came; return how many deliveries moved."""
    seen = moved = 0
    with database.write() as connection:
        since = store.get_settled_until(connection)
        for page in store.events_since(connection, since):
            found = store.known(connection, (event.delivery_id for event in page))
            moved += _move(database, connection, page, found, now)
            seen += len(page)
        if seen:
            waiting = store.earliest_in_flight(connection, since)
            store.put_settled_until(database, connection, waiting or now - _CLOCK_STEP)
    return moved


def _move(
    database: Database, connection: Connection, told: Iterable[Event], found: Mapping[str, Known], now: datetime
) -> int:
    moves: list[Move] = []
    requests: dict[Request, None] = {}
    for event in told:
        delivery = found[event.delivery_id]
        to = STATES[event.kind]
        if delivery.state is not to and delivery.state is not DeliveryState.SUBMITTING:
            moves.append(Move(event.delivery_id, to, event.detail or f"the provider's event: {event.kind}"))
        if event.request_id:
            requests[Request(delivery.edition_id, event.request_id, delivery.batch)] = None
    moved = store.advance(database, connection, moves, now)
    return moved + store.accept_requests(database, connection, tuple(requests), now)


def _act(database: Database, connection: Connection, told: Told, delivery: Known, now: datetime) -> None:
    """Let a reader be, for what a new event says of them."""
    if told.suppression:
        subscribers.suppress_hashed(database, connection, delivery.address_key, told.suppression, now)
    if told.unsubscribes:
        subscribers.leave_sections(
            connection,
            delivery.subscriber_id,
            delivery.section,
            now,
            how=_HOW,
            chosen_before=told.event.at + _EVENT_SECOND,
        )


def _without_words_on_erased(told: Told, found: Mapping[str, Known]) -> Told:
    if not found[told.event.delivery_id].is_erased:
        return told
    return replace(told, event=replace(told.event, detail=""))
