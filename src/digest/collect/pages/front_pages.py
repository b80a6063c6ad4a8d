"""A home or section page → its story links in reading order, and its own Most Popular block.

A story link leads to the same site, to an address that looks like an article's, and reads like a
headline. Menus, footers, tags and authors are none. The Most Popular block is found by its heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from lxml.html import HtmlElement

from digest.canonical import canonical_url, story_id
from digest.collect.links import web_address
from digest.collect.markup import parse_html
from digest.collect.pages.popular_blocks import find_popular_block
from digest.collect.pages.story_links import (
    HEADINGS,
    can_be_story,
    is_story_address,
    link_title,
    looks_like_article,
    reads_like_headline,
)
from digest.collect.prose import element_text
from digest.model import FrontPage, Link, Prominence

__all__ = ["read_front_page"]

_MAX_STORIES = 300
_MAX_POPULAR = 20
_FEW, _MANY = 3, 20  # stories of a page, links of a card
_CARD_DEPTH = 4  # how far up a link's card may reach
_FURNITURE_TAGS = frozenset(("nav", "footer", "form", "menu"))
_FURNITURE_ROLES = frozenset(("navigation", "contentinfo", "menu", "menubar", "search"))
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|footer|breadcrumbs?|skip|cookie|consent|newsletter"
    r"|sponsor(?:ed)?|advert\w*|promo|outbrain|taboola)(?:$|[\s_-])",
    re.IGNORECASE,
)


def read_front_page(html: bytes | str, url: str, *, content_type: str = "") -> FrontPage:
    """Return what the page shows: stories by reading order, and the popular block in its own order.

    A link of the popular block is among the stories only if it stands elsewhere too. Never raises;
    a page that can't be read has neither.
    """
    page = parse_html(html, content_type)
    if page is None:
        return FrontPage(url)
    base = next((web_address(element.get("href") or "", url) for element in page.iter("base")), "") or url
    block = find_popular_block(page, base, _MAX_POPULAR)
    stories = _stories(page, base, block.element if block else None)
    return FrontPage(url, stories, block.links if block else ())


@dataclass(slots=True)
class _Found:
    """What was seen so far of one address."""

    url: str
    title: str = ""
    heading: int = 9  # the largest heading it stands in, 9 for none
    has_image: bool = False
    titles: list[str] = field(default_factory=list)


def _stories(page: HtmlElement, base: str, popular: HtmlElement | None) -> tuple[Link, ...]:
    anchors = [
        (anchor, url) for anchor in _anchors(page, popular) if (url := web_address(anchor.get("href") or "", base))
    ]
    own = _chosen((anchor, url) for anchor, url in anchors if is_story_address(url, base))
    chosen = own
    if len(own) < _FEW:
        # A page whose stories nearly all stand elsewhere is an aggregator, or a paper with two domains.
        anywhere = _chosen((anchor, url) for anchor, url in anchors if can_be_story(url))
        chosen = anywhere if len(anywhere) >= _MANY else own
    home = story_id(base)
    return tuple(
        Link(entry.title, entry.url, position, _prominence(entry, position))
        for position, entry in enumerate([entry for key, entry in chosen.items() if key != home][:_MAX_STORIES], 1)
    )


def _chosen(anchors: Iterable[tuple[HtmlElement, str]]) -> dict[str, _Found]:
    """Return what reads like a story, by its id, in the order of first appearance."""
    found: dict[str, _Found] = {}
    for anchor, url in anchors:
        entry = found.setdefault(story_id(url), _Found(canonical_url(url)))
        entry.heading = min(entry.heading, _heading_level(anchor))
        entry.has_image = entry.has_image or _shows_image(anchor)
        if title := link_title(anchor):
            entry.titles.append(title)
    for entry in found.values():
        entry.title = _headline(entry)
    return {key: entry for key, entry in found.items() if entry.title}


def _anchors(page: HtmlElement, popular: HtmlElement | None) -> Iterator[HtmlElement]:
    """Yield the links outside menus, footers and the popular block, in document order."""
    outside: set[HtmlElement] = set()
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        parent = element.getparent()
        if parent in outside or element is popular or is_furniture(element):
            outside.add(element)
        elif element.tag == "a":
            yield element


def is_furniture(element: HtmlElement) -> bool:
    if element.tag in ("body", "html", "main", "article", "a"):
        return False
    if element.tag in _FURNITURE_TAGS or (element.get("role") or "").lower() in _FURNITURE_ROLES:
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return _FURNITURE.search(names) is not None and not _holds_headlines(element)


def _holds_headlines(element: HtmlElement) -> bool:
    """Return whether there are headlines in it: a layout's "nav-col" may hold the whole page."""
    return any(reads_like_headline(element_text(heading)) for heading in element.iter("h1", "h2", "h3"))


def _headline(entry: _Found) -> str:
    """Return the best of the texts that link to one address, "" if none reads like a headline."""
    needs_words = 3 if entry.heading < 9 else 4
    if not looks_like_article(entry.url):
        if entry.heading == 9:
            return ""
        needs_words = 4
    good = [title for title in entry.titles if reads_like_headline(title, needs_words)]
    # The first is the headline; a longer one further on is the teaser that links there as well.
    return good[0] if good else ""


def _heading_level(anchor: HtmlElement) -> int:
    """Return the level of the heading around or inside the link, 9 for none."""
    for inner in anchor.iter(*HEADINGS):
        return int(inner.tag[1])
    at: HtmlElement | None = anchor
    for _ in range(3):
        at = at.getparent() if at is not None else None
        if at is not None and at.tag in HEADINGS:
            return int(at.tag[1])
    return 9


def _shows_image(anchor: HtmlElement) -> bool:
    """Return whether the link or the card around it has a picture: the nearest box with no second story."""
    at: HtmlElement | None = anchor
    for _ in range(_CARD_DEPTH):
        if at is None:
            return False
        if next(at.iter("img", "picture"), None) is not None:
            return True
        at = at.getparent()
        links = [link.get("href") for link in islice(at.iter("a"), _MANY)] if at is not None else []
        if len(links) == _MANY or len(set(links)) > 4:
            return False
    return False


def _prominence(entry: _Found, position: int) -> Prominence:
    if position == 1:
        return Prominence.LEAD
    return Prominence.GRID if entry.has_image or entry.heading <= 2 else Prominence.LIST
