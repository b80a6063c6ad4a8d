"""One address for one story.

The same page is linked with campaign tags, as its AMP twin, with or without a trailing slash. The
canonical URL takes those away, and a story's id is a short hash of it. Nothing is fetched here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

__all__ = ["canonical_url", "opening_of", "story_id"]

_OPENING_PARAGRAPHS = 2

# Parameters that say how a reader came, never which page it is: Urchin/GA4 campaign tags
# (support.google.com/analytics/answer/10917952), click ids of ad networks, mail tools' reader ids.
_TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|mc_[ce]id|_hs(enc|mi)"
    r"|mkt_tok|ref|ref_src|cmpid|ito|smid|ocid|xtor|at_\w+|partner|amp|outputtype)$",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_INDEX_PAGES = re.compile(r"/(index|default)\.(html?|php|aspx?)$", re.IGNORECASE)
_AMP_SUFFIX = re.compile(r"(/amp/?|\.amp(\.html)?)$", re.IGNORECASE)


def canonical_url(url: str, page_url: str = "") -> str:
    """Return the one address that stands for `url`.

    Args:
        url: As found; may be relative when `page_url` is given.
        page_url: The page it was found on.

    Returns:
        Scheme and host in lower case without a default port, the path without AMP and index
        endings or a trailing slash, the query without tracking parameters and sorted, no fragment.
        What is no http(s) address comes back stripped but otherwise as it was.
    """
    url = url.strip().encode("utf-8", "replace").decode()  # half a surrogate pair is no character
    try:
        absolute = urljoin(page_url, url) if page_url else url
        parts = urlsplit(absolute)
        port = parts.port
    except ValueError:  # a bracket or a port that is none
        return url
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.hostname:
        return absolute
    host = parts.hostname.rstrip(".")
    host = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    path = _INDEX_PAGES.sub("/", parts.path or "/")
    path = _AMP_SUFFIX.sub("", path) or "/"
    path = quote(unquote(path, errors="surrogateescape"), safe="/:@!$&'()*+,;=~", errors="surrogateescape")
    path = path.rstrip("/") or "/"
    query = urlencode(
        sorted(
            (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(name)
        )
    )
    return urlunsplit((scheme, host, path, query, ""))


def story_id(url: str) -> str:
    """Return the id of the story at `url`: 12 hex digits that depend on nothing but the address.

    http and https, and `www.` or not, are the same story.
    """
    address = canonical_url(url).removeprefix("https://").removeprefix("http://").removeprefix("www.")
    return hashlib.sha256(address.encode()).hexdigest()[:12]


def opening_of(title: str, paragraphs: Sequence[str]) -> str:
    """Return what tells two versions of a story apart: a short hash of its headline and first paragraphs.

    "" without text. Case, punctuation and spaces don't count: a mended comma is no news.
    """
    if not paragraphs:
        return ""
    said = " ".join((title, *paragraphs[:_OPENING_PARAGRAPHS])).casefold()
    letters = "".join(character for character in said if character.isalnum())
    return hashlib.sha256(letters.encode("utf-8", "replace")).hexdigest()[:16]
