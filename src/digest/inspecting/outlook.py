"""What Outlook on Windows reads alone, and what it passes over: its conditional comments against the rest.

It must read the same words and reach the same links as everybody else, whatever tables hold them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from digest.inspecting.conditionals import Segment, as_outlook_reads, holds_in_outlook, read_conditionals
from digest.inspecting.findings import Finding, Level, Topic
from digest.inspecting.markup import read_page, said, text_of
from digest.inspecting.vml import shape_findings, shape_links, words_of

__all__ = ["outlook_findings"]

_WORD = re.compile(r"\w")


def outlook_findings(html: str, page: Any) -> Iterator[Finding]:
    """Find what Outlook's own parts would do to a letter.

    Args:
        html: the letter.
        page: the same, read.
    """
    segments, broken = read_conditionals(html)
    for each in broken:
        yield Finding(Level.ERROR, Topic.OUTLOOK, each.what, f"html:{each.line}", said(each.mark), each.hint)
    for segment in segments:
        if holds_in_outlook(segment.condition) is None:
            what, hint = "Outlook does not understand a condition.", 'Write it like "mso", "!mso" or "gte mso 9".'
            yield Finding(Level.ERROR, Topic.OUTLOOK, what, f"html:{segment.line}", segment.condition, hint)
    if broken:
        return  # who reads what can't be told
    outlook_page = _without_hidden(read_page(as_outlook_reads(html, segments)))
    yield from _of_words(segments, page, outlook_page)
    yield from _of_links(segments, page, outlook_page)
    yield from shape_findings(segments, page, outlook_page)


def _of_words(segments: tuple[Segment, ...], page: Any, outlook_page: Any) -> Iterator[Finding]:
    others, outlook = _squeezed(text_of(page)), _squeezed(text_of(outlook_page))
    for segment in segments:
        words, where, is_read = words_of(segment.body), f"html:{segment.line}", holds_in_outlook(segment.condition)
        if not segment.is_shown_by_others and is_read and _is_missing(words, others):
            what, hint = "Only Outlook on Windows shows these words.", "Say the same to everybody."
            yield Finding(Level.ERROR, Topic.OUTLOOK, what, where, said(words), hint)
        elif segment.is_shown_by_others and not is_read and _is_missing(words, outlook):
            yield _lost(words, where)
    for element in page.iter():
        if _is_hidden(element) and not _is_out_of_sight(element) and _is_missing(text_of(element), outlook):
            yield _lost(text_of(element), f"html:{element.sourceline}")


def _is_missing(words: str, text: str) -> bool:
    return bool(_WORD.search(words)) and _squeezed(words) not in text


def _squeezed(text: str) -> str:
    """Return `text` without spaces: tags part words in one reading, and not in the other."""
    return "".join(text.split())


def _lost(words: str, where: str) -> Finding:
    what, hint = (
        "Outlook on Windows doesn't show these words.",
        "Say them to Outlook too, between <!--[if mso]> and <![endif]-->.",
    )
    return Finding(Level.ERROR, Topic.OUTLOOK, what, where, said(words), hint)


def _of_links(segments: tuple[Segment, ...], page: Any, outlook_page: Any) -> Iterator[Finding]:
    drawn = shape_links(segments)
    others = {link.get("href") for link in page.iter("a")}
    outlook = {link.get("href") for link in outlook_page.iter("a")} | drawn
    for link in page.iter("a"):
        if (address := link.get("href")) and address not in outlook:
            what, hint = "A link is not there in Outlook on Windows.", "Give Outlook's part the same link."
            yield Finding(Level.ERROR, Topic.OUTLOOK, what, f"html:{link.sourceline}", said(address), hint)
    for address in sorted({*filter(None, outlook), *drawn} - others):
        what, hint = "A link is there in Outlook on Windows alone.", "Let it lead where everybody's leads."
        at = next((each.line for each in segments if address in each.body.replace("&amp;", "&")), 1)
        yield Finding(Level.ERROR, Topic.OUTLOOK, what, f"html:{at}", said(address), hint)


def _without_hidden(page: Any) -> Any:
    """Take out what is marked to be hidden from Outlook (mso-hide: all)."""
    for element in [each for each in page.iter() if _is_hidden(each)]:
        if element.getparent() is not None:
            element.drop_tree()
    return page


def _is_hidden(element: Any) -> bool:
    return isinstance(element.tag, str) and "mso-hide:all" in (element.get("style") or "").replace(" ", "").lower()


def _is_out_of_sight(element: Any) -> bool:
    return "display:none" in (element.get("style") or "").replace(" ", "").lower()
