"""Key points that stand in one line ("Key Takeaways: Rents fell. Wages rose."), and those that were cut off.

Systems that make excerpts flatten a page's list of key points into one line and cut it at some length.
The line is parted into its points again; a point that was cut is completed from the body, by the
sentence that begins with the same letters, or left out. Whole points are not touched.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from digest.collect.pages.headings import is_plain_key_points_heading
from digest.collect.prose import folded

__all__ = ["key_points_of", "sentences_of", "whole_points", "whole_summary", "without_label"]

_MAX_LABEL = 50
_MAX_POINTS = 10
_LEAST_LETTERS = 12  # that must agree before a sentence counts as the rest of a point
_LEAST_WORDS = 3
_TAIL = 80  # characters at the end that tell how a line ends: nobody's row of dots is searched through
_LABEL = re.compile(rf"^\W*(?P<label>[^:\n]{{3,{_MAX_LABEL}}}?)\s*[:\uff1a]\s*")
# An ellipsis in any spelling, alone, in brackets, or before a call to read on.
_CUT = re.compile(
    r"\s*(?:\[?\(?\s*(?:…|\.{2,}|\.\s\.\s\.)\s*\)?\]?)\s*"
    r"(?:(?:read|continue|keep) (?:more|reading|on)\b.{0,40}|weiterlesen\b.{0,20}|[»›→>]+)?\W*$",
    re.IGNORECASE,
)
_MARKS = (
    re.compile(r"\s*[•▪‣●■◦►✓✔]\s*"),
    re.compile(r"(?:^|(?<=[.!?;])\s+)[–—*-]\s+"),
    re.compile(r"(?:^|\s+)\d{1,2}[.)]\s+"),
)
_STOP = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+(?=[\"'“‘«„(¿¡]*[^\W_a-zß-öø-ÿ])|(?<=[。！？｡।])(?=\S)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(“\"'])(?:Mr|Mrs|Ms|Dr|Prof|St|Gov|Sen|Rep|Gen|Lt|Col|Sgt|Capt|Rev|Hon|No|Nr|vs|Jr|Sr|Inc|Ltd|Co|Corp"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|approx|ca|bzw|z\.B|u\.a|d\.h|etc|e\.g|i\.e|[^\W\d_])\.$",
)
_INITIALS = re.compile(r"(?:^|[\s(])(?:[A-Z]\.){2,}$|\b[ap]\.m\.$")
_OPENERS = re.compile(
    r"(?:The|This|That|These|Those|It|He|She|They|We|You|I|A|An|In|On|At|But|And|So|Some|Many|If|When|While|After|As"
    r"|For|With|His|Her|Their|Its|Our|There|No|Not|Now|However|Officials|Discussions|Meanwhile)\b"
)
_DOTS = re.compile(r"\s*\[?\.{2,}\]?\s*$")
_ENDS = re.compile(r"[.!?。！？｡।؟][\"'”’»)\]」』]*$")


def key_points_of(text: str) -> tuple[str, ...]:
    """Return the points of a line that begins with "Key Takeaways:" or the like, () for any other; cut ones as cut."""
    told = without_label(text)
    if told == html.unescape(text).strip():
        return ()
    return tuple(dict.fromkeys(_parts(told)))[:_MAX_POINTS]


def without_label(text: str) -> str:
    """Return `text` without a "Key Takeaways:" at its beginning."""
    text = html.unescape(text).strip()
    match = _LABEL.match(text)
    return text[match.end() :] if match and is_plain_key_points_heading(match["label"]) else text


def whole_points(points: Iterable[str], body: Iterable[str]) -> tuple[str, ...]:
    """Return `points` without any that is cut: completed from the paragraphs of `body`, or left out."""
    told = [html.unescape(point).strip() for point in points]
    sentences: list[tuple[str, str]] = []
    if any(_may_be_cut(point) for point in told):
        sentences = [(folded(sentence), sentence) for paragraph in body for sentence in sentences_of(paragraph)]
    return tuple(dict.fromkeys(whole for point in told if (whole := _whole(point, sentences))))


def whole_summary(text: str, body: Iterable[str]) -> str:
    """Return a standfirst without a label of key points; where it had one, its last sentence completed or left out.

    Other standfirsts may stay cut, for lists whose readers read on elsewhere; but three dots that cut one off become
    an ellipsis, so that nobody takes them for a full stop.
    """
    told = without_label(text)
    if told == html.unescape(text).strip():
        return text[:-_TAIL] + _DOTS.sub("…", text[-_TAIL:])
    return " ".join(whole_points(_parts(told), body))


def sentences_of(text: str) -> Iterator[str]:
    """Yield the sentences of `text`; an abbreviation or an initial ends none."""
    begin = 0
    for match in _STOP.finditer(text):
        before = text[begin : match.end()].strip()
        told = before.rstrip("\"'”’»)] ")
        if _INITIALS.search(told[-_TAIL:]):
            if not _OPENERS.match(text, match.end()):
                continue
        elif _ABBREVIATION.search(told[-_TAIL:]):
            continue
        yield before
        begin = match.end()
    if rest := text[begin:].strip():
        yield rest


def _parts(text: str) -> Iterator[str]:
    """Part `text` at its lines, its bullets, or the dashes or numbers that it begins with; else into sentences."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) > 1:
        yield from (line.lstrip(" •·▪‣●■◦►✓✔*–—-") for line in lines)
        return
    mark = next((mark for mark in _MARKS if mark.match(text)), None)
    if mark is None and _MARKS[0].search(text):
        mark = _MARKS[0]
    for part in mark.split(text) if mark else sentences_of(text):
        if point := part.strip(" \t\n;"):
            yield point


def _may_be_cut(point: str) -> bool:
    return _uncut(point) != point or not _ENDS.search(point[-_TAIL:])


def _uncut(text: str) -> str:
    """Return `text` without an ellipsis at its end, and without a call to read on behind it."""
    return text[:-_TAIL] + _CUT.sub("", text[-_TAIL:])


def _whole(point: str, sentences: list[tuple[str, str]]) -> str:
    """Return `point`, the sentence that it is the beginning of where it is cut, or "" where there is none.

    Args:
        point: As the page has it.
        sentences: The body's, each behind its letters.
    """
    beginning = _uncut(point)
    is_cut = beginning != point
    start = folded(beginning)
    is_telling = len(start) >= _LEAST_LETTERS and len(beginning.split()) >= _LEAST_WORDS
    if is_telling and _may_be_cut(point):
        for letters, sentence in sentences:
            if letters.startswith(start) and (is_cut or _ends_within_word(start, sentence)):
                return "" if _uncut(sentence) != sentence else sentence
    return "" if is_cut else point


def _ends_within_word(start: str, sentence: str) -> bool:
    """Return whether the letters of `start` end in the middle of one of the words of `sentence`."""
    seen = 0
    for word in re.findall(r"\w+", sentence):
        seen += len(folded(word))
        if seen >= len(start):
            return seen > len(start)
    return False
