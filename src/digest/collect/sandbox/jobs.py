"""What a parsing process does: one untrusted document in, nouns out, within this process's limits.

Imported once by the server that parsing processes are forked from, so the heavy packages stand at
the top here and nowhere else.
"""

from __future__ import annotations

import contextlib
import math
from datetime import UTC, datetime
from enum import StrEnum

import charset_normalizer  # noqa: F401  # loaded before the fork, used when an encoding is unknown
import feedparser  # noqa: F401  # loaded before the fork, used by feeds
import trafilatura  # noqa: F401  # loaded before the fork, used by articles

from digest.collect.feeds.documents import parse_feed
from digest.collect.feeds.facts import FeedFacts, feed_facts
from digest.collect.feeds.sitemaps import parse_sitemap, sitemap_index_urls
from digest.collect.pages.articles import read_article
from digest.collect.pages.front_pages import read_front_page
from digest.model import FrontPage, Story

__all__ = ["Document", "limit_memory", "parse"]

_CPU_SECONDS = 10


class Document(StrEnum):
    """What to read a document as."""

    FEED = "feed"
    SITEMAP = "sitemap"
    SITEMAP_INDEX = "sitemap index"
    FRONT_PAGE = "front page"
    ARTICLE = "article"
    FACTS = "facts"  # of a feed


Parsed = tuple[Story, ...] | tuple[str, ...] | FrontPage | Story | FeedFacts


def parse(document: Document, data: bytes, url: str, content_type: str, now: datetime | None = None) -> Parsed:
    """Return what `data` holds.

    Args:
        now: What is ahead of it is counted among the facts of a feed.

    Raises:
        SourceError: it is no such document.
    """
    _allow_processor_time()
    match document:
        case Document.FEED:
            return parse_feed(data, url, content_type=content_type)
        case Document.SITEMAP:
            return parse_sitemap(data, url)
        case Document.SITEMAP_INDEX:
            return sitemap_index_urls(data, url)
        case Document.FRONT_PAGE:
            return read_front_page(data, url, content_type=content_type)
        case Document.ARTICLE:
            return read_article(data, url, content_type=content_type)
        case Document.FACTS:
            return feed_facts(data, url, now=now or datetime.now(UTC), content_type=content_type)


def limit_memory(memory_bytes: int) -> None:
    """Keep this process below `memory_bytes` of address space, and without core dumps."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every system
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _allow_processor_time() -> None:
    """Give this document its own seconds: the kernel counts over the life of the process."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        usage = resource.getrusage(resource.RUSAGE_SELF)
        soft = math.ceil(usage.ru_utime + usage.ru_stime) + _CPU_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))
