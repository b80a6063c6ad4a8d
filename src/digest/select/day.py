"""A day's stories in their events, to which more are added as they come in, without grouping all anew.

A story stays in its event, also from one run to the next when the caller keeps what it was told. Only when a later
story, or words that have become rarer, show that two events are one do the stories of the smaller go over to the
larger, and every such move is told with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from itertools import groupby
from types import MappingProxyType

from digest.canonical import canonical_url
from digest.model import Cluster, Story
from digest.select.freshness import version_time
from digest.select.linkage import Join
from digest.select.reading import Reader, Reading
from digest.select.same_event import SameEvents
from digest.select.same_story import Match, SameStories

__all__ = ["Day", "Move"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NO_EVENTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Move:
    """A story that came to an event, and why. An event is called after the id of its oldest story when it began."""

    story: Story
    event: str
    before: str | None  # the event that it was in; None for a story that has just come in
    reason: str

    def __str__(self) -> str:
        went = "went over to another event" if self.before else "came to its event"
        return f"“{self.story.title}” {went}: {self.reason}"


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
        self._names: dict[int, str] = {}  # the events' own numbers change when they are joined
        self._named: dict[str, int] = {}  # name → an item of that event
        self.add(stories)

    def add(self, stories: Iterable[Story], standing: Mapping[str, str] = _NO_EVENTS) -> tuple[Move, ...]:
        """Take in stories, in whatever order.

        Args:
            standing: The event that a story was in already, by its id, as an earlier `Day` told it. It may know
                stories that are not among these.

        Returns:
            Where each story went that was in no event, then each that was and has changed it.
        """
        begin = len(self._readings)
        ordered = _newest_first(stories)
        self._order += (key for key, _ in ordered)
        self._readings += self._reader.read([story for _, story in ordered])
        numbers = range(begin, len(self._readings))
        arrivals = _Arrivals({number: self._same.add(self._readings[number]) for number in numbers})
        for number, found in arrivals.matches.items():
            if found:
                arrivals.reasons[number] = f"{found[0].reason}: “{self._title(found[0].number)}”"
            first = self._same.first(number)
            item = number if first == number else self._item_of[first]
            self._item_of.append(item)
            self._versions.setdefault(item, []).append(number)
            if event := standing.get(self._readings[number].story.id):
                arrivals.before[number] = event
        self._place(begin, arrivals)
        self._name_new(numbers, set(standing.values()))
        return tuple(self._moves(arrivals))

    def clusters(self) -> tuple[Cluster, ...]:
        """Return each event's stories, newest event first.

        The newest version leads a cluster; of equally new ones the one with most text. The others follow
        from new to old, and what has no date comes last.
        """
        grouped = (
            sorted((n for item in items for n in self._versions[item]), key=self._rank)
            for items in self._events.events()
        )
        return tuple(self._cluster(numbers) for numbers in sorted(grouped, key=lambda numbers: self._rank(numbers[0])))

    def _title(self, number: int) -> str:
        return self._readings[number].story.title

    def _rank(self, number: int) -> tuple[_Order, int]:
        return self._order[number], number

    def _cluster(self, numbers: Sequence[int]) -> Cluster:
        lead, *others = (self._readings[number].story for number in numbers)
        return Cluster(lead, tuple(others))

    def _place(self, begin: int, arrivals: _Arrivals) -> None:
        """Put the new stories where they stood before, and join what turns out to be one story or one event."""
        fresh = [number for number in arrivals.matches if self._item_of[number] == number]
        self._events.add({number: self._readings[number] for number in fresh})
        stood: dict[str, list[int]] = {}
        for item in fresh:
            standing = [number for number in self._versions[item] if number in arrivals.before]
            if standing:
                oldest = standing[-1]
                event = self._names[item] = arrivals.before[oldest]
                stood.setdefault(event, [self._named.setdefault(event, item)]).append(item)
                for number in standing:
                    arrivals.reasons.setdefault(number, f"it is a version of “{self._title(oldest)}”")
        for items in stood.values():
            self._follow(self._events.join(items), arrivals)
        for number, found in arrivals.matches.items():
            for match in found:
                if match.number < begin:
                    one_story = (self._item_of[match.number], self._item_of[number])
                    self._follow(self._events.join(one_story), arrivals)
        self._follow(self._events.join_likest(), arrivals)

    def _follow(self, joins: Iterator[Join], arrivals: _Arrivals) -> None:
        """Give each joined event its name, and note why the stories of one side came to the other."""
        for join in joins:
            kept, taken = self._names.pop(join.kept, None), self._names.pop(join.taken, None)
            came, host = join.moved, join.kept
            if taken and not kept:  # what has a name stays, and the new ones come to it
                came = tuple({*self._events.stories(join.kept)} - {*join.moved})
                host = join.taken
            if name := kept or taken:
                self._names[join.kept] = name
            if kept == taken and name:  # they only stand together again
                continue
            is_forced = join.mean is None
            why = "a version of it is one of" if is_forced else f"it reports the same (likeness {join.mean:.2f}):"
            for number in (number for item in came for number in self._versions[item]):
                if taken and number not in arrivals.matches:
                    arrivals.before.setdefault(number, taken)
                if number in arrivals.before or not arrivals.matches[number]:
                    arrivals.reasons[number] = f"{why} “{self._title(host)}”"

    def _name_new(self, numbers: Iterable[int], taken: set[str]) -> None:
        """Call each new event after its oldest story; a name that another event has, of its first days, is varied."""
        for number in numbers:
            event = self._events.event(self._item_of[number])
            if event not in self._names:
                versions = (n for item in self._events.stories(event) for n in self._versions[item])
                name = self._readings[max(versions, key=self._rank)].story.id
                while name in taken or name in self._named:
                    name += "+"
                self._names[event] = name
                self._named[name] = event

    def _moves(self, arrivals: _Arrivals) -> Iterator[Move]:
        for number in (*arrivals.matches, *(n for n in arrivals.before if n not in arrivals.matches)):
            event, before = self._names[self._events.event(self._item_of[number])], arrivals.before.get(number)
            if event != before:
                reason = arrivals.reasons.get(number, "the first that was found of it")
                yield Move(self._readings[number].story, event, before, reason)


@dataclass(frozen=True, slots=True)
class _Arrivals:
    """What is known of the readings of one batch, and of those that it moved."""

    matches: Mapping[int, tuple[Match, ...]]  # for each new reading the earlier ones that are the same story
    before: dict[int, str] = field(default_factory=dict)  # reading → the event that it was in
    reasons: dict[int, str] = field(default_factory=dict)  # reading → why it came to the event of others


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
