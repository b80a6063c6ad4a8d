"""Which stories are one story: the same page, the same text, or the same report under a new headline.

Two tiers. The first is plain identity and knows no vetoes; the second compares headlines of one
publisher within 72 hours, and every veto holds. What merely reports the same event is `same_event`.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations, pairwise
from urllib.parse import urlsplit

from digest.canonical import canonical_url
from digest.model import Story
from digest.select.reading import Reading, are_near
from digest.select.vetoes import are_opposite, are_serial, have_different_names, is_one_word_swapped

__all__ = ["identical_pairs", "retitled_pairs"]

_SHINGLE_WORDS = 5
_CONTAINMENT = 0.8
_FEWEST_SHINGLES = 20  # two sentences: less text can be alike by chance
_SAMPLE = 8  # one shingle in so many finds the pairs, which are then compared in full
_HEADLINE_RATIO = 80.0
_FEWEST_HEADLINE_TERMS = 3  # "Weather" and "Letters" are headlines of many stories
_COMMON_TERM_STORIES = 60  # a headline term of more stories finds no pairs

# An article number or UUID in the last part of the path stays when an editor changes the slug.
_SLUG_ID = re.compile(r"(?<![0-9a-z])([a-z]{0,2}\d{6,12}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-z])")
_DATE = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])")


def identical_pairs(readings: Sequence[Reading]) -> Iterator[tuple[int, int]]:
    """Yield pairs of indices that are the same page or hold the same text (5-word shingles, 80 %)."""
    by_address: defaultdict[Hashable, list[int]] = defaultdict(list)
    for number, reading in enumerate(readings):
        for key in _addresses(reading):
            by_address[key].append(number)
    for numbers in by_address.values():
        yield from pairwise(numbers)
    yield from _same_text_pairs(readings)


def retitled_pairs(readings: Sequence[Reading]) -> Iterator[tuple[int, int]]:
    """Yield pairs of indices whose headlines tell one story, the likest first."""
    from rapidfuzz.fuzz import token_set_ratio

    scored: list[tuple[float, int, int]] = []
    for one, other in _alike_headlines(readings):
        a, b = readings[one], readings[other]
        if a.publisher == b.publisher and are_near(a, b) and not _is_vetoed(a, b):
            ratio = token_set_ratio(" ".join(a.headline), " ".join(b.headline))
            if ratio >= _HEADLINE_RATIO:
                scored.append((-ratio, one, other))
    for _, one, other in sorted(scored):
        yield one, other


def _addresses(reading: Reading) -> Iterator[Hashable]:
    story = reading.story
    yield story.id
    yield canonical_url(story.url)
    if reading.publisher and (number := _slug_id(story)):
        yield reading.publisher, number


def _slug_id(story: Story) -> str:
    try:
        path = urlsplit(story.url).path.lower().rstrip("/")
    except ValueError:
        return ""
    found = [match for match in _SLUG_ID.findall(path.rpartition("/")[2]) if not _DATE.fullmatch(match)]
    return found[-1] if found else ""


def _same_text_pairs(readings: Sequence[Reading]) -> Iterator[tuple[int, int]]:
    bodies = [reading.body.lower().split() for reading in readings]
    holders: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    sizes: Counter[int] = Counter()
    for number, body in enumerate(bodies):
        for shingle in _sampled_shingles(body):
            holders[shingle].append(number)
            sizes[number] += 1
    shared: Counter[tuple[int, int]] = Counter()
    for numbers in holders.values():
        shared.update(combinations(numbers, 2) if len(numbers) <= _COMMON_TERM_STORIES else pairwise(numbers))
    for (one, other), count in sorted(shared.items()):
        if count >= 0.5 * min(sizes[one], sizes[other]) and _containment(bodies[one], bodies[other]) >= _CONTAINMENT:
            yield one, other


def _sampled_shingles(body: Sequence[str]) -> Iterable[tuple[str, ...]]:
    """Return the shingles that begin with a word of a fixed quarter of the vocabulary, each once."""
    if len(body) < _FEWEST_SHINGLES + _SHINGLE_WORDS - 1:
        return ()
    starts = (at for at, word in enumerate(body[: 1 - _SHINGLE_WORDS]) if _is_sampled(word))
    return dict.fromkeys(tuple(body[at : at + _SHINGLE_WORDS]) for at in starts)


@lru_cache(maxsize=100_000)
def _is_sampled(word: str) -> bool:
    return zlib.crc32(word.encode("utf-8", "replace")) % _SAMPLE == 0  # `hash` differs from run to run


def _containment(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the share of the shorter text's shingles that the longer one holds too (Broder 1997)."""
    mine, theirs = (
        {tuple(body[at : at + _SHINGLE_WORDS]) for at in range(len(body) - _SHINGLE_WORDS + 1)} for body in (one, other)
    )
    return len(mine & theirs) / min(len(mine), len(theirs))


def _alike_headlines(readings: Sequence[Reading]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of one publisher that have three headline terms in common, two of them rare; and equal ones."""
    equal: defaultdict[Hashable, list[int]] = defaultdict(list)
    holders: defaultdict[Hashable, list[int]] = defaultdict(list)
    for number, reading in enumerate(readings):
        if len(reading.headline) >= _FEWEST_HEADLINE_TERMS:
            equal[reading.publisher, reading.headline].append(number)
            for term in reading.headline:
                holders[reading.publisher, term].append(number)
    pairs: Counter[tuple[int, int]] = Counter()
    for numbers in holders.values():
        if len(numbers) <= _COMMON_TERM_STORIES:
            pairs.update(combinations(numbers, 2))
    candidates = {pair for pair, count in pairs.items() if count >= 2}
    candidates.update(pair for numbers in equal.values() for pair in pairwise(numbers))
    for one, other in sorted(candidates):
        if len(set(readings[one].headline) & set(readings[other].headline)) >= _FEWEST_HEADLINE_TERMS:
            yield one, other


def _is_vetoed(one: Reading, other: Reading) -> bool:
    return (
        is_one_word_swapped(one, other)
        or are_serial(one, other)
        or are_opposite(one, other)
        or have_different_names(one, other)
    )
