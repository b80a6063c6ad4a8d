"""Text → paragraphs → sentences, each with the place where it stands in the text.

A splitter by rule: a full stop ends a sentence unless an abbreviation, an initial, an ordinal or a
decimal explains it. It knows which sentences stand inside a quotation that runs over several. It
judges nothing else: furniture and sub-heads come out as sentences too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.compress.lexicon import Language
from digest.compress.plain import blank_markup, plain_text

__all__ = ["LONGEST_SENTENCE", "Sentence", "paragraph_spans", "split_sentences"]


LONGEST_SENTENCE = 1500  # characters: what is longer is no sentence, and no rule needs to look at it


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in plain text; `start` and `end` are where it stands in the text as given."""

    text: str
    start: int
    end: int
    index: int  # from 0
    paragraph: int  # from 0
    is_first_in_paragraph: bool
    is_alone_in_paragraph: bool
    is_inside_quotation: bool  # opened in an earlier sentence and not closed before this one


# A stop, what may close after it, and then a space, the end, or (in text whose spaces were lost)
# a capital right after a small letter.
_STOP = re.compile(
    r"(?P<stop>[.!?…]+|[。！？｡؟।]+)(?P<close>[\"'”’»›)\]“」』]*)"
    r"(?:(?P<space>\s+)|(?=$)|(?P<glued>(?!(?:Com|Net|Org|Js)\b)(?=[A-ZÀ-ÖØ-Þ\"“][a-zà-ÿ]|[A-Z][A-Z]* [a-z]))"
    r"|(?<=[。！？｡।])(?=.))"
)
_STARTS_SENTENCE = re.compile(r"[\"'“‘„«»‹(\[¿¡「『•–—-]*\s*(?:[^\W_]|[$€£¥₹#@])")
_STARTS_SMALL = re.compile(r"[\"'“‘„«»‹(\[–—-]*\s*[a-zß-öø-ÿ]")
_LAST_WORD = re.compile(r"(?:[^\W_]|[.’'&-])+\Z")
_INITIAL = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]\Z")
_NEXT_WORD = re.compile(r"[\"'“‘„«(\[]*([^\W_]+)")
_GLUED_BEFORE = re.compile(r"[^\W\d_]{3,}[.!?][\"'”’)]*\Z|\d{2,}[.!?]\Z|[.!?][\"”]\Z")
_LONGEST_WORD = 40  # how far back a word is looked for

_OPENING = "“„«「『"
_CLOSING = "”»」』"

# Line breaks inside a paragraph are met in hard-wrapped text; a blank line always parts.
_HARD_WRAP_LEAST, _HARD_WRAP_MOST = 45, 100
_ENDS_LINE = re.compile(r"[.!?…:;。！？]['\"”’»)\]]*\s*\Z")


def split_sentences(text: str, language: Language, *, most: int | None = None) -> tuple[Sentence, ...]:
    """Return the sentences of `text` in order, at most `most` of them; no characters but blanks are left over."""
    blanked = blank_markup(text)
    found: list[Sentence] = []
    for number, (start, end) in enumerate(paragraph_spans(text)):
        spans = [span for span in _sentence_spans(blanked, start, end, language) if plain_text(text[slice(*span)])]
        is_open = ""
        for place, (left, right) in enumerate(spans):
            found.append(
                Sentence(
                    text=plain_text(text[left:right]),
                    start=left,
                    end=right,
                    index=len(found),
                    paragraph=number,
                    is_first_in_paragraph=place == 0,
                    is_alone_in_paragraph=len(spans) == 1,
                    is_inside_quotation=bool(is_open),
                )
            )
            is_open = _quote_left_open(blanked, left, right, is_open)
        if most is not None and len(found) >= most:
            return tuple(found[:most])
    return tuple(found)


def paragraph_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return where the paragraphs of `text` stand, without the blanks around them."""
    spans: list[tuple[int, int]] = []
    is_continued = False
    for line in re.finditer(r"[^\n\r\u2028\u2029]+", blank_markup(text)):
        content = line.group().strip()
        if not content:
            is_continued = False
            continue
        start = line.start() + line.group().index(content)
        end = start + len(content)
        if (
            is_continued
            and spans
            and _is_one_break(text, spans[-1][1], start)
            and not content.startswith(("-", "•", "*"))
        ):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
        is_continued = _runs_on(content)
    return tuple(spans)


def _is_one_break(text: str, end: int, start: int) -> bool:
    return text[end:start].replace("\r\n", "\n").count("\n") <= 1


def _runs_on(line: str) -> bool:
    return _HARD_WRAP_LEAST <= len(line) <= _HARD_WRAP_MOST and not _ENDS_LINE.search(line)


def _sentence_spans(text: str, start: int, end: int, language: Language) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    left = start
    for match in _STOP.finditer(text, start, end):
        if match.start() < left or not _ends_sentence(text, match, left, end, language):
            continue
        right = match.end("close")
        spans.append((left, right))
        left = match.end()
    if left < end:
        spans.append((left, end))
    return spans


def _ends_sentence(text: str, match: re.Match[str], left: int, end: int, language: Language) -> bool:
    after = match.end()
    if after >= end:
        return True
    if match["glued"] is not None:
        return bool(_GLUED_BEFORE.search(text, max(left, after - _LONGEST_WORD), after))
    if not _STARTS_SENTENCE.match(text, after, end) or _STARTS_SMALL.match(text, after, end):
        return False
    stop = match["stop"]
    if stop[0] != "." or len(stop) > 1 or match["close"]:
        return True
    return not _explained(text, match.start(), after, left, end, language)


def _explained(text: str, at: int, after: int, left: int, end: int, language: Language) -> bool:
    """Say whether the full stop at `at` belongs to an abbreviation, an initial or an ordinal."""
    word_match = _LAST_WORD.search(text, max(left, at - _LONGEST_WORD), at)
    word = word_match.group() if word_match else ""
    following = _NEXT_WORD.match(text, after, end)
    next_word = following.group(1) if following else ""
    if word.isdigit():
        # German and Danish ordinals: "am 3. Oktober"; elsewhere "No. 3" was handled by its word.
        return (
            (language.code == "de" or not language.stop)
            and len(word) <= 2
            and not next_word.isdigit()
            and at - left > 3
        )
    bare = word.lower().strip(".'’")
    if _INITIAL.match(word):
        # "U.S." ends a sentence only before a word that is capitalised because it starts one.
        starts_one = next_word.lower() in language.stop and next_word != next_word.lower()
        return not starts_one or (len(word) == 1 and next_word.lower() not in language.pronouns)
    if bare in language.abbreviations:
        may_end = bare in ("etc", "inc", "ltd", "co", "corp", "jr", "sr", "al", "usw", "p.m", "a.m", "ecc")
        return not (may_end and next_word.lower() in language.stop)
    return False


def _quote_left_open(text: str, left: int, right: int, was_open: str) -> str:
    """Return the mark of a quotation still open at `right`, or "" when none is."""
    mark = was_open
    for place in range(left, right):
        character = text[place]
        if character == '"':
            before = text[place - 1] if place > left else " "
            after = text[place + 1] if place + 1 < right else " "
            opens = not before.isalnum() and before not in ".,!?…)]’'" and not after.isspace()
            mark = '"' if opens else ""
        elif character in _OPENING and not (character == "“" and mark == "„"):
            mark = character
        elif character in _CLOSING or (character == "“" and mark == "„"):
            mark = ""
    return mark
