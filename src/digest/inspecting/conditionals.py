"""Outlook's conditional comments: where they begin and end, for whom they hold, and the letter as Outlook reads it.

`<!--[if mso]>…<![endif]-->` is a comment to all but Outlook on Windows; `<!--[if !mso]><!-->…<!--<![endif]-->` is
shown by all but it. Judges nothing but their form.
(https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/compatibility/ms537512(v=vs.85))
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Broken", "Segment", "as_outlook_reads", "holds_in_outlook", "read_conditionals"]

_WORD_VERSION = 16.0  # Outlook 2016 to 2024 and that of Microsoft 365
_MARK = re.compile(
    r"(?P<open><!--\[if\s+(?P<hidden>[^\]]*)\]>(?P<bare>\s*<!--(?:\s*--)?>|--+>)?)|(?P<old><!\[if\s+(?P<shown>[^\]]*)\]>)"
    r"|(?P<close>(?P<reveals><!--)?<!\[endif\](?:--+)?>)|(?P<plain><!--)|(?P<end>--+>)",
    re.IGNORECASE,
)
_TERM = re.compile(
    r"(?:(?P<how>lt|lte|gt|gte)\s+)?\b(?P<what>mso|ie|vml|true|false)\b(?:\s+(?P<number>\d+(?:\.\d+)?))?"
)
_STEPS = (
    (re.compile(r"!0"), "1"),
    (re.compile(r"!1"), "0"),
    (re.compile(r"\(([01])\)"), r"\1"),
    (re.compile(r"1&1"), "1"),
    (re.compile(r"0&[01]|1&0"), "0"),
    (re.compile(r"(?<!&)0\|0(?!&)"), "0"),
    (re.compile(r"(?<!&)(?:1\|[01]|0\|1)(?!&)"), "1"),
)


@dataclass(frozen=True, slots=True)
class Segment:
    """What stands between the beginning and the end of one conditional comment."""

    condition: str
    is_shown_by_others: bool  # by those who don't know such comments
    body: str
    line: int
    start: int  # of the whole comment in the letter, as is the next
    end: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A mark of a conditional comment that has no fellow, or not the one that it needs."""

    what: str  # a sentence
    line: int
    mark: str
    hint: str


def read_conditionals(html: str) -> tuple[tuple[Segment, ...], tuple[Broken, ...]]:
    """Return the conditional comments of a letter in order, and what is broken about them."""
    segments: list[Segment] = []
    broken: list[Broken] = []
    opened: re.Match[str] | None = None
    is_cut = in_comment = False
    for mark in _MARK.finditer(html):
        if in_comment:  # an ordinary one
            in_comment = not (mark["end"] or (mark["close"] and mark[0].endswith("-->")))
        elif mark["open"] or mark["old"]:
            if opened is not None:
                broken.append(_unclosed(html, opened))
            opened, is_cut = mark, False
        elif mark["close"]:
            if opened is not None:
                segments.append(_segment(html, opened, mark))
            else:
                broken.append(_unopened(html, mark))
            opened = None
        elif opened is None or not _hides(opened):
            in_comment = bool(mark["plain"])
        elif mark["end"] and not is_cut:
            is_cut = True
            broken.append(_cut_short(html, mark))
    if opened is not None:
        broken.append(_unclosed(html, opened))
    return tuple(segments), tuple(broken)


def holds_in_outlook(condition: str) -> bool | None:
    """Tell whether a condition holds in today's Outlook on Windows; None when it can't be understood."""
    told = re.sub(r"\s", "", _TERM.sub(lambda term: "1" if _is_so(term) else "0", condition.lower()))
    before = ""
    while told != before:
        before = told
        for pattern, result in _STEPS:
            told, changes = pattern.subn(result, told)
            if changes:
                break
    return {"1": True, "0": False}.get(told)


def as_outlook_reads(html: str, segments: tuple[Segment, ...]) -> str:
    """Return a letter with what Outlook on Windows alone reads, and without what it passes over; lines stay."""
    parts, at = [], 0
    for segment in segments:
        is_read = holds_in_outlook(segment.condition)
        parts.append(html[at : segment.start])
        parts.append(segment.body if is_read else "\n" * html.count("\n", segment.start, segment.end))
        at = segment.end
    return "".join((*parts, html[at:]))


def _hides(opening: re.Match[str]) -> bool:
    return bool(opening["open"]) and not opening["bare"]


def _segment(html: str, opening: re.Match[str], close: re.Match[str]) -> Segment:
    condition = (opening["hidden"] or opening["shown"] or "").strip()
    line = _line(html, opening.start())
    body = html[opening.end() : close.start()]
    return Segment(condition, not _hides(opening), body, line, opening.start(), close.end())


def _unclosed(html: str, opening: re.Match[str]) -> Broken:
    what = "A conditional comment is not closed: what follows is lost to Outlook, or to all but Outlook."
    close = "<![endif]-->" if _hides(opening) else "<!--<![endif]-->"
    return _broken(html, opening, what, f"Close it with {close} before the next one begins.")


def _unopened(html: str, close: re.Match[str]) -> Broken:
    return _broken(html, close, "A conditional comment ends that none began.", "Take the end out, or add a beginning.")


def _cut_short(html: str, end: re.Match[str]) -> Broken:
    what = "A comment inside a conditional comment ends it: all but Outlook show what follows."
    return _broken(html, end, what, "Take the inner comment out.")


def _broken(html: str, mark: re.Match[str], what: str, hint: str) -> Broken:
    shown = html[max(0, mark.start() - 24) : mark.end() + 24]
    return Broken(what, _line(html, mark.start()), shown, hint)


def _line(html: str, at: int) -> int:
    return html.count("\n", 0, at) + 1


def _is_so(term: re.Match[str]) -> bool:
    have = {"mso": _WORD_VERSION, "vml": 1.0, "true": 1.0}.get(term["what"])
    if have is None or term["number"] is None:
        return have is not None
    asked = float(term["number"])
    return {"lt": have < asked, "lte": have <= asked, "gt": have > asked, "gte": have >= asked}.get(
        term["how"] or "", have == asked
    )
