"""What an address is, where an answer leads, and what a refusal means, in words for whoever reads the report."""

from __future__ import annotations

import contextlib
import http
from datetime import datetime
from urllib.parse import quote, urljoin, urlsplit

import httpx

from digest.collect.fetching.freshness import wait_seconds
from digest.errors import SourceError

__all__ = ["TRY_LATER", "AnswerError", "checked_url", "clipped", "next_address", "refusal", "shown_url"]

TRY_LATER = "The next run tries again."
_WEB_PORTS = frozenset((80, 443))
_HINTS = {
    401: "The page wants a login: choose an address that readers reach without one.",
    402: "The page is for paying readers only.",
    403: "The site refuses this reader: ask its operator to let the user agent through.",
    404: "Check the address: the site may have moved it.",
    410: "The site has removed it for good: take it out of the sources.",
    429: "The site wants fewer requests: run less often, or lower the source's limit.",
    451: "The site may not show it here for legal reasons.",
}


class AnswerError(SourceError):
    """The server answered, and not with what was asked for.

    `url` is the address that answered, after redirects; `status` is that of HTTP; `wait_seconds` is how long it wants
    to be left alone, None if it didn't say.
    """

    def __init__(self, what: str, hint: str, url: str, status: int, wait_seconds: float | None = None) -> None:
        super().__init__(what, hint)
        self.url = url
        self.status = status
        self.wait_seconds = wait_seconds


def checked_url(url: str, *, allow_private: bool) -> httpx.URL:
    """Return `url` parsed.

    Raises:
        SourceError: it is none that is fetched.
    """
    try:
        address = httpx.URL(url)
        host = address.host  # decoded, which raises for "xn--a"
        address.raw_path.decode("ascii")
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise SourceError(
            f"{shown_url(url)!r} is no web address.", "Write one like 'https://example.com/feed'."
        ) from error
    if address.scheme not in ("http", "https") or not host or not 0 < (address.port or 1) < 65536:
        raise SourceError(f"{shown_url(url)!r} is no web address.", "Only http:// and https:// are fetched.")
    if not allow_private and address.port is not None and address.port not in _WEB_PORTS:
        raise SourceError(
            f"names port {address.port}; only 80 and 443 are fetched from public sites.",
            "If it is a site of your own, set allow_private = true on the source.",
        )
    return address


def next_address(at: str, answer: httpx.Response) -> str:
    """Return where a redirect leads. Header bytes are Latin-1 to httpx; sites write UTF-8 there."""
    location: str = answer.headers["location"]
    with contextlib.suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        joined = urljoin(at, location)
        parts = urlsplit(joined)
    except ValueError as error:
        raise SourceError(f"redirects to {shown_url(location)!r}, which is no web address.", TRY_LATER) from error
    # It becomes a story's address: without credentials, and without what turns or hides the text around it.
    joined = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else joined
    return "".join(letter if letter.isprintable() else quote(letter, errors="replace") for letter in joined)


def refusal(answer: httpx.Response, url: str, now: datetime) -> AnswerError:
    """Return what an answer that is no success means, and what to do."""
    status = answer.status_code
    try:
        phrase = f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        phrase = str(status)
    hint = _HINTS.get(status, "The site has trouble; the next run tries again." if status >= 500 else TRY_LATER)
    wait = answer.headers.get("retry-after", "")
    what = f"answered {phrase}" + (f" (retry after {clipped(wait)})." if wait else ".")
    return AnswerError(what, hint, url, status, wait_seconds(wait, now))


def shown_url(url: str) -> str:
    """Return `url` as a message may show it: no credentials, one line, clipped."""
    scheme, mark, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return clipped(scheme + mark + authority.rpartition("@")[2] + slash + path)


def clipped(text: str, length: int = 200) -> str:
    """Return one line of what a server said."""
    line = "".join(character if character.isprintable() else "�" for character in text)
    return line if len(line) <= length else line[: length - 1] + "…"
