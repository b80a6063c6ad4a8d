"""What an article page says about itself: JSON-LD, Open Graph, other meta elements, then its visible parts.

Each fact is taken from the first place that has it, in the order that publishers keep best: schema.org
JSON-LD (written for search engines, checked by them), Open Graph, plain meta, visible markup.
"""

from __future__ import annotations

import copy
import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from digest.canonical import canonical_url
from digest.collect.dates import parse_date
from digest.collect.feeds import web_address
from digest.collect.prose import element_text, plain_line

__all__ = ["Metadata", "read_metadata", "title_from_url"]

_ARTICLE_TYPES = re.compile(
    r"^(?:\w*Article|BlogPosting|LiveBlogPosting|\w*Posting|Report|Review|VideoObject|WebPage)$"
)
_MAX_JSON = 500_000
_BYLINE = re.compile(
    r"^(?:by|von|par|por|di|av|af|door|text|texte?|written by|posted by|view all posts by|autor|author)\s*:?\s+",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"^(?:admin|administrator|editor|staff|redaktion|redaction|redacción|redazione|none|null|unknown|undefined)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """Facts about an article; "" and None where the page doesn't say."""

    title: str = ""
    summary: str = ""
    authors: tuple[str, ...] = ()
    section: str = ""
    language: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    image_url: str = ""
    image_alt: str = ""
    image_credit: str = ""
    canonical_url: str = ""
    body: str = ""  # JSON-LD's articleBody, without paragraphs


def read_metadata(page: HtmlElement, url: str) -> Metadata:
    """Return what `page`, fetched from `url`, says about itself."""
    article = _article_object(page)
    meta = _meta_elements(page)
    image = _picture(article, meta, url)
    return Metadata(
        title=_title(page, article, meta),
        summary=plain_line(
            meta.get("og:description") or meta.get("description") or _text(article.get("description")), limit=1_000
        ),
        authors=_authors(page, article, meta),
        section=_section(article, meta),
        language=_language(page, article, meta),
        published_at=_published(page, article, meta, url),
        updated_at=_first_date(
            _text(article.get("dateModified")),
            *(
                meta.get(name, "")
                for name in ("article:modified_time", "og:updated_time", "last-modified", "datemodified")
            ),
        ),
        image_url=image,
        image_alt=plain_line(
            meta.get("og:image:alt") or meta.get("twitter:image:alt") or _alt_of(page, image), limit=300
        ),
        image_credit=plain_line(_credit(article), limit=200),
        canonical_url=_canonical(page, meta, url),
        body=plain_line(_text(article.get("articleBody")), limit=100_000),
    )


def title_from_url(url: str) -> str:
    """Return the words of the address's last segment: what a page without a title is called."""
    try:
        path = urlsplit(url).path
    except ValueError:
        path = ""
    segment = unquote(path.rstrip("/").rpartition("/")[2])
    words = re.sub(r"\.\w{2,5}$", "", segment)
    words = plain_line(re.sub(r"[-_+\s]+", " ", words), limit=200)
    return words[:1].upper() + words[1:] or url[:200] or "Untitled"


# --- where facts stand -----------------------------------------------------------------------


def _meta_elements(page: HtmlElement) -> dict[str, str]:
    """Return the first non-empty content of every meta element, by its name in lower case."""
    found: dict[str, str] = {}
    for element in page.iter("meta"):
        name = (
            element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv") or ""
        )
        content = (element.get("content") or "").strip()
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _article_object(page: HtmlElement) -> dict[str, Any]:
    """Return the JSON-LD object that describes the article; an article proper before a mere page or video."""
    objects = list(_json_objects(page))
    candidates = [node for node in objects if any(_ARTICLE_TYPES.match(kind) for kind in _types(node))]
    article = min(candidates, key=_object_rank, default={})
    named = {node["@id"]: node for node in objects if isinstance(node.get("@id"), str) and len(node) > 1}
    return {key: _resolved(value, named) for key, value in article.items()}


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
        any(kind in ("WebPage", "VideoObject", "Review") for kind in kinds),
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


# --- single facts ----------------------------------------------------------------------------


def _title(page: HtmlElement, article: dict[str, Any], meta: dict[str, str]) -> str:
    headings = [text for heading in page.iter("h1") if (text := element_text(heading)) and len(text) < 400]
    stated = [
        plain_line(text, limit=500)
        for text in (_text(article.get("headline")), meta.get("og:title", ""), meta.get("twitter:title", ""))
        if text.strip()
    ]
    document = next((plain_line(element.text or "", limit=500) for element in page.iter("title")), "")
    # The headline that readers see, if the page's own statements bear it out.
    for heading in headings:
        if any(_same_words(heading, text) for text in [*stated, document]):
            return heading
    if stated:
        return _without_site(stated[0], meta)
    if len(headings) == 1:
        return headings[0]
    return _without_site(document, meta) or (headings[0] if headings else "")


def _same_words(heading: str, text: str) -> bool:
    """Return whether `heading` is the same as `text`, or what is left of it without the site's name."""
    left, right = _folded(heading), _folded(text)
    return bool(left) and (left == right or (len(left) >= 12 and right.startswith(left)))


def _folded(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def _without_site(title: str, meta: dict[str, str]) -> str:
    """Return `title` without " | The Site" at its end."""
    site = _folded(meta.get("og:site_name", "") or meta.get("application-name", ""))
    match = re.match(r"(.{12,}\S)\s+[|·•»–—-]\s+([^|]{2,60})$", title)
    if match and (_folded(match[2]) == site or "|" in title):
        return match[1].strip()
    return title


def _authors(page: HtmlElement, article: dict[str, Any], meta: dict[str, str]) -> tuple[str, ...]:
    """Return who wrote it: people before the newsroom as a body, and that rather than nobody."""
    stated = article.get("author")
    site = _folded(meta.get("og:site_name", "") or next(_people(article.get("publisher")), ""))
    bodies: tuple[str, ...] = ()
    for names in (
        _people(stated, of_bodies=False),
        [meta.get("author", "")],
        [meta.get("article:author", "")],
        [
            meta.get(name, "")
            for name in ("parsely-author", "dc.creator", "sailthru.author", "byl", "cxenseparse:author")
        ],
        [meta.get("twitter:data1", "")] if _WRITTEN_BY.match(meta.get("twitter:label1", "")) else [],
        _visible_authors(page),
        _people(stated),
    ):
        found = clean_names(names)
        people = tuple(name for name in found if not site or _folded(name) != site)
        if people:
            return people
        bodies = bodies or found
    return bodies


def _people(value: Any, *, of_bodies: bool = True) -> Iterator[str]:
    for person in value if isinstance(value, list) else [value]:
        if isinstance(person, str):
            yield person
        elif isinstance(person, dict) and (of_bodies or "Organization" not in " ".join(_types(person))):
            name = person.get("name")
            yield from (part for part in (name if isinstance(name, list) else [name]) if isinstance(part, str))


# Yoast's card for Twitter names the author under such a label.
_WRITTEN_BY = re.compile(r"written|verfasst|escrito|écrit|scritto|geschreven|skrevet|skriven|napisane", re.IGNORECASE)
_AUTHOR_CLASS = re.compile(
    r"(?:^|[\s_-])(?:author|byline|autor|auteur|autore)(?:[\s_-]?(?:name|link|s))?(?:$|\s)", re.IGNORECASE
)


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


def _section(article: dict[str, Any], meta: dict[str, str]) -> str:
    value = article.get("articleSection")
    stated = next((_text(part) for part in (value if isinstance(value, list) else [value]) if _text(part)), "")
    return plain_line(
        stated
        or meta.get("article:section")
        or meta.get("section")
        or meta.get("parsely-section")
        or meta.get("cxenseparse:pageclass", ""),
        limit=80,
    )


def _language(page: HtmlElement, article: dict[str, Any], meta: dict[str, str]) -> str:
    for text in (
        page.get("lang"),
        page.get("{http://www.w3.org/XML/1998/namespace}lang"),
        _text(article.get("inLanguage")),
        meta.get("content-language"),
        meta.get("og:locale"),
    ):
        tag = (text or "").strip().replace("_", "-")
        if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag):
            return tag
    return ""


_PUBLISHED_META = (
    "article:published_time", "article:published", "og:article:published_time", "datepublished", "date", "dc.date", "dc.date.issued",
    "dcterms.created", "dcterms.date", "parsely-pub-date", "sailthru.date", "publish-date", "publication_date", "pubdate",
    "originalpublicationdate", "cxenseparse:recs:publishtime", "article.published", "published_at", "release_date", "rnews:datepublished", "dc:created", "displaydate",
)  # fmt: skip


def _published(page: HtmlElement, article: dict[str, Any], meta: dict[str, str], url: str) -> datetime | None:
    stated = _first_date(
        _text(article.get("datePublished")),
        *(meta.get(name, "") for name in _PUBLISHED_META),
        _text(article.get("dateCreated")),
    )
    if stated:
        return stated
    marked = page.xpath("//*[@itemprop='datePublished']")[:2] + page.xpath("//time[@pubdate or @datetime]")[:1]
    visible = _first_date(
        *(element.get("datetime") or element.get("content") or element_text(element) for element in marked)
    )
    return visible or _date_of_url(url) or _date_by_look(page)


def _date_by_look(page: HtmlElement) -> datetime | None:
    """Return the day that stands beside the headline or in the markup, by htmldate's rules; the last resort."""
    from htmldate import find_date

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    try:
        return parse_date(find_date(copy.deepcopy(page), extensive_search=False, original_date=True) or "")
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return None  # it is written for pages, and meets things that are none


def _date_of_url(url: str) -> datetime | None:
    match = re.search(r"/(20\d\d)[/-](\d{1,2})[/-](\d{1,2})(?:[/-]|$)", url)
    return parse_date("-".join(match.groups())) if match else None


def _first_date(*texts: str) -> datetime | None:
    return next((date for text in texts if text and (date := parse_date(text))), None)


def _picture(article: dict[str, Any], meta: dict[str, str], url: str) -> str:
    for address in (
        meta.get("og:image") or meta.get("og:image:url") or meta.get("og:image:secure_url", ""),
        next(_image_urls(article.get("image")), ""),
        meta.get("twitter:image") or meta.get("twitter:image:src", ""),
    ):
        if found := web_address(address, url):
            return found
    return ""


def _image_urls(value: Any) -> Iterator[str]:
    for image in value if isinstance(value, list) else [value]:
        if isinstance(image, dict):
            image = image.get("url") or image.get("contentUrl")
        if isinstance(image, str) and image:
            yield image


def _credit(article: dict[str, Any]) -> str:
    value = article.get("image")
    for image in value if isinstance(value, list) else [value]:
        if isinstance(image, dict):
            people = (
                *_people(image.get("creditText")),
                *_people(image.get("author")),
                *_people(image.get("copyrightHolder")),
            )
            if name := next((person for person in people if person), ""):
                return name
    return ""


def _alt_of(page: HtmlElement, image_url: str) -> str:
    """Return the alternative text of the picture that the page shows under the same file name."""
    name = image_url.rpartition("/")[2].partition("?")[0]
    if len(name) < 5:
        return ""
    return next((image.get("alt") or "" for image in page.iter("img") if name in (image.get("src") or "")), "")


def _canonical(page: HtmlElement, meta: dict[str, str], url: str) -> str:
    """Return the page's own canonical address, where it may speak for `url`: same site, and no home page."""
    links = [link.get("href") or "" for link in page.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    here = urlsplit(canonical_url(url))
    for address in (*links, meta.get("og:url", "")):
        stated = canonical_url(web_address(address, url))
        there = urlsplit(stated)
        is_home = there.path in ("", "/") and not there.query and here.path not in ("", "/")
        # A page from a file has no site of its own, and nothing but its word.
        is_same_site = site_of(there.hostname or "") == site_of(here.hostname or there.hostname or "")
        if there.hostname and is_same_site and not is_home:
            return stated
    return ""


def site_of(host: str) -> str:
    """Return `host` without the prefixes that name a view of the same site."""
    return re.sub(r"^(?:www\d?|m|mobile|amp|edition)\.", "", host.lower())


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    if isinstance(value, list):
        value = next((part for part in value if isinstance(part, str)), "")
    return value if isinstance(value, str) else ""
