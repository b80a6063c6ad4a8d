"""The stories of an edition once more, just before its letter is made: what changed, and what is gone.

A story is read when its source first names it, and again when the source says that it was updated. What a publisher
mends or takes down without saying so shows only on the page itself.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from digest.canonical import canonical_url, story_id
from digest.collect.fetching.answers import AnswerError
from digest.collect.fetching.robots import Robots
from digest.collect.fetching.visits import Visits
from digest.collect.merging import merge_page
from digest.collect.reading import sound_dates
from digest.collect.sandbox.parsers import Parsers
from digest.errors import SourceError
from digest.model import Story
from digest.ports import Fetcher, ResponseCache
from digest.settings import Source, SourceKind

__all__ = ["Fate", "Reread", "reread"]

_JUST_READ = timedelta(minutes=10)
_THREADS = 8
_GONE = frozenset((404, 410, 451))
# How publishers head what they have taken back, and what they leave in its place.
_RETRACTED = re.compile(
    r"(?:\W*(?:retracted|retraction|withdrawn|zurückgezogen|rétracté|retirado|retractado|ritirato|ingetrokken)\b\s*[:\-–—\]])"
    r"|.{0,40}\b(?:story|article|report|item) (?:has been|was) (?:retracted|withdrawn|removed|taken down)\b",
    re.IGNORECASE,
)


class Fate(StrEnum):
    """What became of a story since it was read."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    GONE = "gone"
    RETRACTED = "retracted"
    UNREAD = "unread"  # it can't be had now; it is taken as it was


@dataclass(frozen=True, slots=True)
class Reread:
    """A story as it is now, and why it is no longer there, if it is not."""

    story: Story
    fate: Fate
    why: str = ""


def reread(
    stories: Sequence[Story],
    sources: Iterable[Source],
    fetcher: Fetcher,
    *,
    now: datetime,
    cache: ResponseCache | None = None,
    deadline_seconds: float = 30.0,
) -> tuple[Reread, ...]:
    """Read the pages of `stories` again, in parallel; return what became of each, in their order.

    What was read within the last ten minutes is not asked for again. Nothing that fails takes a story away: only the
    site's own word does (404, 410, 451, a retraction in its headline or first lines, a redirect to a page above it).

    Args:
        sources: Those that the stories came from, to read pages as each of them wants it.
        deadline_seconds: No new page is begun after this; the others are UNREAD.
    """
    by_label = {source.label: source for source in sources}
    ends_at = time.monotonic() + deadline_seconds
    visits = Visits(fetcher, Robots(fetcher, cache, now), cache, now=now)
    with Parsers() as parsers, ThreadPoolExecutor(_THREADS, "reread") as threads:
        again = _Again(by_label, visits, parsers, now, ends_at)
        return tuple(threads.map(again.read, stories))


@dataclass(frozen=True, slots=True)
class _Again:
    sources: Mapping[str, Source]
    visits: Visits
    parsers: Parsers
    now: datetime
    ends_at: float

    def read(self, held: Story) -> Reread:
        source = self.sources.get(held.source)
        if source is None or source.kind is SourceKind.FOLDER or not source.fetch_articles:
            return Reread(held, Fate.UNCHANGED)
        if held.fetched_at is not None and timedelta() <= self.now - held.fetched_at < _JUST_READ:
            return Reread(held, Fate.UNCHANGED)
        if time.monotonic() > self.ends_at:
            return Reread(held, Fate.UNREAD, "there was no time left")
        try:
            response = self.visits.get(held.url, source, ends_at=self.ends_at)
            if _is_above(response.final_url, held.url):
                return Reread(held, Fate.GONE, f"its address leads to {response.final_url}")
            page = self.parsers.article(response.body, response.final_url or held.url, response.content_type)
        except AnswerError as error:
            return Reread(held, Fate.GONE if error.status in _GONE else Fate.UNREAD, error.what.rstrip("."))
        except SourceError as error:
            return Reread(held, Fate.UNREAD, error.what.rstrip("."))
        if _RETRACTED.match(page.title) or _RETRACTED.match(page.text):
            return Reread(held, Fate.RETRACTED, "its page says so")
        if not page.text:
            return Reread(held, Fate.UNREAD, "its page has no text now")
        new = replace(merge_page(held, sound_dates(page, self.now), source), id=held.id, section=held.section)
        if (new.title, new.text) == (held.title, held.text):
            return Reread(replace(held, fetched_at=self.now), Fate.UNCHANGED)
        return Reread(replace(new, fetched_at=self.now), Fate.CHANGED, "its page was changed")


def _is_above(final_url: str, url: str) -> bool:
    """Tell whether a redirect led to the home page or to a section above the story: there is no story any more."""
    if not final_url or story_id(final_url) == story_id(url):
        return False
    final, asked = urlsplit(canonical_url(final_url)), urlsplit(canonical_url(url))
    folder = final.path.rstrip("/") + "/"
    return not final.query and (folder == "/" or (final.netloc == asked.netloc and asked.path.startswith(folder)))
