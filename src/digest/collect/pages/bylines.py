"""Who wrote an article, by what its page states and by the line under its headline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from lxml.html import HtmlElement

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
_AUTHOR_CLASS = re.compile(
    r"(?:^|[\s_-])(?:author|byline|autor|auteur|autore)(?:[\s_-]?(?:name|link|s))?(?:$|\s)", re.IGNORECASE
)


def read_authors(page: HtmlElement, article: Mapping[str, Any], meta: Mapping[str, str]) -> tuple[str, ...]:
    """Return who wrote it: people before the newsroom as a body, and that rather than nobody."""
    stated = article.get("author")
    site = folded(meta.get("og:site_name", "") or next(people_of(article.get("publisher")), ""))
    bodies: tuple[str, ...] = ()
    for names in (
        people_of(stated, of_bodies=False),
        [meta.get("author", "")],
        [meta.get("article:author", "")],
        [
            meta.get(name, "")
            for name in ("parsely-author", "dc.creator", "sailthru.author", "byl", "cxenseparse:author")
        ],
        [meta.get("twitter:data1", "")] if _WRITTEN_BY.match(meta.get("twitter:label1", "")) else [],
        _visible_authors(page),
        people_of(stated),
    ):
        found = clean_names(names)
        people = tuple(name for name in found if not site or folded(name) != site)
        if people:
            return people
        bodies = bodies or found
    return bodies


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
