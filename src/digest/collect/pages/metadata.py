"""What an article page says about itself: JSON-LD, Open Graph, other meta elements, then its visible parts.

Each fact is taken from the first place that has it, in the order that publishers keep best: schema.org
JSON-LD (written for search engines, checked by them), Open Graph, plain meta, visible markup.
"""

from __future__ import annotations

import copy
import logging
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from digest.canonical import canonical_url
from digest.collect.dates import parse_date
from digest.collect.links import site_of, web_address
from digest.collect.pages.bylines import read_authors
from digest.collect.pages.linked_data import article_object, image_urls, people_of, text_of
from digest.collect.prose import element_text, folded, plain_line

__all__ = ["Metadata", "read_metadata"]


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
    article = article_object(page)
    meta = _meta_elements(page)
    image = _picture(article, meta, url)
    return Metadata(
        title=_title(page, article, meta),
        summary=plain_line(
            meta.get("og:description") or meta.get("description") or text_of(article.get("description")), limit=1_000
        ),
        authors=read_authors(page, article, meta),
        section=_section(article, meta),
        language=_language(page, article, meta),
        published_at=_published(page, article, meta, url),
        updated_at=_first_date(
            text_of(article.get("dateModified")),
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
        body=plain_line(text_of(article.get("articleBody")), limit=100_000),
    )


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


# --- single facts ----------------------------------------------------------------------------


def _title(page: HtmlElement, article: dict[str, Any], meta: dict[str, str]) -> str:
    headings = [text for heading in page.iter("h1") if (text := element_text(heading)) and len(text) < 400]
    stated = [
        plain_line(text, limit=500)
        for text in (text_of(article.get("headline")), meta.get("og:title", ""), meta.get("twitter:title", ""))
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
    left, right = folded(heading), folded(text)
    return bool(left) and (left == right or (len(left) >= 12 and right.startswith(left)))


def _without_site(title: str, meta: dict[str, str]) -> str:
    """Return `title` without " | The Site" at its end."""
    site = folded(meta.get("og:site_name", "") or meta.get("application-name", ""))
    match = re.match(r"(.{12,}\S)\s+[|·•»–—-]\s+([^|]{2,60})$", title)
    if match and (folded(match[2]) == site or "|" in title):
        return match[1].strip()
    return title


def _section(article: dict[str, Any], meta: dict[str, str]) -> str:
    value = article.get("articleSection")
    stated = next((text_of(part) for part in (value if isinstance(value, list) else [value]) if text_of(part)), "")
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
        text_of(article.get("inLanguage")),
        meta.get("content-language"),
        meta.get("og:locale"),
    ):
        tag = (text or "").strip().replace("_", "-")
        if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag):
            return tag
    return ""


_PUBLISHED_META = tuple(
    """
    article:published_time article:published og:article:published_time datepublished date dc.date dc.date.issued
    dcterms.created dcterms.date parsely-pub-date sailthru.date publish-date pubdate publication_date
    originalpublicationdate cxenseparse:recs:publishtime article.published published_at release_date
    rnews:datepublished dc:created displaydate
    """.split()
)


def _published(page: HtmlElement, article: dict[str, Any], meta: dict[str, str], url: str) -> datetime | None:
    stated = _first_date(
        text_of(article.get("datePublished")),
        *(meta.get(name, "") for name in _PUBLISHED_META),
        text_of(article.get("dateCreated")),
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
        next(image_urls(article.get("image")), ""),
        meta.get("twitter:image") or meta.get("twitter:image:src", ""),
    ):
        if found := web_address(address, url):
            return found
    return ""


def _credit(article: dict[str, Any]) -> str:
    value = article.get("image")
    for image in value if isinstance(value, list) else [value]:
        if isinstance(image, dict):
            people = (
                *people_of(image.get("creditText")),
                *people_of(image.get("author")),
                *people_of(image.get("copyrightHolder")),
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
