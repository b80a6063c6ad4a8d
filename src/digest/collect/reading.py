"""One source → what it names: by its kind, then by its fallbacks.

    feed, wordpress, ghost   documents that list stories
    sitemap                  one, or the newest parts of an index
    front page               links in reading order, and the Most Popular block
    folder                   files

A source that fails, or has nothing inside the window, is replaced by the first fallback that has something.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from digest.collect.feeds.ghost import PAGE_SIZE as GHOST_PAGE_SIZE
from digest.collect.feeds.ghost import ghost_page
from digest.collect.feeds.wordpress import PAGE_SIZE as WORDPRESS_PAGE_SIZE
from digest.collect.feeds.wordpress import wordpress_page
from digest.collect.fetching.answers import AnswerError
from digest.collect.fetching.visits import Visits
from digest.collect.folders import read_folder
from digest.collect.sandbox.parsers import Parsers
from digest.collect.sandbox.shelf import FRONT_PAGE, SITEMAP, STORIES, Shelf
from digest.errors import SourceError
from digest.model import FrontPage, Link, SourceProblem, Story
from digest.ports import CachedResponse
from digest.settings import Fallback, Source, SourceKind

__all__ = ["Attempt", "Reading", "SourceReader", "newest_date", "sound_dates", "ways_to"]

_SITEMAP_PARTS = 4
_POPULAR_PAGES = 10  # of a front page's popular block, beside its own stories
_MAX_PAGES = 20  # of a content API


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way that was tried to a source's stories, and what it gave."""

    kind: SourceKind
    url: str  # for a folder its path
    stories: int = 0
    in_window: int = 0
    undated: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source named, before its pages; `source` has the kind and address that gave it."""

    source: Source
    stories: tuple[Story, ...] = ()
    front_page: FrontPage | None = None
    problems: tuple[SourceProblem, ...] = ()
    fetched: int = 0
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceReader:
    """Reads the sources of one run; shared by its threads.

    `window_start` is the moment before which stories are old; `since` is asked of content APIs, that can
    leave out what is older themselves.
    """

    visits: Visits
    parsers: Parsers
    shelf: Shelf
    now: datetime
    window_start: datetime
    root: Path
    environment: Mapping[str, str]
    ends_at: float
    since: datetime | None = None

    def read(self, source: Source) -> Reading:
        """Return what `source` names, or what its first fallback that has something does. Never raises."""
        tried: list[Reading] = []
        for way in ways_to(source):
            reading = self.read_way(way)
            tried.append(reading)
            if reading.attempts[0].in_window:
                break
        given = next((reading for reading in tried if reading.attempts[0].in_window), None)
        given = given or next((reading for reading in tried if reading.stories), tried[0])
        attempts = tuple(reading.attempts[0] for reading in tried)
        if len(tried) == 1:
            return given
        summary = SourceProblem(source.label, "; ".join(map(_told, attempts)) + ".", _first_hint(tried[0]), source.url)
        own = () if given is tried[0] and not given.stories else given.problems
        fetched = sum(reading.fetched for reading in tried)
        problems = (summary if source.url != source.label else replace(summary, url=""), *own)
        return replace(given, problems=problems, fetched=fetched, attempts=attempts)

    def read_way(self, source: Source) -> Reading:
        """Return what one way gives, without its fallbacks. Never raises."""
        where = source.path if source.kind is SourceKind.FOLDER else source.url
        try:
            reading = self._by_kind(source)
        except SourceError as error:
            problem = _problem(source, error)
            return Reading(source, problems=(problem,), attempts=(Attempt(source.kind, where, error=problem.what),))
        if not reading.stories and not reading.problems:
            nothing = _problem(source, SourceError("has no stories.", "Check that it is the right one."))
            reading = replace(reading, problems=(nothing,))
        stories = tuple(sound_dates(story, self.now) for story in reading.stories)
        dates = [newest_date(story) for story in stories]
        attempt = Attempt(
            source.kind,
            where,
            stories=len(stories),
            in_window=sum(date is None or date >= self.window_start for date in dates),
            undated=dates.count(None),
        )
        return replace(reading, stories=stories, attempts=(attempt,))

    def _by_kind(self, source: Source) -> Reading:
        match source.kind:
            case SourceKind.FEED:
                return self._feed(source)
            case SourceKind.SITEMAP:
                return self._sitemap(source)
            case SourceKind.FRONT_PAGE:
                return self._front_page(source)
            case SourceKind.WORDPRESS:
                size = min(source.limit, WORDPRESS_PAGE_SIZE)
                return self._posts(source, size, lambda page: wordpress_page(source.url, page, size, self.since))
            case SourceKind.GHOST:
                return self._ghost(source)
            case SourceKind.FOLDER:
                return self._folder(source)

    def _get(self, url: str, source: Source) -> CachedResponse:
        return self.visits.get(url, source, ends_at=self.ends_at)

    def _feed(self, source: Source) -> Reading:
        response = self._get(source.url, source)
        return Reading(source, _stamped(self._listed(response)[: source.limit], response), fetched=1)

    def _listed(self, response: CachedResponse) -> tuple[Story, ...]:
        url = response.final_url or response.url
        return self.shelf.read(
            response,
            STORIES,
            lambda: _stamped(self.parsers.feed(response.body, url, response.content_type), response),
        )

    def _ghost(self, source: Source) -> Reading:
        key = self.environment.get(source.key_env, "") if source.key_env else ""
        if not key:
            name = source.key_env or "key_env"
            raise SourceError(
                f"can't be asked: the environment variable {name} is not set.",
                "It holds the content API key: in Ghost, Settings, Integrations, Add custom integration.",
            )
        per_page = min(source.limit, GHOST_PAGE_SIZE)
        try:
            return self._posts(source, per_page, lambda page: ghost_page(source.url, key, page, per_page, self.since))
        except SourceError as error:
            raise SourceError(error.what.replace(key, "…"), error.hint) from None

    def _posts(self, source: Source, per_page: int, address: Callable[[int], str]) -> Reading:
        """Read page after page of a content API, newest first, until there is enough or all is old."""
        found: dict[str, Story] = {}
        fetched = 0
        for number in range(1, _MAX_PAGES + 1):
            try:
                response = self._get(address(number), source)
            except AnswerError as error:
                if number > 1 and error.status in (400, 404):
                    break  # how these say that there is no such page
                raise
            fetched += 1
            before = len(found)
            stories = _stamped(self._listed(response), response)
            for story in stories:
                found.setdefault(story.id, story)
            is_last = len(stories) <= per_page // 2 or len(found) == before
            oldest = newest_date(stories[-1]) if stories else None
            if is_last or len(found) >= source.limit or (oldest is not None and oldest < self.window_start):
                break
        return Reading(source, _placed(found.values())[: source.limit], fetched=fetched)

    def _sitemap(self, source: Source) -> Reading:
        response = self._get(source.url, source)
        parts, stories = self._mapped(response)
        if not parts:
            return Reading(source, _stamped(stories[: source.limit], response), fetched=1)
        found: dict[str, Story] = {}
        problems: list[SourceProblem] = []
        fetched = 1
        for url in parts[:_SITEMAP_PARTS]:
            if len(found) >= source.limit or time.monotonic() > self.ends_at:
                break
            try:
                response = self._get(url, source)
                fetched += 1
                for story in _stamped(self._mapped(response)[1], response):
                    found.setdefault(story.id, story)
            except SourceError as error:
                problems.append(SourceProblem(source.label, error.what, error.hint, url))
        return Reading(source, _placed(found.values())[: source.limit], None, tuple(problems), fetched)

    def _mapped(self, response: CachedResponse) -> tuple[tuple[str, ...], tuple[Story, ...]]:
        url = response.final_url or response.url

        def parse() -> tuple[tuple[str, ...], tuple[Story, ...]]:
            parts = self.parsers.sitemap_index(response.body, url)
            return parts, () if parts else self.parsers.sitemap(response.body, url)

        return self.shelf.read(response, SITEMAP, parse)

    def _front_page(self, source: Source) -> Reading:
        response = self._get(source.url, source)
        url = response.final_url or source.url
        page = self.shelf.read(
            response, FRONT_PAGE, lambda: self.parsers.front_page(response.body, url, response.content_type)
        )
        stories = {link.url: _of_link(link, link.position) for link in page.stories[: source.limit]}
        for link in page.popular[:_POPULAR_PAGES]:
            stories.setdefault(link.url, _of_link(link, None))
        return Reading(source, _stamped(stories.values(), response), replace(page, url=source.url), fetched=1)

    def _folder(self, source: Source) -> Reading:
        path = self.root / source.path
        try:
            stories, troubles = read_folder(path)
        except OSError as error:
            raise SourceError(f"{path} can't be read: {error.strerror}.", "Check the source's path.") from error
        problems = tuple(SourceProblem(source.label, trouble) for trouble in troubles)
        return Reading(source, stories[: source.limit], None, problems)


def ways_to(source: Source) -> tuple[Source, ...]:
    """Return the source as it is, then as it is read by each of its fallbacks."""
    return (source, *(_by_fallback(source, fallback) for fallback in source.fallbacks))


def newest_date(story: Story) -> datetime | None:
    """Return when the story was last published or updated, None when nothing says so."""
    return max((date for date in (story.published_at, story.updated_at) if date is not None), default=None)


def sound_dates(story: Story, now: datetime) -> Story:
    """Return `story` without dates that lie ahead of `now`: a clock or an editor was wrong."""
    latest = now + timedelta(hours=1)
    if all(date is None or date <= latest for date in (story.published_at, story.updated_at)):
        return story
    published = story.published_at if story.published_at and story.published_at <= latest else None
    updated = story.updated_at if story.updated_at and story.updated_at <= latest else None
    return replace(story, published_at=published, updated_at=updated)


def _by_fallback(source: Source, fallback: Fallback) -> Source:
    """Return the source as it is read by its fallback: under its own name, section and limits."""
    return replace(
        source,
        name=source.label,
        kind=fallback.kind,
        url=fallback.url,
        path=fallback.path,
        key_env=fallback.key_env,
        fallbacks=(),
    )


def _told(attempt: Attempt) -> str:
    if attempt.error:
        return f"{attempt.kind} failed: {attempt.error.rstrip('.')}"
    if not attempt.stories:
        return f"{attempt.kind} has no stories"
    if not attempt.in_window:
        return f"{attempt.kind} has nothing new"
    return f"{attempt.kind} gave {attempt.in_window}"


def _first_hint(reading: Reading) -> str:
    return next((problem.hint for problem in reading.problems if problem.hint), "")


def _problem(source: Source, error: SourceError) -> SourceProblem:
    """Return a problem that names the address only where the source's label doesn't."""
    return SourceProblem(source.label, error.what, error.hint, "" if source.url == source.label else source.url)


def _of_link(link: Link, position: int | None) -> Story:
    return Story(url=link.url, title=link.title, position=position)


def _stamped(stories: Iterable[Story], response: CachedResponse) -> tuple[Story, ...]:
    at = response.fetched_at
    return tuple(story if story.fetched_at == at else replace(story, fetched_at=at) for story in stories)


def _placed(stories: Iterable[Story]) -> tuple[Story, ...]:
    return tuple(replace(story, position=place) for place, story in enumerate(stories, 1))
