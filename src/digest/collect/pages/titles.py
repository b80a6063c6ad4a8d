"""The headline of an article page, out of what readers see and what the page states.

The page's h1 is what readers know the story by; what is stated for search engines and social networks
may be written to be clicked. But an h1 may also be the paper's name or the section's, so another
statement has to bear it out. The rules, in their order, are in `headline`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest.collect.prose import folded

__all__ = ["headline", "site_behind", "without_site"]

_SEPARATORS = r"[|·•»:–—-]"
_LEAST = 12  # letters that make the beginning of a line telling
_BORNE_OUT = 0.4  # share of an h1's words that the page's statements have as well
_CUT = re.compile(r"\s*(?:…|\.{3})$")


def headline(headings: Sequence[str], stated: Sequence[str], document: str, site: str) -> str:
    """Return the story's headline, "" where the page has none.

    1. The first visible headline that a statement or the document's title repeats, also where those add
       the site's name or are cut short.
    2. A statement that is repeated by a visible headline with more around it, a kicker or the site's name; a
       kicker that leads into the headline with a colon is part of it, whichever of the two has it.
    3. The only visible headline, where the statements have much of its words: theirs are for other readers.
    4. The first statement, then the only visible headline, then the document's title, without the site's name.

    Args:
        headings: The texts of h1 elements, and of what is marked as headline, in their order.
        stated: The headline by JSON-LD or microdata, Open Graph, Twitter's card.
        document: The text of the title element.
        site: What the site calls itself, "" unknown.
    """
    headings = [text for text in dict.fromkeys(headings) if folded(text) != folded(site) or not site]
    statements = [text for text in (*stated, document) if text]
    for heading in headings:
        if any(_is_told_by(heading, text) for text in statements):
            return heading
    for text in stated:
        own = without_site(text, site)
        around = next((heading for heading in headings if folded(own) in folded(heading)), "")
        if len(folded(own)) >= _LEAST and around:
            return around if _leads_in(around.partition(own)[0]) else own
        if any(heading and own.endswith(heading) and _leads_in(own.removesuffix(heading)) for heading in headings):
            return own
    if len(headings) == 1 and _is_borne_out(headings[0], statements):
        return headings[0]
    if stated:
        return without_site(stated[0], site)
    if len(headings) == 1:
        return headings[0]
    return without_site(document, site) or next(iter(headings), "")


def without_site(title: str, site: str) -> str:
    """Return `title` without " | The Site" at its end."""
    match = re.match(r"(.{12,}\S)\s+[|·•»–—-]\s+([^|]{2,60})$", title)
    if match and ((site and folded(match[2]) == folded(site)) or "|" in title):
        return match[1].strip()
    return title


def site_behind(document: str, title: str) -> str:
    """Return what the document's title has behind the headline: the site's name, where that is all."""
    if not title or not document.startswith(title):
        return ""
    parts = [part.strip() for part in re.split(rf"\s+{_SEPARATORS}\s+", document.removeprefix(title)) if part.strip()]
    return parts[-1] if parts and not re.search(r"\d{2}", parts[-1]) and len(parts[-1]) <= 60 else ""


def _is_told_by(heading: str, text: str) -> bool:
    """Return whether `text` is the heading, the heading with the site's name behind it, or its cut beginning."""
    left, right = folded(heading), folded(text)
    if not left:
        return False
    is_longer = len(left) >= _LEAST and right.startswith(left)
    is_cut = _CUT.search(text) is not None and len(right) >= _LEAST and left.startswith(right)
    return left == right or is_longer or is_cut


def _leads_in(beginning: str) -> bool:
    return re.search(r":\W*$", beginning) is not None


def _is_borne_out(heading: str, statements: Sequence[str]) -> bool:
    words = {folded(word) for word in heading.split()} - {""}
    told = {folded(word) for text in statements for word in text.split()}
    return len(words) >= 3 and len(words & told) >= _BORNE_OUT * len(words)
