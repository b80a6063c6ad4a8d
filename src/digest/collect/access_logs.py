"""A web server's access log (common or combined format) → views per story and hour.

Counted are GETs answered 200 or 304 of articles, by people: no robots, no prefetches, and one view
per address, agent and path in half an hour.
"""

from __future__ import annotations

import gzip
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

from digest.canonical import canonical_url, story_id
from digest.errors import SourceError
from digest.model import Popularity, Window

__all__ = ["count_views"]

_LINE = re.compile(
    rb"(?:[^\s:]+:\d+ )?(?P<address>\S+) \S+ .{0,80}?"
    rb"\[(?P<time>\d\d/\w{3}/\d{4}:\d\d:\d\d):(?P<second>\d\d) (?P<zone>[+-]\d{4})\] "
    rb'"GET (?P<path>\S{1,2000})(?: HTTP/[\d.]+)?" (?:200|304) \S+'
    rb'(?: "(?:[^"\\]|\\.)*" "(?P<agent>(?:[^"\\]|\\.)*)"(?P<rest>.*))?'
)
# What any line of the format looks like, to tell a wrong file from a quiet one.
_ANY_LINE = re.compile(rb'\S+ .{0,200}\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] ".*" \d{3} ')
_ROBOT = re.compile(
    rb"(?<!cu)bot\b|bot[/;_ -]|crawl|spider|slurp|archiver|scrap|fetch|monitor|uptime|pingdom|check_http"
    rb"|headless|phantomjs|lighthouse|curl/|wget|python|java/|libwww|perl|ruby|okhttp|go-http|httpclient|http_request|node\b|axios|guzzle"
    rb"|facebookexternalhit|whatsapp|preview|validator|feed|rss|reader/|mediapartners|bingpreview|google-|yandex|baidu"
    rb"|ahrefs|semrush|gptbot|claude|openai|perplexity|bytespider|ia_archiver|nagios|zabbix|dataprovider|scan",
    re.IGNORECASE,
)
_PREFETCH = re.compile(rb"prefetch|prerender", re.IGNORECASE)
_ASSET = re.compile(
    rb"\.(?:css|js|mjs|map|png|jpe?g|gif|webp|avif|svg|ico|woff2?|ttf|eot|mp[34]|webm|pdf|xml|rss|atom|json|txt|zip|t?gz|bz2|jar|exe|dmg)(?:\?|$)|/feed/?(?:\?|$)"
    rb"|^/(?:wp-|api/|static/|assets/|images/|robots)",
    re.IGNORECASE,
)
_MONTHS = {name: number for number, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_SAME_VISIT_SECONDS = 1_800
_SHORTEST_BROWSER = 12  # letters of an agent; browsers say a lot more
_MAX_KEPT = 500_000
_NEVER = -1e12
_MAX_BYTES = 1024 * 1024 * 1024  # of the newest end; a day of more is not a log to be read at breakfast


def count_views(path: Path, *, site: str, known_urls: Collection[str], window: Window) -> tuple[Popularity, ...]:
    """Return hourly buckets of views within `window`, by hour and address.

    Args:
        path: The log; .gz is unpacked. Its name may hold a * for rotated parts.
        site: The address that the log's paths belong to; "" takes it from `known_urls`.
        known_urls: The articles; empty counts every path that looks like one.
        window: Views outside it don't count.

    Raises:
        SourceError: the log can't be read, or is none.
    """
    count = _Count(_Articles(site, known_urls), window)
    for line in _lines(path, window.start):
        count.add(line)
    if count.lines and not count.lines_understood:
        raise SourceError(f"{path} is no access log in the common or combined format.", "Check popularity.inputs.")
    return tuple(_bucket(hour, url, views) for (hour, url), views in sorted(count.views.items()))


class _Count:
    """The views so far. Times, agents and paths repeat from line to line: what they mean is kept."""

    def __init__(self, articles: _Articles, window: Window) -> None:
        self.views: Counter[tuple[int, str]] = Counter()
        self.lines = self.lines_understood = 0
        self._articles = articles
        self._start, self._end = window.start.timestamp(), window.end.timestamp()
        self._minutes: dict[tuple[bytes, bytes], float] = {}
        self._machines: dict[bytes, bool] = {}
        self._last_views: dict[tuple[bytes, bytes, bytes], float] = {}

    def add(self, line: bytes) -> None:
        self.lines += 1
        match = _LINE.match(line)
        if match is None:
            # Most logs begin with lines that match; looking at the first is enough to know the format.
            self.lines_understood += self.lines < 1_000 and _ANY_LINE.match(line) is not None
            return
        self.lines_understood += 1
        address, time, second, zone, path, agent, rest = match.groups()
        at = self._minute(time, zone) + int(second)
        if not self._start <= at < self._end or self._is_machine(agent, rest):
            return
        url = self._articles.find(path)
        if url is None:
            return
        visit = (address, agent or b"", path)
        if abs(at - self._last_views.get(visit, _NEVER)) >= _SAME_VISIT_SECONDS:
            self._last_views[visit] = at
            self.views[int(at // 3600), url] += 1

    def _minute(self, time: bytes, zone: bytes) -> float:
        if (time, zone) not in self._minutes:
            self._minutes[time, zone] = _epoch(time, zone)
        return self._minutes[time, zone]

    def _is_machine(self, agent: bytes | None, rest: bytes | None) -> bool:
        """Return whether a robot asked, or a browser ahead of its reader. The common format names no agent."""
        if agent is None:
            return False
        if agent not in self._machines:
            if len(self._machines) > _MAX_KEPT:
                self._machines.clear()
            self._machines[agent] = (
                len(agent) < _SHORTEST_BROWSER
                or _ROBOT.search(agent) is not None
                or _PREFETCH.search(agent) is not None
            )
        return self._machines[agent] or (bool(rest) and _PREFETCH.search(rest or b"") is not None)


class _Articles:
    """Which paths of a log are articles; remembers what it found, since most lines repeat a path."""

    def __init__(self, site: str, known_urls: Collection[str]) -> None:
        self._known = {story_id(url): canonical_url(url) for url in known_urls}
        self._site = site or next((url for url in known_urls if url.startswith("http")), "")
        self._found: dict[bytes, str | None] = {}
        if not self._site:
            raise SourceError("doesn't say which site its paths belong to.", "Give the input a url.")

    def find(self, path: bytes) -> str | None:
        if path not in self._found:
            if len(self._found) > _MAX_KEPT:
                self._found.clear()
            self._found[path] = None if _ASSET.search(path) else self._look_up(path.decode("utf-8", "surrogateescape"))
        return self._found[path]

    def _look_up(self, path: str) -> str | None:
        try:
            url = urljoin(self._site, path)
            if self._known:
                return self._known.get(story_id(url))
            return canonical_url(url) if _looks_like_article(urlsplit(url).path) else None
        except ValueError:
            return None


def _looks_like_article(path: str) -> bool:
    """Return whether the last segment is a slug of some words, or the path holds a date."""
    last = path.rstrip("/").rpartition("/")[2]
    return last.count("-") + last.count("_") >= 2 or re.search(r"/(?:19|20)\d\d/\d\d?/.", path) is not None


def _epoch(time: bytes, zone: bytes) -> float:
    try:
        month = _MONTHS[time[3:6]]
        moment = datetime(int(time[7:11]), month, int(time[:2]), int(time[12:14]), int(time[15:17]), tzinfo=UTC)
    except (KeyError, ValueError):
        return _NEVER
    offset = int(zone[1:3]) * 3600 + int(zone[3:5]) * 60
    return moment.timestamp() - (offset if zone[:1] == b"+" else -offset)


def _bucket(hour: int, url: str, count: int) -> Popularity:
    start = datetime.fromtimestamp(hour * 3600, UTC)
    return Popularity(url, float(count), Window(start, start + timedelta(hours=1)))


def _lines(path: Path, since: datetime) -> Iterator[bytes]:
    """Yield the lines of the log's files, oldest file first; one written last before `since` is left out."""
    try:
        files = (
            sorted(path.parent.glob(path.name), key=lambda file: file.stat().st_mtime) if "*" in path.name else [path]
        )
        files = [file for file in files if len(files) == 1 or file.stat().st_mtime >= since.timestamp()]
        if not files:
            raise SourceError(f"{path} is the name of no file of these days.", "Check popularity.inputs.")
        for file in files:
            with file.open("rb") as raw:
                packed = raw.read(2) == b"\x1f\x8b"
                raw.seek(0 if packed else max(0, file.stat().st_size - _MAX_BYTES))
                yield from _bounded(gzip.GzipFile(fileobj=raw) if packed else raw)
    except (OSError, EOFError) as error:
        raise SourceError(
            f"{path} can't be read: {getattr(error, 'strerror', None) or error}.", "Check popularity.inputs."
        ) from error


def _bounded(stream: BinaryIO | gzip.GzipFile) -> Iterator[bytes]:
    left = _MAX_BYTES
    buffered = io.BufferedReader(stream, 1 << 20) if isinstance(stream, gzip.GzipFile) else stream
    while left > 0 and (line := buffered.readline(16_384)):
        left -= len(line)
        yield line
