"""What a site's robots.txt lets us read (RFC 9309), fetched at most once a day.

We go by the token "Digest", or by the rules for all. Where there is no robots.txt (any 4xx) all is allowed;
where the site fails (5xx, no connection) nothing is, until it answers again (§2.3.1.3, §2.3.1.4).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.collect.fetching.answers import AnswerError
from digest.errors import SourceError
from digest.ports import CachedResponse, Fetcher, ResponseCache

if TYPE_CHECKING:
    from protego import Protego

__all__ = ["Robots"]

_AGENT = "Digest"
_KEEP_SECONDS = 24 * 3600.0  # RFC 9309 §2.4
_MAX_BYTES = 500 * 1024  # §2.5: at least so much is to be read
_MAX_LINES = 20_000
_LONGEST_DELAY_SECONDS = 30.0
_OWN_SITE = 'If it is your own site, allow the agent "Digest" there, or set ignore_robots = true on the source.'


@dataclass(frozen=True, slots=True)
class _Rules:
    """One site's: a parsed file, or a refusal of everything with its reason."""

    parsed: object | None = None
    refusal: str = ""
    delay_seconds: float = 0.0


@dataclass(slots=True)
class _Site:
    lock: threading.Lock = field(default_factory=threading.Lock)
    rules: _Rules | None = None


class Robots:
    """The rules of every site that one run visits. Safe to use from several threads.

    Args:
        fetcher: Gets the file.
        cache: Remembers for a day that a site has none.
        now: The moment of the run.
    """

    def __init__(self, fetcher: Fetcher, cache: ResponseCache | None, now: datetime) -> None:
        self._fetcher = fetcher
        self._cache = cache
        self._now = now
        self._lock = threading.Lock()
        self._sites: dict[str, _Site] = {}

    def check(self, url: str, *, allow_private: bool) -> float:
        """Return the pause between two requests that the site asks for, in seconds; at most 30.

        Raises:
            SourceError: the site doesn't want `url` to be read; says what to do.
        """
        from protego import Protego

        rules = self._rules_for(url, allow_private=allow_private)
        if rules.refusal:
            raise SourceError(rules.refusal, "The next run tries again.")
        if isinstance(rules.parsed, Protego) and not _allows(rules.parsed, url):
            raise SourceError("is not to be read: the site's robots.txt disallows it.", _OWN_SITE)
        return rules.delay_seconds

    def _rules_for(self, url: str, *, allow_private: bool) -> _Rules:
        try:
            parts = urlsplit(url)
        except ValueError:
            return _Rules()  # no address: the fetcher says so
        address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/robots.txt"
        with self._lock:
            site = self._sites.setdefault(address, _Site())
        with site.lock:
            if site.rules is None:
                site.rules = self._read(address, allow_private=allow_private)
            return site.rules

    def _read(self, address: str, *, allow_private: bool) -> _Rules:
        held = self._cache.get(address) if self._cache else None
        if held and self._now - held.fetched_at < timedelta(seconds=_KEEP_SECONDS):
            return _parsed(held.body)
        try:
            answer = self._fetcher.get(address, allow_private=allow_private, fresh_for_seconds=_KEEP_SECONDS)
        except AnswerError as error:
            if 400 <= error.status < 500 and error.status != 429:
                if self._cache:
                    self._cache.put(CachedResponse(address, b"", "text/plain", "", "", self._now, address))
                return _Rules()
            return self._failed(held, f"robots.txt {error.what}")
        except SourceError as error:
            return self._failed(held, f"robots.txt can't be had: {error.what}")
        return _parsed(answer.body)

    def _failed(self, held: CachedResponse | None, what: str) -> _Rules:
        """Return the rules of a site that fails: those of before, else all is disallowed (§2.3.1.4)."""
        return _parsed(held.body) if held else _Rules(refusal=f"is not to be read while its site fails: {what}")


def _allows(rules: Protego, url: str) -> bool:
    try:
        return bool(rules.can_fetch(url, _AGENT))
    except ValueError:
        return True  # no address: the fetcher says so


def _parsed(body: bytes) -> _Rules:
    from protego import Protego

    text = body[:_MAX_BYTES].decode("utf-8-sig", "replace").replace("\x00", "")
    if not text.strip() or text.lstrip()[:15].lower().startswith(("<!doctype", "<html")):
        return _Rules()  # a page that says "not found" with status 200
    rules = Protego.parse("\n".join(text.splitlines()[:_MAX_LINES]))
    return _Rules(rules, delay_seconds=min(rules.crawl_delay(_AGENT) or 0.0, _LONGEST_DELAY_SECONDS))
