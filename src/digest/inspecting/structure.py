"""Whether a letter can be read by ear and by thumb: its language, headings, tables, pictures, sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from digest.inspecting.cascade import Looks, looks_of
from digest.inspecting.findings import Finding, Level, Topic
from digest.inspecting.links import LOOPBACK
from digest.inspecting.markup import said, shown_elements, text_of

__all__ = ["structure_findings"]

_LEAST_TYPE_PX = 13.0
_LEAST_TAP_PX = 24.0  # WCAG 2.2 §2.5.8; a link inside a sentence is excepted
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset("p div td th li h1 h2 h3 h4 h5 h6 blockquote".split())
_RTL = frozenset({"ar", "fa", "he", "iw", "ps", "sd", "ug", "ur", "yi"})
_FORBIDDEN = {"script": "Mail programs cut scripts out", "form": "Mail programs warn of forms or cut them out"}


def structure_findings(page: Any) -> Iterator[Finding]:
    """Find what screen readers, phones and people with images off would miss."""
    yield from _of_document(page)
    yield from _of_headings(page)
    looks = looks_of(page, "light")
    anchors = {element.get(name) for element in page.iter() for name in ("id", "name") if isinstance(element.tag, str)}
    for element in shown_elements(page):
        where = f"html:{element.sourceline}"
        if element.tag == "table" and element.get("role") != "presentation" and element.find(".//th") is None:
            what, hint = "A layout table is read out as a table.", 'Add role="presentation".'
            yield Finding(Level.WARNING, Topic.STRUCTURE, what, where, said(text_of(element)), hint)
        elif element.tag == "img":
            yield from _of_picture(element, where)
        elif element.tag == "a":
            yield from _of_link(element, where, anchors, looks)
        yield from _of_type(element, where, looks)


def _of_document(page: Any) -> Iterator[Finding]:
    for element in page.iter(*_FORBIDDEN):
        what = f"There is a <{element.tag}>. {_FORBIDDEN[element.tag]}."
        yield Finding(Level.ERROR, Topic.STRUCTURE, what, f"html:{element.sourceline}", "", "Take it out.")
    language, direction = page.get("lang", ""), page.get("dir", "")
    if not language:
        yield Finding(
            Level.ERROR, Topic.STRUCTURE, "The letter names no language.", "html:2", "<html>",
            "Add lang; screen readers choose the voice by it.",
        )  # fmt: skip
    expected = "rtl" if language.partition("-")[0].lower() in _RTL else "ltr"
    if direction not in ("ltr", "rtl"):
        yield Finding(Level.WARNING, Topic.STRUCTURE, "The letter names no direction.", "html:2", "<html>", "Add dir.")
    elif language and direction != expected:
        what = f"The direction does not fit the language {language}."
        yield Finding(Level.ERROR, Topic.STRUCTURE, what, "html:2", direction, f'Say dir="{expected}".')
    title = page.find("head/title")
    if title is None or not text_of(title):
        what, hint = "The letter has no title.", "Add <title>; a browser's tab shows it, and screen readers say it."
        yield Finding(Level.ERROR, Topic.STRUCTURE, what, "html", "", hint)


def _of_headings(page: Any) -> Iterator[Finding]:
    before = 0
    shown = [element for element in shown_elements(page) if element.tag in _HEADINGS]
    if not any(element.tag == "h1" for element in shown):
        what, hint = "The letter has no first heading.", "Make the masthead an <h1>."
        yield Finding(Level.WARNING, Topic.STRUCTURE, what, "html", "", hint)
    for element in shown:
        level = int(element.tag[1])
        if before and level > before + 1:
            what = f"A heading of level {level} follows one of level {before}."
            hint = f"Make it an <h{before + 1}>: those who listen go from heading to heading."
            where = f"html:{element.sourceline}"
            yield Finding(Level.WARNING, Topic.STRUCTURE, what, where, said(text_of(element)), hint)
        before = level


def _of_picture(element: Any, where: str) -> Iterator[Finding]:
    source = said(element.get("src", ""))
    if element.get("alt") is None:
        what, hint = "A picture has no alt.", 'Say what it shows, or alt="" for an ornament.'
        yield Finding(Level.ERROR, Topic.PICTURES, what, where, source, hint)
    elif not element.get("alt") and element.getparent().tag == "a" and not text_of(element.getparent()):
        what, hint = "A linked picture has an empty alt: with images off the link is gone.", "Say where it leads."
        yield Finding(Level.WARNING, Topic.PICTURES, what, where, source, hint)
    if not (element.get("width") or "").isdigit():
        what, hint = "A picture has no width in pixels.", "Add width: Outlook shows it in its own size otherwise."
        yield Finding(Level.WARNING, Topic.PICTURES, what, where, source, hint)
    if not source:
        yield Finding(Level.ERROR, Topic.PICTURES, "A picture has no address.", where, "", "Add src, or take it out.")
    elif source.startswith("data:"):
        what, hint = "A picture is in the letter itself; Gmail does not show it.", "Put it on the web."
        yield Finding(Level.ERROR, Topic.PICTURES, what, where, source, hint)
    elif source.startswith("http:") and urlsplit(source).hostname not in LOOPBACK:
        what, hint = "A picture comes over http; programs that fetch by https leave it out.", "Use https."
        yield Finding(Level.WARNING, Topic.PICTURES, what, where, source, hint)


def _of_link(element: Any, where: str, anchors: set[str | None], looks: Looks) -> Iterator[Finding]:
    address = element.get("href")
    pictures = [picture.get("alt") for picture in element.iter("img")]
    words = text_of(element) or element.get("aria-label") or "".join(filter(None, pictures))
    if address is None:
        return
    if not address or address == "#":
        what, hint = "A link leads nowhere.", "Give it an address, or take it out."
        yield Finding(Level.ERROR, Topic.LINKS, what, where, said(words), hint)
    elif address.startswith("#") and address[1:] not in anchors:
        what, hint = "A link leads to a place that is not in the letter.", f'Add id="{address[1:]}" there.'
        yield Finding(Level.ERROR, Topic.LINKS, what, where, address, hint)
    if not words:
        what, hint = "A link has no words.", "Say where it leads; to those who listen it is nothing."
        yield Finding(Level.ERROR, Topic.LINKS, what, where, said(address), hint)
    block = next((up for up in element.iterancestors() if up.tag in _BLOCKS), None)
    if block is not None and words and text_of(block) == text_of(element) and not pictures:
        height = looks.pixels(element, "line-height")
        if height is not None and 0 < height < _LEAST_TAP_PX - 4:
            what = f"A link of its own is {height:.0f} px high, less than a thumb hits ({_LEAST_TAP_PX:.0f} px)."
            yield Finding(Level.NOTE, Topic.STRUCTURE, what, where, said(words), "Give it more line height.")


def _of_type(element: Any, where: str, looks: Looks) -> Iterator[Finding]:
    own = " ".join((element.text or "", *(child.tail or "" for child in element)))
    if not re.search(r"\w", own):
        return
    size = looks.pixels(element, "font-size")
    if size is not None and size < _LEAST_TYPE_PX:
        what = f"Text is set in {size:g} px."
        hint = f"Nothing under {_LEAST_TYPE_PX:g} px: phones don't enlarge it."
        yield Finding(Level.WARNING, Topic.STRUCTURE, what, where, said(own), hint)
