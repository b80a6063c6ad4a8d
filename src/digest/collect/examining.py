"""Every way to every source, tried and looked at closely: what the doctor's verdicts rest on.

Where a run stops at the first way that gives something, here each fallback is read too. Judges nothing.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from digest.collect.feeds.facts import FeedFacts
from digest.collect.fetching.robots import Robots
from digest.collect.fetching.visits import Visits, host_of
from digest.collect.reading import SourceReader, newest_date, ways_to
from digest.collect.sandbox.parsers import Parsers
from digest.collect.sandbox.shelf import Shelf
from digest.environment import VARIABLES
from digest.errors import SourceError
from digest.model import Story
from digest.ports import Fetcher, ResponseCache
from digest.settings import Source, SourceKind

__all__ = ["Examination", "Way", "examine"]

_THREADS = 8
_LONGEST_SECONDS = 120.0
_FEEDS = frozenset((SourceKind.FEED, SourceKind.WORDPRESS, SourceKind.GHOST))


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a source's stories, and what it gave just now. Sizes and headers are "" or 0 where nothing came."""

    kind: SourceKind
    url: str  # for a folder its path
    error: str = ""
    hint: str = ""
    seconds: float = 0.0
    bytes: int = 0
    final_url: str = ""  # after redirects, where that is another
    has_validator: bool = False  # so that "nothing changed" costs nothing
    stories: int = 0
    in_window: int = 0
    undated: int = 0
    newest: datetime | None = None
    facts: FeedFacts | None = None


@dataclass(frozen=True, slots=True)
class Examination:
    """A source, its own way first, then its fallbacks in their order."""

    source: Source
    ways: tuple[Way, ...]


def examine(
    sources: Sequence[Source],
    fetcher: Fetcher,
    *,
    now: datetime,
    window_hours: float,
    cache: ResponseCache,
    root: Path = Path(),
    environment: Mapping[str, str] = VARIABLES,
) -> tuple[Examination, ...]:
    """Read every way to every source; article pages are not read. One host's sources one after the other.

    Args:
        window_hours: How far back stories count as new.
        cache: Has the documents, for a closer look at feeds.
    """
    ends_at = time.monotonic() + _LONGEST_SECONDS
    visits = Visits(fetcher, Robots(fetcher, cache, now), cache, now=now)
    by_host: dict[str, list[int]] = {}
    for index, source in enumerate(sources):
        by_host.setdefault(host_of(source.url) or f"folder {index}", []).append(index)
    start = now - timedelta(hours=window_hours)
    with Parsers() as parsers, ThreadPoolExecutor(_THREADS, "examine") as threads:
        reader = SourceReader(visits, parsers, Shelf(cache), now, start, root, environment, ends_at)

        def look(indices: Sequence[int]) -> list[tuple[int, Examination]]:
            return [(index, _examined(sources[index], reader, cache)) for index in indices]

        found = [pair for pairs in threads.map(look, by_host.values()) for pair in pairs]
    cache.flush()
    return tuple(examination for _, examination in sorted(found, key=lambda pair: pair[0]))


def _examined(source: Source, reader: SourceReader, cache: ResponseCache) -> Examination:
    return Examination(source, tuple(_way(way, reader, cache) for way in ways_to(source)))


def _way(source: Source, reader: SourceReader, cache: ResponseCache) -> Way:
    if source.url:
        cache.keep_fresh(source.url, None)  # asked now, however long its last answer said that it holds
    began = time.monotonic()
    reading = reader.read_way(source)
    seconds = time.monotonic() - began
    attempt = reading.attempts[0]
    answer = cache.get(source.url) if source.url else None
    is_moved = answer is not None and answer.final_url not in ("", source.url)
    return Way(
        kind=source.kind,
        url=attempt.url,
        error=attempt.error,
        hint=next((problem.hint for problem in reading.problems if problem.hint), "") if attempt.error else "",
        seconds=seconds,
        bytes=len(answer.body) if answer else 0,
        final_url=answer.final_url if answer and is_moved else "",
        has_validator=bool(answer and (answer.etag or answer.last_modified)),
        stories=attempt.stories,
        in_window=attempt.in_window,
        undated=attempt.undated,
        newest=_newest(reading.stories),
        facts=_facts(source, reader, cache) if source.kind in _FEEDS and not attempt.error else None,
    )


def _newest(stories: Sequence[Story]) -> datetime | None:
    return max((date for story in stories if (date := newest_date(story))), default=None)


def _facts(source: Source, reader: SourceReader, cache: ResponseCache) -> FeedFacts | None:
    answer = cache.get(source.url)
    if answer is None:
        return None
    try:
        return reader.parsers.feed_facts(answer.body, answer.final_url or source.url, reader.now, answer.content_type)
    except SourceError:
        return None  # a content API's address is not that of its pages
