"""Which event each story is in, and why: kept so that another run, in whatever process, goes on from it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from digest.store.database import Database
from digest.store.schema import placements

__all__ = ["Placement", "all_placements", "change_placements", "placements_of"]

_MOST_AT_ONCE = 500  # values in one statement


@dataclass(frozen=True, slots=True)
class Placement:
    """The event that a story is in. `event_before` is None as long as it never changed it."""

    story_id: str
    event: str
    event_before: str | None
    reason: str
    placed_at: datetime


def all_placements(database: Database) -> tuple[Placement, ...]:
    """Return which event each story is in, by the story's id."""
    with database.read() as connection:
        rows = connection.execute(select(placements).order_by(placements.c.story_id)).all()
    return tuple(Placement(*row) for row in rows)


def placements_of(database: Database, ids: Collection[str]) -> tuple[Placement, ...]:
    """Return what is known of a few stories, in the order of their ids."""
    wanted = select(placements).where(placements.c.story_id.in_(sorted(ids))).order_by(placements.c.story_id)
    with database.read() as connection:
        rows = connection.execute(wanted).all()
    return tuple(Placement(*row) for row in rows)


def change_placements(database: Database, made: Sequence[Placement], forgotten: Sequence[str] = ()) -> None:
    """Write where stories went, and forget those of some ids; nothing at all when there is nothing to say."""
    if not (made or forgotten):
        return
    put = database.insert(placements)
    changed = {column.name: put.excluded[column.name] for column in placements.c if not column.primary_key}
    rows = [
        {
            "story_id": placement.story_id,
            "event": placement.event,
            "event_before": placement.event_before,
            "reason": placement.reason,
            "placed_at": placement.placed_at,
        }
        for placement in made
    ]
    with database.write() as connection:
        for start in range(0, len(forgotten), _MOST_AT_ONCE):
            some = placements.c.story_id.in_(forgotten[start : start + _MOST_AT_ONCE])
            connection.execute(placements.delete().where(some))
        if rows:
            connection.execute(put.on_conflict_do_update(index_elements=["story_id"], set_=changed), rows)
