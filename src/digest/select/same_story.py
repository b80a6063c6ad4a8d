"""Which stories are one story: the same page, the same text, or the same report under a new headline.

Two tiers. The first is plain identity and knows no vetoes, but that a form filled in anew each week (lottery
numbers) is no one text; the second compares headlines of one publisher within 72 hours, and every veto holds.
What merely reports the same event is `same_event`.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from urllib.parse import urlsplit

from digest.canonical import canonical_url
from digest.model import Story
from digest.select.reading import Reading, are_near
from digest.select.vetoes import are_opposite, are_serial, have_different_names, is_one_word_swapped

__all__ = ["Match", "SameStories"]

_SHINGLE_WORDS = 5
_CONTAINMENT = 0.8
_FEWEST_SHINGLES = 20  # two sentences: less text can be alike by chance
_FEWEST_WORDS = 8  # of a text that is the same to the letter
_SAMPLE = 8  # one shingle in so many finds the pairs, which are then compared in full
_MOST_COMPARED = 5  # texts that share most of a text's sampled shingles
_HEADLINE_RATIO = 80.0
_FEWEST_HEADLINE_TERMS = 3  # "Weather" and "Letters" are headlines of many stories
_COMMON_TERM_STORIES = 60  # a headline term or a shingle of more stories finds no others
_MOST_WORDS = 200_000
_SHORTEST_GUID = 6  # some feeds number their entries from 1 each day

# An article number or UUID in the last part of the path stays when an editor changes the slug.
_SLUG_ID = re.compile(r"(?<![0-9a-z])([a-z]{0,2}\d{6,12}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-z])")
_DATE = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])")


@dataclass(frozen=True, slots=True)
class Match:
    """A reading that was met before and is the same story, and what tells so."""

    number: int
    reason: str


class SameStories:
    """The readings met so far, by number in their order, and which of them are one story."""

    def __init__(self) -> None:
        self._readings: list[Reading] = []
        self._unit_of: list[list[int]] = []  # for each reading, the numbers of its story's readings
        self._by_address: dict[Hashable, int] = {}
        self._by_text: dict[str, int] = {}
        self._by_shingle: dict[int, list[int] | int] = {}  # checksum → readings
        self._sampled: dict[int, int] = {}  # reading → how many of its shingles are in `_by_shingle`
        self._by_headline: dict[Hashable, int] = {}
        self._by_term: defaultdict[Hashable, list[int]] = defaultdict(list)
        self._headlines: dict[int, dict[tuple[str, ...], int]] = {}  # first of a unit → its distinct headlines

    def first(self, number: int) -> int:
        """Return the lowest number of a reading that is one story with this."""
        return self._unit_of[number][0]

    def add(self, reading: Reading) -> tuple[Match, ...]:
        """Take in a reading and return those before it that are the same story, one for each story joined."""
        number = len(self._readings)
        self._readings.append(reading)
        self._unit_of.append([number])
        self._headlines[number] = {reading.headline_words: number}
        joined = [match for match in self._identical(number) if self._join(match.number, number)]
        if self._headlines[self._unit_of[number][0]][reading.headline_words] == number:
            joined += [match for match in self._retitled(number) if self._join(match.number, number)]
            self._remember_headline(number)
        return tuple(joined)

    def _join(self, one: int, other: int) -> bool:
        first, second = sorted((self._unit_of[one], self._unit_of[other]))
        if first is second:
            return False
        for headline, number in self._headlines.pop(second[0]).items():
            self._headlines[first[0]].setdefault(headline, number)
        for number in second:
            self._unit_of[number] = first
        first += second
        return True

    # --- the same page, the same text

    def _identical(self, number: int) -> Iterator[Match]:
        reading = self._readings[number]
        for key in _addresses(reading):
            first = self._by_address.setdefault(key, number)
            if first != number:
                yield Match(first, "the same page")
        first = self._by_text.setdefault(reading.body, number)
        body = reading.body.lower().split()
        if first == number:
            yield from self._with_same_passages(number, body)
        elif len(body) >= _FEWEST_WORDS:
            yield Match(first, "the same text")

    def _with_same_passages(self, number: int, body: Sequence[str]) -> Iterator[Match]:
        sampled = _sampled_shingles(body)
        shared: Counter[int] = Counter()
        for shingle in sampled:
            holders = self._by_shingle.setdefault(shingle, number)
            if holders == number:
                continue
            if isinstance(holders, int):  # most shingles stand in one text: no list for those
                holders = self._by_shingle[shingle] = [holders]
            shared.update(holders)
            if len(holders) < _COMMON_TERM_STORIES:
                holders.append(number)
        self._sampled[number] = len(sampled)
        for other, count in sorted(shared.items(), key=lambda item: (-item[1], item[0]))[:_MOST_COMPARED]:
            if count >= 0.5 * min(len(sampled), self._sampled[other]):
                earlier = self._readings[other]
                share = _containment(body, earlier.body.lower().split())
                if share >= _CONTAINMENT and not are_serial(self._readings[number], earlier):
                    yield Match(other, f"{share:.0%} of the same text")

    # --- the same report under a new headline

    def _retitled(self, number: int) -> Iterator[Match]:
        """Yield the earlier readings of one publisher whose headline tells the same, the likest first."""
        from rapidfuzz.fuzz import token_set_ratio

        reading = self._readings[number]
        scored = []
        for other in self._with_alike_headlines(reading):
            earlier = self._readings[other]
            if are_near(reading, earlier) and not _is_vetoed(reading, earlier):
                ratio = token_set_ratio(" ".join(reading.headline), " ".join(earlier.headline))
                if ratio >= _HEADLINE_RATIO:
                    scored.append((-ratio, other))
        for minus_ratio, other in sorted(scored):
            if self._may_join(number, other):
                yield Match(other, f"its headline was changed ({-minus_ratio:.0f} % alike)")

    def _with_alike_headlines(self, reading: Reading) -> list[int]:
        """Return who has three headline terms in common, two of them rare; and who has them all."""
        if len(reading.headline) < _FEWEST_HEADLINE_TERMS:
            return []
        shared: Counter[int] = Counter()
        for term in reading.headline:
            holders = self._by_term.get((reading.publisher, term), ())
            if len(holders) <= _COMMON_TERM_STORIES:
                shared.update(holders)
        found = {other for other, count in shared.items() if count >= 2}
        equal = self._by_headline.get((reading.publisher, reading.headline))
        if equal is not None:
            found.add(equal)
        terms = set(reading.headline)
        return [other for other in found if len(terms.intersection(self._readings[other].headline)) >= 3]

    def _may_join(self, one: int, other: int) -> bool:
        """Tell whether no veto stands between any headlines of the two stories."""
        mine, theirs = (self._headlines[self._unit_of[number][0]].values() for number in (one, other))
        pairs = ((self._readings[a], self._readings[b]) for a in mine for b in theirs)
        return not any(are_serial(a, b) or are_opposite(a, b) for a, b in pairs)

    def _remember_headline(self, number: int) -> None:
        reading = self._readings[number]
        if len(reading.headline) >= _FEWEST_HEADLINE_TERMS:
            self._by_headline[reading.publisher, reading.headline] = number
            for term in reading.headline:
                holders = self._by_term[reading.publisher, term]
                if len(holders) <= _COMMON_TERM_STORIES:
                    holders.append(number)


def _is_vetoed(one: Reading, other: Reading) -> bool:
    return (
        is_one_word_swapped(one, other)
        or are_serial(one, other)
        or are_opposite(one, other)
        or have_different_names(one, other)
    )


def _addresses(reading: Reading) -> Iterator[Hashable]:
    story = reading.story
    yield story.id
    yield canonical_url(story.url)
    if reading.publisher and (number := _slug_id(story)):
        yield reading.publisher, number
    if reading.publisher and len(story.guid) >= _SHORTEST_GUID:
        yield reading.publisher, "guid", story.guid


def _slug_id(story: Story) -> str:
    try:
        path = urlsplit(story.url).path.lower().rstrip("/")
    except ValueError:
        return ""
    found = [match for match in _SLUG_ID.findall(path.rpartition("/")[2]) if not _DATE.fullmatch(match)]
    return found[-1] if found else ""


def _sampled_shingles(body: Sequence[str]) -> set[int]:
    """Return checksums of the shingles that begin with a word of a fixed part of the vocabulary."""
    if len(body) < _FEWEST_SHINGLES + _SHINGLE_WORDS - 1:
        return set()
    starts = compress(range(len(body) - _SHINGLE_WORDS + 1), map(_SAMPLED.__getitem__, body))
    return {_checksum(" ".join(body[at : at + _SHINGLE_WORDS])) for at in starts}


def _checksum(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "replace"))  # `hash` differs from run to run


class _Sampled(dict[str, bool]):
    """Which words begin a sampled shingle."""

    def __missing__(self, word: str) -> bool:
        if len(self) >= _MOST_WORDS:
            self.clear()
        is_sampled = self[word] = _checksum(word) % _SAMPLE == 0
        return is_sampled


_SAMPLED = _Sampled()


def _containment(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the share of the shorter text's shingles that the longer one holds too (Broder 1997)."""
    mine, theirs = (
        {tuple(body[at : at + _SHINGLE_WORDS]) for at in range(len(body) - _SHINGLE_WORDS + 1)} for body in (one, other)
    )
    return len(mine & theirs) / min(len(mine), len(theirs))
