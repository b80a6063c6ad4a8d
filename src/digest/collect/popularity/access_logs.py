"""A web server's access log → views per story and hour.

Counted are GETs answered 200 or 304 of articles, by people: no robots, no prefetches, and one view
per address, agent and path in half an hour. What was read once is not read again.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from digest.canonical import canonical_url, story_id
from digest.collect.popularity.crawlers import is_machine, is_prefetch
from digest.collect.popularity.log_files import ReadMark, lines_after, log_files, mark_of, offset_in
from digest.collect.popularity.log_lines import LogLines, PageView
from digest.collect.popularity.log_offsets import Counted, Progress, restored, stored
from digest.errors import SourceError
from digest.model import Popularity, Window

__all__ = ["count_views"]

_ASSET = re.compile(
    rb"\.(?:css|js|mjs|map|png|jpe?g|gif|webp|avif|svg|ico|woff2?|ttf|eot|mp[34]|webm|pdf|xml|rss|atom|json|txt|zip|t?gz|bz2|jar|exe|dmg)(?:\?|$)|/feed/?(?:\?|$)"
    rb"|^/(?:wp-|api/|static/|assets/|images/|robots)",
    re.IGNORECASE,
)
_MOST_KEPT = 500_000
_ABSURD_SECONDS = 86_400  # a line so far ahead has a broken clock; a smaller lead is of the next run


def count_views(
    path: Path, *, site: str, known_urls: Collection[str], window: Window, progress: Progress | None = None
) -> tuple[Popularity, ...]:
    """Return hourly buckets of views, by hour and address: those of the hour that `window` begins in, to its end.

    Args:
        path: The log; its rotated parts beside it are read too, and .gz is unpacked. Its name may hold a *.
        site: The address that the log's paths belong to; "" takes it from `known_urls`.
        known_urls: The articles; empty counts every path that looks like one.
        window: Views outside it don't count.
        progress: Where the counts are kept from run to run; None reads everything anew.

    Raises:
        SourceError: the log can't be read, or is none.
    """
    site = site or next((url for url in known_urls if url.startswith("http")), "")
    if not site:
        raise SourceError("doesn't say which site its paths belong to.", "Give the input a url.")
    key = "access-log " + hashlib.sha256(f"{path}\0{site}".encode()).hexdigest()[:32]
    since_hour = int(window.start.timestamp()) // 3600
    counted = restored(progress.get(key) if progress else None, since_hour)
    before = counted.marks
    _read_on(counted, path, site, window)
    if progress and counted.marks != before:
        progress.put(key, stored(counted))
    last_hour = (int(window.end.timestamp()) - 1) // 3600
    return tuple(_buckets(counted, since_hour, last_hour, known_urls))


def _read_on(counted: Counted, path: Path, site: str, window: Window) -> None:
    """Add what the log's files hold beyond what was read, up to the window's end."""
    marks: list[ReadMark] = []
    lines, addresses = LogLines(), _Addresses(site)
    first, end = int(window.start.timestamp()) // 3600 * 3600, math.ceil(window.end.timestamp())
    for file in log_files(path, window.start.timestamp()):
        offset = offset_in(file, (*marks, *counted.marks))
        for behind, line in lines_after(file, offset):
            view = lines.read(line)
            if view is not None:
                if end <= view.at < end + _ABSURD_SECONDS:
                    break
                address = addresses.find(view.path)
                if address and first <= view.at < end and _is_person(view):
                    counted.count(_visit(view, address), view.at, address)
            offset = behind
        marks.append(mark_of(file, offset))
    if lines.lines and not lines.understood:
        raise SourceError(
            f"{path} is no access log in the common or combined format, and none of JSON lines.",
            "Check popularity.inputs.",
        )
    counted.marks = tuple(mark for mark in marks if mark.offset)


def _is_person(view: PageView) -> bool:
    """Return whether no machine asked, nor a browser ahead of its reader. The common format names no agent."""
    return (view.agent is None or not is_machine(view.agent)) and not (view.purpose and is_prefetch(view.purpose))


def _visit(view: PageView, address: str) -> int:
    """Return a number that stands for this reader and page."""
    who = b"\0".join((view.address, view.agent or b"", address.encode()))
    return int.from_bytes(hashlib.blake2b(who, digest_size=8).digest())


class _Addresses:
    """The canonical URL of a log's paths; remembers what it found, since most lines repeat a path."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._found: dict[bytes, str] = {}

    def find(self, path: bytes) -> str:
        """Return "" for what is no page: a picture, a feed, a script."""
        if path not in self._found:
            if len(self._found) > _MOST_KEPT:
                self._found.clear()
            self._found[path] = "" if _ASSET.search(path) else self._canonical(path)
        return self._found[path]

    def _canonical(self, path: bytes) -> str:
        try:
            return canonical_url(urljoin(self._site, path.decode("utf-8", "surrogateescape")))
        except ValueError:
            return ""


def _buckets(counted: Counted, first: int, last: int, known_urls: Collection[str]) -> Iterator[Popularity]:
    known = {story_id(url): canonical_url(url) for url in known_urls}
    found: dict[str, str | None] = {}
    views: dict[tuple[int, str], int] = {}
    for (hour, address), count in counted.views.items():
        if first <= hour <= last:
            if address not in found:
                looks_right = not known and _looks_like_article(urlsplit(address).path)
                found[address] = known.get(story_id(address), address if looks_right else None)
            url = found[address]
            if url is not None:
                views[hour, url] = views.get((hour, url), 0) + count
    for (hour, url), count in sorted(views.items()):
        start = datetime.fromtimestamp(hour * 3600, UTC)
        yield Popularity(url, float(count), Window(start, start + timedelta(hours=1)))


def _looks_like_article(path: str) -> bool:
    """Return whether the last segment is a slug of some words, or the path holds a date."""
    last = path.rstrip("/").rpartition("/")[2]
    return last.count("-") + last.count("_") >= 2 or re.search(r"/(?:19|20)\d\d/\d\d?/.", path) is not None
