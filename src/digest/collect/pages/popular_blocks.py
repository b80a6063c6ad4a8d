"""A page's own Most Popular block: found by its heading, read in its order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from digest.canonical import canonical_url, story_id
from digest.collect.links import web_address
from digest.collect.pages.headings import Claim, heading_text, popularity_claim
from digest.collect.pages.story_links import (
    HEADINGS,
    is_story_address,
    link_title,
    looks_like_article,
    reads_like_headline,
)
from digest.collect.prose import element_text
from digest.model import Link

__all__ = ["PopularBlock", "find_popular_block"]

_TAGS = (
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "a",
    "button",
    "span",
    "div",
    "p",
    "strong",
    "b",
    "li",
    "label",
    "header",
    "dt",
    "section",
    "aside",
    "legend",
    "td",
)
_LABELS = ("aria-label", "data-title", "data-label", "title")
_BOXES = frozenset(("section", "aside", "div"))
_MIN_LINKS = 3
_TO_WATCH = re.compile(
    r"/(?:videos?|watch|galler(?:y|ies)|galerien?|photos?|pictures|fotos?|slideshows?)/", re.IGNORECASE
)
_MAX_BLOCK_HEADING = 48
_MEAN_WORDS = 3.0  # of the titles; below that they are topics, not stories
_CLIMB = 6
_MAX_CLAIMS = 50  # of a page; each is looked for in a good part of it


@dataclass(frozen=True, slots=True)
class PopularBlock:
    """The links in the block's order, and the element that holds them."""

    links: tuple[Link, ...]
    element: HtmlElement


def find_popular_block(page: HtmlElement, url: str, limit: int) -> PopularBlock | None:
    """Return the page's block of most-read stories, or None.

    Of several the one whose heading is the plainest claim of readers is taken, then the first; one of
    films or picture galleries only where there is no other: they have no text to be read in a letter.
    """
    best: tuple[tuple[bool, Claim], PopularBlock] | None = None
    for heading, claim in islice(_headings(page), _MAX_CLAIMS):
        if best is not None and best[0] <= (False, claim):
            continue
        block = _block_of(heading, url, limit)
        if block is not None and (best is None or (_is_to_watch(block), claim) < best[0]):
            best = (_is_to_watch(block), claim), block
    return best[1] if best else None


def _is_to_watch(block: PopularBlock) -> bool:
    """Return whether most of the links lead to films or galleries."""
    return 2 * sum(_TO_WATCH.search(urlsplit(link.url).path) is not None for link in block.links) > len(block.links)


def _headings(page: HtmlElement) -> Iterator[tuple[HtmlElement, Claim]]:
    for element in page.iter(*_TAGS):
        claim = popularity_claim(heading_text(element))
        if claim is None and element.tag in _BOXES:
            claims = (popularity_claim(element.get(label) or "") for label in _LABELS)
            claim = next((said for said in claims if said is not None), None)
        if claim is not None and not _is_in_menu(element):
            yield element, claim


def _is_in_menu(element: HtmlElement) -> bool:
    return any(above.tag == "nav" or above.get("role") == "navigation" for above in element.iterancestors())


def _block_of(heading: HtmlElement, url: str, limit: int) -> PopularBlock | None:
    target = _tab_target(heading)
    if target is not None:
        links = _links_in(target, None, url, limit)
        if _are_stories(links):
            return PopularBlock(links, target)
    at: HtmlElement | None = heading
    for _ in range(_CLIMB):
        if at is None or at.tag in ("body", "html"):
            return None
        links = _links_in(at, heading, url, limit)
        if links and len(links) >= _MIN_LINKS:
            return PopularBlock(links, at) if _are_stories(links) else None
        at = at.getparent()
    return None


def _are_stories(links: tuple[Link, ...]) -> bool:
    """Return whether these are enough, and headlines rather than the names of topics."""
    words = sum(len(link.title.split()) if link.title.isascii() or " " in link.title else 9 for link in links)
    return len(links) >= _MIN_LINKS and words >= _MEAN_WORDS * len(links)


def _tab_target(heading: HtmlElement) -> HtmlElement | None:
    """Return the panel that a tab's heading opens, by href="#id" or aria-controls."""
    for element in (heading, *heading.iter("a", "button")):
        name = element.get("aria-controls") or element.get("data-target") or element.get("href") or ""
        name = name.lstrip("#") if name.startswith("#") or element.get("aria-controls") else ""
        if re.fullmatch(r"[\w:.-]{1,80}", name):
            panels: list[HtmlElement] = heading.getroottree().xpath("//*[@id=$name]", name=name)
            if panels:
                return panels[0]
    return None


def _links_in(box: HtmlElement, heading: HtmlElement | None, url: str, limit: int) -> tuple[Link, ...]:
    """Return the story links of `box` that stand after `heading`, until another heading begins another block."""
    found: dict[str, tuple[str, str]] = {}
    after = heading is None or heading is box
    for element in box.iter():
        if element is heading:
            after = True
        if not after or not isinstance(element.tag, str):
            continue
        if element.tag != "a":
            if found and len(found) >= _MIN_LINKS and _begins_another(element, heading):
                break
            continue
        address = web_address(element.get("href") or "", url)
        if not address or not is_story_address(address, url):
            continue
        title = link_title(element)
        is_headline = reads_like_headline(title, 2 if looks_like_article(address) else 4)
        if is_headline and story_id(address) not in found:
            found[story_id(address)] = (canonical_url(address), title)
    return tuple(
        Link(title, address, position) for position, (address, title) in enumerate(list(found.values())[:limit], 1)
    )


def _begins_another(element: HtmlElement, heading: HtmlElement | None) -> bool:
    """Return whether `element` is the heading of a next block: a heading that is no story's title."""
    if element is heading or element.tag not in HEADINGS:
        return False
    if next(element.iter("a"), None) is not None or element.getparent() is None:
        return False
    at = element.getparent()
    for _ in range(3):
        if at is None:
            break
        if at.tag in ("a", "li", "article"):
            return False
        at = at.getparent()
    text = element_text(element)
    return 0 < len(text) <= _MAX_BLOCK_HEADING and len(text.split()) <= 4
