"""Which stories report the same event: likeness of pairs, joined by average linkage under vetoes.

Two that lie more than 72 hours apart, or that a veto keeps apart, never stand in one group, unless a third
turns out to be a version of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from digest.select.likeness import Likeness
from digest.select.linkage import Join, Linkage
from digest.select.reading import Reading, are_near
from digest.select.vetoes import are_doubles, are_opposite, are_serial

__all__ = ["SameEvents"]

_THRESHOLD = 0.17  # mean likeness at which two groups are one event


class SameEvents:
    """The stories met so far, by number, in groups of one event each."""

    def __init__(self) -> None:
        self._readings: dict[int, Reading] = {}
        self._likeness = Likeness()
        self._linkage = Linkage(_THRESHOLD, cache(self._are_apart))

    def add(self, readings: Mapping[int, Reading]) -> Iterator[Join]:
        """Take in readings under ascending numbers, and yield every join that this leads to."""
        self._readings.update(readings)
        for number, likeness in self._likeness.add(readings).items():
            self._linkage.add(number, likeness)
        yield from self._linkage.join_likest()

    def event(self, number: int) -> int:
        """Return the number of the event that a story belongs to: that of one of its stories."""
        return self._linkage.group(number)

    def events(self) -> Iterator[tuple[int, ...]]:
        """Yield the numbers of each event's stories."""
        return self._linkage.members()

    def join(self, one: int, other: int) -> Iterator[Join]:
        """Make the events of two stories one, for they turned out to be one story."""
        joined = self._linkage.force(one, other)
        if joined is not None:
            yield joined
            yield from self._linkage.join_likest()

    def _are_apart(self, one: int, other: int) -> bool:
        a, b = self._readings[one], self._readings[other]
        return not are_near(a, b) or are_serial(a, b) or are_opposite(a, b) or are_doubles(a, b)
