"""Whether every text stands out from its paper: WCAG 2.2 AA, in light, in dark, and as Outlook darkens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from digest.inspecting.cascade import MODES, Looks, looks_of
from digest.inspecting.findings import Finding, Level, Topic
from digest.inspecting.markup import rules_of, said, shown_elements
from digest.render.contrast import AA, contrast

__all__ = ["colour_findings"]

_AA_LARGE = 3.0  # WCAG 2.2 §1.4.3: from 24 px, or 18.66 px bold
_LARGE_PX, _LARGE_BOLD_PX = 24.0, 18.66
_NAMED = {"white": "#FFFFFF", "black": "#000000", "red": "#FF0000", "gray": "#808080", "grey": "#808080"}
_RGB = re.compile(r"rgb\((\d{1,3}), ?(\d{1,3}), ?(\d{1,3})\)")
_INK, _PAPER = "#000000", "#FFFFFF"
_WORD = re.compile(r"\w")


def colour_findings(page: Any) -> Iterator[Finding]:
    """Find texts that can't be made out, each pair of colours once a mode."""
    if not any("prefers-color-scheme" in rule.media for rule in rules_of(page)):
        what, hint = "The letter has no dark twin.", "Add prefers-color-scheme rules: programs guess otherwise."
        yield Finding(Level.WARNING, Topic.COLOUR, what, "html", "", hint)
    for mode, name in MODES.items():
        if mode == "outlook" and not any("data-ogsc" in rule.selector for rule in rules_of(page)):
            continue
        yield from _of_mode(page, looks_of(page, mode), name)


def _of_mode(page: Any, looks: Looks, mode: str) -> Iterator[Finding]:
    seen: set[tuple[str, str, bool]] = set()
    for element in shown_elements(page):
        own = " ".join((element.text or "", *(child.tail or "" for child in element)))
        if not _WORD.search(own) or not looks.is_shown(element):
            continue
        ink = _colour(looks.value(element, "color")) or _INK
        paper = _paper(element, looks)
        size = looks.pixels(element, "font-size") or 16.0
        is_bold = looks.value(element, "font-weight") in ("bold", "bolder", "700", "800", "900")
        is_large = size >= _LARGE_PX or (is_bold and size >= _LARGE_BOLD_PX)
        least, ratio = _AA_LARGE if is_large else AA, contrast(ink, paper)
        if ratio >= least or (ink, paper, is_large) in seen:
            continue
        seen.add((ink, paper, is_large))
        what = f"In {mode}, {ink} on {paper} has a contrast of {ratio:.1f}:1; {least:g}:1 are needed."
        hint = "Change the colour in theme.toml."
        yield Finding(Level.ERROR, Topic.COLOUR, what, f"html:{element.sourceline}", said(own), hint)


def _paper(element: Any, looks: Looks) -> str:
    while element is not None:
        if colour := _colour(looks.value(element, "background-color")):
            return colour
        element = element.getparent()
    return _PAPER


def _colour(value: str) -> str:
    """Return #RRGGBB, or "" for what is none or can't be told."""
    told = value.strip().lower()
    if re.fullmatch(r"#[0-9a-f]{6}", told):
        return told.upper()
    if re.fullmatch(r"#[0-9a-f]{3}", told):
        return "#" + "".join(digit * 2 for digit in told[1:]).upper()
    if match := _RGB.fullmatch(told):
        return "#" + "".join(f"{min(255, int(part)):02X}" for part in match.groups())
    return _NAMED.get(told, "")
