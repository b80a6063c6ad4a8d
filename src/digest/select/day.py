"""A day's stories in their events, to which more are added as they come in, without grouping all anew.

A story stays in its event. Only when a later one shows that two events are one do the stories of the smaller
go over to the larger, and every such move is told with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import groupby

from digest.canonical import canonical_url
from digest.model import Cluster, Story
from digest.select.freshness import version_time
from digest.select.linkage import Join
from digest.select.reading import Reader, Reading
from digest.select.same_event import SameEvents
from digest.select.same_story import Match, SameStories

__all__ = ["Day", "Move"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

Matches = Mapping[int, tuple[Match, ...]]  # for each new reading the earlier ones that are the same story


@dataclass(frozen=True, slots=True)
class Move:
    """A story that came to an event, and why. Events are known by numbers that mean nothing outside their `Day`."""

    story: Story
    event: int
    before: int | None  # the event that it was in; None for a story that has just come in
    reason: str


class Day:
    """The stories of a day and the events that they report."""

    def __init__(self, stories: Iterable[Story] = ()) -> None:
        self._reader = Reader()
        self._readings: list[Reading] = []
        self._order: list[_Order] = []
        self._same = SameStories()
        self._events = SameEvents()
        self._item_of: list[int] = []  # for each reading the one that stands for its story among the events
        self._versions: dict[int, list[int]] = {}  # the other way round
        self.add(stories)

    def add(self, stories: Iterable[Story]) -> tuple[Move, ...]:
        """Take in stories, in whatever order; return where each went, then which earlier ones changed their event."""
        begin = len(self._readings)
        ordered = _newest_first(stories)
        self._order += (key for key, _ in ordered)
        self._readings += self._reader.read([story for _, story in ordered])
        numbers = range(begin, len(self._readings))
        matches = {number: self._same.add(self._readings[number]) for number in numbers}
        fresh = {}
        for number in numbers:
            first = self._same.first(number)
            item = number if first == number else self._item_of[first]
            self._item_of.append(item)
            self._versions.setdefault(item, []).append(number)
            if first == number:
                fresh[number] = self._readings[number]
        return self._told(begin, matches, tuple(self._joins(begin, matches, fresh)))

    def clusters(self) -> tuple[Cluster, ...]:
        """Return each event's stories, newest event first.

        The newest version leads a cluster; of equally new ones the one with most text. The others follow
        from new to old, and what has no date comes last.
        """
        grouped = (
            sorted((n for item in items for n in self._versions[item]), key=self._place)
            for items in self._events.events()
        )
        return tuple(self._cluster(numbers) for numbers in sorted(grouped, key=lambda numbers: self._place(numbers[0])))

    def _place(self, number: int) -> tuple[_Order, int]:
        return self._order[number], number

    def _cluster(self, numbers: Sequence[int]) -> Cluster:
        lead, *others = (self._readings[number].story for number in numbers)
        return Cluster(lead, tuple(others))

    def _joins(self, begin: int, matches: Matches, fresh: Mapping[int, Reading]) -> Iterator[Join]:
        """Place the fresh stories among the events, after joining the events of what turned out to be one story."""
        for number, found in matches.items():
            for match in found:
                if match.number < begin:
                    yield from self._events.join(self._item_of[match.number], self._item_of[number])
        yield from self._events.add(fresh)

    def _told(self, begin: int, matches: Matches, joins: Sequence[Join]) -> tuple[Move, ...]:
        before: dict[int, int] = {}
        reasons: dict[int, str] = {}
        for join in joins:
            for number in (number for item in join.moved for number in self._versions[item]):
                reasons[number] = self._why(join)
                if number < begin:
                    before.setdefault(number, join.taken)
        for number, found in matches.items():
            if found:
                reasons[number] = f"{found[0].reason}: “{self._readings[found[0].number].story.title}”"
        numbers = (*matches, *before)
        moves = (
            Move(
                story=self._readings[number].story,
                event=self._events.event(self._item_of[number]),
                before=before.get(number),
                reason=reasons.get(number, "nothing like it so far"),
            )
            for number in numbers
        )
        return tuple(move for move in moves if move.event != move.before)

    def _why(self, join: Join) -> str:
        title = self._readings[join.kept].story.title
        if join.mean is None:
            return f"a version of it is a version of “{title}”"
        return f"it reports the same (likeness {join.mean:.2f}): “{title}”"


_Order = tuple[float, int, str]


def _newest_first(stories: Iterable[Story]) -> list[tuple[_Order, Story]]:
    """Sort by version, newest first, then by length of text and address; beyond that the order is only total."""
    keyed = sorted(((_order(story), story) for story in stories), key=lambda pair: pair[0])
    ordered: list[tuple[_Order, Story]] = []
    for _, equal in groupby(keyed, key=lambda pair: pair[0]):
        run = list(equal)
        ordered += sorted(run, key=lambda pair: _every_field(pair[1])) if len(run) > 1 else run
    return ordered


def _order(story: Story) -> _Order:
    return -(version_time(story) or _LONG_AGO).timestamp(), -len(story.text), canonical_url(story.url)


def _every_field(story: Story) -> tuple[str, ...]:
    return tuple(str(getattr(story, field.name)) for field in fields(story))
