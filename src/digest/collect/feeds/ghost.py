"""Posts of a Ghost site by its Content API (docs.ghost.org/content-api/posts) → feed items. Fetches nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from digest.collect.dates import parse_date
from digest.collect.feeds.items import FeedItem, first_section

__all__ = ["PAGE_SIZE", "ghost_items", "ghost_page"]

PAGE_SIZE = 50  # posts of one request; since Ghost 6 the API gives at most 100
_ROUTE = "/ghost/api/content/posts/"


def ghost_page(url: str, key: str, page: int, per_page: int, since: datetime | None = None) -> str:
    """Return the address of one page of the posts of the site at `url`, newest first, pages from 1.

    The address holds the key: it is shown to nobody.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    path = parts.path if "/ghost/api/" in parts.path else parts.path.rstrip("/") + _ROUTE
    query |= {"key": key, "include": "tags,authors", "formats": "html", "limit": str(per_page), "page": str(page)}
    if since is not None:
        fresh = f"updated_at:>='{since.astimezone(UTC):%Y-%m-%d %H:%M:%S}'"
        query["filter"] = f"{query['filter']}+{fresh}" if query.get("filter") else fresh
    return urlunsplit((parts.scheme, parts.netloc, path, urlencode(query, safe=","), ""))


def ghost_items(posts: list[Any]) -> Iterator[FeedItem]:
    """Yield the posts of one answer."""
    return (_item(post) for post in posts if isinstance(post, Mapping))


def _item(post: Mapping[str, Any]) -> FeedItem:
    tags = [tag for tag in _tables(post.get("tags")) if tag.get("visibility", "public") == "public"]
    primary = post.get("primary_tag")
    people = list(_tables(post.get("authors"))) or list(_tables([post.get("primary_author")]))
    return FeedItem(
        link=_text(post, "url"),
        title=_escaped(_text(post, "title")),
        # A post for members is cut at its offer to join; what is there is its beginning.
        content=_text(post, "html"),
        summary=_escaped(_text(post, "custom_excerpt") or _text(post, "excerpt")),
        authors=tuple(_text(person, "name") for person in people),
        section=first_section(_text(tag, "name") for tag in (*_tables([primary]), *tags)),
        image=_text(post, "feature_image"),
        image_alt=_text(post, "feature_image_alt"),
        image_caption=_text(post, "feature_image_caption"),
        published=parse_date(_text(post, "published_at")),
        updated=parse_date(_text(post, "updated_at")),
        language="",
        id=_text(post, "id"),
    )


def _escaped(text: str) -> str:
    """Return plain text as the markup that says it: Ghost's titles and excerpts are no HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    return value if isinstance(value, str) else ""


def _tables(value: Any) -> Iterator[Mapping[str, Any]]:
    return (entry for entry in (value if isinstance(value, list) else ()) if isinstance(entry, Mapping))
