"""When an article was published and updated, by what its page states, shows, and is addressed by."""

from __future__ import annotations

import copy
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from lxml.html import HtmlElement

from digest.collect.dates import parse_date
from digest.collect.pages.linked_data import text_of
from digest.collect.prose import element_text

__all__ = ["read_dates"]

_PUBLISHED_META = tuple(
    """
    article:published_time article:published og:article:published_time datepublished date dc.date dc.date.issued
    dcterms.created dcterms.date parsely-pub-date sailthru.date publish-date pubdate publication_date
    originalpublicationdate cxenseparse:recs:publishtime article.published published_at release_date
    rnews:datepublished dc:created displaydate
    """.split()
)
_UPDATED_META = ("article:modified_time", "og:updated_time", "last-modified", "datemodified")


def read_dates(
    page: HtmlElement, article: Mapping[str, Any], meta: Mapping[str, str], url: str
) -> tuple[datetime | None, datetime | None]:
    """Return when the article was published and updated, None where the page doesn't say.

    The publication is JSON-LD's, then the meta elements', then what is marked up or shown as a time, then the
    address's, then what stands near the headline. Two of one day: the one with a time of day. A system that
    writes the time of the update as that of the publication gives itself away by stating both alike: then an
    earlier one that the page states as its publication is believed. An update before the publication is none.
    """
    updated = _first(text_of(article.get("dateModified")), *(meta.get(name, "") for name in _UPDATED_META))
    stated = list(_known(text_of(article.get("datePublished")), *(meta.get(name, "") for name in _PUBLISHED_META)))
    marked = list(_known(*map(_moment_of, page.xpath("//*[@itemprop='datePublished']")[:1])))
    published = _believed(stated + marked, updated)
    if published is None:
        shown = _first(*map(_moment_of, page.xpath("//time[@pubdate or @datetime]")[:1]))
        published = _first(text_of(article.get("dateCreated"))) or shown or _date_of_url(url) or _date_by_look(page)
    return published, updated if updated and (published is None or updated >= published) else None


def _believed(stated: list[datetime], updated: datetime | None) -> datetime | None:
    """Return the first date of publication, or a finer one of its day, or an earlier one where it is the update's."""
    if not stated:
        return None
    first = stated[0]
    if updated is not None and first >= updated:
        first = min(stated)
    if first.time() == time.min:
        day = timedelta(days=1)
        first = next((date for date in stated if date.time() != time.min and abs(date - first) < day), first)
    return first


def _moment_of(element: HtmlElement) -> str:
    return element.get("datetime") or element.get("content") or element_text(element)


def _date_of_url(url: str) -> datetime | None:
    match = re.search(r"/(20\d\d)[/-](\d{1,2})[/-](\d{1,2})(?:[/-]|$)", url)
    return parse_date("-".join(match.groups())) if match else None


def _date_by_look(page: HtmlElement) -> datetime | None:
    """Return the day that stands beside the headline or in the markup, by htmldate's rules; the last resort."""
    from htmldate import find_date

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    try:
        return parse_date(find_date(copy.deepcopy(page), extensive_search=False, original_date=True) or "")
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return None  # it is written for pages, and meets things that are none


def _known(*texts: str) -> Iterator[datetime]:
    return (date for text in texts if text and (date := parse_date(text)))


def _first(*texts: str) -> datetime | None:
    return next(_known(*texts), None)
