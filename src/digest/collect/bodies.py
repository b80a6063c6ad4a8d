"""The body of an article page: its paragraphs and sub-heads, without the furniture between them.

trafilatura finds the body. What stands in it but is no part of the story (links to other stories,
credits, bylines, calls to sign up) is left out here.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from digest.collect.prose import plain_line

__all__ = ["read_body"]

_MAX_PARAGRAPHS = 1_000
_MAX_SUBHEAD = 200
_SHORT = 0.5  # of JSON-LD's articleBody: less found means that the body was missed
_LONG_ENOUGH = 400  # characters of articleBody that are worth having
_ALL_LINK = 0.75  # share of a line that is linked: it leads to another story
_MAX_FURNITURE = 160

_ANYWHERE = re.compile(
    r"^(?:[_*~=\s-]{2,}|advertisement|anzeige|publicidad|publicité|reklam[ae]?|loading\W*"
    r"|(?:photos?|images?|pictures?|fotos?|bild(?:er)?|grafik|quellen?|sources?|crédits?(?: photo)?|fuentes?|kilder?|foto's?)"
    r"(?: credits?| by)?\s*[:©/].*|©.*|(?:getty images|shutterstock|imago|dpa|reuters|afp|ap)(?:\s*/.*)?"
    r"|(?:read|see|watch|listen|more|related)(?: (?:more|also|next|here|stories|on))?\s*:.*|click here\b.*|read more\b.*"
    r"|(?:lesen sie|lies) (?:auch|mehr|hier)\b.*|mehr (?:zum thema|dazu)\b.*|les også\b.*|läs (?:också|mer|även)\b.*"
    r"|læs også\b.*|lire aussi\b.*|à lire (?:aussi|également)\b.*|(?:lea|lee) (?:también|más)\b.*|leia (?:também|mais)\b.*"
    r"|leggi anche\b.*|lees ook\b.*|lue myös\b.*|czytaj (?:też|także|więcej)\b.*"
    r"|sign up (?:for|to|here)\b.*|subscribe (?:to|now|here)\b.*|follow us\b.*|download (?:the|our) app\b.*"
    r"|(?:tags?|topics|keywords|schlagw[oö]rter?|etiketler|etiquetas|mots[- ]clés)\s*:.*|share this\b.*)$",
    re.IGNORECASE,
)
_AT_THE_TOP = re.compile(
    r"^(?:(?:by|von|par|por|di|door|av|af|text|texte|autor|author)\s*:?\s+[^.!?]{2,80}"
    r"|(?:stand|updated?|published|posted|aktualisiert|veröffentlicht|publié|mis à jour|publicado|actualizado|oppdatert|publisert)\b[^.!?]{0,6}\W.{0,60}"
    r"|[\w.,\s]{0,20}\d{1,2}[./\s]\s?(?:\d{1,2}|[^\W\d]{3,10})[./\s]\s?\d{4}.{0,30}"
    r"|\d{1,2}:\d{2} min.{0,60})$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A paragraph or sub-head, and how much of it is linked, from 0 to 1."""

    text: str
    is_subhead: bool
    linked: float


def read_body(page: HtmlElement, url: str, title: str, *, stated: str) -> list[tuple[str, bool]]:
    """Return the body as (text, whether it is a sub-head), in order; [] where there is none.

    Args:
        page: The page's root; it is changed.
        url: Where it was served from.
        title: The headline, which is no part of the body.
        stated: The body as the page states it for machines, taken when far more of it was found there.
    """
    lines = _without_furniture(_lines(_extracted(page, url)), title)
    passages = list(_without_loose_heads(lines))[:_MAX_PARAGRAPHS]
    found = sum(len(text) for text, _ in passages)
    if len(stated) >= _LONG_ENOUGH and found < _SHORT * len(stated):
        return [(stated, False)]
    return passages


def _extracted(page: HtmlElement, url: str) -> Any:
    """Return trafilatura's XML of the body, or None."""
    import trafilatura

    # It warns of every page without a text; here that is a story without one.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        document = trafilatura.bare_extraction(
            page, url=url, with_metadata=False, include_comments=False, include_tables=True, include_links=True
        )
    except (etree.LxmlError, ValueError, TypeError, AttributeError, LookupError, RecursionError, AssertionError):
        return None  # it is written for pages, and meets things that are none
    return getattr(document, "body", None)


def _lines(body: Any) -> Iterator[_Line]:
    """Walk trafilatura's body: <head>, <p>, <list>, <quote>, <table>; text parted at <lb/>."""
    for element in () if body is None else body:
        if element.tag in ("list", "table"):
            for part in element.iter("item", "cell"):
                yield from _parted(part, is_subhead=False)
        else:
            yield from _parted(element, is_subhead=element.tag == "head")


def _parted(element: Any, *, is_subhead: bool) -> Iterator[_Line]:
    pieces: list[tuple[str, bool]] = []
    for node in element.iter():
        if node.tag in ("lb", "p", "item", "quote") and node is not element:
            pieces.append(("\n", False))
        if isinstance(node.tag, str) and node.text:
            pieces.append(
                (node.text.replace("\n", " "), any(above.tag == "ref" for above in (node, *node.iterancestors())))
            )
        if node.tail and node is not element:
            pieces.append((node.tail.replace("\n", " "), any(above.tag == "ref" for above in node.iterancestors())))
    line: list[tuple[str, bool]] = []
    for piece in (*pieces, ("\n", False)):
        if piece[0] != "\n":
            line.append(piece)
            continue
        text = plain_line("".join(part for part, _ in line))
        if text:
            linked = sum(len(part.strip()) for part, is_linked in line if is_linked) / len(text)
            yield _Line(text, is_subhead and len(text) <= _MAX_SUBHEAD, linked)
        line.clear()


def _without_furniture(lines: Iterable[_Line], title: str) -> Iterator[tuple[str, bool]]:
    has_begun = False
    for line in lines:
        if _folded(line.text) == _folded(title) or (
            len(line.text) <= _MAX_FURNITURE and _is_furniture(line, has_begun)
        ):
            continue
        has_begun = has_begun or (not line.is_subhead and len(line.text) > _MAX_FURNITURE)
        yield line.text, line.is_subhead


def _is_furniture(line: _Line, has_begun: bool) -> bool:
    is_way_out = line.linked >= _ALL_LINK and not line.text.endswith((".", "!", "”", '"'))
    return (
        is_way_out
        or _ANYWHERE.match(line.text) is not None
        or (not has_begun and _AT_THE_TOP.match(line.text) is not None)
    )


def _without_loose_heads(passages: Iterable[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """Drop sub-heads with nothing below them."""
    waiting: str | None = None
    for text, is_subhead in passages:
        if is_subhead:
            waiting = text
            continue
        if waiting is not None:
            yield waiting, True
            waiting = None
        yield text, False


def _folded(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()
