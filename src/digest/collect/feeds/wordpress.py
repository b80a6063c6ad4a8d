"""Posts of a WordPress site by its REST API (developer.wordpress.org/rest-api/reference/posts) → feed items.

What `_embed` adds is read where it is there: author, featured picture, categories. Fetches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from digest.collect.dates import parse_date
from digest.collect.feeds.items import FeedItem, first_section
from digest.errors import SourceError

__all__ = ["PAGE_SIZE", "wordpress_items", "wordpress_page"]

PAGE_SIZE = 50  # posts of one request; the API gives at most 100
_ROUTE = "/wp-json/wp/v2/posts"


def wordpress_page(url: str, page: int, per_page: int, since: datetime | None = None) -> str:
    """Return the address of one page of the posts of the site at `url`, newest first, pages from 1.

    `url` may be the site's or that of the posts themselves, with a query of its own (`?categories=5`) or in
    the form of sites without readable addresses (`/?rest_route=/wp/v2/posts`).
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    path = parts.path
    if "/wp/v2/" not in path and "rest_route" not in query:
        path = path.rstrip("/") + _ROUTE
    query |= {"_embed": "author,wp:featuredmedia,wp:term", "per_page": str(per_page), "page": str(page)}
    if since is not None:
        query["modified_after"] = f"{since:%Y-%m-%dT%H:%M:%SZ}"
    return urlunsplit((parts.scheme, parts.netloc, path, urlencode(query, safe=",:/"), ""))


def wordpress_items(posts: list[Any]) -> Iterator[FeedItem]:
    """Yield the published posts of one answer.

    Raises:
        SourceError: the list is of something else.
    """
    if any(not isinstance(post, Mapping) or not {"link", "title"} <= post.keys() for post in posts):
        raise SourceError("is JSON, but no list of WordPress posts.", f"Their address ends in {_ROUTE}.")
    return (_item(post) for post in posts if post.get("status", "publish") == "publish")


def _item(post: Mapping[str, Any]) -> FeedItem:
    content, excerpt = _table(post, "content"), _table(post, "excerpt")
    embedded = _table(post, "_embedded")
    picture = next(_tables(embedded.get("wp:featuredmedia")), {})
    return FeedItem(
        link=_text(post, "link"),
        title=_rendered(post, "title"),
        # A post behind a password has an empty body, or the form that asks for it.
        content="" if content.get("protected") else _text(content, "rendered"),
        summary="" if excerpt.get("protected") else _text(excerpt, "rendered"),
        # Co-Authors Plus names all of them as terms; WordPress itself knows one.
        authors=tuple(_terms(embedded, "author")) or tuple(_text(by, "name") for by in _tables(embedded.get("author"))),
        section=first_section(_terms(embedded, "category")),
        image=_text(picture, "source_url") or _text(post, "jetpack_featured_media_url"),
        image_alt=_text(picture, "alt_text"),
        image_caption=_rendered(picture, "caption"),
        published=_date(post, "date"),
        updated=_date(post, "modified"),
        language="",
        id=_rendered(post, "guid"),
    )


def _terms(embedded: Mapping[str, Any], taxonomy: str) -> Iterator[str]:
    groups = embedded.get("wp:term")
    for group in groups if isinstance(groups, list) else ():
        yield from (_text(term, "name") for term in _tables(group) if term.get("taxonomy") == taxonomy)


def _date(post: Mapping[str, Any], name: str) -> datetime | None:
    """Return the date in UTC: `date_gmt` says no zone, and `date` alone is in the site's, which it doesn't say."""
    told = _text(post, f"{name}_gmt")
    return parse_date(f"{told}Z") if told and not told.startswith("0000") else parse_date(_text(post, name))


def _rendered(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    return _text(value, "rendered") if isinstance(value, Mapping) else _text(table, key)


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    return value if isinstance(value, str) else ""


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = table.get(key)
    return value if isinstance(value, Mapping) else {}


def _tables(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the tables of a list; an author or picture that may not be seen stands there as an error."""
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, Mapping) and not ("code" in entry and "message" in entry):
            yield entry
