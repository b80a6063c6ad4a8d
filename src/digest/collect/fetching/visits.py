"""One run's manners: robots.txt, one request per host at a time, a pause, and hosts that asked to be left alone.

The fetcher below keeps requests within bounds; this decides whether and when they are made.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from digest.collect.fetching.answers import AnswerError, shown_url
from digest.collect.fetching.robots import Robots
from digest.errors import SourceError
from digest.ports import CachedResponse, Fetcher, ResponseCache
from digest.settings import Source

__all__ = ["Visits", "host_of"]

_LONGEST_PAUSE_SECONDS = 1.0
_BUSY = frozenset((429, 503))
_WAIT_SECONDS = 300.0  # for a host that is busy and doesn't say for how long
_WAIT_OF = "wait of "  # and a host: what the cache keeps it under
_LATER = "The next run tries again."


@dataclass(slots=True)
class _Host:
    """Whose turn it is, when the next request may leave, and until when none may (monotonic seconds)."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    next_at: float = float("-inf")
    left_alone_until: float = float("-inf")
    why: str = ""
    is_recalled: bool = False  # what earlier runs knew of it


class Visits:
    """Gets what sources name, as their sites want it. Safe to use from several threads.

    Between two requests to a host lies a pause as long as the last answer took, at most a second, or the
    Crawl-delay of its robots.txt, at most 30 seconds. On a private network (`allow_private`) only the latter.

    Args:
        cache: Has the last good answer of a host that is to be left alone, and until when that is, from run to run.
        now: The moment of the run, for that.
        clock, wait: Monotonic seconds, and sleeping.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        robots: Robots,
        cache: ResponseCache | None,
        *,
        now: datetime | None = None,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self._fetcher = fetcher
        self._robots = robots
        self._cache = cache
        self._now = now
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}

    def get(self, url: str, source: Source, *, ends_at: float = float("inf")) -> CachedResponse:
        """Return what is at `url`, which `source` names or leads to.

        Args:
            ends_at: No pause lasts beyond it.

        Raises:
            SourceError: it can't be had, or is not to be read; says why and what to do.
        """
        delay = 0.0 if source.ignore_robots else self._robots.check(url, allow_private=source.allow_private)
        host = self._host(url)
        with self._turn(host, ends_at):
            if not host.is_recalled:
                self._recall(host, host_of(url))
            if self._clock() < host.left_alone_until:
                return self._last_known(url, SourceError(f"is left alone for now: its site {host.why}", _LATER))
            began = self._clock()
            try:
                return self._fetcher.get(
                    url, allow_private=source.allow_private, may_follow=partial(self._may_follow, source)
                )
            except AnswerError as error:
                if error.status not in _BUSY:
                    raise
                wait = error.wait_seconds if error.wait_seconds is not None else _WAIT_SECONDS
                busy = self._host(error.url)  # behind a redirect it is another site that has too much to do
                busy.left_alone_until, busy.why = self._clock() + wait, error.what
                self._remember(error.url, error.what, wait)
                return self._last_known(url, error)
            finally:
                ended = self._clock()
                pause = 0.0 if source.allow_private else min(ended - began, _LONGEST_PAUSE_SECONDS)
                host.next_at = ended + max(delay, pause)

    def _may_follow(self, source: Source, url: str) -> None:
        """Raise `SourceError` for what a redirect leads to and the site there doesn't want to be read."""
        led = f"redirects to {shown_url(url)}, which "
        try:
            if not source.ignore_robots:
                self._robots.check(url, allow_private=source.allow_private)
        except SourceError as error:
            raise SourceError(led + error.what, error.hint) from error
        host = self._host(url)
        if not host.is_recalled:
            self._recall(host, host_of(url))
        if self._clock() < host.left_alone_until:
            raise SourceError(f"{led}is left alone for now: its site {host.why}", _LATER)

    def _host(self, url: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(host_of(url), _Host())

    def _remember(self, url: str, why: str, seconds: float) -> None:
        """Keep for later runs that a host wants to be left alone."""
        if self._cache and self._now:
            until = self._now + timedelta(seconds=seconds)
            name = f"{_WAIT_OF}{host_of(url)}"
            self._cache.put(CachedResponse(name, why.encode(), "text/plain", "", "", self._now, fresh_until=until))

    def _recall(self, host: _Host, name: str) -> None:
        """Learn once whether an earlier run was asked to leave the host alone until later than now."""
        host.is_recalled = True
        held = self._cache.get(f"{_WAIT_OF}{name}") if self._cache and self._now else None
        if held is not None and held.fresh_until is not None and self._now is not None and held.fresh_until > self._now:
            host.left_alone_until = self._clock() + (held.fresh_until - self._now).total_seconds()
            host.why = held.body.decode("utf-8", "replace")

    @property
    def left_alone(self) -> dict[str, str]:
        """Return the hosts that asked to be left alone, and what they answered."""
        with self._lock:
            return {name: host.why for name, host in self._hosts.items() if host.why}

    @contextlib.contextmanager
    def _turn(self, host: _Host, ends_at: float) -> Iterator[None]:
        with host.turn:
            pause = host.next_at - self._clock()
            if pause > 0 and self._clock() + pause > ends_at:
                raise SourceError("was not read: the run's time is up.", "The next run reads on.")
            if pause > 0:
                self._wait(pause)
            yield

    def _last_known(self, url: str, error: SourceError) -> CachedResponse:
        """Return the answer of an earlier run in place of the one that can't be had now."""
        held = self._cache.get(url) if self._cache else None
        if held is None:
            raise error
        return held


def host_of(url: str) -> str:
    """Return whose turn a request for `url` takes."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
