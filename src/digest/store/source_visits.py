"""When each source was last read well, and what it gave then: kept from run to run, by the source's name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from digest.store.database import Database
from digest.store.schema import source_visits

__all__ = ["SourceVisit", "note_ids", "note_visits", "visits_by_source"]


@dataclass(frozen=True, slots=True)
class SourceVisit:
    """What is known of a source: `good_at` is None when it never gave a story, `error` is the last one."""

    source: str
    good_at: datetime | None = None
    stories: int = 0  # when it was last read well
    error: str = ""
    error_at: datetime | None = None
    ids: tuple[tuple[str, str], ...] = ()  # (the story's id here, the feed's own), when the doctor last looked


def visits_by_source(database: Database) -> dict[str, SourceVisit]:
    """Return the last good visit to each source, by the name that reports call it."""
    with database.read() as connection:
        rows = connection.execute(select(source_visits)).all()
    return {
        row.source: SourceVisit(
            row.source,
            row.good_at,
            row.stories,
            row.error,
            row.error_at,
            tuple((ours, theirs) for ours, theirs in json.loads(row.ids)),
        )
        for row in rows
    }


def note_visits(database: Database, told: Sequence[tuple[str, int, str]], now: datetime) -> None:
    """Write what a run found of each source: (name, stories, error or "")."""
    good = [{"source": name, "good_at": now, "stories": stories} for name, stories, _ in told if stories]
    bad = [{"source": name, "error": error, "error_at": now} for name, _, error in told if error]
    put = database.insert(source_visits)
    with database.write() as connection:
        for rows in (good, bad):
            if rows:
                changed = {name: put.excluded[name] for name in rows[0] if name != "source"}
                connection.execute(put.on_conflict_do_update(index_elements=["source"], set_=changed), rows)


def note_ids(database: Database, source: str, ids: Sequence[tuple[str, str]]) -> None:
    """Keep the ids of a feed's items, for the next comparison."""
    put = database.insert(source_visits).values(source=source, ids=json.dumps(list(ids), ensure_ascii=False))
    with database.write() as connection:
        connection.execute(put.on_conflict_do_update(index_elements=["source"], set_={"ids": put.excluded.ids}))
