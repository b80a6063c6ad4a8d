"""Readers, their sections, and the addresses that must get nothing.

An address is told by its key, which `audience.address_key` makes. Only a reader's own act brings
back a section that they left; an import, or a colleague who adds them again, does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, select

from digest.model import DeliveryState, Subscriber, Suppression
from digest.store.database import Database
from digest.store.schema import deliveries, editions, events, subscribers, subscriptions, suppressions

__all__ = [
    "Subscription",
    "SubscriptionStatus",
    "all_subscribers",
    "by_id",
    "choose_sections",
    "count_by_section",
    "erase",
    "find",
    "leave_sections",
    "subscriptions_of",
    "suppress",
    "suppress_hashed",
    "suppression_of",
    "unsubscribe",
    "zones_in_use",
]

_PAGE = 1000  # rows; no transaction stays open while a caller works on them


class SubscriptionStatus(StrEnum):
    """Whether a reader gets a section. Who left stays known, so that an import does not bring them back."""

    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One section of one reader: where it stands, since when, and how that came."""

    section: str
    status: SubscriptionStatus
    changed_at: datetime
    how: str


def find(database: Database, address_key: str) -> Subscriber | None:
    """Return the reader with an address key, None when there is none."""
    return _one(database, subscribers.c.address_key == database.hashed(address_key))


def by_id(database: Database, subscriber_id: int) -> Subscriber | None:
    """Return a reader, None when there is none of this id or they were erased."""
    return _one(database, subscribers.c.id == subscriber_id)


def all_subscribers(database: Database, section: str | None = None) -> Iterator[Subscriber]:
    """Yield the readers of `section`, or everyone we know, in the order in which they came.

    `sections` names those that they get; it is empty for someone who has left them all.
    """
    last = 0
    while True:
        wanted = select(subscribers).where(subscribers.c.id > last).order_by(subscribers.c.id).limit(_PAGE)
        if section is not None:
            wanted = wanted.join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id).where(
                subscriptions.c.section == section, subscriptions.c.status == SubscriptionStatus.ACTIVE
            )
        with database.read() as connection:
            rows = connection.execute(wanted).all()
            found = _with_sections(connection, rows)
        if not found:
            return
        yield from found
        last = found[-1].id


def count_by_section(database: Database) -> tuple[tuple[str, int], ...]:
    """Return how many readers each section has, by its key."""
    wanted = (
        select(subscriptions.c.section, func.count())
        .where(subscriptions.c.status == SubscriptionStatus.ACTIVE)
        .group_by(subscriptions.c.section)
        .order_by(subscriptions.c.section)
    )
    with database.read() as connection:
        return tuple((section, count) for section, count in connection.execute(wanted))


def subscriptions_of(database: Database, subscriber_id: int) -> tuple[Subscription, ...]:
    """Return every section that the reader gets or has left, by its key."""
    wanted = (
        select(subscriptions).where(subscriptions.c.subscriber_id == subscriber_id).order_by(subscriptions.c.section)
    )
    with database.read() as connection:
        return tuple(
            Subscription(row.section, SubscriptionStatus(row.status), row.changed_at, row.how)
            for row in connection.execute(wanted)
        )


def unsubscribe(
    database: Database, subscriber_id: int, section: str | None, now: datetime, *, how: str
) -> tuple[str, ...]:
    """Take a reader out of `section`, or out of all when it is None; return the sections left just now.

    Doing it again, or for someone unknown, changes nothing.
    """
    with database.write() as connection:
        return leave_sections(connection, subscriber_id, section, now, how=how)


def leave_sections(
    connection: Connection,
    subscriber_id: int,
    section: str | None,
    now: datetime,
    *,
    how: str,
    chosen_before: datetime | None = None,
) -> tuple[str, ...]:
    """Do as `unsubscribe` in the caller's transaction.

    Args:
        chosen_before: When the reader said so, where that is told later: what they chose since then stays.
    """
    going = (
        subscriptions.update()
        .where(
            subscriptions.c.subscriber_id == subscriber_id,
            subscriptions.c.status == SubscriptionStatus.ACTIVE,
        )
        .values(status=SubscriptionStatus.UNSUBSCRIBED, changed_at=now, how=how)
        .returning(subscriptions.c.section)
    )
    if section is not None:
        going = going.where(subscriptions.c.section == section)
    if chosen_before is not None:
        going = going.where(subscriptions.c.changed_at <= chosen_before)
    return tuple(sorted(connection.execute(going).scalars()))


def zones_in_use(database: Database) -> tuple[str, ...]:
    """Return the time zones that readers are in, by their IANA names, without unknown ones."""
    with database.read() as connection:
        found = connection.execute(select(subscribers.c.timezone).distinct()).scalars().all()
    return tuple(sorted(set(found) & available_timezones()))


def choose_sections(
    database: Database, subscriber_id: int, sections: Iterable[str], now: datetime, *, how: str
) -> Subscriber | None:
    """Give a reader exactly `sections`, by their own wish; return them as they now are, None if unknown.

    It is the one way back into a section that was left. A suppression stays.
    """
    wanted = sorted(set(sections))
    leave = (
        subscriptions.update()
        .where(
            subscriptions.c.subscriber_id == subscriber_id,
            subscriptions.c.status == SubscriptionStatus.ACTIVE,
            subscriptions.c.section.not_in(wanted),
        )
        .values(status=SubscriptionStatus.UNSUBSCRIBED, changed_at=now, how=how)
    )
    with database.write() as connection:
        known = connection.execute(select(subscribers.c.id).where(subscribers.c.id == subscriber_id)).scalar()
        if known is None:
            return None
        connection.execute(leave)
        _activate(database, connection, subscriber_id, wanted, now, how)
    return by_id(database, subscriber_id)


def suppress(database: Database, address_key: str, reason: str, now: datetime) -> None:
    """Let an address get nothing from now on; the first reason stands, except that "erased" replaces it."""
    with database.write() as connection:
        suppress_hashed(database, connection, database.hashed(address_key), reason, now)


def suppress_hashed(database: Database, connection: Connection, hashed: str, reason: str, now: datetime) -> None:
    """Do as `suppress` in the caller's transaction, for an address that only its hash is known of."""
    put = database.insert(suppressions).values(address_key=hashed, reason=reason, at=now)
    if reason == "erased":
        put = put.on_conflict_do_update(index_elements=["address_key"], set_={"reason": reason})
    else:
        put = put.on_conflict_do_nothing()
    connection.execute(put)


def suppression_of(database: Database, address_key: str) -> Suppression | None:
    """Return why an address gets nothing; its `address_key` is the hash that is stored."""
    wanted = select(suppressions).where(suppressions.c.address_key == database.hashed(address_key))
    with database.read() as connection:
        row = connection.execute(wanted).one_or_none()
    return Suppression(row.address_key, row.reason, row.at) if row is not None else None


def erase(database: Database, address_key: str, now: datetime) -> bool:
    """Erase a person for good (GDPR Art. 17); return whether anything of theirs was stored as a reader.

    Only the hash of the address stays, suppressed, so that no import brings them back. Their ledger
    rows stay for the sums, without address, name or the provider's words; what was queued is withdrawn.
    """
    hashed = database.hashed(address_key)
    theirs = and_(deliveries.c.edition_id.in_(select(editions.c.id)), deliveries.c.address_key == hashed)
    unsay = events.update().where(events.c.delivery_id.in_(select(deliveries.c.id).where(theirs))).values(detail="")
    forget = (
        deliveries.update()
        .where(theirs)
        .values(
            email="",
            name="",
            detail="erased",
            state=case((deliveries.c.state == DeliveryState.QUEUED, DeliveryState.WITHDRAWN), else_=deliveries.c.state),
        )
    )
    with database.write() as connection:
        suppress_hashed(database, connection, hashed, "erased", now)
        connection.execute(forget)
        connection.execute(unsay)
        gone = connection.execute(
            subscribers.delete().where(subscribers.c.address_key == hashed).returning(subscribers.c.id)
        ).all()
    database.checkpoint()
    return bool(gone)


def _one(database: Database, condition: ColumnElement[bool]) -> Subscriber | None:
    with database.read() as connection:
        found = _with_sections(connection, connection.execute(select(subscribers).where(condition)).all())
    return found[0] if found else None


def _with_sections(connection: Connection, rows: Sequence[Row[Any]]) -> list[Subscriber]:
    if not rows:
        return []
    of: dict[int, list[str]] = {row.id: [] for row in rows}
    active = select(subscriptions.c.subscriber_id, subscriptions.c.section).where(
        subscriptions.c.subscriber_id.in_(list(of)), subscriptions.c.status == SubscriptionStatus.ACTIVE
    )
    for subscriber_id, section in connection.execute(active.order_by(subscriptions.c.section)):
        of[subscriber_id].append(section)
    return [
        Subscriber(
            email=row.email,
            id=row.id,
            name=row.name,
            sections=tuple(of[row.id]),
            language=row.language,
            timezone=row.timezone,
            consented_at=row.consented_at,
            consent_source=row.consent_source,
        )
        for row in rows
    ]


def _activate(
    database: Database, connection: Connection, subscriber_id: int, sections: list[str], now: datetime, how: str
) -> None:
    """Make `sections` active where they are not, and record the consent if none is on record."""
    if not sections:
        return
    put = database.insert(subscriptions)
    put = put.on_conflict_do_update(
        index_elements=["subscriber_id", "section"],
        set_={name: put.excluded[name] for name in ("status", "changed_at", "how")},
        where=subscriptions.c.status != SubscriptionStatus.ACTIVE,
    )
    active = {"subscriber_id": subscriber_id, "status": SubscriptionStatus.ACTIVE, "changed_at": now, "how": how}
    connection.execute(put, [{**active, "section": section} for section in sections])
    connection.execute(
        subscribers.update()
        .where(
            subscribers.c.id == subscriber_id,
            subscribers.c.consented_at.is_(None),
            subscribers.c.consent_source == "",
        )
        .values(consented_at=now, consent_source=how)
    )
