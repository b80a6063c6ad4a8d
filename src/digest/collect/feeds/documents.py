"""RSS, Atom, JSON Feed, and the posts of WordPress and Ghost → stories.

feedparser reads the XML dialects, broken ones too; it is asked neither to sanitize nor to resolve,
because text leaves here as plain text and links as absolute addresses by our own hand. What is
known to make it crawl is cut off before. `json_feeds` reads JSON Feed, `wordpress` and `ghost` their posts.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from digest.collect.dates import parse_date
from digest.collect.feeds.ghost import ghost_items
from digest.collect.feeds.items import FeedItem, first_section, language_tag, only_web, story_of
from digest.collect.feeds.json_feed import json_items
from digest.collect.feeds.plain import plain_feed_items
from digest.collect.feeds.wordpress import wordpress_items
from digest.errors import SourceError
from digest.model import Story

__all__ = ["feed_items", "parse_feed"]

_MAX_ITEMS = 1_000
# An archive may date its stories long ago, and they are old then; beyond, a zone moves a date off the calendar.
_FIRST_YEAR, _LAST_YEAR = 1900, 2100

# feedparser's time grows with the square of a tag's attributes (6 s at 200 KB) and of an author's
# length (feedparser#562): honest feeds have a dozen of the one and a line of the other.
_MAX_ATTRIBUTES = 200
_LONE = re.compile(rb"(?:<\?[^>]*>|<!--.*?-->|\s)*<(?:[\w-]+:)?(entry|item)[\s>]", re.DOTALL | re.IGNORECASE)
_LONG_TAG = re.compile(rb"<[A-Za-z!?][^<>]{2000,}")
_LONG_AUTHOR = re.compile(
    rb"(<((?:[\w-]+:)?(?:author|creator|managingEditor|webMaster|name|email|contributor))(?:\s[^<>]*)?>)[^<]{400,}?(?=</\2)"
)


def parse_feed(data: bytes | str, url: str, *, content_type: str = "") -> tuple[Story, ...]:
    """Return the feed's stories in its order, `position` from 1.

    Items without a title or a web link are left out; of two with one address the first stays.

    Args:
        data: The feed as served.
        url: Where it was served from: relative links are resolved against it.
        content_type: The header, for its charset (RFC 7303 §3.2: it outweighs the XML declaration).

    Raises:
        SourceError: it is no feed; says what it is instead, where that is plain.
    """
    stories: dict[str, Story] = {}
    for item in feed_items(data, url, content_type):
        story = story_of(item, url, len(stories) + 1)
        if story is not None and story.id not in stories:
            stories[story.id] = story
        if len(stories) == _MAX_ITEMS:
            break
    return tuple(stories.values())


def feed_items(data: bytes | str, url: str, content_type: str = "") -> Iterator[FeedItem]:
    """Return the feed's items as it has them, in its order; see `parse_feed`."""
    start = (data[:2000] if isinstance(data, bytes) else data[:2000].encode("utf-8", "replace")).lstrip(
        b"\xef\xbb\xbf \t\r\n\x00"
    )
    if not start:
        raise SourceError("is not a feed: it is empty.", "Check the address in a browser.")
    is_json = start.startswith((b"{", b"["))
    if is_json:
        return _json_items(data)
    plain = plain_feed_items(data, content_type) if isinstance(data, bytes) else None
    return iter(plain) if plain else _xml_items(data, url, content_type, start)


def _json_items(data: bytes | str) -> Iterator[FeedItem]:
    """Return the items of a JSON Feed, of a list of WordPress posts, or of Ghost's answer: told apart by shape."""
    text = data if isinstance(data, str) else data.decode("utf-8-sig", "replace")
    try:
        told = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise SourceError("is not a feed: it is JSON that can't be read.", "Check the address in a browser.") from None
    if isinstance(told, list):
        return wordpress_items(told)
    if isinstance(told, dict) and isinstance(told.get("posts"), list):
        return ghost_items(told["posts"])
    items = json_items(text)
    entries = (entry for entry in told["items"] if isinstance(entry, dict))
    return (replace(item, id=str(entry.get("id") or "")) for item, entry in zip(items, entries, strict=True))


def _xml_items(data: bytes | str, url: str, content_type: str, start: bytes) -> Iterator[FeedItem]:
    import feedparser

    if lone := _LONE.match(start):
        raise SourceError(
            f"is not a feed: it is a single <{lone[1].decode().lower()}> of one.",
            "Name the address of the feed that it belongs to.",
        )
    if isinstance(data, str):
        data, content_type = data.encode("utf-8", "replace"), "application/xml; charset=utf-8"
    headers = {"content-location": url}
    if "charset" in content_type.lower():
        headers["content-type"] = content_type
    try:
        parsed = feedparser.parse(
            io.BytesIO(_defused(data)), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        # It means never to raise, and does on what no feed holds (a reference to half a character).
        what = f"is not a feed that can be read: {type(error).__name__}: {str(error)[:80]}."
        raise SourceError(what, "Check the address in a browser.") from error
    if not parsed.get("version") and not parsed.entries:
        if re.search(rb"<!doctype html|<html[\s>]", start, re.IGNORECASE):
            raise SourceError(
                "is not a feed: it is an HTML page.",
                "Look in the page's source for a link of type application/rss+xml.",
            )
        raise SourceError("is not a feed: neither RSS, Atom nor JSON Feed.", "Check the address in a browser.")
    language = language_tag(parsed.feed.get("language", ""))
    return (_xml_item(entry, language) for entry in parsed.entries)


def _defused(data: bytes) -> bytes:
    """Return `data` without what makes feedparser take minutes.

    Raises:
        SourceError: a tag has more attributes than any feed has a use for.
    """
    for match in _LONG_TAG.finditer(data):
        if match[0].count(b"=") > _MAX_ATTRIBUTES:
            raise SourceError(
                f"is not a feed to be read: one of its tags has more than {_MAX_ATTRIBUTES} attributes.",
                "Check that its publisher's site is sound.",
            )
    return _LONG_AUTHOR.sub(rb"\1", data)


def _xml_item(entry: Any, language: str) -> FeedItem:
    contents = [part.get("value") or "" for part in entry.get("content", ())]
    content = max(contents, key=len, default="")
    summary = _text(entry, "summary")
    return FeedItem(
        link=_text(entry, "feedburner_origlink") or _text(entry, "link") or only_web(_text(entry, "id")),
        title=_text(entry, "title"),
        content=content,
        summary="" if summary == content else summary,
        authors=tuple(_text(author, "name") for author in entry.get("authors", ())) or (_text(entry, "author"),),
        section=first_section(tag.get("term") or tag.get("label") or "" for tag in entry.get("tags", ())),
        image=_xml_image(entry),
        published=_xml_date(entry, "published"),
        updated=_xml_date(entry, "updated"),
        language=language_tag((entry.get("title_detail") or {}).get("language") or "") or language,
        id=_text(entry, "id"),
    )


def _text(table: Mapping[str, Any], key: str) -> str:
    """Return a text of an entry; where elements overlap feedparser leaves None."""
    value = table.get(key)
    return value if isinstance(value, str) else ""


def _xml_date(entry: Any, name: str) -> datetime | None:
    # `in` before `[]`: asked for a missing "updated", feedparser answers with "published" and a warning.
    parsed = entry[f"{name}_parsed"] if f"{name}_parsed" in entry else None  # noqa: SIM401 - see above
    if parsed:
        year, month, day, hour, minute, second = parsed[:6]
        try:
            moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)  # 60 is a leap second
        except (ValueError, TypeError):
            return None
        return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None
    return parse_date(entry[name]) if name in entry and isinstance(entry[name], str) else None


def _xml_image(entry: Any) -> str:
    pictures = [
        (_number(media.get("width")), media.get("url", ""))
        for media in entry.get("media_content", ())
        if media.get("medium") == "image"
        or media.get("type", "").startswith("image/")
        or _looks_like_image(media.get("url", ""))
    ]
    if pictures:
        return str(max(pictures, key=lambda picture: picture[0])[1])
    for media in entry.get("media_thumbnail", ()):
        if media.get("url"):
            return str(media["url"])
    for link in entry.get("links", ()):
        if link.get("rel") == "enclosure" and link.get("type", "").startswith("image/"):
            return str(link.get("href", ""))
    image = entry.get("image")
    return str(image.get("href", "")) if isinstance(image, Mapping) else ""


def _looks_like_image(url: str) -> bool:
    return re.search(r"\.(?:jpe?g|png|webp|gif|avif)(?:[?#]|$)", url, re.IGNORECASE) is not None


def _number(text: Any) -> int:
    return int(text) if isinstance(text, str) and text.isdigit() and len(text) < 7 else 0
