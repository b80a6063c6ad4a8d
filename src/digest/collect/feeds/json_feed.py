"""JSON Feed 1.1 (jsonfeed.org/version/1.1) → feed items."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from digest.collect.dates import parse_date
from digest.collect.feeds.items import FeedItem, first_section, language_tag, only_web
from digest.errors import SourceError

__all__ = ["json_items"]


def json_items(data: bytes | str) -> Iterator[FeedItem]:
    """Yield the items of a JSON Feed (jsonfeed.org, versions 1 and 1.1).

    Raises:
        SourceError: it is no JSON, or no feed.
    """
    text = data if isinstance(data, str) else data.decode("utf-8-sig", "replace")
    try:
        feed = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise SourceError("is not a feed: it is JSON that can't be read.", "Check the address in a browser.") from None
    entries = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(entries, list):
        raise SourceError("is not a feed: it is JSON without a list of items.", "Check that it is a JSON Feed.")
    language = language_tag(_string(feed.get("language")))
    return (_json_item(entry, feed, language) for entry in entries if isinstance(entry, dict))


def _json_item(entry: dict[str, Any], feed: dict[str, Any], language: str) -> FeedItem:
    tags = entry.get("tags")
    plain = _string(entry.get("content_text"))
    return FeedItem(
        link=_string(entry.get("url")) or _string(entry.get("external_url")) or only_web(_string(entry.get("id"))),
        title=_string(entry.get("title")),
        content=_string(entry.get("content_html")) or plain.replace("&", "&amp;").replace("<", "&lt;"),
        summary=_string(entry.get("summary")),
        authors=tuple(_string(person.get("name")) for person in _people(entry) or _people(feed)),
        section=first_section(_string(tag) for tag in tags) if isinstance(tags, list) else "",
        image=_string(entry.get("image")) or _string(entry.get("banner_image")),
        published=parse_date(_string(entry.get("date_published"))),
        updated=parse_date(_string(entry.get("date_modified"))),
        language=language_tag(_string(entry.get("language"))) or language,
    )


def _people(table: dict[str, Any]) -> list[dict[str, Any]]:
    """Return who wrote it: a list since version 1.1, one before."""
    authors = table.get("authors")
    people = authors if isinstance(authors, list) and authors else [table.get("author")]
    return [person for person in people if isinstance(person, dict)]


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
