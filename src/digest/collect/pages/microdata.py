"""Microdata on a page (html.spec.whatwg.org/multipage/microdata.html): the article that is marked up in its elements.

Comes out in the shape of JSON-LD, so that both are read by the same hands. Only what a story needs is
read, and the text of the article is not: it is found where it stands.
"""

from __future__ import annotations

import re
from typing import Any

from lxml.html import HtmlElement

from digest.collect.prose import element_text

__all__ = ["marked_article"]

_ARTICLE = re.compile(r"/(?:\w*Article|\w*Posting|Report|Review)/?$")
_WANTED = frozenset(
    """
    headline name datePublished dateModified dateCreated author creator publisher image articleSection description
    inLanguage url contentUrl creditText copyrightHolder caption
    """.split()
)
_SEVERAL = frozenset(("author", "image"))
_MAX_MARKED = 2_000  # elements with a property, of one page
_MAX_DEPTH = 3  # of things within things: an article's publisher's logo


def marked_article(page: HtmlElement) -> dict[str, Any]:
    """Return the page's article as its microdata tells it; {} where there is none.

    Of several, as on pages that end in cards of other stories, it is the one around the page's h1, then the first.
    """
    scopes = [
        element for element in page.xpath("//*[@itemscope][@itemtype]") if _ARTICLE.search(element.get("itemtype"))
    ]
    if not scopes:
        return {}
    own = next((scope for scope in scopes if next(scope.iter("h1"), None) is not None), scopes[0])
    properties: dict[HtmlElement | None, list[HtmlElement]] = {}
    for element in page.xpath("//*[@itemprop]")[:_MAX_MARKED]:
        scope = next((above for above in element.iterancestors() if above.get("itemscope") is not None), None)
        properties.setdefault(scope, []).append(element)
    return _thing(own, properties, 0)


def _thing(scope: HtmlElement, properties: dict[HtmlElement | None, list[HtmlElement]], depth: int) -> dict[str, Any]:
    """Return the properties of `scope` by their names; the first of each, all of those that there may be several of."""
    found: dict[str, Any] = {"@type": (scope.get("itemtype") or "").rstrip("/").rpartition("/")[2]}
    for element in properties.get(scope, ()):
        for name in _WANTED.intersection((element.get("itemprop") or "").split()):
            is_thing = element.get("itemscope") is not None and depth < _MAX_DEPTH
            value = _thing(element, properties, depth + 1) if is_thing else _value(element, name)
            if name in _SEVERAL and value:
                found.setdefault(name, []).append(value)
            elif value:
                found.setdefault(name, value)
    return found


def _value(element: HtmlElement, name: str) -> str:
    """Return the value of a property, by the element that has it."""
    for attribute in ("content", "datetime", "src", "data-src"):
        if value := (element.get(attribute) or "").strip():
            return value
    if name in ("url", "image", "contentUrl") and element.get("href"):
        return (element.get("href") or "").strip()
    return element_text(element)[:1_000]
