"""Which stories report the same event: likeness of headlines and openings, joined by average linkage.

TF-IDF over headline ×2, standfirst and first sentences. The inverse document frequency is that of
the batch, damped as though a background of other stories stood beside it, so that twenty stories
are weighed much as a thousand are. Only stories that share a rarer term are compared.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from digest.select.reading import Reading, are_near
from digest.select.vetoes import are_doubles, are_opposite, are_serial

__all__ = ["events"]

_THRESHOLD = 0.13  # mean likeness at which two groups are one event
_BACKGROUND_STORIES = 100
_CHANCE = 0.6  # that one shared term is a coincidence ("railway"); five rarely are
_COMMON_TERM_STORIES = 60  # a term of more stories compares nobody
_FEWEST_SHARED = 2
_FAINTEST = 0.02  # likeness below this is none, which keeps the work in bounds

Likeness = list[dict[int, float]]  # for each item, the items that it shares something with


def events(readings: Sequence[Reading]) -> tuple[tuple[int, ...], ...]:
    """Return groups of indices, each the stories of one event; together they hold every index once.

    Two that lie more than 72 hours apart, or that a veto keeps apart, never stand in one group.
    """
    return _linked(_likeness(readings), _apart(readings))


def _apart(readings: Sequence[Reading]) -> Callable[[int, int], bool]:
    @cache
    def is_apart(one: int, other: int) -> bool:
        a, b = readings[one], readings[other]
        return not are_near(a, b) or are_serial(a, b) or are_opposite(a, b) or are_doubles(a, b)

    return is_apart


def _likeness(readings: Sequence[Reading]) -> Likeness:
    """Return how alike each pair is, where it is enough to matter."""
    likeness: Likeness = [{} for _ in readings]
    cosines, shared = _cosines([reading.opening for reading in readings])
    for one, row in enumerate(cosines):
        for other, cosine in row.items():
            terms = shared[one][other]
            if terms >= _FEWEST_SHARED and cosine >= _FAINTEST:
                by_chance = _CHANCE**terms
                support = (
                    0.5 + (_support(readings[one], readings[other]) + _support(readings[other], readings[one])) / 2
                )
                likeness[one][other] = likeness[other][one] = cosine * (1 - by_chance) * support
    return likeness


def _support(one: Reading, other: Reading) -> float:
    """Return the share of one's headline that the other's opening bears out: a topic in common does not."""
    return sum(term in other.opening for term in one.headline) / max(1, len(one.headline))


def _cosines(bags: Sequence[Mapping[str, int]]) -> tuple[Likeness, list[dict[int, int]]]:
    """Return for each item the later ones that share a rarer term: the cosine, and how many such terms."""
    cosines: Likeness = [{} for _ in bags]
    shared: list[dict[int, int]] = [{} for _ in bags]
    for holding in _holders(bags):
        for place, (one, weight) in enumerate(holding):
            row, counts = cosines[one], shared[one]
            for other, other_weight in holding[place + 1 :]:
                row[other] = row.get(other, 0.0) + weight * other_weight
                counts[other] = counts.get(other, 0) + 1
    return cosines, shared


def _holders(bags: Sequence[Mapping[str, int]]) -> Iterable[Sequence[tuple[int, float]]]:
    """Return for each term that is neither single nor common its items, each with the term's weight of 1 in all."""
    frequency = Counter(term for bag in bags for term in bag)
    holders: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, bag in enumerate(bags):
        weights = {term: _weight(count, frequency[term], len(bags)) for term, count in bag.items()}
        length = math.sqrt(math.fsum(weight * weight for weight in weights.values()))
        for term, weight in weights.items():
            if 1 < frequency[term] <= _COMMON_TERM_STORIES:
                holders[term].append((number, weight / length))
    return holders.values()


def _weight(count: int, stories_with_it: int, stories: int) -> float:
    rarity = math.log((stories + _BACKGROUND_STORIES + 1) / (stories_with_it + 0.5))
    return (1 + math.log(count)) * rarity


def _linked(likeness: Likeness, is_apart: Callable[[int, int], bool]) -> tuple[tuple[int, ...], ...]:
    """Join the two likest groups for as long as their mean likeness reaches the threshold."""
    groups = _Groups(likeness, is_apart)
    while groups.join_likest():
        pass
    return tuple(tuple(sorted(members)) for members in groups.members if members)


class _Groups:
    """Average linkage in which some pairs may never meet. `_sums` adds up the likeness between two groups."""

    def __init__(self, likeness: Likeness, is_apart: Callable[[int, int], bool]) -> None:
        self.members = [[number] for number in range(len(likeness))]
        self._is_apart = is_apart
        self._sums = [dict(row) for row in likeness]
        self._heap: list[tuple[float, int, int, int, int]] = []
        for one, row in enumerate(likeness):
            for other in row:
                if one < other:
                    self._offer(one, other)

    def join_likest(self) -> bool:
        """Join two groups; return False when none are alike enough."""
        while self._heap:
            _, one, other, size, other_size = heapq.heappop(self._heap)
            is_current = len(self.members[one]) == size and len(self.members[other]) == other_size
            if is_current and not any(self._is_apart(a, b) for a in self.members[one] for b in self.members[other]):
                self._join(one, other)
                return True
        return False

    def _join(self, one: int, other: int) -> None:
        self.members[one] += self.members[other]
        self.members[other] = []
        mine, theirs = self._sums[one], self._sums[other]
        del mine[other], theirs[one]
        for third, total in theirs.items():
            sums = self._sums[third]
            del sums[other]
            mine[third] = sums[one] = mine.get(third, 0.0) + total
        theirs.clear()
        for third in mine:
            self._offer(min(one, third), max(one, third))

    def _offer(self, one: int, other: int) -> None:
        size, other_size = len(self.members[one]), len(self.members[other])
        mean = self._sums[one][other] / (size * other_size)
        if mean >= _THRESHOLD:
            heapq.heappush(self._heap, (-mean, one, other, size, other_size))
