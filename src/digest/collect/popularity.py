"""How often stories were read: from an access log, a table, or the site's own Most Popular block.

"Most popular" claims a fact, so counts are never blended: the inputs are tried in their order and
the first that has enough to say is used. Nothing is decayed or ranked here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from digest.canonical import canonical_url, story_id
from digest.collect.access_logs import count_views
from digest.collect.view_tables import read_view_table
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
) -> PopularityReading:
    """Return the views of the first input with at least 5 stories of at least 10 views.

    An order without counts (a front page's block) is used only when no input has counts enough.

    Args:
        settings: The inputs, and how far back views count.
        open_path: Makes the settings' paths absolute.
        front_pages: Those that were collected; an input of that kind names one by its address.
        now: The end of the window.
        known_urls: The stories to count; empty counts every path that looks like an article's.
    """
    problems: list[SourceProblem] = []
    ranked: tuple[tuple[Popularity, ...], str] | None = None
    for told in settings.inputs:
        label = f"{told.kind} {told.path or told.url}".strip()
        try:
            found = _read(told, settings, open_path, front_pages, now, known_urls)
        except SourceError as error:
            problems.append(SourceProblem(label, error.what, error.hint))
            continue
        if found and found[0].rank is not None:
            ranked = ranked or (found, label)
            continue
        enough = _stories_with_enough(found)
        if enough >= _MIN_STORIES:
            return PopularityReading(found, label, tuple(problems))
        problems.append(
            SourceProblem(
                label,
                f"has {enough} stories with {_MIN_VIEWS} views or more in the last {settings.window_hours:g} hours;"
                f" {_MIN_STORIES} are needed.",
                "The next input is used instead.",
            )
        )
    if ranked:
        return PopularityReading(ranked[0], ranked[1], tuple(problems))
    return PopularityReading(problems=tuple(problems))


def _read(
    told: PopularityInput,
    settings: PopularitySettings,
    open_path: Callable[[str], Path],
    front_pages: Sequence[FrontPage],
    now: datetime,
    known_urls: Collection[str],
) -> tuple[Popularity, ...]:
    window = Window(now - timedelta(hours=settings.window_hours), now)
    match told.kind:
        case PopularityKind.ACCESS_LOG:
            return count_views(open_path(told.path), site=told.url, known_urls=known_urls, window=window)
        case PopularityKind.CSV:
            return read_view_table(open_path(told.path), site=told.url, window=window)
        case PopularityKind.FRONT_PAGE:
            return _block_of(told.url, front_pages, window)


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
