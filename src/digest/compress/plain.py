"""Plain text out of whatever a page or a feed calls text: no tags, no entities, nothing invisible.

Words are kept; what could hide, reorder or run them is not. Nothing here knows a language.
"""

from __future__ import annotations

import html
import re
import unicodedata

__all__ = ["blank_markup", "collapse", "plain_text", "strip_invisible"]

_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!\[CDATA\[|\]\]>|<![A-Za-z][^<>]*>|<!--|-->|<\?[a-z][^<>]*>")
_BLOCK_TAG = re.compile(
    r"</?(?:p|div|br|hr|li|ul|ol|h[1-6]|tr|td|th|table|blockquote|section|article|figure|figcaption|pre|aside)\b",
    re.IGNORECASE,
)
_OPEN_TAG_LEFT = re.compile(r"<(?=[A-Za-z/!?])")
_SPACE = re.compile(r"\s+")
_LAYOUT = str.maketrans("", "", "\n\t\r\u00a0\u202f\u2009\u3000")
_ROUNDS_OF_ESCAPING = 3  # "&amp;lt;b&amp;gt;" is met in feeds; deeper nesting is an attack or a lost cause

# Zero-width joiners shape words in these scripts and join emoji; elsewhere they only hide things.
_JOINERS = "\u200c\u200d"
_JOINING_SCRIPTS = ("ARABIC", "DEVANAGARI", "BENGALI", "SYRIAC", "MALAYALAM", "KANNADA", "TAMIL", "TELUGU", "SINHALA")


def plain_text(text: str) -> str:
    """Return `text` without tags, entities and invisible characters, on one line, its words kept.

    What was escaped markup is stripped too, so that the result holds no tag however it was wrapped.
    """
    for _ in range(_ROUNDS_OF_ESCAPING):
        stripped = html.unescape(_TAG.sub(" ", text)) if ("<" in text or "&" in text) else text
        if stripped == text:
            break
        text = stripped
    if "<" in text:
        text = _OPEN_TAG_LEFT.sub("", _TAG.sub(" ", text))
    return collapse(strip_invisible(text))


def collapse(text: str) -> str:
    """Return `text` on one line, with single spaces."""
    return _SPACE.sub(" ", text).strip()


def strip_invisible(text: str) -> str:
    """Return `text` without control, bidirectional, zero-width, private and unpaired characters.

    Controls become spaces, for they often stood for one; line breaks and tabs stay.
    """
    if text.translate(_LAYOUT).isprintable():
        return text
    return "".join(_visible(text, at) for at in range(len(text)))


def _visible(text: str, at: int) -> str:
    character = text[at]
    if character.isprintable() or character in "\n\t\r\u00a0\u202f\u2009\u3000":
        return character
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    if character in _JOINERS and _joins(text, at):
        return character
    return " " if category in ("Zs", "Zl", "Zp") else ""


def _joins(text: str, at: int) -> bool:
    if not 0 < at < len(text) - 1:
        return False
    before, after = text[at - 1], text[at + 1]
    if unicodedata.category(before) in ("So", "Sk") or before == "\ufe0f":
        return unicodedata.category(after) in ("So", "Sk", "Sm")
    return unicodedata.name(before, "").startswith(_JOINING_SCRIPTS)


def blank_markup(text: str) -> str:
    """Return `text` with its tags, scripts and styles overwritten by blanks: every character keeps its place."""
    if "<" not in text:
        return text
    for name in ("script", "style"):
        text = _blank_elements(text, name)
    return _TAG.sub(_blanks, text)


def _blanks(match: re.Match[str]) -> str:
    tag = match.group()
    return "\n\n".ljust(len(tag)) if _BLOCK_TAG.match(tag) else " " * len(tag)


def _blank_elements(text: str, name: str) -> str:
    lower = text.lower()
    if len(lower) != len(text):  # a letter whose lower case is longer; places would shift
        return text
    parts, at = [], 0
    while (start := lower.find(f"<{name}", at)) >= 0 and (end := lower.find(f"</{name}", start)) >= 0:
        parts += [text[at:start], " " * (end - start)]
        at = end
    return "".join(parts) + text[at:]
