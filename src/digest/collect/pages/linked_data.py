"""JSON-LD on a page (schema.org): its objects, the one that is the article, and the values in it.

Read as leniently as search engines do: lists where one was meant, names where objects were, references
to objects elsewhere in the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lxml.html import HtmlElement

__all__ = ["article_object", "breadcrumbs", "image_urls", "linked_objects", "people_of", "text_of", "website_name"]

_ARTICLE_TYPES = re.compile(
    r"^(?:\w*Article|BlogPosting|LiveBlogPosting|\w*Posting|Report|Review|VideoObject|WebPage)$"
)
_MERE_PAGES = frozenset(("WebPage", "VideoObject", "Review"))
_MAX_JSON = 500_000


def linked_objects(page: HtmlElement) -> list[dict[str, Any]]:
    """Return the page's JSON-LD objects, those in lists and graphs included, in their order."""
    return list(_json_objects(page))


def article_object(
    objects: Sequence[dict[str, Any]], is_other: Callable[[dict[str, Any]], bool] | None = None
) -> dict[str, Any]:
    """Return the object that describes the page's article, {} when there is none.

    An article proper comes before a mere page or film, one with a headline and a date before one without,
    then the first.

    Args:
        objects: All of the page.
        is_other: Says of an object that it is another page's story: such are in lists of what to read next.
    """
    candidates = [node for node in objects if any(_ARTICLE_TYPES.match(kind) for kind in _types(node))]
    # The only one is the page's own, whatever address and headline it states.
    own = [node for node in candidates if len(candidates) == 1 or is_other is None or not is_other(node)]
    article = min(own, key=_object_rank, default={})
    named = {node["@id"]: node for node in objects if isinstance(node.get("@id"), str) and len(node) > 1}
    return {key: _resolved(value, named) for key, value in article.items()}


def website_name(objects: Sequence[dict[str, Any]]) -> str:
    """Return what the page's WebSite object, or its article's publisher, is called."""
    site = next((text_of(node.get("name")) for node in objects if "WebSite" in _types(node)), "")
    return site or next(people_of(article_object(objects).get("publisher")), "")


def breadcrumbs(objects: Sequence[dict[str, Any]]) -> list[str]:
    """Return the names on the way from the home page to this page, as a BreadcrumbList states them."""
    for node in objects:
        items = node.get("itemListElement")
        if "BreadcrumbList" not in _types(node) or not isinstance(items, list):
            continue
        names = [
            text_of(item.get("name")) or (text_of(item["item"]) if isinstance(item.get("item"), dict) else "")
            for item in items
            if isinstance(item, dict)
        ]
        if any(names):
            return [name for name in names if name]
    return []


def _resolved(value: Any, named: dict[str, dict[str, Any]]) -> Any:
    """Return `value` with a bare reference, {"@id": …}, replaced by the object of that id in the same page."""
    if isinstance(value, list):
        return [_resolved(part, named) for part in value]
    if isinstance(value, dict) and isinstance(value.get("@id"), str) and "name" not in value and "url" not in value:
        return {**named.get(value["@id"], {}), **value}
    return value


def _object_rank(node: dict[str, Any]) -> tuple[bool, bool, bool]:
    kinds = _types(node)
    return (
        any(kind in _MERE_PAGES for kind in kinds),
        not (node.get("headline") or node.get("name")),
        not node.get("datePublished"),
    )


def _json_objects(page: HtmlElement) -> Iterator[dict[str, Any]]:
    for script in page.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        text = (script.text or "")[:_MAX_JSON].strip().strip(";")
        text = re.sub(r"^\s*(?:<!--|/[*/]\s*<!\[CDATA\[\s*(?:\*/)?)|(?:-->|/[*/]\s*\]\]>\s*(?:\*/)?)\s*$", "", text)
        try:
            # Editors' tools let raw line feeds into strings: not JSON, but plain what is meant.
            parsed = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _objects_in(parsed)


def _objects_in(parsed: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of the top level, of lists, of @graph and of mainEntity."""
    waiting, seen = [(parsed, 0)], 0
    while waiting and seen < 500:
        node, depth = waiting.pop(0)
        seen += 1
        if isinstance(node, list) and depth < 5:
            waiting += [(part, depth + 1) for part in node]
        elif isinstance(node, dict):
            yield node
            if depth < 5:
                waiting += [
                    (node[key], depth + 1) for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in node
                ]


def _types(node: dict[str, Any]) -> list[str]:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return [kind.rpartition("/")[2] for kind in kinds if isinstance(kind, str)]


def people_of(value: Any, *, of_bodies: bool = True) -> Iterator[str]:
    """Yield the names in an `author` of schema.org, a text, a thing or a list of them."""
    for person in value if isinstance(value, list) else [value]:
        if isinstance(person, str):
            yield person
        elif isinstance(person, dict) and (of_bodies or "Organization" not in " ".join(_types(person))):
            name = person.get("name")
            yield from (part for part in (name if isinstance(name, list) else [name]) if isinstance(part, str))


def image_urls(value: Any) -> Iterator[str]:
    """Yield the addresses in an `image` of schema.org, a text, a thing or a list of them."""
    for image in value if isinstance(value, list) else [value]:
        if isinstance(image, dict):
            image = image.get("url") or image.get("contentUrl")
        if isinstance(image, str) and image:
            yield image


def text_of(value: Any) -> str:
    """Return a value of JSON-LD as text, "" when it is none."""
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    if isinstance(value, list):
        value = next((part for part in value if isinstance(part, str)), "")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # a date in seconds
    return value if isinstance(value, str) else ""
