"""Checks what a theme made before it is trusted: the MJML strictly, then the finished letter.

mjml-python passes unknown tags and attributes over in silence, takes `mj-include` for nothing, and
dies of deep nesting; so what may stand in a letter is listed here, and nothing else may. The letter is
checked for what the law and Gmail ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from xml.parsers import expat

from digest.render.galley import Galley

__all__ = ["Problem", "letter_problems", "mjml_problems"]

_MAX_DEPTH = 48  # mrml recurses; 20,000 levels end the process
_MAX_STYLE_BYTES = 8_192  # Gmail drops a <style> beyond it

_BOX = "padding padding-top padding-right padding-bottom padding-left css-class"
_BORDERS = "border border-top border-right border-bottom border-left border-radius"
_TYPE = "color font-family font-size font-style font-weight letter-spacing line-height text-decoration text-transform"

# tag → (what it may stand in, its attributes)
_MJML: Mapping[str, tuple[str, str]] = {
    "mjml": ("", "lang dir"),
    "mj-head": ("mjml", ""),
    "mj-body": ("mjml", "width background-color css-class"),
    "mj-title": ("mj-head", ""),
    "mj-preview": ("mj-head", ""),
    "mj-breakpoint": ("mj-head", "width"),
    "mj-attributes": ("mj-head", ""),
    "mj-all": ("mj-attributes", f"{_BOX} {_TYPE}"),
    "mj-class": ("mj-attributes", f"name {_BOX} {_TYPE} {_BORDERS} background-color width height align"),
    "mj-style": ("mj-head", ""),
    "mj-raw": ("mj-head mj-body mj-column", ""),
    "mj-wrapper": ("mj-body", f"{_BOX} {_BORDERS} background-color full-width text-align mj-class"),
    "mj-section": (
        "mj-body mj-wrapper mj-attributes",
        f"{_BOX} {_BORDERS} background-color direction full-width text-align mj-class",
    ),
    "mj-group": ("mj-section", "width background-color direction vertical-align css-class mj-class"),
    "mj-column": (
        "mj-section mj-group mj-attributes",
        f"{_BOX} {_BORDERS} width background-color direction vertical-align mj-class",
    ),
    "mj-text": ("mj-column mj-attributes", f"{_BOX} {_TYPE} align height container-background-color mj-class"),
    "mj-image": (
        "mj-column mj-attributes",
        f"{_BOX} {_BORDERS} src alt href title width height align fluid-on-mobile container-background-color mj-class",
    ),
    "mj-divider": (
        "mj-column mj-attributes",
        f"{_BOX} border-color border-style border-width width align container-background-color mj-class",
    ),
    "mj-spacer": ("mj-column mj-attributes", f"{_BOX} height container-background-color mj-class"),
}
_TEXT_ONLY = frozenset({"mj-title", "mj-preview", "mj-style"})
_HOLDS_HTML = frozenset({"mj-text", "mj-raw"})

_PLAIN_HTML = "p span strong b em i br h1 h2 h3 h4 ul ol li div sup sub small time blockquote hr tbody"
_ANY_HTML = "class id style lang dir title role aria-hidden aria-label"
_CELL = f"{_ANY_HTML} width height align valign bgcolor colspan rowspan"
_HTML: Mapping[str, str] = {
    **dict.fromkeys(_PLAIN_HTML.split(), _ANY_HTML),
    "a": f"{_ANY_HTML} href name",
    "img": f"{_ANY_HTML} src alt width height border align",
    "table": f"{_ANY_HTML} width align border cellpadding cellspacing bgcolor",
    "tr": _CELL,
    "td": _CELL,
    "th": f"{_CELL} scope",
    "meta": "name content",
}
_PIXELS = re.compile(r"\d{1,4}px( \d{1,4}px){0,3}")
_ADDRESS = re.compile(r"(https?://|mailto:|#|x[0-9a-f]{12}x[a-z]+x$)")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with rendered MJML."""

    line: int  # of the rendered MJML, from 1
    what: str
    hint: str = ""


class _Stop(Exception):  # noqa: N818  (no error: the rest is not worth reading)
    """What follows can't be judged."""


def mjml_problems(mjml: str) -> tuple[Problem, ...]:
    """Find every tag and attribute that may not stand there, and what would not parse."""
    reader = _MjmlReader()
    return reader.read(mjml)


class _MjmlReader:
    """Walks the MJML once with expat, which knows its line."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.buffer_text = True
        self._parser.CharacterDataHandler = self._text
        self._open: list[str] = []
        self._problems: list[Problem] = []

    def read(self, mjml: str) -> tuple[Problem, ...]:
        try:
            self._parser.Parse(mjml.encode("utf-8", "surrogatepass"), True)
        except expat.ExpatError as error:
            hint = "Write &#160; and the like by number." if "entity" in str(error) else ""
            self._problems.append(Problem(error.lineno, f"is not well formed: {expat.ErrorString(error.code)}.", hint))
        except _Stop:
            pass
        if not self._problems and "\r" in mjml:
            self._problems.append(Problem(1, "has carriage returns, which mjml-python misreads.", "Save it with LF."))
        return tuple(self._problems)

    def _fault(self, what: str, hint: str = "") -> None:
        self._problems.append(Problem(self._parser.CurrentLineNumber, what, hint))

    def _doctype(self, *_: object) -> None:
        self._fault("has a DOCTYPE.", "Begin with <mjml>.")
        raise _Stop

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        parent = self._open[-1] if self._open else ""
        self._open.append(tag)
        if len(self._open) > _MAX_DEPTH:
            self._fault(f"is nested more than {_MAX_DEPTH} deep at <{tag}>.")
            raise _Stop
        if tag.startswith("mj"):
            self._check_mjml(tag, parent, attributes)
        else:
            self._check_html(tag, parent, attributes)

    def _end(self, tag: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        if self._open and self._open[-1] == "mj-style":
            for word in ("@import", "@font-face", "url(", "</"):
                if word in text:
                    self._fault(f"has {word!r} in <mj-style>.", "A letter loads nothing but its pictures.")

    def _check_mjml(self, tag: str, parent: str, attributes: dict[str, str]) -> None:
        known = _MJML.get(tag)
        if known is None:
            self._fault(f"has the unknown tag <{tag}>.", f"Known: {', '.join(_MJML)}.")
            return
        parents, names = known
        if parent not in (parents.split() or [""]):
            self._fault(f"has <{tag}> in <{parent}>.", f"It may stand in {parents or 'nothing'}.")
        for name, value in attributes.items():
            if name not in names.split():
                known_names = ", ".join(names.split()) or "none"
                self._fault(f"has <{tag} {name}=…>, which is unknown.", f"Known: {known_names}.")
            elif name.startswith("padding") and not _PIXELS.fullmatch(value):
                self._fault(f'has {name}="{value[:40]}".', "Write pixels with their unit, also 0px.")
            self._check_address(name, value)

    def _check_html(self, tag: str, parent: str, attributes: dict[str, str]) -> None:
        if parent in _TEXT_ONLY or not _HOLDS_HTML & set(self._open):
            self._fault(f"has <{tag}> in <{parent}>.", "HTML stands in <mj-text> or <mj-raw>.")
        names = _HTML.get(tag)
        if names is None:
            self._fault(f"has <{tag}>, which no letter needs.", f"Known: {', '.join(sorted(_HTML))}.")
            return
        for name, value in attributes.items():
            if name not in names.split():
                self._fault(f"has <{tag} {name}=…>, which is unknown.", f"Known: {names}.")
            self._check_address(name, value)
        if tag == "img" and "alt" not in attributes:
            self._fault("has <img> without alt.", 'Say what it shows, or alt="" for an ornament.')

    def _check_address(self, name: str, value: str) -> None:
        if name in ("href", "src") and not _ADDRESS.match(value):
            self._fault(f'has {name}="{value[:60]}".', "Only http, https, mailto, # and blanks lead anywhere.")


def letter_problems(letter: Galley, html: str, text: str) -> Iterator[str]:
    """Find what the finished letter lacks, each as a sentence."""
    for name, url in (("unsubscribe_url", letter.unsubscribe_url), ("browser_url", letter.browser_url)):
        if url and f'href="{escape(url)}"' not in html:
            yield f"The letter has no link to {name}."
        if url and url not in text:
            yield f"The text part has no {name}."
    if letter.address and escape(letter.address, quote=False) not in html:
        yield "The letter does not show the postal address, which the law asks for."
    if not html.startswith("<!DOCTYPE html>"):
        yield "The letter has no doctype: it would be shown in quirks mode."
    if "<link" in html or "@import" in html:
        yield "The letter loads a style sheet or a font; it may load nothing but its pictures."
    size = sum(len(style.encode()) for style in re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL))
    if size > _MAX_STYLE_BYTES:
        yield f"The letter's <style> has {size:,} bytes; beyond {_MAX_STYLE_BYTES:,} Gmail drops it."
