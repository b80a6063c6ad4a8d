"""A publisher's site → what a project is begun with: feeds that can be read, sections, looks, language and zone.

Politely: robots.txt is heeded, one request at a time, a minute in all. What can't be found is left out, and each thing
that was found says where.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from digest.collect.fetching.robots import Robots
from digest.collect.fetching.visits import Visits
from digest.collect.pages.branding import Branding, brand_colour, read_branding
from digest.collect.pages.discovery import SectionLink, discover
from digest.collect.sandbox.parsers import Parsers
from digest.errors import DigestError, SourceError
from digest.languages import spoken_language
from digest.model import Story
from digest.pictures.making import PictureError, logo_facts
from digest.ports import CachedResponse, Fetcher
from digest.settings import Source, SourceKind
from digest.zones import likely_zone

__all__ = ["FoundFeed", "FoundLogo", "Site", "explore"]

_SECONDS = 60.0
_MOST_SECTIONS = 8
_USUAL_FEEDS = ("feed", "rss", "feed.xml", "rss.xml", "index.xml", "atom.xml", "feeds/all.rss.xml", "feed.json")
_USUAL_SECTION_FEEDS = ("feed", "rss", "feed.xml", "rss.xml")
_OFFSET = re.compile(rb"(?:\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)\b")


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that was read and has stories."""

    url: str
    stories: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class FoundLogo:
    """A logo and its size in CSS pixels, as a masthead shows it."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Site:
    """What was found; `where` tells of each thing where from."""

    name: str
    url: str
    language: str = "en"
    zone: str = "UTC"
    feed: FoundFeed | None = None  # of the whole site
    sections: tuple[tuple[SectionLink, str], ...] = ()  # with its own feed, "" for none
    sitemap: str = ""
    wordpress: bool = False
    popular_page: str = ""  # that shows a Most Popular block
    logo: FoundLogo | None = None
    colour: str = ""  # #RRGGBB
    town: str = ""
    where: dict[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def explore(url: str, fetcher: Fetcher, now: datetime, tell: Callable[[str], None] = lambda _: None) -> Site:
    """Look around at the site of `url`.

    Raises:
        SourceError: its front page can't be read, or is no page.
    """
    with Parsers() as parsers:
        return _Explorer(fetcher, parsers, now, tell).explore(url)


class _Explorer:
    """One look around, with an end."""

    def __init__(self, fetcher: Fetcher, parsers: Parsers, now: datetime, tell: Callable[[str], None]) -> None:
        self._visits = Visits(fetcher, Robots(fetcher, None, now), None, now=now)
        self._parsers, self._tell, self._now = parsers, tell, now
        self._ends_at = time.monotonic() + _SECONDS
        self._where: dict[str, str] = {}
        self._problems: list[str] = []

    def explore(self, url: str) -> Site:
        self._tell(f"Reading {url}")
        front = self._get(url)
        home = front.final_url or url
        facts, branding = discover(front.body, home), read_branding(front.body, home)
        self._tell("Looking for feeds")
        feed, documents = self._whole_feed([link.url for link in facts.feeds], home)
        self._tell(f"Looking into {len(facts.sections[:_MOST_SECTIONS])} sections")
        sections = tuple(self._with_feed(section, feed) for section in facts.sections[:_MOST_SECTIONS])
        with_feed = tuple((section, own) for section, own in sections if own)
        page = self._parsers.front_page(front.body, home, front.content_type)
        self._tell("Looking at the logo and the colours")
        logo = self._logo(branding)
        language = self._language(facts.language, front.body, [link.title for link in page.stories])
        return Site(
            name=branding.name or _name_in_title(branding.title, home),
            url=home.rstrip("/"),
            language=language,
            zone=self._zone(documents, language, home, branding),
            feed=feed,
            sections=with_feed or sections,
            sitemap="" if feed or with_feed else self._sitemap(home),
            wordpress=not feed and not with_feed and self._has_posts(home),
            popular_page=home.rstrip("/") if page.popular else "",
            logo=logo,
            colour=self._colour(branding),
            town=branding.town,
            where=self._where,
            problems=tuple(self._problems),
        )

    def _get(self, url: str) -> CachedResponse:
        if time.monotonic() > self._ends_at:
            raise SourceError("was not looked at: the minute is over.", "")
        source = Source(SourceKind.FRONT_PAGE, url=url, allow_private=True)
        return self._visits.get(url, source, ends_at=self._ends_at)

    def _read_feed(self, url: str) -> tuple[FoundFeed, bytes] | None:
        """Return a feed that really is one and has stories, with its bytes."""
        try:
            response = self._get(url)
            stories: tuple[Story, ...] = self._parsers.feed(
                response.body, response.final_url or url, response.content_type
            )
        except SourceError:
            return None
        return (FoundFeed(response.final_url or url, len(stories)), response.body) if stories else None

    def _whole_feed(self, announced: list[str], home: str) -> tuple[FoundFeed | None, bytes]:
        """Return the feed of the whole site: one that the page announces, else one at a usual place."""
        for url in announced[:4]:
            if found := self._read_feed(url):
                self._where["feed"] = "announced on the front page"
                return found
            self._problems.append(f"{url} is announced as a feed and can't be read as one.")
        for path in _USUAL_FEEDS:
            if found := self._read_feed(urljoin(home, f"/{path}")):
                self._where["feed"] = "at a usual address; the page doesn't announce it"
                return found
        return None, b""

    def _with_feed(self, section: SectionLink, whole: FoundFeed | None) -> tuple[SectionLink, str]:
        """Return a section and its own feed: announced on its page, else at a usual place below it."""
        try:
            page = self._get(section.url)
        except SourceError:
            return section, ""
        at = page.final_url or section.url
        known = whole.url if whole else ""
        announced = [link.url for link in discover(page.body, at).feeds if link.url != known]
        # A section's page announces the feed of the whole site too, and often first.
        announced.sort(key=lambda url: f"/{section.key}" not in urlsplit(url).path)
        usual = [f"{at.rstrip('/')}/{path}" for path in _USUAL_SECTION_FEEDS]
        for url in (*announced[:2], *(usual if not announced else ())):
            found = self._read_feed(url)
            if found is not None and found[0].url != known:
                return section, found[0].url
        return section, ""

    def _has_posts(self, home: str) -> bool:
        """Say whether the site answers as WordPress does, with posts."""
        return self._read_feed(urljoin(home, "/wp-json/wp/v2/posts?per_page=5")) is not None

    def _sitemap(self, home: str) -> str:
        """Return the site's news sitemap, else any that robots.txt names; "" for none."""
        try:
            text = self._get(urljoin(home, "/robots.txt")).body.decode("utf-8", "replace")
        except SourceError:
            text = ""
        named: list[str] = re.findall(r"^\s*sitemap\s*:\s*(https?://\S+)", text, re.IGNORECASE | re.MULTILINE)
        named.sort(key=lambda url: "news" not in url.lower())
        for url in (*named[:3], urljoin(home, "/news-sitemap.xml"), urljoin(home, "/sitemap.xml")):
            try:
                response = self._get(url)
                at = response.final_url or url
                if self._parsers.sitemap_index(response.body, at) or self._parsers.sitemap(response.body, at):
                    self._where["sitemap"] = "named in robots.txt" if url in named else "at a usual address"
                    return url
            except SourceError:
                continue
        return ""

    def _language(self, stated: str, html: bytes, titles: list[str]) -> str:
        match = re.search(rb'og:locale"\s+content="([a-z]{2})(?:[_-]([A-Z]{2}))?"', html)
        shared = "-".join(part.decode() for part in match.groups() if part) if match else ""
        language, self._where["language"] = spoken_language(stated or shared, titles)
        return language

    def _zone(self, feed: bytes, language: str, home: str, branding: Branding) -> str:
        offsets = Counter(match.decode().replace(":", "") for match in _OFFSET.findall(feed[:500_000]))
        minutes = [_minutes(text) for text, _ in offsets.most_common(1)]
        found = likely_zone(
            self._now,
            offset_minutes=minutes[0] if minutes else None,
            town=branding.town,
            countries=[branding.country, language.partition("-")[2], _country_of(urlsplit(home).hostname or "")],
        )
        self._where["zone"] = found.why
        return found.zone

    def _logo(self, branding: Branding) -> FoundLogo | None:
        for url in branding.logos:
            try:
                width, height = logo_facts(self._get(url).body)
            except PictureError as error:
                self._problems.append(f"The logo {url} {error}")
            except DigestError:
                continue
            else:
                self._where["logo"] = "shown or stated by the front page"
                return FoundLogo(url, width, height)
        return None

    def _colour(self, branding: Branding) -> str:
        if branding.colour:
            self._where["colour"] = "stated by the front page"
            return branding.colour
        for url in branding.style_sheets[:3]:
            try:
                css = self._get(url).body.decode("utf-8", "replace")
            except SourceError:
                continue
            if colour := brand_colour(css):
                self._where["colour"] = f"used most in {url}"
                return colour
        return ""


def _name_in_title(title: str, home: str) -> str:
    """Return the part of a title that is the site's name: the one that its address repeats, else the shortest."""
    host = (urlsplit(home).hostname or "").removeprefix("www.")
    parts = [part.strip() for part in re.split(r"\s+[|–—·»:-]\s+|:\s+", title) if part.strip()]
    letters = {part: re.sub(r"\W", "", part.casefold()) for part in parts}
    own = [part for part in parts if letters[part] and letters[part] in re.sub(r"\W", "", host)]
    return (own or sorted(parts, key=len) or [host])[0][:80]


def _minutes(offset: str) -> int:
    if offset in ("Z", "z"):
        return 0
    return (-1 if offset[0] == "-" else 1) * (int(offset[1:3]) * 60 + int(offset[3:5]))


def _country_of(host: str) -> str:
    top = host.rpartition(".")[2].upper()
    return {"UK": "GB"}.get(top, top) if len(top) == 2 else ""
