"""A page's own Most Popular block: found by its heading, read in its order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from digest.canonical import canonical_url, story_id
from digest.collect.feeds import web_address
from digest.collect.prose import element_text
from digest.model import Link

__all__ = ["PopularBlock", "find_popular_block"]

_HEADING = re.compile(
    r"^(?:the |die |das |los |las |le |les |i |gli |as |os )?(?:"
    r"(?:most|more) (?:popular|read|viewed|shared|clicked|watched|visited|discussed)(?: (?:articles?|stories|posts|news|now|today|this week|in \w+|on \w+(?: \w+)?))*"
    r"|(?:popular|trending|top)(?: (?:articles?|stories|posts|news|now|today|this week|reads|topics|right now|on \w+(?: \w+)?))*|trending now|what['’]s (?:hot|trending|popular)|hot (?:right )?now|top \d+(?: \w+)?"
    r"|(?:am )?meist(?:ge|e )?\w*(?:gelesen|geklickt|geteilt|gesehen|kommentiert)\w*(?: (?:artikel|beiträge|heute|der woche))*|beliebt(?:este|e)?(?: \w+){0,2}|top[- ]themen|topartikel|top-artikel"
    r"|(?:lo|los|las) (?:más|mas) (?:le[ií]d[oa]s?|visto|vistas?|popular(?:es)?)(?: \w+){0,3}|(?:más|mas) (?:le[ií]d[oa]s?|vistas?)|(?:noticias )?(?:más|mas) (?:populares|leídas)|tendencias"
    r"|(?:mais|\+) (?:lid[oa]s?|vist[oa]s?|populares)(?: \w+){0,2}|em alta"
    r"|(?:articles )?(?:les )?plus (?:lus|populaires|consultés|partagés)(?: \w+){0,2}|populaires"
    r"|(?:i )?più (?:letti|visti|popolari|lette)(?: \w+){0,2}"
    r"|(?:best|meest) (?:gelezen|bekeken)(?: \w+){0,2}|populair"
    r"|mest (?:lest|läst|læst|leste|lästa|læste|populære)(?: \w+){0,2}|luetuimmat|najczęściej czytane|najpopularniejsze|najchętniej czytane|en çok okunanlar|çok okunanlar"
    r"|самое (?:читаемое|популярное)|популярное|많이 본(?: \S+){0,2}|가장 많이 본(?: \S+){0,2}|인기(?: \S+)?|ランキング|人気(?:記事|の記事)?|アクセスランキング|热门(?:新闻|文章)?|熱門(?:新聞|文章)?|最多人看"
    r")\s*[:.!>»→]*$",
    re.IGNORECASE,
)
_STRONG = re.compile(r"popular|read|viewed|leíd|leid|lid[oa]|gelesen|lus|letti|lest|läst|læst", re.IGNORECASE)
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
_MAX_HEADING = 48
_MIN_LINKS = 3
_CLIMB = 6
_MIN_TITLE = 10


@dataclass(frozen=True, slots=True)
class PopularBlock:
    """The links in the block's order, and the element that holds them."""

    links: tuple[Link, ...]
    element: HtmlElement


def find_popular_block(page: HtmlElement, url: str, limit: int) -> PopularBlock | None:
    """Return the page's block of most-read stories, or None.

    Of several (trending topics, most commented) the first with the plainest heading is taken.
    """
    candidates: list[tuple[bool, int, PopularBlock]] = []
    for heading, text in _headings(page):
        block = _block_of(heading, url, limit)
        if block is not None:
            candidates.append((not _STRONG.search(text), len(candidates), block))
            if _STRONG.search(text):
                break
    return min(candidates, key=lambda candidate: candidate[:2])[2] if candidates else None


def _headings(page: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    for element in page.iter(*_TAGS):
        text = _short_text(element)
        if text and _HEADING.match(text):
            yield element, text
            continue
        for label in _LABELS:
            value = (element.get(label) or "").strip()
            if 3 < len(value) <= _MAX_HEADING and element.tag in ("section", "aside", "div") and _HEADING.match(value):
                yield element, value
                break


def _short_text(element: HtmlElement) -> str:
    parts, length = [], 0
    for part in element.itertext():
        parts.append(part)
        length += len(part.strip())
        if length > _MAX_HEADING:
            return ""
    return re.sub(r"\s+", " ", "".join(parts)).strip(" \t\n•*|–—-#")


def _block_of(heading: HtmlElement, url: str, limit: int) -> PopularBlock | None:
    target = _tab_target(heading)
    if target is not None:
        links = _links_in(target, None, url, limit)
        if len(links) >= _MIN_LINKS:
            return PopularBlock(links, target)
    at: HtmlElement | None = heading
    for _ in range(_CLIMB):
        if at is None or at.tag in ("body", "html"):
            return None
        links = _links_in(at, heading, url, limit)
        if len(links) >= _MIN_LINKS:
            return PopularBlock(links, at)
        at = at.getparent()
    return None


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
    from digest.collect.front_pages import is_story_address, link_title

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
        held = found.get(story_id(address), ("", ""))[1]
        if len(title) >= _MIN_TITLE and not held:
            found[story_id(address)] = (canonical_url(address), title)
    return tuple(
        Link(title, address, position) for position, (address, title) in enumerate(list(found.values())[:limit], 1)
    )


def _begins_another(element: HtmlElement, heading: HtmlElement | None) -> bool:
    """Return whether `element` is the heading of a next block: a heading that is no story's title."""
    if element is heading or element.tag not in ("h1", "h2", "h3", "h4", "h5", "h6"):
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
    return 0 < len(text) <= _MAX_HEADING and len(text.split()) <= 4
