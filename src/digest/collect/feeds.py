"""RSS, Atom and JSON Feed → stories.

feedparser reads the XML dialects, broken ones too; it is asked neither to sanitize nor to resolve,
because text leaves here as plain text and links as absolute addresses by our own hand. What is
known to make it crawl is cut off before. JSON Feed 1.1 (jsonfeed.org) is read here.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from digest.collect.dates import parse_date
from digest.collect.prose import plain_line, plain_paragraphs
from digest.errors import SourceError
from digest.model import Story

__all__ = ["parse_feed"]

_MAX_ITEMS = 1_000
_MAX_TITLE, _MAX_SUMMARY = 500, 1_000
_FULL_TEXT = 800  # characters from which a lone description is the article, not its standfirst
_PARAGRAPH = "\n\n"

# feedparser's time grows with the square of a tag's attributes (6 s at 200 KB) and of an author's
# length (feedparser#562): honest feeds have a dozen of the one and a line of the other.
_MAX_ATTRIBUTES = 200
_LONG_TAG = re.compile(rb"<[A-Za-z!?][^<>]{2000,}")
_LONG_AUTHOR = re.compile(
    rb"(<((?:[\w-]+:)?(?:author|creator|managingEditor|webMaster|name|email|contributor))(?:\s[^<>]*)?>)[^<]{400,}?(?=</\2)"
)
_FURNITURE = re.compile(
    r"^(the post .{1,300} appeared first on .{1,200}|continue reading\b.{0,200}|read more\b.{0,80}|\[?(…|\.\.\.)\]?)$",
    re.IGNORECASE,
)
_NO_SECTION = frozenset(("uncategorized", "uncategorised", "allgemein", "sin categoría"))


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
    start = (data[:2000] if isinstance(data, bytes) else data[:2000].encode("utf-8", "replace")).lstrip(
        b"\xef\xbb\xbf \t\r\n\x00"
    )
    if not start:
        raise SourceError("is not a feed: it is empty.", "Check the address in a browser.")
    items = _json_items(data) if start.startswith(b"{") else _xml_items(data, url, content_type, start)
    stories: dict[str, Story] = {}
    for item in items:
        story = _story(item, url, len(stories) + 1)
        if story is not None and story.id not in stories:
            stories[story.id] = story
        if len(stories) == _MAX_ITEMS:
            break
    return tuple(stories.values())


class _Item:
    """One entry in the words of both formats, still as markup."""

    __slots__ = (
        "authors",
        "content",
        "image",
        "language",
        "link",
        "published",
        "section",
        "summary",
        "title",
        "updated",
    )

    def __init__(
        self,
        *,
        link: str,
        title: str,
        content: str,
        summary: str,
        authors: Iterable[str],
        section: str,
        image: str,
        published: datetime | None,
        updated: datetime | None,
        language: str,
    ) -> None:
        self.link, self.title, self.content, self.summary = link, title, content, summary
        self.authors, self.section, self.image = tuple(authors), section, image
        self.published, self.updated, self.language = published, updated, language


def _story(item: _Item, url: str, position: int) -> Story | None:
    link = web_address(item.link, url)
    title = plain_line(item.title, limit=_MAX_TITLE)
    if not link or not title:
        return None
    summary = _without_furniture(plain_paragraphs(item.summary))
    paragraphs = _without_furniture(plain_paragraphs(item.content)) if item.content else ()
    if not paragraphs and sum(map(len, summary)) >= _FULL_TEXT:
        paragraphs, summary = summary, summary[:1]
    # Atom may give only `updated`, RSS 1.0 only dc:date: the one date that there is.
    published = item.published or item.updated
    return Story(
        url=link,
        title=title,
        text=_PARAGRAPH.join(paragraphs),
        paragraphs=paragraphs,
        summary=_clip_words(" ".join(summary), _MAX_SUMMARY),
        authors=_names(item.authors),
        section=plain_line(item.section, limit=80),
        language=item.language,
        published_at=published,
        updated_at=item.updated,
        image_url=web_address(item.image, url) or _first_image(item.content or item.summary, url),
        position=position,
    )


# --- XML: RSS 0.9x, 1.0, 2.0, Atom ---------------------------------------------------------------


def _xml_items(data: bytes | str, url: str, content_type: str, start: bytes) -> Iterator[_Item]:
    import feedparser

    if isinstance(data, str):
        data, content_type = data.encode("utf-8", "replace"), "application/xml; charset=utf-8"
    headers = {"content-location": url}
    if "charset" in content_type.lower():
        headers["content-type"] = content_type
    parsed = feedparser.parse(
        io.BytesIO(_defused(data)), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if not parsed.get("version") and not parsed.entries:
        if re.search(rb"<!doctype html|<html[\s>]", start, re.IGNORECASE):
            raise SourceError(
                "is not a feed: it is an HTML page.",
                "Look in the page's source for a link of type application/rss+xml.",
            )
        raise SourceError("is not a feed: neither RSS, Atom nor JSON Feed.", "Check the address in a browser.")
    language = _language(parsed.feed.get("language", ""))
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


def _xml_item(entry: Any, language: str) -> _Item:
    contents = [part.get("value") or "" for part in entry.get("content", ())]
    content = max(contents, key=len, default="")
    summary = entry.get("summary", "")
    return _Item(
        link=entry.get("feedburner_origlink") or entry.get("link") or _only_web(entry.get("id", "")),
        title=entry.get("title", ""),
        content=content,
        summary="" if summary == content else summary,
        authors=[author.get("name", "") for author in entry.get("authors", ())] or [entry.get("author", "")],
        section=_first_section(tag.get("term") or tag.get("label") or "" for tag in entry.get("tags", ())),
        image=_xml_image(entry),
        published=_xml_date(entry, "published"),
        updated=_xml_date(entry, "updated"),
        language=_language((entry.get("title_detail") or {}).get("language") or "") or language,
    )


def _xml_date(entry: Any, name: str) -> datetime | None:
    # `in` before `[]`: asked for a missing "updated", feedparser answers with "published" and a warning.
    if f"{name}_parsed" in entry and entry[f"{name}_parsed"]:
        year, month, day, hour, minute, second = entry[f"{name}_parsed"][:6]
        try:
            return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)  # 60 is a leap second
        except (ValueError, TypeError):
            return None
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


# --- JSON Feed -----------------------------------------------------------------------------------


def _json_items(data: bytes | str) -> Iterator[_Item]:
    text = data if isinstance(data, str) else data.decode("utf-8-sig", "replace")
    try:
        feed = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise SourceError("is not a feed: it is JSON that can't be read.", "Check the address in a browser.") from None
    entries = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(entries, list):
        raise SourceError("is not a feed: it is JSON without a list of items.", "Check that it is a JSON Feed.")
    language = _language(_string(feed.get("language")))
    return (_json_item(entry, feed, language) for entry in entries if isinstance(entry, dict))


def _json_item(entry: dict[str, Any], feed: dict[str, Any], language: str) -> _Item:
    tags = entry.get("tags")
    people = entry.get("authors") or [entry.get("author")]
    if not any(isinstance(person, dict) for person in people if people):
        people = feed.get("authors") or [feed.get("author")]
    plain = _string(entry.get("content_text"))
    return _Item(
        link=_string(entry.get("url")) or _string(entry.get("external_url")) or _only_web(_string(entry.get("id"))),
        title=_string(entry.get("title")),
        content=_string(entry.get("content_html")) or plain.replace("&", "&amp;").replace("<", "&lt;"),
        summary=_string(entry.get("summary")),
        authors=[_string(person.get("name")) for person in people if isinstance(person, dict)],
        section=_first_section(_string(tag) for tag in tags) if isinstance(tags, list) else "",
        image=_string(entry.get("image")) or _string(entry.get("banner_image")),
        published=parse_date(_string(entry.get("date_published"))),
        updated=parse_date(_string(entry.get("date_modified"))),
        language=_language(_string(entry.get("language"))) or language,
    )


# --- shared by both ------------------------------------------------------------------------------


def web_address(link: str, url: str) -> str:
    """Return `link` as an absolute http(s) address, "" when it is none."""
    link = re.sub(r"[\x00-\x20\x7f]+", "", link) if link else ""
    if not link:
        return ""
    try:
        absolute = urljoin(url, link)
        parts = urlsplit(absolute)
        absolute.encode()  # a lone surrogate is in no address
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 80) > 0
    except ValueError:
        return ""
    return absolute if is_web and len(absolute) <= 2_000 else ""


def _only_web(text: str) -> str:
    return text if text.startswith(("http://", "https://")) else ""


def _without_furniture(paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(paragraph for paragraph in paragraphs if not _FURNITURE.match(paragraph))


def _names(authors: Iterable[str]) -> tuple[str, ...]:
    """Return names without addresses, brackets and "By"."""
    names: dict[str, None] = {}
    for author in authors:
        name = re.sub(r"\S+@\S+|^\s*by\s+", " ", plain_line(author, limit=200), flags=re.IGNORECASE).strip(" ()<>,;")
        if name and not name.startswith(("http://", "https://")):
            names[name] = None
    return tuple(names)[:10]


def _first_section(labels: Iterable[str]) -> str:
    return next((label for label in labels if label.strip() and label.strip().lower() not in _NO_SECTION), "")


def _first_image(markup: str, url: str) -> str:
    for match in re.finditer(r"""<img\b[^<>]{0,2000}?\bsrc\s*=\s*["']?([^"'\s<>]+)""", markup[:100_000], re.IGNORECASE):
        address = web_address(match[1].replace("&amp;", "&"), url)
        # Counters and social buttons are pictures too.
        if address and not re.search(
            r"pixel|/count|feedburner|feeds\.|doubleclick|/share|1x1|blank\.", address, re.IGNORECASE
        ):
            return address
    return ""


def _looks_like_image(url: str) -> bool:
    return re.search(r"\.(?:jpe?g|png|webp|gif|avif)(?:[?#]|$)", url, re.IGNORECASE) is not None


def _language(tag: str) -> str:
    return tag.strip() if re.fullmatch(r"\s*[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*\s*", tag) else ""


def _number(text: Any) -> int:
    return int(text) if isinstance(text, str) and text.isdigit() and len(text) < 7 else 0


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _clip_words(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rpartition(" ")[0] + "…"
