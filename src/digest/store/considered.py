"""What an edition was chosen from: its picks with the parts of their scores, so that it can be chosen again otherwise.

Of a story only what choosing looks at is kept, and none of it for longer than a quarter.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from digest.model import Cluster, Pick, Story
from digest.store.database import Database
from digest.store.schema import considered, editions

__all__ = ["Considered", "considered_since", "keep_considered"]

_KEPT = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Considered:
    """An edition, when it was chosen, and from what. The stories have no text."""

    edition_id: str
    section: str
    at: datetime
    picks: tuple[Pick, ...] = field(repr=False)


def keep_considered(database: Database, edition_id: str, at: datetime, picks: Sequence[Pick]) -> None:
    """Keep what an edition was chosen from, and forget what is older than a quarter."""
    put = database.insert(considered).values(
        edition_id=edition_id, at=at, picks=json.dumps([_dumped(pick) for pick in picks], ensure_ascii=False)
    )
    changed = {name: put.excluded[name] for name in ("at", "picks")}
    with database.write() as connection:
        connection.execute(put.on_conflict_do_update(index_elements=["edition_id"], set_=changed))
        connection.execute(considered.delete().where(considered.c.at < at - _KEPT))


def considered_since(database: Database, since: datetime, section: str | None = None) -> tuple[Considered, ...]:
    """Return the editions chosen since then, oldest first."""
    wanted = (
        select(considered.c.edition_id, editions.c.section, considered.c.at, considered.c.picks)
        .join(editions, editions.c.id == considered.c.edition_id)
        .where(considered.c.at >= since)
        .order_by(considered.c.at, considered.c.edition_id)
    )
    if section is not None:
        wanted = wanted.where(editions.c.section == section)
    with database.read() as connection:
        rows = connection.execute(wanted).all()
    return tuple(
        Considered(row.edition_id, row.section, row.at, tuple(map(_loaded, json.loads(row.picks)))) for row in rows
    )


def _dumped(pick: Pick) -> dict[str, Any]:
    return {
        "stories": [
            [story.id, story.url, story.title, story.section, _stamp(story.published_at), _stamp(story.updated_at)]
            for story in pick.cluster.stories
        ],
        "popularity": pick.popularity,
        "clicks": pick.clicks,
        "parts": dict(pick.parts),
    }


def _loaded(told: dict[str, Any]) -> Pick:
    lead, *others = (
        Story(id=id_, url=url, title=title, section=section, published_at=_at(published), updated_at=_at(updated))
        for id_, url, title, section, published, updated in told["stories"]
    )
    return Pick(
        Cluster(lead, tuple(others)),
        0.0,
        popularity=told["popularity"],
        clicks=told["clicks"],
        parts=tuple(told["parts"].items()),
    )


def _stamp(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _at(stamp: str | None) -> datetime | None:
    return datetime.fromisoformat(stamp) if stamp else None
