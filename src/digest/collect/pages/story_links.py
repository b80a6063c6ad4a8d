"""Which links of a page are stories, and what they are called.

A story link leads to an address that looks like an article's and reads like a headline.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from digest.collect.links import registrable
from digest.collect.prose import element_text, folded, paragraphs_of

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
    r"|click (?:to|here)|share (?:on|via|this)|(?:e-?mail|print|tweet) this"
    r"|sign up|log in|subscribe|continue reading|mehr (?:zum|lesen)|leer más|lire la suite|leia mais)\b"
    r"|^\D{0,12}\d{1,2}[,.]? \d{4},? \d{1,2}[:.]\d\d",
    re.IGNORECASE,
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_KICKER_CLASS = re.compile(
    r"kicker|eyebrow|overline|label|category|section|topic|rubric|rubrik|dachzeile|badge|(?:^|[\s_-])tag(?:$|[\s_-])",
    re.IGNORECASE,
)
_KICKER_WORDS = 4
_LEAST_REST = 8  # letters of the headline behind a kicker
_TITLE_CLASS = re.compile(r"title|headline|heading", re.IGNORECASE)


def is_story_address(url: str, base: str) -> bool:
    """Return whether `url` can be an article of the site of `base`."""
    there, here = urlsplit(url), urlsplit(base)
    return registrable(there.hostname or "") == registrable(here.hostname or "") and can_be_story(url)


def can_be_story(url: str) -> bool:
    """Return whether an address may be a story's: not a front page, a listing, a form or a file."""
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
    """Return the headline in a link: the first that reads like one of its heading, its title element, its blocks.

    A kicker before it ("POLITICS", "Opinion") is left out, unless it leads into the headline with a colon.
    """
    inner = list(anchor.iter(*HEADINGS)) or [
        part for part in anchor.iter("span", "div", "p", "strong") if _TITLE_CLASS.search(part.get("class") or "")
    ]
    titles = [text for part in inner if (text := _without_kicker(part))]
    # "Port Ellery:" alone in the title's element is how the headline begins; what follows stands beside it.
    if not titles or titles[0].endswith(":"):
        blocks = paragraphs_of(anchor) if not titles else ()
        titles = [*(blocks if len(blocks) > 1 else ()), _without_kicker(anchor)]
        titles = [text for text in titles if reads_like_headline(text)] or titles[-1:]
    found = next((text for text in titles if reads_like_headline(text)), titles[0])
    # Where kicker, headline and teaser are one heading, the link's label for screen readers is the headline alone.
    label = " ".join((anchor.get("aria-label") or anchor.get("title") or "").split())
    if reads_like_headline(label) and len(label) < len(found) and folded(label) in folded(found):
        found = label
    return _NUMBERING.sub("", found)[:300]


def _without_kicker(element: HtmlElement) -> str:
    """Return the text of `element` without the label that stands before its headline."""
    text = _spaced_text(element)
    for part in element.iterdescendants("span", "div", "p", "strong", "small", "em", "b"):
        kicker = element_text(part)
        if not kicker:
            continue
        rest = text.removeprefix(kicker).strip(" |·•–—-")
        # "NATO" in bold before " ministers meet" is no label: the sentence runs on.
        runs_on = (part.tail or "")[:1].isspace() and bool((part.tail or "").strip())
        is_label = _KICKER_CLASS.search(part.get("class") or "") or (
            kicker.isupper() and not rest.isupper() and not runs_on
        )
        if text.startswith(kicker) and len(rest) >= _LEAST_REST:
            if is_label and len(kicker.split()) <= _KICKER_WORDS and not kicker.endswith(":"):
                return rest
            return text
    return text


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
