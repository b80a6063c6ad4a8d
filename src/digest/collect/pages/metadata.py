"""What an article page says about itself: JSON-LD, microdata, Open Graph, other meta elements, its visible parts.

Which of them is believed, fact by fact; docs/articles.md has the reasons:

    article       JSON-LD's object of this page (another's headline and address: not it), gaps from microdata
    title         the visible headline where a statement bears it out: `titles`
    summary       og:description, meta description, the article's
    authors       people before bodies, stated before shown, the site's own name last: `bylines`
    section       the article's, meta, the last breadcrumb before the page
    language      the html element's, the article's, meta
    dates         the article's, meta, marked up, shown, the address's; the earlier where the first is the update's:
                  `page_dates`
    image         og:image, the article's, twitter:image; logos last: `pictures`
    address       link rel=canonical, og:url, on this page's own host only; an AMP cache speaks for the host it names
    site's name   og:site_name, application-name, WebSite and publisher, what the document's title ends in
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from digest.canonical import canonical_url
from digest.collect.links import site_of, web_address
from digest.collect.pages.bylines import read_authors
from digest.collect.pages.linked_data import article_object, breadcrumbs, linked_objects, text_of, website_name
from digest.collect.pages.microdata import marked_article
from digest.collect.pages.page_dates import read_dates
from digest.collect.pages.pictures import read_picture
from digest.collect.pages.titles import headline, site_behind
from digest.collect.prose import element_text, folded, plain_line

__all__ = ["Metadata", "read_metadata"]

_MAX_HEADING = 400
_AMP_CACHE = re.compile(
    r"^https?://(?:[\w-]+\.cdn\.ampproject\.org/[a-z]+|(?:www\.)?google\.[a-z.]{2,6}/amp|[\w.-]*bing-amp\.com/c)"
    r"/(?P<secure>s/)?(?P<rest>[\w-]+(?:\.[\w-]+)+/.*)$",
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
    site_name: str = ""
    body: str = ""  # JSON-LD's articleBody, without paragraphs


def read_metadata(page: HtmlElement, url: str) -> Metadata:
    """Return what `page`, fetched from `url`, says about itself."""
    served, url = url, _behind_amp_cache(url)
    meta = _meta_elements(page)
    headings = [text for heading in page.iter("h1") if (text := element_text(heading)) and len(text) < _MAX_HEADING]
    document = next((plain_line(element.text or "", limit=500) for element in page.iter("title")), "")
    canonical = _canonical(page, meta, url)
    objects = linked_objects(page)
    shown = {folded(text) for text in (*headings, meta.get("og:title", ""), meta.get("twitter:title", ""), document)}

    def is_other(node: dict[str, Any]) -> bool:
        return _is_of_another_page(node, shown, {canonical, canonical_url(url)}, url)

    article = {
        **marked_article(page),
        **{key: value for key, value in article_object(objects, is_other).items() if value},
    }
    site = plain_line(meta.get("og:site_name") or meta.get("application-name") or website_name(objects), limit=80)
    stated = [
        plain_line(text, limit=500)
        for text in (text_of(article.get("headline")), meta.get("og:title", ""), meta.get("twitter:title", ""))
        if text.strip()
    ]
    title = headline(headings or _marked_headlines(page), stated, document, site)
    site = site or site_behind(document, title)
    published, updated = read_dates(page, article, meta, url)
    picture = read_picture(page, article, meta, url)
    return Metadata(
        title=title,
        summary=plain_line(
            meta.get("og:description") or meta.get("description") or text_of(article.get("description")), limit=1_000
        ),
        authors=read_authors(page, article, meta, site),
        section=_section(article, meta, breadcrumbs(objects), title),
        language=_language(page, article, meta),
        published_at=published,
        updated_at=updated,
        image_url=picture.url,
        image_alt=picture.alt,
        image_credit=picture.credit,
        canonical_url=canonical or (url if url != served else ""),
        site_name=site,
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


def _marked_headlines(page: HtmlElement) -> list[str]:
    """Return what microdata marks as the headline, for pages without an h1."""
    marked = page.xpath("//*[@itemprop='headline'][not(self::meta)]")[:1]
    return [text for element in marked if (text := element_text(element)) and len(text) < _MAX_HEADING]


def _is_of_another_page(node: Mapping[str, Any], shown: set[str], addresses: set[str], url: str) -> bool:
    """Return whether a JSON-LD object tells of another page: by its address and by a headline not shown here."""
    page = node.get("mainEntityOfPage")
    told = [node.get("url"), node.get("@id"), page.get("@id") if isinstance(page, dict) else page]
    stated = {
        canonical_url(found).partition("#")[0]
        for address in told
        if isinstance(address, str) and "/" in address and (found := web_address(address, url))
    }
    line = folded(text_of(node.get("headline")) or text_of(node.get("name")))
    if not stated or not line or stated & addresses:
        return False
    return not any(line == text or text.startswith(line) for text in shown if text)


# --- single facts ----------------------------------------------------------------------------


def _section(article: Mapping[str, Any], meta: Mapping[str, str], crumbs: Sequence[str], title: str) -> str:
    value = article.get("articleSection")
    stated = next((text_of(part) for part in (value if isinstance(value, list) else [value]) if text_of(part)), "")
    if stated.count(",") > 1:
        stated = stated.partition(",")[0]  # all of its sections in one string, the foremost first
    return plain_line(
        stated
        or meta.get("article:section")
        or meta.get("section")
        or meta.get("parsely-section")
        or meta.get("cxenseparse:pageclass")
        # The first is the home page, the last often this one.
        or next((name for name in reversed(crumbs[1:]) if folded(name) != folded(title)), ""),
        limit=80,
    )


def _language(page: HtmlElement, article: Mapping[str, Any], meta: Mapping[str, str]) -> str:
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


def _behind_amp_cache(url: str) -> str:
    """Return the publisher's address out of an AMP cache's or viewer's (developers.google.com/amp/cache/overview)."""
    match = _AMP_CACHE.match(url)
    return f"http{'s' if match['secure'] else ''}://{match['rest']}" if match else url


def _canonical(page: HtmlElement, meta: Mapping[str, str], url: str) -> str:
    """Return the page's own canonical address, where it may speak for `url`: same site, and no home page."""
    links = [link.get("href") or "" for link in page.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    try:
        here = urlsplit(canonical_url(url))
    except ValueError:  # a bracket that is none: an address of nowhere
        here = urlsplit("")
    for address in (*links, meta.get("og:url", "")):
        stated = canonical_url(web_address(address, url))
        there = urlsplit(stated)
        is_home = there.path in ("", "/") and not there.query and here.path not in ("", "/")
        # A page from a file has no site of its own, and nothing but its word.
        is_same_site = site_of(there.hostname or "") == site_of(here.hostname or there.hostname or "")
        if there.hostname and is_same_site and not is_home:
            return stated
    return ""
