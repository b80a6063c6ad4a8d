"""Who gets an edition: decided once, in one transaction that adds up.

    candidates = deliveries + exclusions, each with its reason

Editions of one slot are frozen together: whoever reads several of their sections gets one letter with all of them, and
is excluded from each section's own as COMBINED. Where readers have their own hours, the deliveries of an edition come
in waves, one for each instant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Compiled,
    Connection,
    FromClause,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from digest.deliver.candidates import among_parted, has_consented, masks_of, reader_sets
from digest.deliver.ledger import BATCHES_A_WAVE, counts_in
from digest.errors import EditionError, StoreError
from digest.model import DeliveryState, ExclusionReason
from digest.slots import Wave
from digest.store.database import Database
from digest.store.schema import deliveries as rows
from digest.store.schema import (
    editions,
    exclusions,
    subscribers,
    subscriptions,
    suppressions,
    waves,
)
from digest.store.workers import defer_due

__all__ = [
    "Audience",
    "Frozen",
    "freeze_audience",
    "freeze_together",
]


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen audience, in numbers that add up."""

    candidates: int
    deliveries: int
    exclusions: tuple[tuple[ExclusionReason, int], ...]


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom an edition is for.

    Args:
        sections: One, or several: those who read just these of the sections that are frozen together.
        waves: Where readers have their own hours: when they come.
        base_zone: The zone of readers whose own isn't known; one of those in `waves`.
        late_at: When the edition is given up, if that is later than is usual.
        accepted_of: Only those whose letter of this edition a provider accepted.
        part: Parts the new deliveries into segments, in the same transaction.
        hand_over: Put the batches in for workers, if any live, in the same transaction too.
    """

    edition_id: str
    sections: tuple[str, ...]
    waves: tuple[Wave, ...] = ()
    base_zone: str = ""
    late_at: datetime | None = None
    accepted_of: str = ""
    part: Callable[[Connection], object] | None = None
    hand_over: bool = False


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
    """Decide once who gets the edition of one section, as `freeze_together` does."""
    audience = Audience(edition_id, (section,), accepted_of=accepted_of, part=part, hand_over=hand_over)
    return freeze_together(database, [audience], now, batch_size)[edition_id]


def freeze_together(
    database: Database, audiences: Sequence[Audience], now: datetime, batch_size: int
) -> dict[str, Frozen]:
    """Decide once who gets each edition: every reader of its section, less those with a reason against it.

    Doing it again changes nothing and returns the same figures. An edition of several sections is frozen only
    with all of theirs: one whose sections were frozen before is left out of the answer.

    Args:
        batch_size: How many deliveries are handed to a sender at a time.

    Raises:
        EditionError: there is no such edition.
        StoreError: the figures don't add up; nothing was stored.
    """
    of_one = [audience for audience in audiences if len(audience.sections) == 1]
    with database.write_much() as connection:
        new = [audience for audience in of_one if _claim(connection, audience.edition_id, now)]
        keys = [audience.sections[0] for audience in new]
        combined = [
            audience
            for audience in audiences
            if len(audience.sections) > 1
            and set(audience.sections) <= set(keys)
            and _claim(connection, audience.edition_id, now)
        ]
        if combined:
            _gather_sets(connection, keys, combined)
        for audience in (*combined, *new):
            _put_waves(connection, audience)
            _fill(connection, audience, now, batch_size, is_parted=bool(combined))
            if audience.part is not None:
                audience.part(connection)
            if audience.hand_over:
                defer_due(connection, audience.edition_id, now)
        if combined:
            reader_sets.drop(connection)
        return {audience.edition_id: _figures(connection, audience.edition_id) for audience in (*of_one, *combined)}


def _claim(connection: Connection, edition_id: str, now: datetime) -> bool:
    """Take an edition whose audience is not frozen yet; of two that try, one does."""
    claim = (
        editions.update()
        .where(editions.c.id == edition_id, editions.c.candidates.is_(None))
        .values(candidates=0, updated_at=now)
        .returning(editions.c.id)
    )
    return connection.execute(claim).one_or_none() is not None


def _gather_sets(connection: Connection, sections: Sequence[str], combined: Sequence[Audience]) -> None:
    """Write down who gets which edition of several sections."""
    place_of = {key: place for place, key in enumerate(sections)}
    edition_of = {sum(1 << place_of[key] for key in one.sections): one.edition_id for one in combined}
    taken = masks_of(sections).where(subscriptions.c.section.in_(list(sections))).subquery()
    chosen = (
        select(taken.c.subscriber_id, case(edition_of, value=taken.c.mask, else_=None))
        .join(subscribers, subscribers.c.id == taken.c.subscriber_id)
        .outerjoin(suppressions, suppressions.c.address_key == subscribers.c.address_key)
        .where(taken.c.mask.in_(list(edition_of)), suppressions.c.address_key.is_(None), has_consented())
    )
    reader_sets.create(connection)
    connection.execute(reader_sets.insert().from_select(["subscriber_id", "edition_id"], chosen))


def _put_waves(connection: Connection, audience: Audience) -> None:
    told = [
        {"edition_id": audience.edition_id, "zone": zone, "number": number, "at": wave.at}
        for number, wave in enumerate(audience.waves)
        for zone in (*wave.zones, *([""] if audience.base_zone in wave.zones else []))
    ]
    if told:
        connection.execute(waves.insert(), told)
    if audience.late_at is not None:
        sooner = or_(editions.c.late_at.is_(None), editions.c.late_at < audience.late_at)
        moved = editions.update().where(editions.c.id == audience.edition_id, sooner).values(late_at=audience.late_at)
        connection.execute(moved)


def _fill(connection: Connection, audience: Audience, now: datetime, batch_size: int, *, is_parted: bool) -> None:
    """Make an edition's exclusions and deliveries, and keep how many candidates there were."""
    edition_id = audience.edition_id
    if len(audience.sections) > 1:
        among = (
            select(subscribers.c.id, null().label("reason"))
            .select_from(reader_sets)
            .join(subscribers, subscribers.c.id == reader_sets.c.subscriber_id)
            .where(reader_sets.c.edition_id == edition_id)
        )
    else:
        among = among_parted(audience.sections[0], audience.accepted_of, is_parted=is_parted)
        _insert_exclusions(connection, edition_id, among)
    candidates = connection.execute(among.with_only_columns(func.count())).scalar_one()
    connection.execute(editions.update().where(editions.c.id == edition_id).values(candidates=candidates))
    _insert_deliveries(connection, audience, among, now, batch_size)


def _insert_exclusions(connection: Connection, edition_id: str, among: Select[tuple[int, str | None]]) -> None:
    candidates = among.subquery()
    excluded = select(literal(edition_id), candidates.c.id, candidates.c.reason).where(candidates.c.reason.is_not(None))
    connection.execute(exclusions.insert().from_select(["edition_id", "subscriber_id", "reason"], excluded))


def _insert_deliveries(
    connection: Connection, audience: Audience, among: Select[tuple[int, str | None]], now: datetime, batch_size: int
) -> None:
    told = among.add_columns(
        subscribers.c.address_key, subscribers.c.email, subscribers.c.name, subscribers.c.timezone
    ).subquery()
    readers, number, due = _with_hours(told, audience, now)
    place = func.row_number().over(partition_by=number if audience.waves else None, order_by=told.c.id) - 1
    included = (
        select(
            _random_id(),
            literal(audience.edition_id),
            told.c.id,
            told.c.address_key,
            told.c.email,
            told.c.name,
            number * BATCHES_A_WAVE + place // max(1, batch_size),
            literal(DeliveryState.QUEUED.value),
            due,
            literal(now, rows.c.changed_at.type),
        )
        .select_from(readers)
        .where(told.c.reason.is_(None))
    )
    columns = ["id", "edition_id", "subscriber_id", "address_key", "email", "name", "batch", "state", "due_at"]
    connection.execute(rows.insert().from_select([*columns, "changed_at"], included))


def _with_hours(
    readers: Subquery, audience: Audience, now: datetime
) -> tuple[FromClause, ColumnElement[int], ColumnElement[datetime | None]]:
    """Return the readers with the number and the instant of each one's wave; null for what is due now."""
    if not audience.waves:
        return readers, literal(0), cast(null(), waves.c.at.type)
    own, base = waves.alias("own"), waves.alias("base")
    joined = readers.outerjoin(
        own, and_(own.c.edition_id == audience.edition_id, own.c.zone == readers.c.timezone)
    ).join(base, and_(base.c.edition_id == audience.edition_id, base.c.zone == ""))
    at = func.coalesce(own.c.at, base.c.at, type_=waves.c.at.type)
    return joined, func.coalesce(own.c.number, base.c.number), case((at > now, at), else_=null())


def _figures(connection: Connection, edition_id: str) -> Frozen:
    row = connection.execute(select(editions.c.candidates).where(editions.c.id == edition_id)).one_or_none()
    if row is None:
        raise EditionError(f"There is no edition {edition_id!r}. `digest status` lists them.")
    by_reason: dict[str, int] = dict(
        connection.execute(
            select(exclusions.c.reason, func.count())
            .where(exclusions.c.edition_id == edition_id)
            .group_by(exclusions.c.reason)
        ).all()
    )
    frozen = Frozen(
        candidates=row.candidates or 0,
        deliveries=sum(count for _, count in counts_in(connection, edition_id)),
        exclusions=tuple((reason, by_reason[reason]) for reason in ExclusionReason if reason in by_reason),
    )
    if frozen.candidates != frozen.deliveries + sum(by_reason.values()):
        raise StoreError(f"{edition_id}: the audience does not add up ({frozen}); nothing was frozen.")
    return frozen


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
