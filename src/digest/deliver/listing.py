"""An edition's deliveries one after the other, however many they are."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from digest.model import Delivery, DeliveryState
from digest.store.database import Database
from digest.store.schema import deliveries as rows

__all__ = ["each_delivery"]

_PAGE = 1000  # rows, about; no transaction stays open while a caller works on them


def each_delivery(database: Database, edition_id: str, state: DeliveryState | None = None) -> Iterator[Delivery]:
    """Yield the deliveries of an edition in the order of its audience, all or those in `state`.

    Each comes once, as it stood when its page was read: a page holds whole batches, and a delivery never
    leaves its batch.
    """
    states = [state] if state is not None else list(DeliveryState)
    with database.read() as connection:
        size = select(func.count(), func.max(rows.c.batch)).where(rows.c.edition_id == edition_id)
        count, last = connection.execute(size).one()
    if not count:
        return
    step = max(1, _PAGE * (last + 1) // count)
    for first in range(0, last + 1, step):
        page = (
            select(rows)
            .where(rows.c.edition_id == edition_id, rows.c.state.in_(states))
            .where(rows.c.batch.between(first, first + step - 1))
            .order_by(rows.c.batch, rows.c.subscriber_id)
        )
        with database.read() as connection:
            found = connection.execute(page).all()
        for row in found:
            yield Delivery(
                id=row.id,
                edition_id=row.edition_id,
                subscriber_id=row.subscriber_id,
                email=row.email,
                state=DeliveryState(row.state),
                attempts=row.attempts,
                provider_id=row.provider_id,
                detail=row.detail,
                due_at=row.due_at,
                name=row.name,
                refusals=row.refusals,
                segment=row.segment,
            )
