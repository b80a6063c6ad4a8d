"""What a site says about itself on its front page: name, language, feeds and sections.

Reads one page; fetches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

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
    """Read the facts off the page at `url`."""
    tree = LexborHTMLParser(html)
    root = tree.css_first("html")
    return SiteFacts(
        name=_name(tree, url),
        language=(root.attributes.get("lang") or "" if root else "").strip(),
        feeds=tuple(_feeds(tree, url)),
        sections=tuple(_sections(tree, url)),
    )


def _name(tree: LexborHTMLParser, url: str) -> str:
    for selector in ('meta[property="og:site_name"]', 'meta[name="application-name"]'):
        node = tree.css_first(selector)
        if node and (content := (node.attributes.get("content") or "").strip()):
            return content
    title = tree.css_first("title")
    text = title.text(strip=True) if title else ""
    return re.split(r"\s[|–—·-]\s|:\s", text)[0].strip() or (urlsplit(url).hostname or "")


def _feeds(tree: LexborHTMLParser, url: str) -> Iterator[FeedLink]:
    seen: set[str] = set()
    for node in tree.css("link[rel~=alternate][href]"):
        kind = (node.attributes.get("type") or "").split(";")[0].strip().lower()
        address = urljoin(url, (node.attributes.get("href") or "").strip())
        if kind not in _FEED_TYPES or address in seen or _COMMENT_FEED.search(urlsplit(address).path):
            continue
        if kind == "application/json" and "feed" not in address:  # WordPress announces its REST API so
            continue
        seen.add(address)
        yield FeedLink(address, (node.attributes.get("title") or "").strip())


def _sections(tree: LexborHTMLParser, url: str) -> Iterator[SectionLink]:
    """Yield the links of the navigation that lead one step below the front page of the same host."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    seen: set[str] = set()
    for node in tree.css("nav a[href], header a[href], [role=navigation] a[href]"):
        address = urljoin(url, (node.attributes.get("href") or "").strip())
        parts = urlsplit(address)
        segments = [segment for segment in parts.path.split("/") if segment]
        key = _key(segments[-1]) if segments else ""
        title = " ".join(_text(node).split())
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


def _text(node: LexborNode) -> str:
    return node.text(separator=" ") or ""


def _key(segment: str) -> str:
    key = re.sub(r"[^a-z0-9]+", "-", segment.lower()).strip("-")
    return key if len(key) <= 40 and "." not in segment else ""
