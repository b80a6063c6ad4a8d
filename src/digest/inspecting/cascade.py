"""What a program that knows CSS makes of a letter's styles: light, dark, and in Outlook's own dark mode.

As much of the cascade as a letter needs: style attributes, <style> rules with their weight and importance,
inheritance of what inherits. A screen wide enough for a desktop is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from digest.inspecting.markup import Rule, declarations, rules_of

__all__ = ["MODES", "Looks", "looks_of"]

MODES: Mapping[str, str] = {"light": "light", "dark": "dark", "outlook": "Outlook's dark mode"}

_INHERITED = frozenset({"color", "font-size", "font-weight", "line-height"})
_LENGTH = re.compile(r"(-?\d*\.?\d+)\s*(px|em|rem|pt|%)?")
_ROOT_PX = 16.0

_Values = dict[str, tuple[tuple[int, int, tuple[int, ...], int], str]]  # by property: its weight, its value


@dataclass(frozen=True, slots=True)
class Looks:
    """The styles of a page's elements in one mode."""

    _own: Mapping[Any, Mapping[str, str]]

    def value(self, element: Any, name: str) -> str:
        """Return the value of a property, inherited if need be; "" when nothing says so."""
        own = self._own.get(element, {}).get(name, "")
        if (not own or own == "inherit") and name in _INHERITED and element.getparent() is not None:
            return self.value(element.getparent(), name)
        return own

    def pixels(self, element: Any, name: str) -> float | None:
        """Return a length in pixels; None when it is not told or told in no known unit."""
        own = self._own.get(element, {}).get(name, "")
        parent = element.getparent()
        match = _LENGTH.fullmatch(own)
        if match is None:
            return self.pixels(parent, name) if parent is not None and name in _INHERITED else None
        number, unit = float(match[1]), match[2]
        if unit == "px" or not number:
            return number
        if unit == "pt":
            return number * 4 / 3
        if unit == "rem":
            return number * _ROOT_PX
        outer = element if name != "font-size" else parent
        size = self.pixels(outer, "font-size") if outer is not None else None
        return (number / 100 if unit == "%" else number) * (_ROOT_PX if size is None else size)

    def is_shown(self, element: Any) -> bool:
        """Tell whether neither the element nor one around it is taken out of the page."""
        while element is not None:
            if self._own.get(element, {}).get("display") == "none":
                return False
            element = element.getparent()
        return True


def looks_of(page: Any, mode: str) -> Looks:
    """Return how `page` looks in one of `MODES`."""
    body = page.find("body")
    if mode == "outlook" and body is not None:
        body.set("data-ogsc", "")
        body.set("data-ogsb", "")
    try:
        return Looks(_resolved(page, mode))
    finally:
        if mode == "outlook" and body is not None:
            del body.attrib["data-ogsc"], body.attrib["data-ogsb"]


def _resolved(page: Any, mode: str) -> Mapping[Any, Mapping[str, str]]:
    from cssselect import SelectorError
    from cssselect import parse as parse_selector
    from lxml.cssselect import CSSSelector

    found: dict[Any, _Values] = {}
    for order, rule in enumerate(rules_of(page)):
        if not _applies(rule, mode):
            continue
        try:
            weight = parse_selector(rule.selector)[0].specificity()
            elements = CSSSelector(rule.selector, translator="html")(page)
        except SelectorError:
            continue
        for element in elements:
            for name, value in rule.declarations:
                _put(found.setdefault(element, {}), name, value, 0, weight, order)
    for element in page.iter():
        if isinstance(element.tag, str):
            values = found.setdefault(element, {})
            if bgcolor := element.get("bgcolor"):
                values.setdefault("background-color", ((0, -1, (), 0), bgcolor))
            for name, value in declarations(element.get("style") or ""):
                _put(values, name, value, 1, (), 0)
    return {element: {name: value for name, (_, value) in values.items()} for element, values in found.items()}


def _put(values: _Values, name: str, value: str, inline: int, weight: tuple[int, ...], order: int) -> None:
    bare = value.removesuffix("!important").strip()
    rank = (int(bare != value), inline, weight, order)
    name = "background-color" if name == "background" else name
    if name not in values or values[name][0] <= rank:
        values[name] = (rank, bare.lower())


def _applies(rule: Rule, mode: str) -> bool:
    media = rule.media.replace(" ", "").lower()
    if rule.selector.startswith("@") or "max-width" in media or "print" in media or ":" in rule.selector:
        return False
    if "prefers-color-scheme:dark" in media:
        return mode == "dark"
    return not ("prefers-color-scheme:light" in media and mode != "light")
