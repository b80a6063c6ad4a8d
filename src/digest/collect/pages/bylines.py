"""Who wrote an article, by what its page states and by the line under its headline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from lxml.html import HtmlElement

from digest.collect.pages.headings import heading_text
from digest.collect.pages.linked_data import people_of
from digest.collect.prose import element_text, folded, plain_line

__all__ = ["clean_names", "read_authors"]

_BYLINE = re.compile(
    r"^(?:by|von|par|por|di|av|af|door|text|texte?|written by|posted by|view all posts by|autor|author)\s*:?\s+",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"^(?:admin|administrator|editor|staff|redaktion|redaction|redacción|redazione|none|null|unknown|undefined)$",
    re.IGNORECASE,
)
# Yoast's card for Twitter names the author under such a label.
_WRITTEN_BY = re.compile(r"written|verfasst|escrito|écrit|scritto|geschreven|skrevet|skriven|napisane", re.IGNORECASE)
# A firm, a society or an office: the publisher of the page, where an author is asked for.
_BODY = re.compile(
    r"\b(?:GmbH|e\.\s?V|AG|Inc|Ltd|LLC|Corp|S\.?p?\.?A|Verlag|Verband|Stiftung|Ministerium|University|Universität|Agency"
    r"|Agentur|Media|Newsroom|Editors?|Staff)\b",
)
# "gabor_munier": what somebody logs in as.
_ACCOUNT = re.compile(r"^[a-z0-9]+(?:[_.][a-z0-9]+)+$")
_NAME_PART = r"[A-ZÀ-ÖØ-Þ][\w'’.-]+"
_WORDED = re.compile(
    r"^(?i:by|(?:written|words|story|report) by|von|par|por|di|door|af|av|text(?:e|o)?(?: von| by| par| de)?"
    r"|author|autor(?:in|e|a)?|auteure?)\s*:?\s+"
    rf"(?P<name>{_NAME_PART}(?:\s+(?:(?:de|la|del|van|von|der|den|di|da|el|al|bin|dos|ten)\s+)*{_NAME_PART}){{1,3}})"
    r"(?=$|\s*[,;|(•·–—/-]|\s\d|\s(?:and|und|et|y|e|en|og)\s)"
)
_ELSEWHERE = frozenset(("nav", "aside", "footer", "li", "form", "figure"))
_NEAR = 300  # elements behind the headline among which a byline stands
_AUTHOR_CLASS = re.compile(
    r"(?:^|[\s_-])(?:author|byline|autor|auteur|autore)(?:[\s_-]?(?:name|link|s))?(?:$|\s)", re.IGNORECASE
)


def read_authors(page: HtmlElement, article: Mapping[str, Any], meta: Mapping[str, str], site: str) -> tuple[str, ...]:
    """Return who wrote it: people before the newsroom as a body, and that rather than nobody.

    Args:
        page: The page's root.
        article: What JSON-LD or microdata state.
        meta: The meta elements.
        site: What the site calls itself: no author, however it is stated.
    """
    stated = article.get("author") or article.get("creator")
    own = {folded(name) for name in (site, *people_of(article.get("publisher")))} - {""}
    bodies: tuple[str, ...] = ()
    for names in (
        people_of(stated, of_bodies=False),
        [meta.get("author", "")],
        [meta.get("article:author", "")],
        [
            meta.get(name, "")
            for name in (
                "parsely-author",
                "dc.creator",
                "sailthru.author",
                "byl",
                "cxenseparse:author",
                "articleauthor",
            )
        ],
        [meta.get("twitter:data1", "")] if _WRITTEN_BY.match(meta.get("twitter:label1", "")) else [],
        _visible_authors(page),
        _worded_author(page),
        people_of(stated),
    ):
        told = [name for name in names if folded(plain_line(name, limit=300)) not in own]
        found = tuple(name for name in clean_names(told) if folded(name) not in own)
        if found and not any(_BODY.search(name) or _ACCOUNT.match(name) for name in told):
            return found
        bodies = bodies or found
    return bodies or clean_names([site] if folded(site) in map(folded, people_of(stated)) else ())


def _visible_authors(page: HtmlElement) -> list[str]:
    """Return the names in what is marked as author or byline, of the first element that has one."""
    marked = page.xpath("//*[@rel='author' or contains(@itemprop, 'author')][not(self::meta or self::link)]")
    if not marked:
        candidates = page.iter("a", "span", "div", "p", "address")
        marked = [element for element in candidates if _AUTHOR_CLASS.search(element.get("class") or "")]
    for element in marked[:4]:
        # Several authors stand side by side.
        beside = [other for other in marked[:8] if other.getparent() is element.getparent()]
        names: list[str] = []
        for one in beside:
            links = [text for link in one.iter("a") if 2 < len(text := element_text(link)) < 60]
            text = element_text(one)
            names += links or ([text] if 2 < len(text) < 60 else [])
        if names:
            return names
    return []


def _worded_author(page: HtmlElement) -> list[str]:
    """Return the name in the first line behind the headline that begins with "By" and goes on with a name."""
    heading = next(page.iter("h1"), None)
    behind = (
        heading.xpath("following::*[self::p or self::div or self::span or self::em or self::address]")
        if (heading is not None)
        else []
    )
    for element in behind[:_NEAR]:
        match = _WORDED.match(heading_text(element))
        if match and not any(above.tag in _ELSEWHERE for above in element.iterancestors()):
            return [match["name"]]
    return []


def clean_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return person names without "By", addresses and doubles; several in one string are parted."""
    found: dict[str, None] = {}
    for name in names:
        line = _BYLINE.sub("", plain_line(name, limit=300))
        for part in re.split(r"\s*(?:,|;|\||\band\b|\bund\b|&)\s*", line) if line.count(" ") > 1 else [line]:
            # No addresses, no accounts, nothing in brackets, no times of day.
            part = re.sub(r"\S+@\S+|https?://\S+|@\w+|\(.*?(?:\)|$)|\s[-–|•].*$", "", part)
            part = _BYLINE.sub("", part).strip(" ()<>,;:-–|•")
            if 1 < len(part) < 80 and not _NO_NAME.match(part) and not re.search(r"\d{2}", part):
                found[part] = None
    return tuple(found)[:10]
