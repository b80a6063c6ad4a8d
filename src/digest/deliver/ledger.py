"""The ledger: one row a reader and edition, and what it adds up to.

Freezing an audience is one transaction: candidates = deliveries + exclusions by reason, or nothing
is stored. From then on only `transitions` changes a delivery's state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    Compiled,
    Connection,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from digest.errors import EditionError, StoreError
from digest.model import ACCEPTED_STATES, Delivery, DeliveryState, ExclusionReason
from digest.store.database import Database
from digest.store.schema import deliveries as rows
from digest.store.schema import editions, exclusions, subscribers, subscriptions, suppressions
from digest.store.subscribers import SubscriptionStatus
from digest.store.workers import defer_due

__all__ = [
    "OPEN",
    "Frozen",
    "candidates_of",
    "counts",
    "due_batches",
    "due_deliveries",
    "freeze_audience",
    "has_begun",
    "next_due",
]

OPEN = frozenset({DeliveryState.QUEUED, DeliveryState.SUBMITTING})
"""The states of a delivery that is not settled; an edition with none of them is done."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen audience, in numbers that add up."""

    candidates: int
    deliveries: int
    exclusions: tuple[tuple[ExclusionReason, int], ...]


def freeze_audience(
    database: Database,
    edition_id: str,
    section: str,
    now: datetime,
    batch_size: int,
    *,
    accepted_of: str = "",
    part: Callable[[Connection], object] | None = None,
    hand_over: bool = False,
) -> Frozen:
    """Decide once who gets the edition: every reader of `section`, less those with a reason against it.

    Doing it again changes nothing and returns the same figures.

    Args:
        batch_size: How many deliveries are handed to a sender at a time.
        accepted_of: Only those whose letter of this edition a provider accepted.
        part: Parts the new deliveries into segments, in the same transaction; once, as all of this.
        hand_over: Put the batches in for workers, if any live, in the same transaction too.

    Raises:
        EditionError: there is no such edition.
        StoreError: the figures don't add up; nothing was stored.
    """
    among = candidates_of(section, accepted_of)
    claim = (
        editions.update()
        .where(editions.c.id == edition_id, editions.c.candidates.is_(None))
        .values(candidates=among.with_only_columns(func.count()).scalar_subquery(), updated_at=now)
        .returning(editions.c.candidates)
    )
    with database.write_much() as connection:
        candidates = connection.execute(claim).scalar_one_or_none()
        if candidates is not None:
            _insert_exclusions(connection, edition_id, among)
            _insert_deliveries(connection, edition_id, among, now, batch_size)
            if part is not None:
                part(connection)
            if hand_over:
                defer_due(connection, edition_id, now)
        frozen = _frozen(connection, edition_id)
        if frozen.candidates != frozen.deliveries + sum(count for _, count in frozen.exclusions):
            raise StoreError(f"{edition_id}: the audience does not add up ({frozen}); nothing was frozen.")
    return frozen


def counts(database: Database, edition_id: str) -> tuple[tuple[DeliveryState, int], ...]:
    """Return how many deliveries are in each state, in the states' order, without the empty ones."""
    with database.read() as connection:
        return _counts(connection, edition_id)


def due_batches(database: Database, edition_id: str, now: datetime, segment: str = "") -> tuple[int, ...]:
    """Return the numbers of the batches in which something may be submitted now: of all segments, or of one."""
    wanted = select(rows.c.batch).where(_is_due(edition_id, now)).distinct().order_by(rows.c.batch)
    if segment:
        wanted = wanted.where(rows.c.segment == segment)
    with database.read() as connection:
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


def candidates_of(section: str, accepted_of: str = "") -> Select[tuple[int, str | None]]:
    """Select (subscriber id, reason against a delivery or null) of everyone who is or was in `section`.

    Args:
        accepted_of: Only those whose letter of this edition was accepted.
    """
    reason = case(
        (suppressions.c.address_key.is_not(None), literal(ExclusionReason.SUPPRESSED.value)),
        (subscriptions.c.status != SubscriptionStatus.ACTIVE, literal(ExclusionReason.UNSUBSCRIBED.value)),
        (
            and_(subscribers.c.consented_at.is_(None), subscribers.c.consent_source == ""),
            literal(ExclusionReason.NO_CONSENT.value),
        ),
        else_=None,
    ).label("reason")
    candidates = (
        select(subscriptions.c.subscriber_id.label("id"), reason)
        .select_from(subscriptions)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .outerjoin(suppressions, suppressions.c.address_key == subscribers.c.address_key)
        .where(subscriptions.c.section == section)
    )
    if not accepted_of:
        return candidates
    accepted = select(rows.c.subscriber_id).where(rows.c.edition_id == accepted_of, rows.c.state.in_(ACCEPTED_STATES))
    return candidates.where(subscriptions.c.subscriber_id.in_(accepted))


def _insert_exclusions(connection: Connection, edition_id: str, among: Select[tuple[int, str | None]]) -> None:
    candidates = among.subquery()
    excluded = select(literal(edition_id), candidates.c.id, candidates.c.reason).where(candidates.c.reason.is_not(None))
    connection.execute(exclusions.insert().from_select(["edition_id", "subscriber_id", "reason"], excluded))


def _insert_deliveries(
    connection: Connection, edition_id: str, among: Select[tuple[int, str | None]], now: datetime, batch_size: int
) -> None:
    candidates = among.add_columns(subscribers.c.address_key, subscribers.c.email, subscribers.c.name).subquery()
    place = func.row_number().over(order_by=candidates.c.id) - 1
    included = select(
        _random_id(),
        literal(edition_id),
        candidates.c.id,
        candidates.c.address_key,
        candidates.c.email,
        candidates.c.name,
        place // max(1, batch_size),
        literal(DeliveryState.QUEUED.value),
        literal(now, rows.c.changed_at.type),
    ).where(candidates.c.reason.is_(None))
    columns = ["id", "edition_id", "subscriber_id", "address_key", "email", "name", "batch", "state", "changed_at"]
    connection.execute(rows.insert().from_select(columns, included))


class _random_id(FunctionElement[str]):  # noqa: N801  (it is used as a function of SQL)
    """96 random bits as hex: the delivery's id, which says nothing about the reader."""

    type = String()
    inherit_cache = True


@compiles(_random_id, "sqlite")
def _random_id_on_sqlite(element: _random_id, compiler: Compiled, **_: object) -> str:
    return "lower(hex(randomblob(12)))"


@compiles(_random_id, "postgresql")
def _random_id_on_postgres(element: _random_id, compiler: Compiled, **_: object) -> str:
    uuid = "replace(gen_random_uuid()::text, '-', '')"  # 122 random bits, from the server's strong source
    return f"substr(md5({uuid}), 1, 24)"


def _frozen(connection: Connection, edition_id: str) -> Frozen:
    row = connection.execute(select(editions.c.candidates).where(editions.c.id == edition_id)).one_or_none()
    if row is None:
        raise EditionError(f"There is no edition {edition_id!r}. `digest status` lists them.")
    by_reason = _numbers(connection, exclusions.c.reason, exclusions.c.edition_id == edition_id)
    made = sum(count for _, count in _counts(connection, edition_id))
    return Frozen(
        candidates=row.candidates or 0,
        deliveries=made,
        exclusions=tuple((reason, by_reason[reason]) for reason in ExclusionReason if reason in by_reason),
    )


def _counts(connection: Connection, edition_id: str) -> tuple[tuple[DeliveryState, int], ...]:
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
