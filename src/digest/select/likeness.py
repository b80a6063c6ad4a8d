"""How alike two stories are: the cosine of their first passages, and a little of that of their headlines.

TF-IDF on the scale of `term_weights`. One paper's stories are alike by its town, its style and its subjects, and it
seldom tells an event twice: their likeness counts for less. Which pairs are worth a look is told by the rarer terms
that their openings share: a name in common makes no event, unless there is nothing but headlines to go by.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from digest.select.reading import Reading
from digest.select.term_weights import TermWeights

__all__ = ["Likeness"]

_HEADLINE_SHARE = 0.17
_ONE_PUBLISHER_SHARE = 0.7  # of the likeness of two stories of one paper
_COMMON_TERM_STORIES = 60  # a term of more stories finds nobody
_FEWEST_SHARED = 3  # terms of two openings
_SHORT_OPENING, _FEWEST_SHARED_SHORT = 30, 6  # the cosine of a snippet's few terms is soon high by chance
_FEWEST_SHARED_BARE = 1  # where one of the two is a headline alone
_FEWEST_HEADLINE_TERMS = 2  # "Weather" alone is a headline of every day
_FAINTEST_OPENING = 0.04  # cosine of the openings, rarer terms only, below which nobody looks closer
_FAINTEST = 0.1  # likeness below this is none, which keeps the work in bounds
_DECIMALS = 6  # libraries' log() differ in the last bits; a group must not hang on them
_GROWTH = 1.25  # the terms are weighed anew when there are so many times more stories


class Likeness:
    """The stories met so far, by number, and how like each of them a new one is."""

    def __init__(self) -> None:
        self._items: dict[int, Reading] = {}
        self._stories_with: Counter[str] = Counter()
        self._openings_with: Counter[str] = Counter()
        self._holders: defaultdict[str, list[int]] = defaultdict(list)  # term of an opening → items compared so far
        self._weights = TermWeights(Counter(), 0)
        self._lengths: dict[int, _Lengths] = {}  # as the present weights have them

    def add(self, readings: Mapping[int, Reading]) -> dict[int, dict[int, float]]:
        """Take in readings under ascending numbers; return for each the earlier ones that are like it, and how much."""
        for number, reading in readings.items():
            self._items[number] = reading
            self._stories_with.update(reading.passage.keys())
            self._openings_with.update(reading.opening.keys())
        if len(self._items) > _GROWTH * self._weights.stories:
            self._weights = TermWeights(self._stories_with.copy(), len(self._items))
            self._lengths.clear()
        return {number: self._alike(number) for number in readings}

    def _alike(self, number: int) -> dict[int, float]:
        alike = {}
        for other in self._candidates(number):
            value = round(self._value(number, other), _DECIMALS)
            if value >= _FAINTEST:
                alike[other] = value
        return alike

    def _candidates(self, number: int) -> list[int]:
        """Return the earlier items whose openings share enough: rarer terms by weight, and terms by number."""
        reading, weight = self._items[number], self._weights
        scores: defaultdict[int, float] = defaultdict(float)
        for term in reading.opening:
            if self._openings_with[term] <= _COMMON_TERM_STORIES:
                squared, holders = weight[term] ** 2, self._holders[term]
                for other in holders:
                    scores[other] += squared
                holders.append(number)
        fewest, lengths = _FAINTEST_OPENING * self._length(number).opening, self._lengths
        return sorted(
            other
            for other, score in scores.items()
            if score >= fewest * (lengths.get(other) or self._length(other)).opening
            and _share_enough(reading, self._items[other])
        )

    def _value(self, number: int, other: int) -> float:
        mine, theirs = self._length(number), self._length(other)
        one, two, weight = self._items[number].passage, self._items[other].passage, self._weights
        passages = math.fsum(
            [_DAMPED[one[term]] * _DAMPED[two[term]] * weight[term] ** 2 for term in one.keys() & two.keys()]
        )
        headlines = math.fsum([weight[term] ** 2 for term in mine.headline_terms & theirs.headline_terms])
        value = passages / (mine.passage * theirs.passage)
        value += _HEADLINE_SHARE * headlines / (mine.headline * theirs.headline)
        publisher = self._items[number].publisher
        return value * _ONE_PUBLISHER_SHARE if publisher and publisher == self._items[other].publisher else value

    def _length(self, number: int) -> _Lengths:
        found = self._lengths.get(number)
        if found is None:
            found = self._lengths[number] = _Lengths.of(self._items[number], self._weights)
        return found


def _share_enough(one: Reading, other: Reading) -> bool:
    if one.has_text and other.has_text:
        is_short = min(len(one.opening), len(other.opening)) < _SHORT_OPENING
        fewest = _FEWEST_SHARED_SHORT if is_short else _FEWEST_SHARED
    elif min(len(one.headline), len(other.headline)) >= _FEWEST_HEADLINE_TERMS:
        fewest = _FEWEST_SHARED_BARE
    else:
        return False
    return len(one.opening.keys() & other.opening.keys()) >= fewest


@dataclass(frozen=True, slots=True)
class _Lengths:
    """What a reading's products are divided by; never 0."""

    headline_terms: Set[str]
    headline: float
    opening: float
    passage: float

    @classmethod
    def of(cls, reading: Reading, weight: TermWeights) -> _Lengths:
        return cls(
            headline_terms=frozenset(reading.headline),
            headline=_root([weight[term] ** 2 for term in reading.headline]),
            opening=_root([weight[term] ** 2 for term in reading.opening]),
            passage=_root([(_DAMPED[count] * weight[term]) ** 2 for term, count in reading.passage.items()]),
        )


def _root(squares: Iterable[float]) -> float:
    return math.sqrt(math.fsum(squares)) or 1.0


class _Damped(dict[int, float]):
    """How much a term counts that stands so many times: the tenth time tells less than the second."""

    def __missing__(self, count: int) -> float:
        damped = self[count] = 1 + math.log(count)
        return damped


_DAMPED = _Damped()
