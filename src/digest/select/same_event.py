"""Which stories report the same event: likeness of pairs, joined by average linkage under vetoes.

Two that lie more than 72 hours apart, or that a veto keeps apart, never stand in one group, unless a third
turns out to be a version of both, or they stood together before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from digest.select.likeness import Likeness
from digest.select.linkage import Join, Linkage
from digest.select.reading import Reading, are_near
from digest.select.vetoes import are_doubles, are_opposite, are_serial

__all__ = ["SameEvents"]

_THRESHOLD = 0.18  # mean likeness at which two groups are one event


class SameEvents:
    """The stories met so far, by number, in groups of one event each."""

    def __init__(self) -> None:
        self._readings: dict[int, Reading] = {}
        self._likeness = Likeness()
        self._linkage = Linkage(_THRESHOLD, cache(self._are_apart))

    def add(self, readings: Mapping[int, Reading]) -> None:
        """Take in readings under ascending numbers, each as an event of its own."""
        self._readings.update(readings)
        for number, likeness in self._likeness.add(readings).items():
            self._linkage.add(number, likeness)

    def join_likest(self) -> Iterator[Join]:
        """Join the events that are like enough to be one, the likest first, and yield every join."""
        yield from self._linkage.join_likest()

    def join(self, numbers: Sequence[int]) -> Iterator[Join]:
        """Make the events of some stories one, however alike they are; yield every join."""
        yield from filter(None, (self._linkage.force(numbers[0], other) for other in numbers[1:]))

    def event(self, number: int) -> int:
        """Return the number of the event that a story belongs to: that of one of its stories."""
        return self._linkage.group(number)

    def events(self) -> Iterator[tuple[int, ...]]:
        """Yield the numbers of each event's stories."""
        return self._linkage.members()

    def stories(self, event: int) -> Sequence[int]:
        """Return the numbers of the stories of one event."""
        return self._linkage.members_of(event)

    def _are_apart(self, one: int, other: int) -> bool:
        a, b = self._readings[one], self._readings[other]
        return not are_near(a, b) or are_serial(a, b) or are_opposite(a, b) or are_doubles(a, b)
