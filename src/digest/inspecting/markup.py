"""A letter's HTML as a tree with line numbers, and its <style> rules as data. Judges nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Rule", "declarations", "read_page", "rules_of", "said", "shown_elements", "text_of"]

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPLIT = re.compile(r";(?![^(]*\))")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a <style>, for one selector."""

    selector: str
    declarations: tuple[tuple[str, str], ...]  # names in lower case; values with their "!important"
    media: str = ""  # the conditions around it, "" for none
    line: int = 0


def read_page(html: str) -> Any:
    """Return the <html> element (lxml). Outlook's conditional comments stay comments."""
    import lxml.html

    return lxml.html.document_fromstring(html)


def rules_of(page: Any) -> tuple[Rule, ...]:
    """Return the rules of all <style> elements in order, one for each selector."""
    found: list[Rule] = []
    for style in page.iter("style"):
        media = style.get("media", "")
        found.extend(_rules(_COMMENT.sub("", style.text or ""), media, style.sourceline or 0))
    return tuple(found)


def _rules(css: str, media: str, line: int) -> Iterator[Rule]:
    at = 0
    while (opens := css.find("{", at)) >= 0:
        prelude = css[at:opens]
        closes = _closing(css, opens)
        body = css[opens + 1 : closes]
        here = line + css.count("\n", 0, at + len(prelude) - len(prelude.lstrip()))
        told = prelude.strip()
        if told.startswith(("@media", "@supports")):
            inner = told.removeprefix("@media").strip()
            yield from _rules(body, f"{media} and {inner}" if media else inner, line + css.count("\n", 0, opens))
        elif told.startswith("@"):
            yield Rule(told, tuple(declarations(body)), media, here)
        else:
            for selector in told.split(","):
                yield Rule(selector.strip(), tuple(declarations(body)), media, here)
        at = closes + 1


def _closing(css: str, opens: int) -> int:
    depth = 0
    for place in range(opens, len(css)):
        depth += {"{": 1, "}": -1}.get(css[place], 0)
        if not depth:
            return place
    return len(css)


def declarations(style: str) -> Iterator[tuple[str, str]]:
    """Yield name and value of each declaration of a style attribute or a rule's body."""
    for part in _SPLIT.split(style):
        name, colon, value = part.partition(":")
        if colon:
            yield name.strip().lower(), " ".join(value.split())


def shown_elements(page: Any) -> Iterator[Any]:
    """Yield the elements of the body that are not hidden, in order."""
    body = page.find("body")
    if body is not None:
        yield from _shown(body)


def _shown(element: Any) -> Iterator[Any]:
    if not isinstance(element.tag, str) or _is_hidden(element):
        return
    yield element
    for child in element:
        yield from _shown(child)


def _is_hidden(element: Any) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return "display:none" in style or element.tag in ("style", "script", "title")


def text_of(element: Any) -> str:
    """Return the text of an element and all in it, on one line."""
    return " ".join("".join(element.itertext()).split())


def said(text: str, most: int = 60) -> str:
    """Return `text` on one line, short enough to be quoted."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
