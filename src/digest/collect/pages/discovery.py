"""What a site says about itself on its front page: name, language, feeds and sections.

Reads one page; fetches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from digest.collect.feeds.items import language_tag
from digest.collect.links import web_address
from digest.collect.markup import parse_html
from digest.collect.prose import element_text, plain_line

__all__ = ["FeedLink", "SectionLink", "SiteFacts", "discover"]

# RSS Advisory Board, "RSS Autodiscovery"; JSON Feed 1.1, "Discovery".
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/json"})
_COMMENT_FEED = re.compile(r"comments?(/|$|\b)", re.IGNORECASE)
# First path segments that name no section of news.
_SERVICE_PAGES = frozenset(
    "about about-us account advertise app apps archive author authors careers contact contact-us cookies events faq "
    "help imprint impressum jobs legal login logout members my newsletter newsletters podcast podcasts privacy "
    "privacy-policy register search shop signin signup sitemap subscribe subscription tag tags terms topics video "
    "videos wp-content wp-json".split()
)
MAX_SECTIONS = 12
_MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page announces."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class SectionLink:
    """A section of the site's navigation: its key for config.toml, its title, its page."""

    key: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What could be found; empty where the page says nothing."""

    name: str
    language: str
    feeds: tuple[FeedLink, ...]
    sections: tuple[SectionLink, ...]


def discover(html: str | bytes, url: str) -> SiteFacts:
    """Read the facts off the page at `url`; nothing but its host's name where it can't be read."""
    page = parse_html(html)
    if page is None:
        return SiteFacts(urlsplit(url).hostname or "", "", (), ())
    return SiteFacts(
        name=_name(page, url),
        language=language_tag(page.get("lang") or ""),
        feeds=tuple(_feeds(page, url)),
        sections=tuple(_sections(page, url)),
    )


def _name(page: HtmlElement, url: str) -> str:
    told = {
        (element.get("property") or element.get("name") or "").strip().lower(): element.get("content") or ""
        for element in reversed(list(page.iter("meta")))  # the first of two counts
    }
    for key in ("og:site_name", "application-name"):
        if name := plain_line(told.get(key, ""), limit=_MAX_NAME):
            return name
    title = next(page.iter("title"), None)
    text = plain_line(title.text or "", limit=_MAX_NAME) if title is not None else ""
    return re.split(r"\s[|–—·-]\s|:\s", text)[0].strip() or (urlsplit(url).hostname or "")


def _feeds(page: HtmlElement, url: str) -> Iterator[FeedLink]:
    seen: set[str] = set()
    for element in page.iter("link"):
        kind = (element.get("type") or "").split(";")[0].strip().lower()
        address = web_address(element.get("href") or "", url)
        if "alternate" not in (element.get("rel") or "").lower().split() or kind not in _FEED_TYPES:
            continue
        if not address or address in seen or _COMMENT_FEED.search(urlsplit(address).path):
            continue
        if kind == "application/json" and "feed" not in address:  # WordPress announces its REST API so
            continue
        seen.add(address)
        yield FeedLink(address, plain_line(element.get("title") or "", limit=_MAX_NAME))


def _sections(page: HtmlElement, url: str) -> Iterator[SectionLink]:
    """Yield the links of the navigation that lead one step below the front page of the same host."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    seen: set[str] = set()
    for anchor in _navigation(page):
        address = web_address(anchor.get("href") or "", url)
        parts = urlsplit(address)
        segments = [segment for segment in parts.path.split("/") if segment]
        key = _key(segments[-1]) if segments else ""
        title = element_text(anchor)
        if (parts.hostname or "").removeprefix("www.") != host or not 1 <= len(segments) <= 2:
            continue
        if (
            not key
            or key in seen
            or not 2 <= len(title) <= 30
            or key in _SERVICE_PAGES
            or segments[0] in _SERVICE_PAGES
        ):
            continue
        seen.add(key)
        yield SectionLink(key, title, address)
        if len(seen) == MAX_SECTIONS:
            return


def _navigation(page: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the links inside menus and the page's header, in document order."""
    inside: set[HtmlElement] = set()
    for element in page.iter(etree.Element):
        is_menu = element.tag in ("nav", "header") or (element.get("role") or "").lower() == "navigation"
        if is_menu or element.getparent() in inside:
            inside.add(element)
            if element.tag == "a":
                yield element


def _key(segment: str) -> str:
    key = re.sub(r"[^a-z0-9]+", "-", segment.lower()).strip("-")
    return key if len(key) <= 40 and "." not in segment else ""
