"""The picture of an article: its address, what it shows in words, and whose it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from digest.collect.links import web_address
from digest.collect.pages.linked_data import image_urls, people_of
from digest.collect.prose import element_text, plain_line

__all__ = ["Picture", "read_picture"]

_LEAST_NAME = 5  # letters of a file's name that tell it from others
_NO_PHOTOGRAPH = re.compile(
    r"(?:^|[/_.-])(?:logo|placeholder|default|fallback|avatar|gravatar|spacer|blank|no-?image|favicon|sprite)s?(?=[/_.-]|\d)",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"(?:\b(?:photos?|photograph|image|picture|foto|bild|crédit|credits?)\b(?: credits?)?\s*(?::|/|\bby\b)|©|\(c\))"
    r"\s*(?P<who>[^|\n]{2,120})",
    re.IGNORECASE,
)
_CREDIT_CLASS = re.compile(
    r"credit|copyright|photographer|fotograf|(?:image|photo|picture|media)[_-]*source", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture; "" where the page doesn't say."""

    url: str = ""
    alt: str = ""
    credit: str = ""


def read_picture(page: HtmlElement, article: Mapping[str, Any], meta: Mapping[str, str], url: str) -> Picture:
    """Return the article's picture: Open Graph's, which is made to be shown with a link, then the article's own.

    What looks like the site's logo or a stand-in is taken only where there is nothing else. The words and
    the credit are stated ones, else those at the same file in the page.
    """
    addresses = [address for told in _stated(article, meta) if (address := web_address(told, url))]
    if not addresses:
        return Picture()
    address = next((one for one in addresses if not _NO_PHOTOGRAPH.search(urlsplit(one).path)), addresses[0])
    image = _shown(page, address)
    alt = meta.get("og:image:alt") or meta.get("twitter:image:alt", "")
    if image is not None and not alt:
        alt = image.get("alt") or ""
    credit = _stated_credit(article) or (_credit_beside(image) if image is not None else "")
    return Picture(address, plain_line(alt, limit=300), plain_line(credit, limit=200))


def _stated(article: Mapping[str, Any], meta: Mapping[str, str]) -> Iterator[str]:
    yield meta.get("og:image") or meta.get("og:image:url") or meta.get("og:image:secure_url", "")
    yield from image_urls(article.get("image"))
    yield meta.get("twitter:image") or meta.get("twitter:image:src", "")


def _stated_credit(article: Mapping[str, Any]) -> str:
    value = article.get("image")
    for image in value if isinstance(value, list) else [value]:
        if isinstance(image, dict):
            for key in ("creditText", "author", "copyrightHolder"):
                if name := next((person for person in people_of(image.get(key)) if person), ""):
                    return name
    return ""


def _shown(page: HtmlElement, address: str) -> HtmlElement | None:
    """Return the page's own element of the picture, known by its file's name."""
    name = urlsplit(address).path.rpartition("/")[2]
    if len(name) < _LEAST_NAME:
        return None
    images = [image for image in page.iter("img") if name in (image.get("src") or image.get("data-src") or "")]
    return next((image for image in images if image.get("alt")), next(iter(images), None))


def _credit_beside(image: HtmlElement) -> str:
    """Return whom the figure around `image` credits: in an element of that class, or behind "Photo:" in its caption."""
    figure = next((above for above in image.iterancestors("figure")), None)
    if figure is None:
        return ""
    for element in figure.iter("span", "cite", "small", "p", "div"):
        if _CREDIT_CLASS.search(element.get("class") or "") and (text := element_text(element)) and len(text) <= 120:
            match = _CREDIT.match(text)
            return (match["who"] if match else text).strip(" .()©|")
    caption = next((element_text(element) for element in figure.iter("figcaption")), "")
    match = _CREDIT.search(caption)
    return match["who"].strip(" .()") if match else ""
