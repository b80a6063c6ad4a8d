"""A home or section page → its story links in reading order, and its own Most Popular block.

A story link leads to the same site, to an address that looks like an article's, and reads like a
headline. Menus, footers, tags and authors are none. The Most Popular block is found by its heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from digest.canonical import canonical_url, story_id
from digest.collect.feeds import web_address
from digest.collect.markup import parse_html
from digest.collect.metadata import site_of
from digest.collect.popular_blocks import find_popular_block
from digest.collect.prose import element_text, paragraphs_of
from digest.model import FrontPage, Link, Prominence

__all__ = ["read_front_page"]

_MAX_STORIES = 300
_MAX_POPULAR = 20
_FEW = 3
_CARD_DEPTH = 4  # how far up a link's card may reach
_FURNITURE_TAGS = frozenset(("nav", "footer", "form", "menu"))
_FURNITURE_ROLES = frozenset(("navigation", "contentinfo", "menu", "menubar", "search"))
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|footer|breadcrumbs?|skip|cookie|consent|newsletter|sponsor(?:ed)?|advert\w*|promo|outbrain|taboola)(?:$|[\s_-])",
    re.IGNORECASE,
)
_NO_STORY = re.compile(
    r"/(?:tags?|topics?|authors?|by|people|profile|category|categories|sections?|search|login|log-?in|sign-?(?:in|up)|register|account|subscri\w*|newsletters?"
    r"|about(?:-us)?|contact(?:-us)?|privacy\S*|terms\S*|cookies?\S*|help|faq|jobs|careers|shop|store|advertis\w*|rss|feeds?|podcasts?|games?|crosswords?|weather|horoscopes?)/?$"
    r"|/(?:tags?|authors?|autor(?:es|en|in)?|auteurs?|firmas|profile|search|login|account|user|wp-admin|cdn-cgi)/",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|zip|css|js|xml|rss|json|ico)$", re.IGNORECASE)
_NUMBERING = re.compile(r"^(?:\d{1,2}\s*[.):]\s+|[•·▶►»*-]\s*)+")
# Calls to click, and the time of an update where a headline would stand.
_NO_HEADLINE = re.compile(
    r"^(?:listen to|watch the|see (?:all|more)|view (?:all|more)|read (?:more|the full)|show more|load more|sign up|log in"
    r"|subscribe|continue reading|mehr (?:zum|lesen)|leer más|lire la suite|leia mais)\b"
    r"|^\D{0,12}\d{1,2}[,.]? \d{4},? \d{1,2}[:.]\d\d",
    re.IGNORECASE,
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TITLE_CLASS = re.compile(r"title|headline|heading", re.IGNORECASE)


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
    # A page whose stories nearly all stand elsewhere is an aggregator, or a paper with two domains.
    chosen = own if len(own) >= _FEW else _chosen(anchors) or own
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


def is_story_address(url: str, base: str) -> bool:
    """Return whether `url` can be an article of the site of `base`."""
    there, here = urlsplit(url), urlsplit(base)
    if registrable(there.hostname or "") != registrable(here.hostname or ""):
        return False
    path = there.path.rstrip("/")
    return bool(path) and not _NO_STORY.search(path) and not _FILE.search(path)


def registrable(host: str) -> str:
    """Return the part of `host` that one publisher owns: near enough without the public-suffix list."""
    labels = site_of(host).split(".")
    # co.uk, com.au, or.jp: a short second level under a country
    keep = 3 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else 2
    return ".".join(labels[-keep:])


def looks_like_article(url: str) -> bool:
    """Return whether the address alone says article: a slug of words, a date, a number."""
    parts = urlsplit(url)
    last = parts.path.rstrip("/").rpartition("/")[2]
    words = len(re.findall(r"[^\W\d_]{2,}", last.replace("%", "-")))
    return (
        words >= 4
        or re.search(r"\d{4,}", parts.path) is not None
        or re.search(r"(?:^|&)(?:id|p|article\w*|story\w*|nid)=\w+", parts.query) is not None
        or (re.search(r"\.s?html?$|\.php$|\.ece$", last) is not None and words >= 2)
    )


def link_title(anchor: HtmlElement) -> str:
    """Return the headline in a link: of its heading, its title element, or its first block that reads like one."""
    inner = list(anchor.iter(*_HEADINGS)) or [
        part for part in anchor.iter("span", "div", "p", "strong") if _TITLE_CLASS.search(part.get("class") or "")
    ]
    texts = [text for part in inner if (text := spaced_text(part))]
    if not texts:
        blocks = paragraphs_of(anchor)
        headlines = [text for text in blocks if reads_like_headline(text)] if len(blocks) > 1 else []
        texts = headlines or [spaced_text(anchor)]
    return _NUMBERING.sub("", texts[0])[:300]


def spaced_text(element: HtmlElement) -> str:
    """Return the text of `element`, with a space where one inner element ends and the next begins."""
    parts = [element_text(part) for part in element if isinstance(part.tag, str)]
    if len(parts) < 2 or any((part.tail or "").strip() for part in element) or (element.text or "").strip():
        return element_text(element)
    return " ".join(part for part in parts if part)


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


def reads_like_headline(text: str, words: int = 4) -> bool:
    """Return whether `text` has enough words, or characters where words aren't parted by spaces."""
    if _NO_HEADLINE.search(text):
        return False
    if _CJK.search(text):
        return len(text) >= 8
    return len(text) >= 12 and len(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text)) >= words


def _heading_level(anchor: HtmlElement) -> int:
    """Return the level of the heading around or inside the link, 9 for none."""
    for inner in anchor.iter(*_HEADINGS):
        return int(inner.tag[1])
    at: HtmlElement | None = anchor
    for _ in range(3):
        at = at.getparent() if at is not None else None
        if at is not None and at.tag in _HEADINGS:
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
        if at is not None and len({link.get("href") for link in at.iter("a")}) > 4:
            return False
    return False


def _prominence(entry: _Found, position: int) -> Prominence:
    if position == 1:
        return Prominence.LEAD
    return Prominence.GRID if entry.has_image or entry.heading <= 2 else Prominence.LIST
