"""Two subjects tried on a part of an audience: who gets which, and who won. Decided once, whoever asks.

An audience is parted when it is frozen, by the deliveries' own random ids: half of the share gets the first subject,
half the second, and the rest has no letter yet. The decision and the move of the rest are one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from sqlalchemy import Connection, case, func, literal, select

from digest.model import ACCEPTED_STATES, WHOLE, DeliveryState
from digest.store.database import Database
from digest.store.schema import deliveries as rows
from digest.store.schema import trials

__all__ = ["FEWEST_READERS", "FIRST", "SECOND", "Trial", "begin_trial", "decide", "trial_of"]

FIRST, SECOND = WHOLE, "b"
"""The segments of the two subjects."""

FEWEST_READERS = 50  # of each subject, below which clicks say nothing
_OPEN = ""  # the segment of those who wait for the winner


@dataclass(frozen=True, slots=True)
class Trial:
    """An edition's trial; `winner` is a segment, "" until it is decided."""

    edition_id: str
    decide_at: datetime
    winner: str = ""
    why: str = ""


def begin_trial(connection: Connection, edition_id: str, *, share: float, decide_at: datetime, batch_size: int) -> bool:
    """Part the deliveries of a frozen audience, in the transaction that froze it; False when they are too few.

    Args:
        share: Of all deliveries, for both subjects together.
    """
    total = connection.execute(select(func.count()).where(rows.c.edition_id == edition_id)).scalar_one()
    half = int(total * share / 2)
    if half < FEWEST_READERS:
        return False
    drawn = (
        select(rows.c.id, func.row_number().over(order_by=rows.c.id).label("lot"))
        .where(rows.c.edition_id == edition_id)
        .subquery()
    )
    segment = case((drawn.c.lot <= half, literal(FIRST)), (drawn.c.lot <= 2 * half, literal(SECOND)), else_=_OPEN)
    connection.execute(
        rows.update().where(rows.c.id == drawn.c.id, rows.c.edition_id == edition_id).values(segment=segment)
    )
    _number_batches(connection, edition_id, max(1, batch_size), {FIRST: half, SECOND: half})
    connection.execute(trials.insert().values(edition_id=edition_id, decide_at=decide_at))
    return True


def _number_batches(connection: Connection, edition_id: str, size: int, before: dict[str, int]) -> None:
    """Number the batches anew, so that each is of one segment."""
    placed = (
        select(
            rows.c.id,
            (func.row_number().over(partition_by=rows.c.segment, order_by=rows.c.subscriber_id) - 1).label("place"),
        )
        .where(rows.c.edition_id == edition_id)
        .subquery()
    )
    second = ceil(before[FIRST] / size)
    offset = case(
        (rows.c.segment == FIRST, 0), (rows.c.segment == SECOND, second), else_=second + ceil(before[SECOND] / size)
    )
    connection.execute(
        rows.update()
        .where(rows.c.id == placed.c.id, rows.c.edition_id == edition_id)
        .values(batch=offset + placed.c.place // size)
    )


def trial_of(database: Database, edition_id: str) -> Trial | None:
    """Return the trial of an edition, None when it has none."""
    with database.read() as connection:
        return _trial(connection, edition_id)


def _trial(connection: Connection, edition_id: str) -> Trial | None:
    wanted = select(trials.c.edition_id, trials.c.decide_at, trials.c.winner, trials.c.why)
    row = connection.execute(wanted.where(trials.c.edition_id == edition_id)).one_or_none()
    return Trial(*row) if row is not None else None


def decide(database: Database, edition_id: str, first_clicks: int, second_clicks: int, now: datetime) -> Trial | None:
    """Decide the trial if it is time, and give the rest the winner's letter; return it as it stands then.

    The subject with more clicks for each accepted letter wins; of equals, and without a click, the first.
    """
    with database.write() as connection:
        trial = _trial(connection, edition_id)
        if trial is None or trial.winner or now < trial.decide_at:
            return trial
        first, second = (_accepted(connection, edition_id, segment) for segment in (FIRST, SECOND))
        rates = [clicks / max(1, readers) for clicks, readers in ((first_clicks, first), (second_clicks, second))]
        winner = SECOND if rates[1] > rates[0] else FIRST
        why = f"{first_clicks:,} clicks of {first:,} letters, {second_clicks:,} of {second:,}"
        connection.execute(
            trials.update().where(trials.c.edition_id == edition_id).values(winner=winner, decided_at=now, why=why)
        )
        connection.execute(
            rows.update()
            .where(rows.c.edition_id == edition_id, rows.c.segment == _OPEN, rows.c.state == DeliveryState.QUEUED)
            .values(segment=winner)
        )
        return Trial(edition_id, trial.decide_at, winner, why)


def _accepted(connection: Connection, edition_id: str, segment: str) -> int:
    wanted = select(func.count()).where(
        rows.c.edition_id == edition_id, rows.c.segment == segment, rows.c.state.in_(ACCEPTED_STATES)
    )
    return connection.execute(wanted).scalar_one()
