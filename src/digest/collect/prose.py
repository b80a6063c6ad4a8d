"""Markup → plain text: one line for a title, paragraphs for a body.

What comes out is data, never markup: no tags, no entities, no control or direction-override
characters, no lone surrogates.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement

from digest.collect.markup import parse_html

__all__ = ["element_text", "folded", "paragraphs_of", "plain_line", "plain_paragraphs"]

_BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody td tfoot th thead tr ul
    """.split()
)
_SILENT = frozenset("script style noscript template iframe object embed svg math head title select button form".split())
_CAPTIONS = frozenset(("figure", "figcaption"))
_MAX_LINE, _MAX_PARAGRAPHS = 20_000, 2_000

# Only names of HTML: "<y and z>" in a headline about algebra stays.
_TAG = re.compile(
    r"</?(?:(?P<block>article|aside|blockquote|body|br|center|dd|div|dl|dt|figcaption|figure|form|h[1-6]|head|hr|html"
    r"|iframe|li|object|ol|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul|video)"
    r"|a|abbr|b|big|cite|code|em|embed|font|i|img|input|ins|del|kbd|link|mark|meta|nobr|q|s|script|small|span|strike"
    r"|strong|style|sub|sup|svg|tt|u|wbr)\b[^<>]*>",
    re.IGNORECASE,
)
_SCRIPT_ELEMENT = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
# Zero-width space, soft hyphen, byte-order mark, direction overrides and isolates, word joiner.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SPACE = re.compile("[\\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def plain_line(text: str, *, limit: int = _MAX_LINE) -> str:
    """Return `text`, which may hold tags and entities (also escaped twice), as one plain line."""
    text = text[: limit * 4]
    for _ in range(2):  # "&amp;lt;b&amp;gt;" is common: escaped by the editor's tool and by the feed's
        text = _untagged(text)
        if "&" not in text:
            break
        text = html.unescape(text)
    return _tidy(_untagged(text))[:limit]


def folded(text: str) -> str:
    """Return `text` by its letters and digits alone: what two spellings of one line have in common."""
    return re.sub(r"\W+", "", text).casefold()


def plain_paragraphs(markup: str) -> tuple[str, ...]:
    """Return the paragraphs of a fragment of HTML, or of plain text that parts them by blank lines."""
    for _ in range(2):
        if "<" not in markup and "&" in markup:
            markup = html.unescape(markup)
    if not _TAG.search(markup):
        parts = (_tidy(part) for part in re.split(r"\n\s*\n", markup))
        return tuple(part for part in parts if part)[:_MAX_PARAGRAPHS]
    tree = parse_html(f"<div>{markup}</div>")
    return () if tree is None else paragraphs_of(tree)


def paragraphs_of(element: HtmlElement) -> tuple[str, ...]:
    """Return the text of `element` parted where its block elements part it; captions are left out."""
    found: list[str] = []
    line: list[str] = []

    def close() -> None:
        text = _tidy("".join(line))
        line.clear()
        if text and len(found) < _MAX_PARAGRAPHS:
            found.append(text[:_MAX_LINE])

    breaks = 0
    for piece in _pieces(element, _SILENT | _CAPTIONS):
        if piece is None:
            close()
            breaks = 0
        elif piece == "\n":
            breaks += 1
            line.append(" ")
            if breaks == 2:  # <br><br> parts paragraphs as old systems write them
                close()
        else:
            line.append(piece)
            breaks = breaks if piece.isspace() else 0
    close()
    return tuple(found)


def element_text(element: HtmlElement) -> str:
    """Return all visible text of `element` as one line."""
    return _tidy("".join(" " if piece is None else piece for piece in _pieces(element, _SILENT)))


def _pieces(element: HtmlElement, silent: frozenset[str]) -> Iterator[str | None]:
    """Yield text in order, None where a block begins or ends, a line feed for <br>; not recursive."""
    skipping: HtmlElement | None = None
    for event, node in etree.iterwalk(element, events=("start", "end", "comment", "pi")):
        tag = node.tag if isinstance(node.tag, str) else ""
        if event == "start":
            if skipping is None and tag in silent:
                skipping = node
            if skipping is not None:
                continue
            if tag == "br":
                yield "\n"
            elif tag in _BLOCKS:
                yield None
            if node.text:
                yield node.text
            continue
        if skipping is not None and node is not skipping:
            continue
        if skipping is None and tag in _BLOCKS:
            yield None
        if node is skipping:
            skipping = None
            yield " "
        if node.tail and node is not element:
            yield node.tail


def _untagged(text: str) -> str:
    """Return `text` without its tags; where one of a block stood, words stay apart."""
    if "<" not in text:
        return text
    return _TAG.sub(lambda tag: " " if tag["block"] else "", _SCRIPT_ELEMENT.sub(" ", text))


def _tidy(text: str) -> str:
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()
