"""Deliveries in states that events find them in, and events about them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from digest.feedback.events import read_post
from digest.feedback.settling import Received, receive
from digest.model import DeliveryState, EditionStatus
from digest.store.database import Database
from digest.store.schema import deliveries
from tests.standins.sendgrid_events import an_event
from tests.unit.audience_setup import EDITION, SLOT, add, all_deliveries, emails, freeze, set_status

__all__ = ["LATER", "SECOND", "event", "made", "put", "states", "told"]

LATER = SLOT + timedelta(minutes=5)
SECOND = int(SLOT.timestamp()) + 60  # of events, unless a test says otherwise


def made(database: Database, readers: int, *, batch_size: int = 100) -> tuple[str, ...]:
    """Freeze an edition for so many readers, DONE, and return its deliveries' ids, all QUEUED."""
    add(database, *emails(readers))
    freeze(database, batch_size=batch_size)
    set_status(database, EditionStatus.DONE)
    return tuple(one.id for one in all_deliveries(database, EDITION))


def put(database: Database, ids: tuple[str, ...], state: DeliveryState, **columns: Any) -> None:
    """Put deliveries where a sender would have left them."""
    values = {"state": state, "changed_at": SLOT, **columns}
    with database.write() as connection:
        connection.execute(deliveries.update().where(deliveries.c.id.in_(ids)).values(values))


def states(database: Database, ids: tuple[str, ...]) -> list[DeliveryState]:
    with database.read() as connection:
        found = dict(connection.execute(select(deliveries.c.id, deliveries.c.state)).all())
    return [DeliveryState(found[id_]) for id_ in ids]


def event(delivery_id: str, kind: str, at: int = SECOND, **values: Any) -> dict[str, Any]:
    return an_event(delivery_id, kind, at, **values)


def told(database: Database, *events: dict[str, Any], now: datetime = LATER) -> Received:
    """Receive one post that tells `events`."""
    return receive(database, read_post(json.dumps(events).encode()).told, lambda: now)
