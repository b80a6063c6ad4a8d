"""Which links of a page are stories, and what they are called.

A story link leads to an address that looks like an article's and reads like a headline.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from digest.collect.links import registrable
from digest.collect.prose import element_text, paragraphs_of

__all__ = ["HEADINGS", "can_be_story", "is_story_address", "link_title", "looks_like_article", "reads_like_headline"]

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_NO_STORY = re.compile(
    r"/(?:tags?|topics?|authors?|by|people|profile|category|categories|sections?|search|login|log-?in|sign-?(?:in|up)"
    r"|register|account|subscri\w*|newsletters?|about(?:-us)?|contact(?:-us)?|privacy\S*|terms\S*|cookies?\S*|help|faq"
    r"|jobs|careers|shop|store|advertis\w*|rss|feeds?|podcasts?|games?|crosswords?|weather|horoscopes?)/?$"
    r"|/(?:tags?|authors?|autor(?:es|en|in)?|auteurs?|firmas|profile|search|login|account|user|wp-admin|cdn-cgi)/",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|zip|css|js|xml|rss|json|ico)$", re.IGNORECASE)
_NUMBERING = re.compile(r"^(?:\d{1,2}\s*[.):]\s+|[•·▶►»*-]\s*)+")
# Calls to click, and the time of an update where a headline would stand.
_NO_HEADLINE = re.compile(
    r"^(?:listen to|watch the|see (?:all|more)|view (?:all|more)|read (?:more|the full)|show more|load more"
    r"|sign up|log in|subscribe|continue reading|mehr (?:zum|lesen)|leer más|lire la suite|leia mais)\b"
    r"|^\D{0,12}\d{1,2}[,.]? \d{4},? \d{1,2}[:.]\d\d",
    re.IGNORECASE,
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_TITLE_CLASS = re.compile(r"title|headline|heading", re.IGNORECASE)


def is_story_address(url: str, base: str) -> bool:
    """Return whether `url` can be an article of the site of `base`."""
    there, here = urlsplit(url), urlsplit(base)
    return registrable(there.hostname or "") == registrable(here.hostname or "") and can_be_story(url)


def can_be_story(url: str) -> bool:
    path = urlsplit(url).path.rstrip("/")
    return bool(path) and not _NO_STORY.search(path) and not _FILE.search(path)


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
    inner = list(anchor.iter(*HEADINGS)) or [
        part for part in anchor.iter("span", "div", "p", "strong") if _TITLE_CLASS.search(part.get("class") or "")
    ]
    texts = [text for part in inner if (text := _spaced_text(part))]
    if not texts:
        blocks = paragraphs_of(anchor)
        headlines = [text for text in blocks if reads_like_headline(text)] if len(blocks) > 1 else []
        texts = headlines or [_spaced_text(anchor)]
    return _NUMBERING.sub("", texts[0])[:300]


def _spaced_text(element: HtmlElement) -> str:
    """Return the text of `element`, with a space where one inner element ends and the next begins."""
    parts = [element_text(part) for part in element if isinstance(part.tag, str)]
    if len(parts) < 2 or any((part.tail or "").strip() for part in element) or (element.text or "").strip():
        return element_text(element)
    return " ".join(part for part in parts if part)


def reads_like_headline(text: str, words: int = 4) -> bool:
    """Return whether `text` has enough words, or characters where words aren't parted by spaces."""
    if _NO_HEADLINE.search(text):
        return False
    if _CJK.search(text):
        return len(text) >= 8
    return len(text) >= 12 and len(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text)) >= words
