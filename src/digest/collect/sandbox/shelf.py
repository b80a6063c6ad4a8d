"""What documents were parsed to, kept beside them: one that didn't change costs no parsing.

A reading lies in the response cache under a name of its own, with the fingerprint of the document and of
the way it is read. What can't be read is read again each time: its trouble is to be told each time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from digest.model import FrontPage, Story
from digest.ports import CachedResponse, ResponseCache

__all__ = ["FRONT_PAGE", "SITEMAP", "STORIES", "Shelf"]

_WAY = "2"  # of reading: raised when a parser gives something else for the same bytes

STORIES = TypeAdapter(tuple[Story, ...])
SITEMAP = TypeAdapter(tuple[tuple[str, ...], tuple[Story, ...]])  # of an index its parts, else its stories
FRONT_PAGE = TypeAdapter(FrontPage)

T = TypeVar("T")


class Shelf:
    """Readings by document. Safe to use from several threads; without a cache it keeps nothing."""

    def __init__(self, cache: ResponseCache | None) -> None:
        self._cache = cache

    def read(self, response: CachedResponse, kind: TypeAdapter[T], parse: Callable[[], T]) -> T:
        """Return what `parse` makes of `response`, or what it made of the same bytes before.

        Raises:
            SourceError: as `parse` does.
        """
        if self._cache is None:
            return parse()
        name = f"reading of {response.url}"
        fingerprint = _fingerprint(response)
        held = self._cache.get(name)
        if held is not None and held.etag == fingerprint:
            try:
                return kind.validate_json(held.body)
            except ValidationError:
                pass  # another version of Digest wrote it
        found = parse()
        body = kind.dump_json(found)
        self._cache.put(CachedResponse(name, body, "application/json", fingerprint, "", response.fetched_at))
        return found


def _fingerprint(response: CachedResponse) -> str:
    digest = hashlib.sha256(response.body)
    for part in (response.content_type, response.final_url):
        digest.update(b"\0" + part.encode("utf-8", "replace"))
    return f"{_WAY}-{digest.hexdigest()[:40]}"
