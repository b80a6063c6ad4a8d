"""Readers' own hours in the ledger: which wave comes next, and which has passed unserved."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, func, select

from digest.deliver.ledger import BATCHES_A_WAVE
from digest.model import DeliveryState, EditionStatus
from digest.store.database import Database
from digest.store.schema import deliveries, editions, waves

__all__ = ["next_wave", "next_wave_of_all", "wave_counts", "withdraw_late"]

_UNDER_WAY = (EditionStatus.APPROVED, EditionStatus.SENDING)


def withdraw_late(database: Database, edition_id: str, now: datetime, slack: timedelta) -> int:
    """Withdraw those whose hour has passed by more than `slack`; return how many. None without waves.

    Waves are numbered by their instants, and their batches by theirs, so the late ones come first.
    """
    late = select(func.max(waves.c.number)).where(waves.c.edition_id == edition_id, waves.c.at < now - slack)
    with database.read() as connection:
        last = connection.execute(late).scalar()
        if last is None:
            return 0
        waiting = and_(
            deliveries.c.edition_id == edition_id,
            deliveries.c.state == DeliveryState.QUEUED,
            deliveries.c.batch < (last + 1) * BATCHES_A_WAVE,
        )
        if connection.execute(select(deliveries.c.id).where(waiting).limit(1)).first() is None:
            return 0
    why = f"too late: their hour had passed by more than {slack.total_seconds() / 60:.0f} minutes"
    withdraw = (
        deliveries.update()
        .where(waiting)
        .values(state=DeliveryState.WITHDRAWN, detail=why, due_at=None, changed_at=now)
    )
    with database.write() as connection:
        return connection.execute(withdraw).rowcount


def next_wave(database: Database, edition_id: str, now: datetime) -> datetime | None:
    """Return when the next readers' hour of an edition comes, None when there is none ahead."""
    with database.read() as connection:
        return connection.execute(
            select(func.min(waves.c.at)).where(waves.c.edition_id == edition_id, waves.c.at > now)
        ).scalar()


def next_wave_of_all(database: Database, now: datetime) -> datetime | None:
    """Return when the next readers' hour of any edition under way comes, None when there is none ahead."""
    wanted = (
        select(func.min(waves.c.at))
        .join(editions, editions.c.id == waves.c.edition_id)
        .where(editions.c.status.in_(_UNDER_WAY), waves.c.at > now)
    )
    with database.read() as connection:
        return connection.execute(wanted).scalar()


def wave_counts(database: Database, edition_id: str) -> tuple[tuple[datetime, int], ...]:
    """Return each wave's instant and how many deliveries it has, in their order; empty without waves."""
    number = deliveries.c.batch // BATCHES_A_WAVE
    counted = select(number, func.count()).where(deliveries.c.edition_id == edition_id).group_by(number)
    instants = select(waves.c.number, waves.c.at).where(waves.c.edition_id == edition_id).distinct()
    with database.read() as connection:
        at = dict(connection.execute(instants).all())
        counts: dict[int, int] = dict(connection.execute(counted).all()) if at else {}
    return tuple((instant, counts.get(number, 0)) for number, instant in sorted(at.items()))
