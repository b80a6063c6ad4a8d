"""Every source in parallel → stories, front pages, and what could not be had.

First the sources themselves, then the article pages of their stories inside the window. Fetching
runs on threads, parsing in child processes. A source that fails is a line in the report and stops
no other. The order is that of the sources and of the stories within them, whatever answered first.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from digest.collect.folders import read_folder
from digest.collect.merging import Candidate, merge_page, merge_same
from digest.collect.sandbox import Parsers
from digest.errors import SourceError
from digest.model import FrontPage, Link, SourceProblem, Story
from digest.ports import CachedResponse, Fetcher
from digest.settings import Source, SourceKind

__all__ = ["Gathered", "gather"]

_THREADS = 16
_SITEMAP_CHILDREN = 4
_POPULAR_PAGES = 10  # of a front page's popular block, beside its own stories
_SAME_PROBLEM = 3  # so many pages of a source with one trouble are one line


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one run of all sources gave; `fetched` counts the answers that had a body or were unchanged."""

    stories: tuple[Story, ...] = ()
    front_pages: tuple[FrontPage, ...] = ()
    problems: tuple[SourceProblem, ...] = ()
    fetched: int = 0


def gather(
    sources: Sequence[Source],
    fetcher: Fetcher,
    *,
    now: datetime,
    known: Mapping[str, Story] = MappingProxyType({}),
    root: Path = Path(),
    window_hours: float = 72,
    deadline_seconds: float = 180.0,
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
        deadline_seconds: No new page is begun after this.
    """
    ends_at = time.monotonic() + deadline_seconds
    with Parsers() as parsers, ThreadPoolExecutor(_THREADS, "gather") as threads:
        run = _Run(fetcher, parsers, now, known, root, timedelta(hours=window_hours), ends_at)
        readings = list(threads.map(run.read_source, sources))
        pages = run.pages_wanted(readings)
        read = dict(zip(pages, threads.map(run.read_page, pages.values()), strict=True))
    return _gathered(readings, read, now)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a source itself gave, before its pages."""

    source: Source
    stories: tuple[Story, ...] = ()
    front_page: FrontPage | None = None
    problems: tuple[SourceProblem, ...] = ()
    fetched: int = 0


@dataclass(frozen=True, slots=True)
class _Page:
    """A page that was read, or what kept it from that."""

    story: Story | None = None
    problem: SourceProblem | None = None
    fetched: int = 0


@dataclass(frozen=True, slots=True)
class _Wanted:
    source: Source
    item: Story


@dataclass(frozen=True, slots=True)
class _Run:
    """The tools of one run, shared by its threads."""

    fetcher: Fetcher
    parsers: Parsers
    now: datetime
    known: Mapping[str, Story]
    root: Path
    window: timedelta
    ends_at: float

    def read_source(self, source: Source) -> _Reading:
        try:
            match source.kind:
                case SourceKind.FEED:
                    reading = self._feed(source)
                case SourceKind.SITEMAP:
                    reading = self._sitemap(source)
                case SourceKind.FRONT_PAGE:
                    reading = self._front_page(source)
                case SourceKind.FOLDER:
                    reading = self._folder(source)
        except SourceError as error:
            return _Reading(source, problems=(_problem(source, error.what, error.hint, source.url),))
        if not reading.stories and not reading.problems:
            nothing = _problem(source, "has no stories.", "Check that it is the right one.", source.url)
            return replace(reading, problems=(nothing,))
        return replace(reading, stories=tuple(_dated(story, self.now) for story in reading.stories))

    def pages_wanted(self, readings: Sequence[_Reading]) -> dict[str, _Wanted]:
        """Return the pages to read, by the story's id: each once, for the first source that has it."""
        wanted: dict[str, _Wanted] = {}
        for reading in readings:
            if reading.source.fetch_articles and reading.source.kind is not SourceKind.FOLDER:
                for story in reading.stories:
                    if self._is_in_window(story):
                        wanted.setdefault(story.id, _Wanted(reading.source, story))
        return wanted

    def read_page(self, wanted: _Wanted) -> _Page:
        item, source = wanted.item, wanted.source
        held = self.known.get(item.id)
        if held is not None and held.text and not _was_updated(item, held):
            return _Page(held)
        if time.monotonic() > self.ends_at:
            return _Page(
                held,
                SourceProblem(source.label, "was not read: the run's time is up.", "The next run reads on.", item.url),
            )
        try:
            response = self.fetcher.get(item.url, allow_private=source.allow_private)
            _expect_page(response)
            page = self.parsers.article(response.body, response.final_url or item.url, response.content_type)
        except SourceError as error:
            return _Page(held, SourceProblem(source.label, error.what, error.hint, item.url))
        page = replace(_dated(page, self.now), fetched_at=response.fetched_at)
        if page.text or item.text:
            return _Page(page, fetched=1)
        problem = SourceProblem(
            source.label, "has no text that can be read.", "It may be a video or a gallery.", item.url
        )
        return _Page(page, problem, 1)

    def _feed(self, source: Source) -> _Reading:
        response = self.fetcher.get(source.url, allow_private=source.allow_private)
        stories = self.parsers.feed(response.body, response.final_url or source.url, response.content_type)
        return _Reading(source, _stamped(stories[: source.limit], response), fetched=1)

    def _sitemap(self, source: Source) -> _Reading:
        response = self.fetcher.get(source.url, allow_private=source.allow_private)
        children = self.parsers.sitemap_index(response.body, response.final_url or source.url)
        if not children:
            stories = self.parsers.sitemap(response.body, response.final_url or source.url)
            return _Reading(source, _stamped(stories[: source.limit], response), fetched=1)
        found: dict[str, Story] = {}
        problems: list[SourceProblem] = []
        fetched = 1
        for url in children[:_SITEMAP_CHILDREN]:
            if len(found) >= source.limit or time.monotonic() > self.ends_at:
                break
            try:
                response = self.fetcher.get(url, allow_private=source.allow_private)
                fetched += 1
                for story in _stamped(self.parsers.sitemap(response.body, url), response):
                    found.setdefault(story.id, story)
            except SourceError as error:
                problems.append(SourceProblem(source.label, error.what, error.hint, url))
        stories = tuple(replace(story, position=place) for place, story in enumerate(found.values(), 1))
        return _Reading(source, stories[: source.limit], None, tuple(problems), fetched)

    def _front_page(self, source: Source) -> _Reading:
        response = self.fetcher.get(source.url, allow_private=source.allow_private)
        page = self.parsers.front_page(response.body, response.final_url or source.url, response.content_type)
        stories = {link.url: _listed(link, link.position) for link in page.stories[: source.limit]}
        for link in page.popular[:_POPULAR_PAGES]:
            stories.setdefault(link.url, _listed(link, None))
        return _Reading(source, _stamped(stories.values(), response), replace(page, url=source.url), fetched=1)

    def _folder(self, source: Source) -> _Reading:
        path = self.root / source.path
        try:
            stories, troubles = read_folder(path)
        except OSError as error:
            raise SourceError(f"{path} can't be read: {error.strerror}.", "Check the source's path.") from error
        problems = tuple(SourceProblem(source.label, trouble) for trouble in troubles)
        return _Reading(source, stories[: source.limit], None, problems)

    def _is_in_window(self, story: Story) -> bool:
        """Return whether the story is new enough; one without a date may be."""
        dates = [date for date in (story.published_at, story.updated_at) if date is not None]
        return not dates or max(dates) >= self.now - self.window


def _problem(source: Source, what: str, hint: str, url: str) -> SourceProblem:
    """Return a problem that names the address only where the source's label doesn't."""
    return SourceProblem(source.label, what, hint, "" if url == source.label else url)


def _listed(link: Link, position: int | None) -> Story:
    return Story(url=link.url, title=link.title, position=position)


def _stamped(stories: Iterable[Story], response: CachedResponse) -> tuple[Story, ...]:
    return tuple(replace(story, fetched_at=response.fetched_at) for story in stories)


def _dated(story: Story, now: datetime) -> Story:
    """Return `story` without dates that lie ahead of `now`: a clock or an editor was wrong."""
    latest = now + timedelta(hours=1)
    published = story.published_at if story.published_at and story.published_at <= latest else None
    updated = story.updated_at if story.updated_at and story.updated_at <= latest else None
    return replace(story, published_at=published, updated_at=updated)


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


def _gathered(readings: Sequence[_Reading], pages: Mapping[str, _Page], now: datetime) -> Gathered:
    candidates = []
    problems: list[SourceProblem] = []
    troubled: set[str] = set()
    for reading in readings:
        problems += reading.problems
        of_pages: list[SourceProblem] = []
        for story in reading.stories:
            page = pages.get(story.id)
            candidates.append(
                Candidate(merge_page(story, page.story if page else None, reading.source), bool(reading.source.section))
            )
            if page and page.problem and story.id not in troubled:
                troubled.add(story.id)
                of_pages.append(page.problem)
        problems += _summed_up(of_pages)
    return Gathered(
        stories=merge_same(candidates),
        front_pages=tuple(reading.front_page for reading in readings if reading.front_page),
        problems=tuple(problems),
        fetched=sum(reading.fetched for reading in readings) + sum(page.fetched for page in pages.values()),
    )


def _summed_up(problems: Sequence[SourceProblem]) -> list[SourceProblem]:
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
