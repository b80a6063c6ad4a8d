"""Buttons as Outlook on Windows draws them: VML shapes, and links that are dressed up as buttons.

Word, which draws for Outlook, heeds a shape's own link and size, and no padding or colour of a link in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from digest.inspecting.conditionals import Segment, holds_in_outlook
from digest.inspecting.findings import Finding, Level, Topic
from digest.inspecting.markup import declarations, said, shown_elements, text_of

__all__ = ["shape_findings", "shape_links", "words_of"]

_TAG = re.compile(r"<(?P<end>/?)(?P<name>[vow]:[a-z0-9]+)\b(?P<rest>[^>]*?)(?P<empty>/?)>", re.IGNORECASE)
_HREF = re.compile(r"""(?<![\w-])href\s*=\s*["']([^"']*)""", re.IGNORECASE)
_STYLE = re.compile(r"""(?<![\w-])style\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_SHAPES = frozenset({"v:roundrect", "v:rect", "v:oval", "v:shape", "v:image"})
_UNSEEN = re.compile(r"<(style|xml|script)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_NOTHING = frozenset({"", "none", "transparent", "0", "0px", "initial", "inherit"})


@dataclass(frozen=True, slots=True)
class _Shape:
    name: str
    attributes: str
    inside: str
    line: int
    is_whole: bool  # it ends in the comment where it begins

    @property
    def link(self) -> str:
        found = _HREF.search(self.attributes)
        return unescape(found[1]).strip() if found else ""

    @property
    def style(self) -> dict[str, str]:
        found = _STYLE.search(self.attributes)
        return dict(declarations((found[1] or found[2] or "") if found else ""))


def words_of(markup: str) -> str:
    """Return the words of a piece of HTML that may be no whole, on one line."""
    return " ".join(unescape(_UNSEEN.sub(" ", markup)).split())


def shape_links(segments: tuple[Segment, ...]) -> frozenset[str]:
    """Return where the shapes lead that Outlook draws."""
    return frozenset(shape.link for shape in _shapes(segments)[0] if shape.link)


def shape_findings(segments: tuple[Segment, ...], page: Any, outlook_page: Any) -> Iterator[Finding]:
    """Find buttons that lose their link or their shape.

    Args:
        segments: the letter's conditional comments.
        page: the letter as all but Outlook read it.
        outlook_page: the letter as Outlook reads it.
    """
    shapes, loose = _shapes(segments)
    if any("xmlns:v" not in shape.attributes.lower() for shape in shapes) and "xmlns:v" not in page.attrib:
        what, hint = (
            "There is VML, but <html> doesn't say what it is: Outlook draws none of it.",
            "Add xmlns:v to <html>.",
        )
        yield Finding(Level.ERROR, Topic.OUTLOOK, what, "html:1", "<html>", hint)
    for name, line in loose:
        what = f"<{name}> has no fellow: Outlook takes all that follows for a part of it, or draws nothing."
        yield Finding(Level.ERROR, Topic.OUTLOOK, what, f"html:{line}", name, "Write both ends of it.")
    for shape in shapes:
        yield from _of_shape(shape)
    for element in shown_elements(outlook_page):
        if element.tag == "a" and element.get("href"):
            yield from _of_dressed_link(element)


def _of_shape(shape: _Shape) -> Iterator[Finding]:
    words, where = words_of(shape.inside), f"html:{shape.line}"
    quoted = said(words or f"<{shape.name}{shape.attributes}>")
    is_button = shape.is_whole and bool(words)
    if is_button and not shape.link:
        what, hint = "A button has no link in Outlook.", f"Give <{shape.name}> an href: links inside of it don't work."
        yield Finding(Level.ERROR, Topic.OUTLOOK, what, where, quoted, hint)
    sides = ("width", "height") if shape.is_whole else ("width",)  # what holds the others' words grows with them
    if missing := [side for side in sides if not _has_side(shape.style, side)]:
        what = f"A shape has no {' and no '.join(missing)}: Outlook draws none."
        yield Finding(Level.ERROR, Topic.OUTLOOK, what, where, quoted, "Say it in its style, in px.")


def _has_side(style: dict[str, str], side: str) -> bool:
    return style.get(side, "") not in _NOTHING or f"mso-{side}-percent" in style


def _of_dressed_link(link: Any) -> Iterator[Finding]:
    style = dict(declarations(link.get("style") or ""))
    if not (_is_coloured(style) and _is_padded(style)):
        return
    cell = next((up for up in link.iterancestors() if up.tag in ("td", "th")), None)
    around = dict(declarations(cell.get("style") or "")) if cell is not None else {}
    has_paper = cell is not None and (_is_coloured(around) or bool(cell.get("bgcolor")))
    if not has_paper:
        what = "A button is bare words in Outlook, which heeds no padding of a link."
    elif not (_is_padded(around) or "mso-padding-alt" in around):
        what = "A button is as tight as its words in Outlook, which heeds no padding of a link."
    else:
        return
    hint = "Give colour and mso-padding-alt to a table cell around it, or add a VML shape."
    yield Finding(Level.ERROR, Topic.OUTLOOK, what, f"html:{link.sourceline}", said(text_of(link)), hint)


def _is_coloured(style: dict[str, str]) -> bool:
    return any(style.get(name, "").lower() not in _NOTHING for name in ("background", "background-color"))


def _is_padded(style: dict[str, str]) -> bool:
    values = " ".join(value for name, value in style.items() if name.startswith("padding")).split()
    return any(value.lower() not in _NOTHING for value in values)


def _shapes(segments: tuple[Segment, ...]) -> tuple[tuple[_Shape, ...], tuple[tuple[str, int], ...]]:
    """Return the shapes that Outlook draws, and the names and lines of tags without a fellow."""
    shapes: list[_Shape] = []
    waiting: list[tuple[str, str, int, Segment, int]] = []  # name, attributes, line, segment, where its inside begins
    loose: list[tuple[str, int]] = []
    for segment in segments:
        if not holds_in_outlook(segment.condition):
            continue
        for tag in _TAG.finditer(segment.body):
            name, line = tag["name"].lower(), segment.line + segment.body.count("\n", 0, tag.start())
            if tag["empty"]:
                if name in _SHAPES:
                    shapes.append(_Shape(name, tag["rest"], "", line, is_whole=True))
            elif not tag["end"]:
                waiting.append((name, tag["rest"], line, segment, tag.end()))
            elif waiting and waiting[-1][0] == name:
                _, attributes, began, where, inside = waiting.pop()
                is_whole = where is segment
                told = segment.body[inside : tag.start()] if is_whole else ""
                if name in _SHAPES:
                    shapes.append(_Shape(name, attributes, told, began, is_whole))
            else:
                loose.append((name, line))
    return tuple(shapes), (*loose, *((name, line) for name, _, line, _, _ in waiting))
