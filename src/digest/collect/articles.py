"""An article page → a story.

trafilatura finds the body; its sub-heads are kept. What the page says about itself comes from
`metadata`, its own key points from `takeaway_blocks`; those are taken out before the body is read.
Never raises: a page that can't be read is a story without text, named after its address.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from digest.collect.markup import parse_html
from digest.collect.metadata import Metadata, read_metadata, title_from_url
from digest.collect.prose import plain_line
from digest.collect.takeaway_blocks import find_takeaways, remove_takeaways
from digest.model import Story

__all__ = ["read_article"]

_MAX_PARAGRAPHS = 1_000
_MAX_SUBHEAD = 200
_SHORT = 0.5  # of JSON-LD's articleBody: less found means that the body was missed
_LONG_ENOUGH = 400  # characters of articleBody that are worth having


def read_article(html: str | bytes, url: str, *, content_type: str = "") -> Story:
    """Return the story on the page `html` that was served from `url`.

    Args:
        html: Text, or bytes that are decoded by byte-order mark, header, declaration, or their look.
        url: Where it was served from, after redirects.
        content_type: The header, for its charset.
    """
    page = parse_html(html, content_type)
    if page is None:
        return Story(url=url, title=title_from_url(url))
    meta = read_metadata(page, url)
    block = find_takeaways(page)
    if block is not None:
        remove_takeaways(block)
    title = meta.title or title_from_url(url)
    passages = _body(page, url, title, meta)
    paragraphs = tuple(text for text, _ in passages)
    return Story(
        url=meta.canonical_url or url,
        title=title,
        text="\n\n".join(paragraphs),
        paragraphs=paragraphs,
        subheads=tuple(index for index, (_, is_subhead) in enumerate(passages) if is_subhead),
        summary=meta.summary,
        takeaways_given=block.bullets if block else (),
        authors=meta.authors,
        section=meta.section,
        language=meta.language,
        published_at=meta.published_at,
        updated_at=meta.updated_at,
        image_url=meta.image_url,
        image_alt=meta.image_alt,
        image_credit=meta.image_credit,
    )


def _body(page: HtmlElement, url: str, title: str, meta: Metadata) -> list[tuple[str, bool]]:
    """Return the body as (text, whether it is a sub-head), without empty sub-heads."""
    passages = list(_without_loose_heads(_passages(_extracted(page, url)), title))[:_MAX_PARAGRAPHS]
    found = sum(len(text) for text, _ in passages)
    if len(meta.body) >= _LONG_ENOUGH and found < _SHORT * len(meta.body):
        return [(meta.body, False)]
    return passages


def _extracted(page: HtmlElement, url: str) -> Any:
    """Return trafilatura's XML of the body, or None."""
    import trafilatura

    # It warns of every page without a text; here that is a story without one.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        document = trafilatura.bare_extraction(
            page, url=url, with_metadata=False, include_comments=False, include_tables=True, favor_precision=False
        )
    except (
        etree.LxmlError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        KeyError,
        RecursionError,
        AssertionError,
    ):
        return None  # it is written for pages, and meets things that are none
    return getattr(document, "body", None)


def _passages(body: Any) -> Iterator[tuple[str, bool]]:
    """Walk trafilatura's body: <head>, <p>, <list>, <quote>, <table>; text parted at <lb/>."""
    if body is None:
        return
    for element in body:
        if element.tag == "head":
            yield from ((line, len(line) <= _MAX_SUBHEAD) for line in _lines(element))
        elif element.tag in ("list", "table"):
            for part in element.iter("item", "cell"):
                yield from ((line, False) for line in _lines(part))
        else:
            yield from ((line, False) for line in _lines(element))


def _lines(element: Any) -> Iterator[str]:
    pieces: list[str] = []
    for node in element.iter():
        if node.tag in ("lb", "p", "item", "quote") and node is not element:
            pieces.append("\n")
        if isinstance(node.tag, str) and node.text:
            pieces.append(node.text.replace("\n", " "))
        if node.tail and node is not element:
            pieces.append(node.tail.replace("\n", " "))
    yield from (line for part in "".join(pieces).split("\n") if (line := plain_line(part)))


def _without_loose_heads(passages: Iterator[tuple[str, bool]], title: str) -> Iterator[tuple[str, bool]]:
    """Drop sub-heads with nothing below them, and the title where it is repeated."""
    folded_title = re.sub(r"\W+", "", title).casefold()
    waiting: str | None = None
    for text, is_subhead in passages:
        if is_subhead:
            waiting = None if re.sub(r"\W+", "", text).casefold() == folded_title else text
            continue
        if waiting is not None:
            yield waiting, True
            waiting = None
        yield text, False
