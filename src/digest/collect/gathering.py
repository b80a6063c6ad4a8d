"""Every source in parallel → stories, front pages, and what could not be had.

First the sources themselves, then the article pages of their stories inside the window. Fetching
runs on threads, one host's pages one after the other; parsing in child processes. A source that fails is
a line in the report and stops no other. The order is that of the sources and of the stories within
them, whatever answered first.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from digest.collect.fetching.robots import Robots
from digest.collect.fetching.visits import Visits, host_of
from digest.collect.merging import Candidate, merge_page, merge_same
from digest.collect.reading import Attempt, Reading, SourceReader, newest_date, sound_dates
from digest.collect.sandbox.parsers import Parsers
from digest.collect.sandbox.shelf import Shelf
from digest.collect.sightings import Sightings, sighted
from digest.environment import VARIABLES
from digest.errors import SourceError
from digest.model import FrontPage, SourceProblem, Story
from digest.ports import CachedResponse, Fetcher, ResponseCache
from digest.settings import Source, SourceKind

__all__ = ["Gathered", "SourceReport", "gather"]

_THREADS = 16
_PARSING_THREADS = 4
_PAGES_WAITING = 32  # fetched and not yet parsed
_SAME_PROBLEM = 3  # so many pages of a source with one trouble are one line
_WHOLE_IN_THEMSELVES = frozenset((SourceKind.FOLDER, SourceKind.WORDPRESS, SourceKind.GHOST))


@dataclass(frozen=True, slots=True)
class SourceReport:
    """How one source was read: every way that was tried, in order; the last one gave the stories, if any did."""

    source: str
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one run of all sources gave.

    `put_aside` are stories that are taken as old although nothing says their age: they are to be
    remembered, so that they stay old, and not to be used. `fetched` counts the answers that had a body or
    were unchanged.
    """

    stories: tuple[Story, ...] = ()
    front_pages: tuple[FrontPage, ...] = ()
    problems: tuple[SourceProblem, ...] = ()
    fetched: int = 0
    put_aside: tuple[Story, ...] = ()
    reports: tuple[SourceReport, ...] = ()


def gather(
    sources: Sequence[Source],
    fetcher: Fetcher,
    *,
    now: datetime,
    known: Mapping[str, Story] = MappingProxyType({}),
    root: Path = Path(),
    window_hours: float = 72,
    since: datetime | None = None,
    deadline_seconds: float = 180.0,
    cache: ResponseCache | None = None,
    first_seen: Callable[[Collection[str]], Mapping[str, datetime]] | None = None,
    environment: Mapping[str, str] = VARIABLES,
) -> Gathered:
    """Read every source, and the pages of their stories.

    Args:
        sources: In the order in which they are believed: of one story in two, the first names it.
        fetcher: Gets addresses; bounds each by itself.
        now: A date after it is a mistake of the source and counts as unknown.
        known: Stories of earlier runs by id. One whose page was read is not fetched again unless
            the source says that it was updated since.
        root: What the paths of folder sources are relative to.
        window_hours: Pages of older stories are not fetched; these come as their source has them.
        since: In place of the window; what is older is left out altogether.
        deadline_seconds: No new page is begun after this.
        cache: Keeps robots.txt for a day, and what unchanged documents were parsed to.
        first_seen: Says of story ids when they were first met, leaving out the unknown. Without it, stories
            that nothing dates are new at every run.
        environment: Where the keys of content APIs are, by the names that sources give.
    """
    ends_at = time.monotonic() + deadline_seconds
    window_start = since or now - timedelta(hours=window_hours)
    visits = Visits(fetcher, Robots(fetcher, cache, now), cache, now=now)
    with Parsers() as parsers, ThreadPoolExecutor(_THREADS, "gather") as threads:
        reader = SourceReader(visits, parsers, Shelf(cache), now, window_start, root, environment, ends_at, since)
        readings = _read_sources(sources, reader, threads)
        sightings = sighted(readings, first_seen, window_start, now)
        pages = _Pages(visits, parsers, now, known, ends_at)
        wanted = _pages_wanted(readings, window_start, sightings)
        read = pages.read_all(wanted, threads)
    if cache:
        cache.flush()
    gathered = _gathered(readings, read, sightings, since)
    busy = tuple(
        SourceProblem(host, f"{why.rstrip('.')}: it was left alone since, what earlier runs had is used.", "")
        for host, why in visits.left_alone.items()
    )
    return replace(gathered, problems=(*gathered.problems, *busy))


def _read_sources(sources: Sequence[Source], reader: SourceReader, threads: ThreadPoolExecutor) -> list[Reading]:
    """Read the sources, those of one host one after the other; return them in their own order."""
    by_host: dict[str, list[int]] = {}
    for index, source in enumerate(sources):
        by_host.setdefault(host_of(source.url) or f"folder {index}", []).append(index)

    def read_host(indices: Sequence[int]) -> list[tuple[int, Reading]]:
        return [(index, reader.read(sources[index])) for index in indices]

    read = [pair for pairs in threads.map(read_host, by_host.values()) for pair in pairs]
    return [reading for _, reading in sorted(read, key=lambda pair: pair[0])]


@dataclass(frozen=True, slots=True)
class _Wanted:
    source: Source
    item: Story


@dataclass(frozen=True, slots=True)
class _Page:
    """A page that was read, or what kept it from that."""

    story: Story | None = None
    problem: SourceProblem | None = None
    fetched: int = 0


def _pages_wanted(readings: Sequence[Reading], window_start: datetime, sightings: Sightings) -> dict[str, _Wanted]:
    """Return the pages to read, by the story's id: each once, for the first source that has it."""
    wanted: dict[str, _Wanted] = {}
    for reading in readings:
        source = reading.source
        for story in reading.stories if source.fetch_articles else ():
            if source.kind in _WHOLE_IN_THEMSELVES and (story.text or source.kind is SourceKind.FOLDER):
                continue
            date = newest_date(story) or sightings.seen.get(story.id)
            if date is None or date >= window_start:
                wanted.setdefault(story.id, _Wanted(source, story))
    return wanted


@dataclass(frozen=True, slots=True)
class _Pages:
    """Reads article pages: fetched by host, parsed aside so that the next can be fetched meanwhile."""

    visits: Visits
    parsers: Parsers
    now: datetime
    known: Mapping[str, Story]
    ends_at: float

    def read_all(self, wanted: Mapping[str, _Wanted], threads: ThreadPoolExecutor) -> dict[str, _Page]:
        by_host: dict[str, list[str]] = {}
        for key, page in wanted.items():
            by_host.setdefault(host_of(page.item.url), []).append(key)
        waiting = threading.BoundedSemaphore(_PAGES_WAITING)
        with ThreadPoolExecutor(_PARSING_THREADS, "parse") as parsing:

            def read_host(keys: Sequence[str]) -> list[tuple[str, _Page | Future[_Page]]]:
                return [(key, self._fetch(wanted[key], parsing, waiting)) for key in keys]

            begun = [pair for pairs in threads.map(read_host, by_host.values()) for pair in pairs]
            return {key: page.result() if isinstance(page, Future) else page for key, page in begun}

    def _fetch(
        self, wanted: _Wanted, parsing: ThreadPoolExecutor, waiting: threading.BoundedSemaphore
    ) -> _Page | Future[_Page]:
        item, source = wanted.item, wanted.source
        held = self.known.get(item.id)
        if held is not None and held.text and not _was_updated(item, held):
            return _Page(held)
        if time.monotonic() > self.ends_at:
            what = "was not read: the run's time is up."
            return _Page(held, SourceProblem(source.label, what, "The next run reads on.", item.url))
        try:
            response = self.visits.get(item.url, source, ends_at=self.ends_at)
            _expect_page(response)
        except SourceError as error:
            return _Page(held, SourceProblem(source.label, error.what, error.hint, item.url))
        waiting.acquire()
        future = parsing.submit(self._parse, wanted, response, held)
        future.add_done_callback(lambda _: waiting.release())
        return future

    def _parse(self, wanted: _Wanted, response: CachedResponse, held: Story | None) -> _Page:
        item, label = wanted.item, wanted.source.label
        try:
            page = self.parsers.article(response.body, response.final_url or item.url, response.content_type)
        except SourceError as error:
            return _Page(held, SourceProblem(label, error.what, error.hint, item.url))
        page = replace(sound_dates(page, self.now), fetched_at=response.fetched_at)
        if page.text or item.text:
            return _Page(page, fetched=1)
        problem = SourceProblem(label, "has no text that can be read.", "It may be a video or a gallery.", item.url)
        return _Page(page, problem, 1)


def _was_updated(item: Story, held: Story) -> bool:
    """Return whether the source says that the story changed after its page was read."""
    if item.updated_at is None:
        return False
    if held.fetched_at is not None:
        return item.updated_at > held.fetched_at
    return item.updated_at != held.updated_at


def _expect_page(response: CachedResponse) -> None:
    kind = response.content_type.partition(";")[0].strip().lower()
    if kind and kind not in ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain"):
        raise SourceError(f"is {kind[:60]}, not a page.", "It is left out.")


def _gathered(
    readings: Sequence[Reading], pages: Mapping[str, _Page], sightings: Sightings, since: datetime | None
) -> Gathered:
    candidates: list[Candidate] = []
    problems: list[SourceProblem] = []
    troubled: set[str] = set()
    for reading in readings:
        problems += reading.problems
        of_pages: list[SourceProblem] = []
        for story in reading.stories:
            page = pages.get(story.id)
            merged = merge_page(story, page.story if page else None, reading.source)
            candidates.append(Candidate(merged, bool(reading.source.section)))
            if page and page.problem and story.id not in troubled:
                troubled.add(story.id)
                of_pages.append(page.problem)
        problems += _summed_up(of_pages)
    stories, put_aside, notes = sightings.sift(merge_same(candidates))
    return Gathered(
        stories=tuple(story for story in stories if since is None or (newest_date(story) or since) >= since),
        front_pages=tuple(reading.front_page for reading in readings if reading.front_page),
        problems=(*problems, *notes),
        fetched=sum(reading.fetched for reading in readings) + sum(page.fetched for page in pages.values()),
        put_aside=put_aside,
        reports=tuple(SourceReport(reading.source.label, reading.attempts) for reading in readings),
    )


def _summed_up(problems: Iterable[SourceProblem]) -> list[SourceProblem]:
    """Return the problems with those that say the same made one."""
    groups: dict[tuple[str, str, str], list[SourceProblem]] = {}
    for problem in problems:
        groups.setdefault((problem.source, problem.what, problem.hint), []).append(problem)
    summed: list[SourceProblem] = []
    for group in groups.values():
        if len(group) < _SAME_PROBLEM:
            summed += group
        else:
            first = group[0]
            summed.append(replace(first, what=f"{first.what.rstrip('.')} (so are {len(group) - 1} more of its pages)."))
    return summed
