"""Addresses as they stand in feeds and pages: made absolute, told apart by site, read for words."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urljoin, urlsplit

from digest.collect.prose import plain_line

__all__ = ["registrable", "site_of", "title_from_url", "web_address"]

_MAX_ADDRESS = 2_000


def web_address(link: str, url: str) -> str:
    """Return `link` as an absolute http(s) address, "" when it is none."""
    link = re.sub(r"[\x00-\x20\x7f]+", "", link) if link else ""
    if not link:
        return ""
    try:
        absolute = urljoin(url, link)
        if not absolute.isprintable():  # what turns or hides the text around it; a lone surrogate is in no address
            absolute = "".join(letter if letter.isprintable() else quote(letter) for letter in absolute)
        parts = urlsplit(absolute)
        if "@" in parts.netloc:  # nobody's password goes out to readers, nor a name that looks like the host
            parts = parts._replace(netloc=parts.netloc.rpartition("@")[2])
            absolute = parts.geturl()
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 80) > 0
    except ValueError:
        return ""
    return absolute if is_web and len(absolute) <= _MAX_ADDRESS else ""


def site_of(host: str) -> str:
    """Return `host` without the prefixes that name a view of the same site."""
    return re.sub(r"^(?:www\d?|m|mobile|amp|edition)\.", "", host.lower())


def registrable(host: str) -> str:
    """Return the part of `host` that one publisher owns: near enough without the public-suffix list."""
    labels = site_of(host).split(".")
    # co.uk, com.au, or.jp: a short second level under a country
    keep = 3 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else 2
    return ".".join(labels[-keep:])


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
