"""The page's own "Key takeaways" block, under the same rules as what is extracted.

The block is its own source: a bullet is refused for how it reads (R1 to R9), never because the body
says it in other words. One that the page cut off ("Trump has sent 300…") is completed from the body
or left out.
"""

from __future__ import annotations

import re

from digest.compress.lexicon import Language
from digest.compress.plain import plain_text
from digest.compress.repeats import r9_repeats_no_other
from digest.compress.rules import refusal
from digest.compress.sentences import LONGEST_SENTENCE, Sentence
from digest.compress.shorten import shortened_forms
from digest.compress.words import toks
from digest.model import Takeaway

__all__ = ["given_takeaways"]

_BULLET_MARK = re.compile(r"^(?:[-–—•·*▪►✓✔]|\d{1,2}[.)])\s+")
_HEADING = re.compile(
    r"^(?:key (?:takeaways?|points?)|at a glance|in brief|highlights?|summary)\s*:?\s*", re.IGNORECASE
)
_CUT = re.compile(r"\s*(?:…|\.{2,}|\[(?:…|\.{3})\])\s*$")
_LEAST_CUT_TOKENS = 3  # so many words must agree before a sentence counts as the rest


def given_takeaways(
    given: tuple[str, ...], text: str, sentences: tuple[Sentence, ...], language: Language, limit: int
) -> tuple[Takeaway, ...]:
    """Return what of the page's own block can stand, in its order, with spans where the text has it."""
    kept: list[Takeaway] = []
    for raw in given:
        takeaway = _set_right(raw, text, sentences, language)
        if takeaway is None or r9_repeats_no_other(takeaway.text, [other.text for other in kept], language):
            continue
        kept.append(takeaway)
    return tuple(kept[: max(0, limit)])


def _set_right(raw: str, text: str, sentences: tuple[Sentence, ...], language: Language) -> Takeaway | None:
    bullet = _HEADING.sub("", _BULLET_MARK.sub("", plain_text(raw[:LONGEST_SENTENCE])))
    if _CUT.search(bullet):
        return _completed(_CUT.sub("", bullet), sentences, language)
    if not re.search(r"[.!?。！？।]['\"”’»)]*$", bullet):
        bullet = f"{bullet.rstrip(' ,;:')}." if bullet else ""
    if refusal(bullet, bullet, language):
        return None
    start, end = _place(bullet, text, sentences)
    return Takeaway(text=bullet, start=start, end=end)


def _completed(beginning: str, sentences: tuple[Sentence, ...], language: Language) -> Takeaway | None:
    """Return the body's sentence that begins as the cut bullet does."""
    start = toks(beginning)
    if len(start) < _LEAST_CUT_TOKENS:
        return None
    for sentence in sentences:
        if len(sentence.text) > LONGEST_SENTENCE:
            continue
        for form in shortened_forms(sentence.text, language):
            own = toks(form)
            # The last word may have been cut in its middle.
            agrees = (
                own[: len(start) - 1] == start[:-1]
                and len(own) >= len(start)
                and own[len(start) - 1].startswith(start[-1])
            )
            if agrees and refusal(form, sentence.text, language) is None:
                return Takeaway(text=form, start=sentence.start, end=sentence.end)
    return None


def _place(bullet: str, text: str, sentences: tuple[Sentence, ...]) -> tuple[int, int]:
    """Return the span of the text that the bullet stands on word for word, or (0, 0)."""
    at = text.find(bullet)
    if at >= 0:
        return at, at + len(bullet)
    wanted = toks(bullet)
    for sentence in sentences:
        if toks(sentence.text) == wanted:
            return sentence.start, sentence.end
    return 0, 0
