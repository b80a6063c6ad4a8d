"""Parses other people's documents in child processes that may die without harm.

Parsers of feeds and pages have met input that made them run for minutes, fill the memory or crash
(feedparser#562 is one). Here each document has a wall clock, processor time and memory of its own;
a child that is killed is one bad source. Not a sandbox against code execution.

The children are forked from a server process that has the parsers loaded (`parsing_server`): safe beside
threads, and quick.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from concurrent.futures import BrokenExecutor, CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, cast

from digest.errors import SourceError
from digest.mishaps import note_mishap
from digest.model import FrontPage, Story

if TYPE_CHECKING:
    from digest.collect.feeds.facts import FeedFacts  # the children load the parsers, not we

__all__ = ["Parsers"]

_WORKERS = 2
_WALL_SECONDS = 15.0
_MEMORY_BYTES = 1024 * 1024 * 1024
_LONGEST_WAIT_SECONDS = 300.0  # for a child to be free as well
_LOOK_SECONDS = 1.0  # how often a waiting thread looks whether the pool is still there
_MAX_BYTES = 16 * 1024 * 1024  # what a child can be handed; the fetcher stops well before
_TASKS_PER_CHILD = 500  # parsers leak; a fresh child costs little
_SKIPPED = "It is left out."


class Parsers:
    """A few parsing processes; a context manager. Its methods block, and may be called from several threads."""

    def __init__(
        self, *, workers: int = _WORKERS, wall_seconds: float = _WALL_SECONDS, memory_bytes: int = _MEMORY_BYTES
    ) -> None:
        self._workers = workers
        self._wall_seconds = wall_seconds
        self._memory_bytes = memory_bytes
        self._pool: Any = None
        self._replacing = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()

    def _running(self) -> Any:
        """Return the pool, which is started when it is first needed: often nothing has changed."""
        with self._replacing:
            if self._pool is None:
                self._pool = self._new_pool()
            return self._pool

    def feed(self, data: bytes, url: str, content_type: str = "") -> tuple[Story, ...]:
        """See `feeds.parse_feed`. Raises `SourceError` too when the document was more than a child could bear."""
        return cast("tuple[Story, ...]", self._parse("feed", data, url, content_type))

    def sitemap(self, data: bytes, url: str) -> tuple[Story, ...]:
        """See `sitemaps.parse_sitemap`."""
        return cast("tuple[Story, ...]", self._parse("sitemap", data, url, ""))

    def sitemap_index(self, data: bytes, url: str) -> tuple[str, ...]:
        """See `sitemaps.sitemap_index_urls`."""
        return cast("tuple[str, ...]", self._parse("sitemap index", data, url, ""))

    def front_page(self, html: bytes, url: str, content_type: str = "") -> FrontPage:
        """See `front_pages.read_front_page`."""
        return cast("FrontPage", self._parse("front page", html, url, content_type))

    def article(self, html: bytes, url: str, content_type: str = "") -> Story:
        """See `articles.read_article`."""
        return cast("Story", self._parse("article", html, url, content_type))

    def feed_facts(self, data: bytes, url: str, now: datetime, content_type: str = "") -> FeedFacts:
        """See `feeds.facts.feed_facts`."""
        return cast("FeedFacts", self._parse("facts", data, url, content_type, now))

    def _parse(self, document: str, data: bytes, url: str, content_type: str, now: datetime | None = None) -> object:
        if len(data) > _MAX_BYTES:
            raise SourceError(f"is larger than {_MAX_BYTES // (1024 * 1024)} MB.", _SKIPPED)
        for _ in range(2):
            pool = self._running()
            try:
                return self._await(pool, [document, data, url, content_type, now])
            except _BrokenPoolError:
                self._replace(pool)
        raise SourceError(
            "could not be read: the parsing processes do not start or do not last.",
            "Check that this user may start processes, and the memory that is free.",
        )

    def _await(self, pool: Any, arguments: list[Any]) -> object:
        """Return what a child made of a document; a child that died is told apart from a pool that did."""
        from pebble import ProcessExpired

        try:
            future = pool.schedule(_parse_in_child, args=arguments, timeout=self._wall_seconds)
        except RuntimeError as error:
            raise _BrokenPoolError from error
        gives_up_at = time.monotonic() + _LONGEST_WAIT_SECONDS
        while True:
            try:
                return future.result(_LOOK_SECONDS)
            except FutureTimeoutError as error:
                if future.done():
                    raise SourceError(f"could not be read within {self._wall_seconds:g} s.", _SKIPPED) from error
                if not pool.active:
                    raise _BrokenPoolError from error
                if time.monotonic() > gives_up_at:
                    future.cancel()
                    raise SourceError("could not be read: no parsing process was free in time.", _SKIPPED) from error
            except (BrokenExecutor, CancelledError) as error:
                raise _BrokenPoolError from error
            except ProcessExpired as error:
                raise SourceError("used up its processor time or crashed the parser.", _SKIPPED) from error
            except MemoryError as error:
                megabytes = self._memory_bytes // (1024 * 1024)
                raise SourceError(f"needs more than {megabytes} MB of memory to be read.", _SKIPPED) from error
            except SourceError:
                raise
            except Exception as error:  # one document: whatever a parser raises is that document's trouble
                note_mishap("parsing", error)
                what = f"{type(error).__name__}: {str(error)[:120]}"
                raise SourceError(f"could not be read: {what}.", _SKIPPED) from error

    def _new_pool(self) -> Any:
        from pebble import ProcessPool

        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["digest.collect.sandbox.server"])
        pool = ProcessPool(
            max_workers=self._workers,
            max_tasks=_TASKS_PER_CHILD,
            context=context,
            initializer=_limit_memory,
            initargs=[self._memory_bytes],
        )
        pool.schedule(_ready)
        return pool

    def _replace(self, broken: Any) -> None:
        """Put a new pool in the place of one that a dying child took down."""
        with self._replacing:
            if self._pool is broken:
                self._pool = self._new_pool()
                broken.stop()
                # Its threads may be gone, and then waiting for them would not end.
                threading.Thread(target=broken.join, daemon=True, name="broken pool").start()


class _BrokenPoolError(Exception):
    """The pool, not the document, came to an end."""


# --- run in the child; the parent only names them, so `parsing` and its packages load over there ------


def _limit_memory(memory_bytes: int) -> None:
    from digest.collect.sandbox.jobs import limit_memory

    limit_memory(memory_bytes)


def _ready() -> None:
    """Do nothing: asked for early, so that a process is up when the first document comes."""


def _parse_in_child(document: str, data: bytes, url: str, content_type: str, now: datetime | None) -> object:
    from digest.collect.sandbox.jobs import Document, parse

    return parse(Document(document), data, url, content_type, now)
