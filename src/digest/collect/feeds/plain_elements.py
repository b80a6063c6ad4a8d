"""What one element of a plain feed gives to its item; at anything out of the ordinary it declines."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from digest.collect.dates import parse_date

__all__ = ["ATOM", "ATOM_ELEMENTS", "DC", "RSS_ELEMENTS", "Draft", "UncommonError", "text_of"]

ATOM, _MEDIA = "{http://www.w3.org/2005/Atom}", "{http://search.yahoo.com/mrss/}"
DC, _CONTENT = "{http://purl.org/dc/elements/1.1/}", "{http://purl.org/rss/1.0/modules/content/}"
_BURNER = "{http://rssnamespace.org/feedburner/ext/1.0}"
_RFC822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (?:19|20)\d\d"
    r" \d\d:\d\d:[0-5]\d (?:[+-](?:0\d|1[0-4])[0-5]\d|GMT|UTC)"
)
_RFC3339 = re.compile(r"(?:19|20)\d\d-\d\d-\d\dT\d\d:\d\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)")
_IMAGE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:[?#]|$)", re.IGNORECASE)


class UncommonError(Exception):
    """Something that is better left to feedparser."""


@dataclass(slots=True)
class Draft:
    """What was read of an item so far."""

    link: str = ""
    own_link: str = ""  # the publisher's own, where the feed's counts clicks
    guid: str = ""
    title: str | None = None
    summary: str | None = None
    contents: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    published: datetime | None = None
    updated: datetime | None = None
    pictures: list[tuple[int, str]] = field(default_factory=list)
    thumbnail: str = ""
    enclosure: str = ""


def text_of(element: Any) -> str:
    """Return the text of an element that has no others in it.

    Raises:
        UncommonError: it has others.
    """
    if len(element):
        raise UncommonError
    return (element.text or "").strip()


def _read_title(draft: Draft, element: Any) -> None:
    if draft.title is not None or element.get("type", "text") not in ("text", "html"):
        raise UncommonError
    draft.title = text_of(element)


def _read_link(draft: Draft, element: Any) -> None:
    text = text_of(element)
    if draft.link or not text or element.attrib or any(character.isspace() for character in text):
        raise UncommonError
    draft.link = text


def _read_own_link(draft: Draft, element: Any) -> None:
    draft.own_link = text_of(element)


def _read_guid(draft: Draft, element: Any) -> None:
    draft.guid = text_of(element)


def _read_summary(draft: Draft, element: Any) -> None:
    if draft.summary is not None or draft.contents or element.get("type", "html") not in ("text", "html"):
        raise UncommonError
    draft.summary = text_of(element)


def _read_content(draft: Draft, element: Any) -> None:
    if element.get("type", "html") not in ("text", "html") or element.get("src") is not None:
        raise UncommonError
    draft.contents.append(text_of(element))


def _read_author(draft: Draft, element: Any) -> None:
    """Take a name; where there is an address in it, feedparser tells the two apart."""
    text = text_of(element)
    if not text or re.search(r"[@<>()]", text):
        raise UncommonError
    draft.authors.append(text)


def _read_person(draft: Draft, element: Any) -> None:
    names = [text_of(child) for child in element if child.tag == f"{ATOM}name"]
    if len(names) != 1 or not names[0] or re.search(r"[@<>()]", names[0]):
        raise UncommonError
    draft.authors.append(names[0])


def _read_category(draft: Draft, element: Any) -> None:
    draft.tags.append(text_of(element))


def _read_term(draft: Draft, element: Any) -> None:
    draft.tags.append(element.get("term") or element.get("label") or "")


def _read_published(draft: Draft, element: Any) -> None:
    draft.published = _date(draft.published, element)


def _read_updated(draft: Draft, element: Any) -> None:
    draft.updated = _date(draft.updated, element)


def _date(held: datetime | None, element: Any) -> datetime | None:
    text = text_of(element)
    date = parse_date(text) if _RFC822.fullmatch(text) or _RFC3339.fullmatch(text) else None
    if held is not None or date is None:
        raise UncommonError
    return date.replace(microsecond=0)


def _read_enclosure(draft: Draft, element: Any) -> None:
    if element.get("type", "").startswith("image/") and not draft.enclosure:
        draft.enclosure = element.get("url", "")


def _read_atom_link(draft: Draft, element: Any) -> None:
    relation, kind = element.get("rel", "alternate"), element.get("type", "")
    if relation == "alternate":
        if draft.link or kind not in ("", "text/html") or not element.get("href"):
            raise UncommonError
        draft.link = element.get("href")
    elif relation == "enclosure" and kind.startswith("image/") and not draft.enclosure:
        draft.enclosure = element.get("href", "")


def _read_other_link(_: Draft, element: Any) -> None:
    """Pass over an Atom link inside RSS that leads to no other page for the story."""
    if element.get("rel", "alternate") not in ("self", "replies", "edit", "hub"):
        raise UncommonError


def _read_media(draft: Draft, element: Any) -> None:
    for part in element.iter():
        if part.tag == f"{_MEDIA}content":
            url, width = part.get("url", ""), part.get("width", "")
            is_image = (
                part.get("medium") == "image"
                or part.get("type", "").startswith("image/")
                or _IMAGE.search(url) is not None
            )
            if is_image:
                draft.pictures.append((int(width) if width.isdigit() and len(width) < 7 else 0, url))
        elif part.tag == f"{_MEDIA}thumbnail":
            draft.thumbnail = draft.thumbnail or part.get("url", "")
        elif part.tag not in _SILENT_MEDIA:
            raise UncommonError


def _pass_over(_: Draft, element: Any) -> None:
    """Read nothing."""


_SILENT_MEDIA = frozenset(f"{_MEDIA}{name}" for name in ("group", "credit", "copyright", "rating", "keywords"))
RSS_ELEMENTS: dict[str, Callable[[Draft, Any], None]] = {
    "title": _read_title,
    "link": _read_link,
    "guid": _read_guid,
    "description": _read_summary,
    "pubDate": _read_published,
    "category": _read_category,
    "author": _read_author,
    "enclosure": _read_enclosure,
    "comments": _pass_over,
    f"{DC}creator": _read_author,
    f"{DC}date": _read_updated,
    f"{_CONTENT}encoded": _read_content,
    f"{ATOM}link": _read_other_link,
    f"{ATOM}updated": _read_updated,
    f"{_BURNER}origLink": _read_own_link,
    f"{_MEDIA}content": _read_media,
    f"{_MEDIA}group": _read_media,
    f"{_MEDIA}thumbnail": _read_media,
    f"{_MEDIA}credit": _pass_over,
}
ATOM_ELEMENTS: dict[str, Callable[[Draft, Any], None]] = {
    f"{ATOM}title": _read_title,
    f"{ATOM}link": _read_atom_link,
    f"{ATOM}id": _read_guid,
    f"{ATOM}summary": _read_summary,
    f"{ATOM}content": _read_content,
    f"{ATOM}published": _read_published,
    f"{ATOM}updated": _read_updated,
    f"{ATOM}author": _read_person,
    f"{ATOM}category": _read_term,
    f"{ATOM}rights": _pass_over,
    f"{_BURNER}origLink": _read_own_link,
    f"{_MEDIA}content": _read_media,
    f"{_MEDIA}group": _read_media,
    f"{_MEDIA}thumbnail": _read_media,
}
