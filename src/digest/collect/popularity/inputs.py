"""How often stories were read: from an access log, a table, Plausible, Matomo, or the site's own Most Popular block.

"Most popular" claims a fact, so counts are never blended: the inputs are tried in their order and
the first that has enough to say is used. Nothing is decayed or ranked here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from digest.canonical import canonical_url, story_id
from digest.collect.fetching.asking import Asker
from digest.collect.popularity.access_logs import count_views
from digest.collect.popularity.log_offsets import Progress
from digest.collect.popularity.matomo import read_matomo
from digest.collect.popularity.plausible import read_plausible
from digest.collect.popularity.view_tables import read_view_list, read_view_table
from digest.environment import VARIABLES
from digest.errors import SourceError
from digest.model import FrontPage, Popularity, SourceProblem, Window
from digest.settings import PopularityInput, PopularityKind, PopularitySettings

__all__ = ["PopularityReading", "read_popularity"]

_MIN_STORIES, _MIN_VIEWS = 5, 10


@dataclass(frozen=True, slots=True)
class PopularityReading:
    """What was read of how often, `input` naming where from; () and "" when nothing has enough to say."""

    popularity: tuple[Popularity, ...] = ()
    input: str = ""
    problems: tuple[SourceProblem, ...] = ()


def read_popularity(
    settings: PopularitySettings,
    *,
    open_path: Callable[[str], Path],
    front_pages: Sequence[FrontPage],
    now: datetime,
    known_urls: Collection[str] = (),
    progress: Progress | None = None,
    asker: Asker | None = None,
    environment: Mapping[str, str] = VARIABLES,
) -> PopularityReading:
    """Return the views of the first input with at least 5 stories of at least 10 views.

    An order without counts (a front page's block) is used only when no input has counts enough.

    Args:
        settings: The inputs, and how far back views count.
        open_path: Makes the settings' paths absolute.
        front_pages: Those that were collected; an input of that kind names one by its address.
        now: The end of the window.
        known_urls: The stories to count; empty counts every path of a log that looks like an article's.
        progress: Where the counts of a log are kept from run to run.
        asker: Asks the APIs; without one they can't be.
        environment: Where the keys of APIs are, by the names that inputs give.
    """
    window = Window(now - timedelta(hours=settings.window_hours), now)
    outside = _Outside(window, open_path, front_pages, known_urls, progress, asker, environment)
    stories = frozenset(story_id(url) for url in known_urls)
    problems: list[SourceProblem] = []
    ranked: tuple[tuple[Popularity, ...], str] | None = None
    for told in settings.inputs:
        if told.kind is PopularityKind.CLICKS:
            continue  # who gets the letter is not who reads the paper: clicks only break ties
        try:
            found = _read(told, outside)
        except SourceError as error:
            problems.append(SourceProblem(told.label, error.what, error.hint))
            continue
        if found and found[0].rank is not None:
            ranked = ranked or (found, told.label)
            continue
        counts = _of_stories(found, stories)
        enough = _stories_with_enough(counts)
        if enough >= _MIN_STORIES:
            return PopularityReading(counts, told.label, tuple(problems))
        problems.append(
            SourceProblem(
                told.label,
                f"has {enough} stories with {_MIN_VIEWS} views or more in the last {settings.window_hours:g} hours;"
                f" {_MIN_STORIES} are needed.",
                "The next input is used instead.",
            )
        )
    if ranked:
        return PopularityReading(ranked[0], ranked[1], tuple(problems))
    return PopularityReading(problems=tuple(problems))


@dataclass(frozen=True, slots=True)
class _Outside:
    """What reading an input needs beside its settings."""

    window: Window
    open_path: Callable[[str], Path]
    front_pages: Sequence[FrontPage]
    known_urls: Collection[str]
    progress: Progress | None
    asker: Asker | None
    environment: Mapping[str, str]


def _read(told: PopularityInput, outside: _Outside) -> tuple[Popularity, ...]:
    window = outside.window
    match told.kind:
        case PopularityKind.CLICKS:
            return ()
        case PopularityKind.ACCESS_LOG:
            return count_views(
                outside.open_path(told.path),
                site=told.url,
                known_urls=outside.known_urls,
                window=window,
                progress=outside.progress,
            )
        case PopularityKind.CSV:
            return read_view_table(outside.open_path(told.path), site=told.url, window=window)
        case PopularityKind.JSON:
            return read_view_list(outside.open_path(told.path), site=told.url, window=window)
        case PopularityKind.PLAUSIBLE:
            return read_plausible(told, _secret(told, outside), _asker(outside), window)
        case PopularityKind.MATOMO:
            return read_matomo(told, _secret(told, outside), _asker(outside), window)
        case PopularityKind.FRONT_PAGE:
            return _block_of(told.url, outside.front_pages, window)


def _secret(told: PopularityInput, outside: _Outside) -> str:
    key = outside.environment.get(told.key_env, "")
    if not key or not key.isascii() or not key.isprintable():
        fault = "holds no key" if key else "is not set"
        raise SourceError(f"the environment variable {told.key_env!r} {fault}.", "Set it, or name another as key_env.")
    return key


def _asker(outside: _Outside) -> Asker:
    if outside.asker is None:
        raise SourceError("is an API, and none is asked here.", "")
    return outside.asker


def _of_stories(found: Sequence[Popularity], stories: Collection[str]) -> tuple[Popularity, ...]:
    """Return the buckets of known stories: home and section pages are read a lot, and are none."""
    if not stories:
        return tuple(found)
    ids: dict[str, str] = {}
    return tuple(bucket for bucket in found if ids.setdefault(bucket.url, story_id(bucket.url)) in stories)


def _block_of(url: str, front_pages: Sequence[FrontPage], window: Window) -> tuple[Popularity, ...]:
    """Return the order of the front page's own block; without an address, of the first page with one."""
    pages = [page for page in front_pages if not url or canonical_url(page.url) == canonical_url(url)]
    if not pages:
        raise SourceError(
            f"{url or 'a front page'} was not collected.", 'Add it to the sources, with kind = "front-page".'
        )
    links = next((page.popular for page in pages if page.popular), ())
    if not links:
        raise SourceError("has no Most Popular block that is recognised.", "Name an access log or a CSV instead.")
    return tuple(Popularity(link.url, 0.0, window, rank) for rank, link in enumerate(links, 1))


def _stories_with_enough(found: Sequence[Popularity]) -> int:
    views: Counter[str] = Counter()
    ids: dict[str, str] = {}
    for bucket in found:
        identity = ids.setdefault(bucket.url, story_id(bucket.url))
        views[identity] += bucket.views  # type: ignore[assignment]  # Counter is typed for whole numbers only
    return sum(count >= _MIN_VIEWS for count in views.values())
