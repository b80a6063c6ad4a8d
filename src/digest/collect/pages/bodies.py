"""The body of an article page: its paragraphs and sub-heads, without the furniture between them.

trafilatura finds the body. What stands in it but is no part of the story (links to other stories,
credits, bylines, calls to sign up) is left out here.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from digest.collect.links import registrable
from digest.collect.prose import element_text, folded, plain_line

__all__ = ["read_body"]

_MAX_PARAGRAPHS = 1_000
_MAX_SUBHEAD = 200
_SHORT = 0.5  # of JSON-LD's articleBody: less found means that the body was missed
_LONG_ENOUGH = 400  # characters of articleBody that are worth having
_ALL_LINK = 0.75  # share of a line that is linked: it leads to another story
_MAX_FURNITURE = 160
_LETTER_AT_END = re.compile(r"[A-Za-z0-9\u00c0-\u024f]$")  # of a script that parts its words
_SAME = 50  # letters at its beginning that make a paragraph the same
_MOSTLY = 0.6
_MUCH_MORE = 1.3

# Lines that are no part of a story wherever they stand: marks, ads, credits, ways to other stories, offers.
_ANYWHERE = re.compile(
    r"^(?:[_*~=\s-]{2,}|advertisement|anzeige|publicidad|publicité|reklam[ae]?|loading\W*"
    r"|(?:photos?|images?|pictures?|fotos?|bild(?:er)?|grafik)(?: credits?| by)?\s*[:©/].*|©.*"
    r"|(?:quellen?|sources?|crédits?(?: photo)?|fuentes?|kilder?|foto's?)(?: credits?)?\s*[:©/].*"
    r"|(?:getty images|shutterstock|imago|dpa|reuters|afp|ap)(?:\s*/.*)?"
    r"|(?:read|see|watch|listen|more|related)(?: (?:more|also|next|here|stories|on))?\s*:.*"
    r"|(?:click here|read more)\b.*"
    r"|(?:lesen sie|lies) (?:auch|mehr|hier)\b.*|mehr (?:zum thema|dazu)\b.*|les også\b.*|läs (?:också|mer|även)\b.*"
    r"|læs også\b.*|lire aussi\b.*|à lire (?:aussi|également)\b.*|(?:lea|lee) (?:también|más)\b.*"
    r"|leia (?:também|mais)\b.*|leggi anche\b.*|lees ook\b.*|lue myös\b.*|czytaj (?:też|także|więcej)\b.*"
    r"|sign up (?:for|to|here)\b.*|subscribe (?:to|now|here)\b.*|follow us\b.*"
    r"|suscr[ií]bete\b.*|abonnez-vous\b.*|s'abonner\b.*|jetzt abonnieren\b.*|assine\b.*|abbonati\b.*"
    r"|.{0,40}\b(?:sólo|solo) para suscriptores|.{0,40}réservée? aux abonnés|.{0,40}\bfor subscribers only"
    r"|download (?:the|our) app\b.*|share this\b.*|ein klick für den datenschutz"
    r"|(?:tags?|topics|keywords|schlagw[oö]rter?|etiketler|etiquetas|mots[- ]clés)\s*:.*)$",
    re.IGNORECASE,
)
_STANDFIRST = re.compile(
    r"standfirst|lede|\bdec?k\b|sub-?(?:title|head|headline)|intro|teaser|summary|excerpt|abstract|description|chapo"
    r"|entradilla|sommario|ingress|anreißer|vorspann|bajada|(?:^|[\s_-])lead(?:$|[\s_-])",
    re.IGNORECASE,
)
# Lines above the text: a byline, the time of an update, a date, the length of a film.
_AT_THE_TOP = re.compile(
    r"^(?:(?:by|von|par|por|di|door|av|af|text|texte|autor|author)\s*:?\s+[^.!?]{2,80}"
    r"|(?:stand|updated?|published|posted|aktualisiert|veröffentlicht|publié|mis à jour|publicado|actualizado|oppdatert"
    r"|publisert)\b[^.!?]{0,6}\W.{0,60}"
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


@dataclass(frozen=True, slots=True)
class _Block:
    """A line of the page, the box it stands in, and what kind of box that is."""

    line: _Line
    box: HtmlElement
    kind: tuple[str, str]


def read_body(page: HtmlElement, url: str, title: str, *, standfirst: str, stated: str) -> list[tuple[str, bool]]:
    """Return the body as (text, whether it is a sub-head), in order; [] where there is none.

    Args:
        page: The page's root; it is changed.
        url: Where it was served from.
        title: The headline, which is no part of the body.
        standfirst: Nor is this, where the page sets it apart; as the first words of the text it stays.
        stated: The body as the page states it for machines, taken when far more of it was found there.
    """
    _take_out_standfirst(page, standfirst)
    _take_out_cards(page)
    sketch = list(_sketch(page))
    extracted = list(_lines(_extracted(page, url), _site(url)))
    lines = _without_furniture(_completed(extracted, sketch) or extracted, title)
    passages = list(_without_loose_heads(lines))[:_MAX_PARAGRAPHS]
    found = sum(len(text) for text, _ in passages)
    if len(stated) >= _LONG_ENOUGH and found < _SHORT * len(stated):
        return [(stated, False)]
    return passages


def _take_out_standfirst(page: HtmlElement, standfirst: str) -> None:
    if len(standfirst) < _SAME:
        return
    for element in list(page.iter("p", "div", "h2", "h3", "span")):
        marks = f"{element.get('class') or ''} {element.get('itemprop') or ''}"
        if _STANDFIRST.search(marks) and folded(element_text(element)) == folded(standfirst):
            element.drop_tree()
            return


def _take_out_cards(page: HtmlElement) -> None:
    """Take out the cards of other stories that stand inside the story: an article that is one link."""
    for card in list(page.iter("article")):
        text = element_text(card)
        if text and len(text) <= _MAX_FURNITURE and any(above.tag == "article" for above in card.iterancestors()):
            linked = sum(len(element_text(link)) for link in card.iter("a"))
            if linked >= _ALL_LINK * len(text):
                card.drop_tree()


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


def _sketch(page: HtmlElement) -> Iterator[_Block]:
    """Yield the page's paragraphs and headings that stand in a box with a class, outside its margins."""
    margins = frozenset(page.iter("aside", "nav", "footer", "form", "figure", "figcaption", "blockquote"))
    for element in page.iter("p", "h2", "h3", "h4"):
        parent = element.getparent()
        if parent is None or not parent.get("class") or any(above in margins for above in element.iterancestors()):
            continue
        if text := element_text(element):
            linked = sum(len(element_text(link)) for link in element.iter("a")) / len(text)
            yield _Block(_Line(text, element.tag != "p", linked), parent, (parent.tag, parent.get("class")))


def _completed(extracted: list[_Line], sketch: list[_Block]) -> list[_Line]:
    """Return the body from all boxes that look like the one it was found in, or [] when that is the whole.

    Pages with pictures or quotes across the column part their text into several boxes of one class,
    and trafilatura may read only one. Cards of other stories are told apart: they hold one paragraph.
    """
    known = {folded(line.text)[:_SAME] for line in extracted if len(line.text) >= _SAME}
    found: dict[Any, int] = {}
    for block in sketch:
        if folded(block.line.text)[:_SAME] in known:
            found[block.kind] = found.get(block.kind, 0) + len(block.line.text)
    kind = max(found, key=lambda kind: found[kind], default=None)
    length = sum(len(line.text) for line in extracted)
    if kind is None or found[kind] < _MOSTLY * length:
        return []
    boxes: dict[HtmlElement, list[_Line]] = {}
    for block in sketch:
        if block.kind == kind:
            boxes.setdefault(block.box, []).append(block.line)
    columns = [
        lines
        for lines in boxes.values()
        if sum(len(line.text) >= _SAME and line.linked < _MOSTLY for line in lines) > 1
        or any(folded(line.text)[:_SAME] in known for line in lines)
    ]
    whole = [line for lines in columns for line in lines]
    return whole if sum(len(line.text) for line in whole) > _MUCH_MORE * length else []


def _lines(body: Any, site: str) -> Iterator[_Line]:
    """Walk trafilatura's body: <head>, <p>, <list>, <quote>, <table>; text parted at <lb/>."""
    for element in () if body is None else body:
        if element.tag in ("list", "table"):
            for part in element.iter("item", "cell"):
                # What a table links is its matter: the names of what it compares.
                lines = _parted(part, site, is_subhead=False)
                yield from (replace(line, linked=0.0) for line in lines) if part.tag == "cell" else lines
        else:
            yield from _parted(element, site, is_subhead=element.tag == "head")
        if tail := plain_line(element.tail or ""):  # pages that mark no paragraphs
            yield _Line(tail, False, 0.0)


def _parted(element: Any, site: str, *, is_subhead: bool) -> Iterator[_Line]:
    """Yield the lines of `element`; only links within `site` count as linked, others are what a story refers to."""
    linked = {node for ref in element.iter("ref") if _leads_within(ref, site) for node in ref.iter()}
    pieces: list[tuple[str, bool]] = []
    for node in element.iter():
        if node.tag in ("lb", "p", "item", "quote") and node is not element:
            pieces.append(("\n", False))
        is_link = node.tag == "ref"
        if isinstance(node.tag, str) and node.text:
            pieces.append((_spaced(pieces, node.text, is_link), node in linked))
        if node.tail and node is not element:
            pieces.append((_spaced(pieces, node.tail, is_link), node.getparent() in linked))
    line: list[tuple[str, bool]] = []
    for piece in (*pieces, ("\n", False)):
        if piece[0] != "\n":
            line.append(piece)
            continue
        text = plain_line("".join(part for part, _ in line))
        if text:
            share = sum(len(part.strip()) for part, is_linked in line if is_linked) / len(text)
            yield _Line(text, is_subhead and len(text) <= _MAX_SUBHEAD, share)
        line.clear()


def _spaced(pieces: list[tuple[str, bool]], text: str, is_link: bool) -> str:
    """Return `text` on one line; a space that trafilatura loses at the edge of some links is put back."""
    text = text.replace("\n", " ")
    before = pieces[-1][0] if pieces else ""
    is_glued = is_link and _LETTER_AT_END.search(before) and _LETTER_AT_END.search(text[:1])
    return f" {text}" if is_glued else text


def _leads_within(ref: Any, site: str) -> bool:
    """Return whether a link leads to the page's own site, or says not where."""
    host = _site(ref.get("target") or "")
    return not host or not site or host == site


def _site(url: str) -> str:
    """Return the publisher's part of the host of `url`, "" where it has none."""
    try:
        return registrable(urlsplit(url).hostname or "")
    except ValueError:
        return ""


def _without_furniture(lines: Iterable[_Line], title: str) -> Iterator[tuple[str, bool]]:
    has_begun = False
    for line in lines:
        if folded(line.text) == folded(title) or (len(line.text) <= _MAX_FURNITURE and _is_furniture(line, has_begun)):
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
