"""Stories to their events, as earlier runs left them: a day's events are stable while stories come in.

What a run finds is kept in the store. A story changes its event only with a reason, which is told when it happens
and kept as well. Two runs at once may each place the same new stories; whichever writes last is gone on from.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from digest import select
from digest.model import Cluster, Story
from digest.store.database import Database
from digest.store.placements import Placement, all_placements, change_placements

__all__ = ["group_stories"]

_KEPT = timedelta(hours=72)  # no two stories of one event lie further apart


def group_stories(
    database: Database, stories: Sequence[Story], now: datetime
) -> tuple[tuple[Cluster, ...], tuple[select.Move, ...]]:
    """Return the events of `stories`, newest first, and what changed its event since an earlier run."""
    known = all_placements(database)
    day = select.Day()
    moves = day.add(stories, {placement.story_id: placement.event for placement in known})
    made = [Placement(move.story.id, move.event, move.before, move.reason, now) for move in moves]
    here = {story.id for story in stories}
    old = [found.story_id for found in known if found.placed_at < now - _KEPT and found.story_id not in here]
    change_placements(database, made, old)
    return day.clusters(), tuple(move for move in moves if move.before is not None)
