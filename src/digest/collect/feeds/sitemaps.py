"""XML sitemaps (sitemaps.org), Google News sitemaps and plain-text ones → stories.

A sitemap index is not followed here: `sitemap_index_urls` names its children, newest first.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Any

from lxml import etree

from digest.collect.dates import parse_date
from digest.collect.feeds.items import language_tag
from digest.collect.links import title_from_url, web_address
from digest.collect.prose import plain_line
from digest.collect.unpacking import OversizedError, unpacked
from digest.errors import SourceError
from digest.model import Story

__all__ = ["parse_sitemap", "sitemap_index_urls"]

_MAX_XML_BYTES = 50 * 1024 * 1024  # the protocol's own limit for one file
_MAX_STORIES = 1_000
_GZIP = b"\x1f\x8b"


def parse_sitemap(data: bytes | str, url: str) -> tuple[Story, ...]:
    """Return the sitemap's pages, newest first; those without a date keep their order at the end.

    A page without a news title is called after its address until it is read. An index gives nothing.

    Raises:
        SourceError: it is no sitemap.
    """
    root = _root(data)
    stories: dict[str, Story] = {}
    for story in _plain_stories(data, url) if root is None else _xml_stories(root, url):
        stories.setdefault(story.id, story)
    dated = sorted(
        (story for story in stories.values() if story.published_at or story.updated_at),
        key=lambda story: (story.published_at or story.updated_at).timestamp(),  # type: ignore[union-attr]  # filtered above
        reverse=True,
    )
    ordered = (*dated, *(story for story in stories.values() if not (story.published_at or story.updated_at)))
    return tuple(_placed(story, position) for position, story in enumerate(ordered[:_MAX_STORIES], 1))


def sitemap_index_urls(data: bytes | str, url: str) -> tuple[str, ...]:
    """Return the sitemaps that an index names, newest first; () when it is no index.

    Raises:
        SourceError: it is no sitemap.
    """
    root = _root(data)
    if root is None or _name(root) != "sitemapindex":
        return ()
    found = []
    for entry in root:
        fields = _fields(entry)
        if address := web_address(fields.get("loc", ""), url):
            date = parse_date(fields.get("lastmod", ""))
            # News sitemaps carry no lastmod and are what is wanted most.
            found.append((not re.search("news", address, re.IGNORECASE), -date.timestamp() if date else 0.0, address))
    return tuple(dict.fromkeys(address for *_, address in sorted(found, key=lambda child: child[:2])))


def _placed(story: Story, position: int) -> Story:
    from dataclasses import replace

    return replace(story, position=position)


def _root(data: bytes | str) -> Any:
    """Return the XML root, or None for a list of plain addresses."""
    raw = _unzipped(data.encode("utf-8", "replace") if isinstance(data, str) else data)
    text = raw.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text:
        raise SourceError("is not a sitemap: it is empty.", "Check the address in a browser.")
    if re.match(rb"https?://\S+\s", text[:2000] + b"\n"):
        return None
    # No entities but XML's own, nothing loaded, libxml2's limits on depth and size.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(text, parser)
    except (etree.LxmlError, ValueError):
        root = None
    if root is None or _name(root) not in ("urlset", "sitemapindex"):
        raise SourceError(
            "is not a sitemap: it has neither <urlset> nor <sitemapindex>.",
            'The site\'s robots.txt names its sitemaps; a feed is of kind "feed".',
        )
    return root


def _unzipped(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    try:
        return unpacked([data], "gzip", most=_MAX_XML_BYTES)
    except zlib.error as error:
        raise SourceError("is a .gz file that is damaged or cut off.", "Check the address.") from error
    except OversizedError as error:
        raise SourceError(
            f"unpacks to more than {_MAX_XML_BYTES // (1024 * 1024)} MB.", "Name one of its parts instead."
        ) from error


def _plain_stories(data: bytes | str, url: str) -> Iterator[Story]:
    raw = _unzipped(data.encode("utf-8", "replace") if isinstance(data, str) else data)
    for line in raw.decode("utf-8-sig", "replace").splitlines():
        if line.strip().startswith("http") and (address := web_address(line, url)):
            yield Story(url=address, title=title_from_url(address))


def _xml_stories(root: Any, url: str) -> Iterator[Story]:
    if _name(root) != "urlset":
        return
    for entry in root:
        if _name(entry) != "url":
            continue
        fields = _fields(entry)
        address = web_address(fields.get("loc", ""), url)
        if not address:
            continue
        yield Story(
            url=address,
            title=plain_line(fields.get("news:title", ""), limit=500) or title_from_url(address),
            language=language_tag(fields.get("news:language", "")),
            published_at=parse_date(fields.get("news:publication_date", "")),
            updated_at=parse_date(fields.get("lastmod", "")),
            image_url=web_address(fields.get("image:loc", ""), url),
        )


def _fields(entry: Any) -> dict[str, str]:
    """Return the first text of each element below `entry`; those of <news> and <image> with that prefix."""
    fields: dict[str, str] = {}
    for element in entry.iter():
        if element is entry or not _name(element):
            continue
        within = {_name(above) for above in element.iterancestors() if above is not entry}
        prefix = next((f"{name}:" for name in ("news", "image", "video", "publication") if name in within), "")
        if "publication" in within and _name(element) == "language":
            prefix = "news:"
        fields.setdefault(prefix + _name(element), _text(element))
    return fields


def _text(element: Any) -> str:
    try:
        return (element.text or "").strip()
    except UnicodeDecodeError:  # half a character: libxml2 lets it pass, Python doesn't
        return ""


def _name(element: Any) -> str:
    try:
        return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
    except UnicodeDecodeError:
        return ""
