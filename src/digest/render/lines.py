"""Single lines of text: cleaned, cut, wrapped and measured; and links that are safe to follow.

Everything that came from outside passes through `one_line` or `web_link` before a reader sees it.
Nothing here knows a letter or a language.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from urllib.parse import quote, urlsplit, urlunsplit

__all__ = [
    "clip",
    "columns",
    "host_of",
    "lead_in",
    "one_line",
    "unbroken",
    "web_link",
    "without_widow",
    "wrap",
]

# What a reader can't see and a mail must not carry: control characters (a terminal acts on them, XML
# forbids them), bidirectional embeddings, overrides and isolates (one left open turns the lines after
# it around), zero-width spaces, soft hyphens, lone surrogates. Joiners stay: emoji and Persian need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
# Not the no-break space: it holds a number and its unit together.
_BLANK = re.compile("[ \t\n\x0b\x0c\r\x1c-\x1f\x85\u2028\u2029]+")
_LINK_CHARACTERS = 2_000  # more is no article's address, and some apps cut it
_LINK_SAFE = "%/:?#@!$&()*+,;=~-._"
_SPACES = re.compile("[ \n]+")


def one_line(text: str) -> str:
    """Return `text` as one line that shows what it says: no control or direction marks, single spaces."""
    return _UNSEEN.sub("", _BLANK.sub(" ", text)).strip()


def clip(text: str, limit: int) -> str:
    """Return `text` cut to at most `limit` characters, the ellipsis included: at a word, unless that leaves little."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    if text[limit - 1] != " ":
        words = kept.rpartition(" ")[0]
        kept = words if len(words) > limit // 3 else kept
    return kept.rstrip(" ,;:.–—-") + "…"


def without_widow(text: str) -> str:
    """Return `text` with a short last word held to the one before it.

    Together they are short enough for a line of a lead on a phone, with text at 200 %: what doesn't fit is broken
    inside a word.
    """
    rest, _, last = text.rpartition(" ")
    before = rest.rpartition(" ")[2]
    if rest.count(" ") >= 2 and len(last) <= 6 and len(before) + len(last) <= 9:
        return f"{rest}\N{NO-BREAK SPACE}{last}"
    return text


_HYPHENED = re.compile("[\\w’']+(?:-[\\w’']+)+")
_SHORT_PART = re.compile("(?:[^\\W\\d_]|\\d{1,4})(?:[’'][^\\W\\d_])?")
_UNBROKEN_CHARACTERS = 10  # more may not fit a line of a lead on a phone, with text at 200 %


def unbroken(text: str) -> str:
    """Return `text` with the hyphens at which no line should be broken: beside a single letter or a number.

    "T-3's" and "Covid-19" stay whole, "night-ferry" need not.
    """
    return _HYPHENED.sub(lambda word: _held_together(word[0].split("-")), text)


def _held_together(parts: list[str]) -> str:
    word, length = parts[0], len(parts[0])  # how long it is since it may last be broken
    for before, after in pairwise(parts):
        is_held = bool(_SHORT_PART.fullmatch(before) or _SHORT_PART.fullmatch(after))
        is_held = is_held and length + 1 + len(after) <= _UNBROKEN_CHARACTERS
        word += ("\N{NON-BREAKING HYPHEN}" if is_held else "-") + after
        length = length + 1 + len(after) if is_held else len(after)
    return word


def web_link(url: str) -> str:
    """Return `url` fit for an href, or "" unless it is a plain http(s) address.

    An address with a name before the host ("https://bank.example@elsewhere.example") is refused:
    it is written to be misread.
    """
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return ""
    try:
        name = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    if not re.fullmatch(r"[A-Za-z0-9.:\[\]_-]+", name):
        return ""
    rest = (quote(part, safe=_LINK_SAFE, errors="replace") for part in (parts.path, parts.query, parts.fragment))
    link = urlunsplit((parts.scheme, name + port, *rest))
    return link if len(link) <= _LINK_CHARACTERS else ""


def host_of(url: str) -> str:
    """Return the host of `url` in lower case without "www.", or ""."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def columns(text: str) -> int:
    """Return how many terminal columns `text` takes: wide East Asian characters are two, marks none."""
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def wrap(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """Return `text` in lines of at most `width` columns, the first led by `first`, the others by `rest`.

    A word that is wider than a line is broken only where its script allows that (East Asian); others,
    such as addresses, stay whole and stick out.
    """
    lines: list[str] = []
    line = first
    is_empty = True
    for word in _pieces(text, width - columns(rest)):
        gap = "" if is_empty else " "
        if not is_empty and columns(line) + len(gap) + columns(word) > width:
            lines.append(line)
            line, gap = rest, ""
        line += gap + word
        is_empty = False
    return [*lines, line]


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _pieces(text: str, room: int) -> list[str]:
    """Return the words of `text`; wide ones of East Asian script in pieces of `room` columns."""
    pieces: list[str] = []
    for word in _SPACES.split(text):
        if columns(word) <= room or not any(unicodedata.east_asian_width(character) in "WF" for character in word):
            pieces.append(word)
            continue
        piece = ""
        for character in word:
            if columns(piece + character) > room:
                pieces.append(piece)
                piece = ""
            piece += character
        pieces.append(piece)
    return pieces


_FEWEST_LEAD_IN, _MOST_LEAD_IN = 3, 6  # words
_SHORT_WORD = 3  # letters: "of", "the", "to" are no place to stop at
_CLAUSE_END = re.compile(r"[,:;](?= )| [–—](?= )")


def lead_in(text: str) -> tuple[str, str]:
    """Part a takeaway where the eye may rest: behind its first short clause, else behind its first few words.

    The two parts together are the text.
    """
    words = text.split(" ")
    clause = _CLAUSE_END.search(" ".join(words[:_MOST_LEAD_IN]) + " ")
    if clause is not None and " " in text[: clause.start()]:
        cut = clause.start() if clause[0].startswith(" ") else clause.end()
        return text[:cut], text[cut:]
    count = _FEWEST_LEAD_IN
    while count < min(_MOST_LEAD_IN, len(words)) and len(words[count - 1]) <= _SHORT_WORD:
        count += 1
    cut = len(" ".join(words[:count]))
    return text[:cut], text[cut:]
