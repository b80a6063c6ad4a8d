"""Where a letter's links lead, as far as it can be told without going there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from digest.inspecting.findings import Finding, Level, Specimen, Topic
from digest.inspecting.markup import said, text_of

__all__ = ["LOOPBACK", "link_findings", "links_of", "pictures_of"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})  # a trial on this machine

_LONG = 500  # characters; some programs break longer ones
_TRACKING = frozenset("fbclid gclid msclkid mc_eid mkt_tok yclid _hsenc vero_id".split())


def links_of(page: Any, specimen: Specimen) -> dict[str, int]:
    """Return the addresses on the web that the letter leads to, with their lines; the reader's own are left out."""
    found: dict[str, int] = {}
    for element in page.iter("a"):
        address = element.get("href") or ""
        if address.startswith(("http://", "https://")) and address not in specimen.own_links:
            found.setdefault(address, element.sourceline or 0)
    return found


def pictures_of(page: Any) -> dict[str, int]:
    """Return the addresses of the pictures on the web, with their lines."""
    found: dict[str, int] = {}
    for element in page.iter("img"):
        if (address := element.get("src") or "").startswith(("http://", "https://")):
            found.setdefault(address, element.sourceline or 0)
    return found


def link_findings(page: Any, specimen: Specimen) -> Iterator[Finding]:
    """Find links that are not safe, too long, or that tell on the reader."""
    for address, line in links_of(page, specimen).items():
        where, shown, parts = f"html:{line}", said(address, 120), urlsplit(address)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            what, hint = "A link leads over http, which anybody on the way can read.", "Use https."
            yield Finding(Level.WARNING, Topic.LINKS, what, where, shown, hint)
        if len(address) > _LONG:
            what = f"A link has {len(address)} characters; some programs break it."
            yield Finding(Level.WARNING, Topic.LINKS, what, where, shown, "Shorten it.")
        if told := sorted(_TRACKING & {name for name, _ in parse_qsl(parts.query)}):
            what = f"A link carries {', '.join(told)}, which marks one visitor."
            yield Finding(Level.WARNING, Topic.LINKS, what, where, shown, "Take it off at the source.")
        if parts.username:
            what, hint = "A link holds a user's name.", "Take out what stands before the @."
            yield Finding(Level.ERROR, Topic.LINKS, what, where, shown, hint)
    for element in page.iter("a"):
        address, words = element.get("href") or "", text_of(element)
        if address.lower().startswith(("javascript:", "data:", "file:")):
            what, hint = "A link leads to no page.", "Only http, https, mailto and # lead anywhere."
            where = f"html:{element.sourceline}"
            yield Finding(Level.ERROR, Topic.LINKS, what, where, said(address), hint)
        if words.startswith(("http://", "https://")) and " " not in words:
            shown_host, real_host = urlsplit(words).hostname, urlsplit(address).hostname
            if shown_host != real_host:
                what = f"A link shows {shown_host} and leads to {real_host}: filters take that for a fraud."
                yield Finding(
                    Level.ERROR, Topic.LINKS, what, f"html:{element.sourceline}", said(words), "Show words instead."
                )
