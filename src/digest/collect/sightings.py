"""How old a story is that nothing dates: as old as its first sighting.

Of a source that was never read before, undated stories are taken as old: a feed without dates may go back
years, and the first edition must not be made of them. A front page shows today's stories, so what is
first seen there is new. Decides only; who remembers sightings is the caller's business.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from digest.collect.reading import Reading, newest_date
from digest.model import SourceProblem, Story
from digest.settings import SourceKind

__all__ = ["Sightings", "sighted"]


@dataclass(frozen=True, slots=True)
class Sightings:
    """When undated stories were first seen, and those that are taken as old at this first sight, by source."""

    window_start: datetime
    seen: Mapping[str, datetime] = field(default_factory=dict)
    old_at_first_sight: Mapping[str, str] = field(default_factory=dict)

    def sift(self, stories: Iterable[Story]) -> tuple[tuple[Story, ...], tuple[Story, ...], tuple[SourceProblem, ...]]:
        """Return the stories to use, those to remember only, and what to say of the latter.

        An undated story's `fetched_at` is its first sighting.
        """
        used: list[Story] = []
        aside: list[Story] = []
        by_source: dict[str, int] = {}
        for story in stories:
            if newest_date(story) is not None or not (story.id in self.seen or story.id in self.old_at_first_sight):
                used.append(story)
            elif (at := self.seen.get(story.id)) is None:
                aside.append(replace(story, fetched_at=self.window_start - timedelta(seconds=1)))
                label = self.old_at_first_sight[story.id]
                by_source[label] = by_source.get(label, 0) + 1
            elif at >= self.window_start:
                used.append(replace(story, fetched_at=at))
        notes = tuple(
            SourceProblem(
                label,
                f"is read for the first time, and gives {count} of its stories no date: they are taken as old.",
                "What is new there from the next run on is taken as new.",
            )
            for label, count in by_source.items()
        )
        return tuple(used), tuple(aside), notes


def sighted(
    readings: Sequence[Reading],
    first_seen: Callable[[Collection[str]], Mapping[str, datetime]] | None,
    window_start: datetime,
    now: datetime,
) -> Sightings:
    """Look up the stories of those sources that leave some undated."""
    if first_seen is None:
        return Sightings(window_start)
    undated = [reading for reading in readings if any(newest_date(story) is None for story in reading.stories)]
    seen = {
        key: min(at, now)
        for key, at in first_seen({story.id for reading in undated for story in reading.stories}).items()
    }
    old: dict[str, str] = {}
    fresh: set[str] = set()  # somewhere they are no surprise
    for reading in undated:
        is_first = not any(story.id in seen for story in reading.stories)
        for story in reading.stories:
            if is_first and reading.source.kind is not SourceKind.FRONT_PAGE:
                if newest_date(story) is None:
                    old.setdefault(story.id, reading.source.label)
            else:
                fresh.add(story.id)
    return Sightings(window_start, seen, {key: label for key, label in old.items() if key not in fresh})
