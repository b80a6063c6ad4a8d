"""What the paper's site has at each address, made when it is first asked for.

This knows paths and content types; HTTP itself is `digest.demo.server`'s. Pages and pictures load
Jinja2 and Pillow, so they are imported where they are made.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from digest.demo.feeds import atom_feed, json_feed, news_sitemap, robots_txt, rss_feed
from digest.demo.newsroom import SECTIONS, DemoStory, Newsroom
from digest.demo.weather import forecast

__all__ = ["Answer", "Site"]

_HTML = "text/html; charset=utf-8"
_FILES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response before HTTP: `changed_at` becomes its Last-Modified."""

    status: int
    content_type: str
    body: bytes
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class _Resource:
    content_type: str
    make: Callable[[], bytes]
    changed_at: datetime


class Site:
    """All of a newsroom's addresses under `base_url`. Safe to use from several threads."""

    def __init__(self, newsroom: Newsroom, base_url: str) -> None:
        self._newsroom = newsroom
        self._base_url = base_url
        self._resources = self._table()
        self._answers: dict[str, Answer] = {}
        self._making = threading.Lock()
        self._opened = time.monotonic()  # weather goes on while the site is up; the news stands still

    @property
    def paths(self) -> tuple[str, ...]:
        """Every address of the site but the weather's, which takes parameters."""
        return tuple(self._resources)

    def answer(self, target: str) -> Answer:
        """Return what stands at `target`, a path with or without a query."""
        parts = urlsplit(target)
        if parts.path == "/v1/forecast":
            return self._weather(parts.query)
        with self._making:
            if parts.path not in self._answers:
                self._answers[parts.path] = self._make(parts.path)
            return self._answers[parts.path]

    def _make(self, path: str) -> Answer:
        resource = self._resources.get(path)
        if resource is None:
            return Answer(404, _HTML, self._not_found(), self._newsroom.now)
        return Answer(200, resource.content_type, resource.make(), resource.changed_at)

    def _table(self) -> dict[str, _Resource]:
        room, base, changed = self._newsroom, self._base_url, self._newsroom.changed_at
        table = {
            "/": _Resource(_HTML, self._front, changed),
            "/feed.atom": _Resource("application/atom+xml; charset=utf-8", partial(atom_feed, room, base), changed),
            "/feed.json": _Resource("application/feed+json; charset=utf-8", partial(json_feed, room, base), changed),
            "/news-sitemap.xml": _Resource(
                "application/xml; charset=utf-8", partial(news_sitemap, room, base), changed
            ),
            "/robots.txt": _Resource("text/plain; charset=utf-8", partial(robots_txt, base), room.now),
            "/assets/herald.css": _Resource("text/css; charset=utf-8", (_FILES / "herald.css").read_bytes, room.now),
            "/assets/favicon.svg": _Resource("image/svg+xml", (_FILES / "favicon.svg").read_bytes, room.now),
        }
        for section in SECTIONS:
            at = max((story.changed_at for story in room.in_section(section)), default=room.now)
            table[f"/{section}/"] = _Resource(_HTML, partial(self._section, section), at)
            rss = partial(rss_feed, room, section, base)
            table[f"/{section}/feed.xml"] = _Resource("application/rss+xml; charset=utf-8", rss, at)
        for story in room.stories:
            table[story.path] = _Resource(_HTML, partial(self._article, story), story.changed_at)
            if story.picture:
                drawing = partial(_picture, story.picture.scene, story.slug)
                table[story.picture_path] = _Resource("image/jpeg", drawing, story.published_at)
        return table

    def _front(self) -> bytes:
        from digest.demo.pages import front_page

        return front_page(self._newsroom, self._base_url).encode()

    def _section(self, section: str) -> bytes:
        from digest.demo.pages import section_page

        return section_page(self._newsroom, section, self._base_url).encode()

    def _article(self, story: DemoStory) -> bytes:
        from digest.demo.pages import article_page

        return article_page(self._newsroom, story, self._base_url).encode()

    def _not_found(self) -> bytes:
        from digest.demo.pages import not_found_page

        return not_found_page(self._newsroom, self._base_url).encode()

    def _weather(self, query: str) -> Answer:
        now = self._newsroom.now + timedelta(seconds=time.monotonic() - self._opened)
        status, body = forecast(dict(parse_qsl(query)), now)
        return Answer(status, "application/json; charset=utf-8", body, now)


def _picture(scene: str, slug: str) -> bytes:
    from digest.demo.pictures import draw_picture

    return draw_picture(scene, slug)
