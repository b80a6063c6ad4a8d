"""Adding readers to a section, in bulk: who joins, who is known, and who is kept out.

An address that is suppressed, or whose reader has left the section, is never added again here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from digest.model import Subscriber
from digest.store.database import Database
from digest.store.schema import subscribers, subscriptions, suppressions
from digest.store.subscribers import SubscriptionStatus

__all__ = ["Added", "Entry", "add_subscribers"]

_CHUNK = 1000  # entries a transaction
_DETAILS = ("name", "language", "timezone")


@dataclass(frozen=True, slots=True)
class Entry:
    """Someone to add: `address_key` is what `audience.address_key` makes of their address."""

    address_key: str
    subscriber: Subscriber


class Added(StrEnum):
    """What became of one entry."""

    JOINED = "joined"
    KNOWN = "known"  # in the section already; a name, language or zone that was given is taken over
    LEFT = "left"  # has unsubscribed from the section: kept out
    SUPPRESSED = "suppressed"  # kept out of everything


def add_subscribers(
    database: Database, section: str, entries: Sequence[Entry], now: datetime, *, how: str
) -> tuple[Added, ...]:
    """Add each entry to `section`; return what became of it, in the same order.

    Consent is taken from an entry only where none is on record. `how` is kept with the subscription.
    """
    added: list[Added] = []
    for start in range(0, len(entries), _CHUNK):
        chunk = entries[start : start + _CHUNK]
        keys = [database.hashed(entry.address_key) for entry in chunk]
        with database.write() as connection:
            added += _add_chunk(connection, section, keys, [entry.subscriber for entry in chunk], now, how)
    return tuple(added)


def _add_chunk(
    connection: Connection, section: str, keys: list[str], people: list[Subscriber], now: datetime, how: str
) -> list[Added]:
    blocked = set(
        connection.execute(select(suppressions.c.address_key).where(suppressions.c.address_key.in_(keys))).scalars()
    )
    known = _known(connection, section, keys)
    wanted: dict[str, Subscriber] = {}
    for key, person in zip(keys, people, strict=True):
        if key not in blocked:
            wanted.setdefault(key, person)
    strangers = {key: person for key, person in wanted.items() if key not in known}
    _insert_people(connection, strangers, now)
    _update_details(connection, known, wanted)
    joining = [key for key in wanted if key in strangers or known[key].status is None]
    _insert_subscriptions(connection, section, joining, now, how)

    results: list[Added] = []
    joined = set(joining)
    for key in keys:
        if key in blocked:
            results.append(Added.SUPPRESSED)
        elif key in joined:
            joined.discard(key)  # a second entry of the same address finds it known
            results.append(Added.JOINED)
        elif key in known and known[key].status == SubscriptionStatus.UNSUBSCRIBED:
            results.append(Added.LEFT)
        else:
            results.append(Added.KNOWN)
    return results


def _known(connection: Connection, section: str, keys: list[str]) -> dict[str, Row[Any]]:
    """Return the readers of `keys`, each with the status of their subscription to `section` or None."""
    here = and_(subscriptions.c.subscriber_id == subscribers.c.id, subscriptions.c.section == section)
    wanted = (
        select(subscribers, subscriptions.c.status)
        .outerjoin(subscriptions, here)
        .where(subscribers.c.address_key.in_(keys))
    )
    return {row.address_key: row for row in connection.execute(wanted)}


def _insert_people(connection: Connection, strangers: dict[str, Subscriber], now: datetime) -> None:
    rows = [
        {
            "email": person.email,
            "address_key": key,
            "name": person.name,
            "language": person.language,
            "timezone": person.timezone,
            "consented_at": person.consented_at,
            "consent_source": person.consent_source,
            "created_at": now,
        }
        for key, person in strangers.items()
    ]
    if rows:
        connection.execute(subscribers.insert(), rows)


def _update_details(connection: Connection, known: dict[str, Row[Any]], wanted: dict[str, Subscriber]) -> None:
    for key, person in wanted.items():
        row = known.get(key)
        if row is None or row.status == SubscriptionStatus.UNSUBSCRIBED:
            continue
        told = {name: getattr(person, name) for name in _DETAILS if getattr(person, name)}
        if row.consented_at is None and not row.consent_source:
            told |= {"consented_at": person.consented_at, "consent_source": person.consent_source}
        changed = {name: value for name, value in told.items() if value != row._mapping[name]}
        if changed:
            connection.execute(subscribers.update().where(subscribers.c.id == row.id).values(**changed))


def _insert_subscriptions(connection: Connection, section: str, keys: list[str], now: datetime, how: str) -> None:
    if not keys:
        return
    ids = connection.execute(
        select(subscribers.c.id).where(subscribers.c.address_key.in_(keys)).order_by(subscribers.c.id)
    ).scalars()
    active = {"section": section, "status": SubscriptionStatus.ACTIVE, "changed_at": now, "how": how}
    connection.execute(subscriptions.insert(), [{**active, "subscriber_id": id_} for id_ in ids])
