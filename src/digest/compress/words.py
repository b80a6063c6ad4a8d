"""Words as the rules count them: tokens, content words, and words of a language's lists."""

from __future__ import annotations

import re
from functools import lru_cache

from digest.compress.languages import stem
from digest.compress.lexicon import Language

__all__ = ["content_stems", "find_terms", "is_unspaced", "lowered", "numbers", "toks", "word_count", "words"]

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SPACED_WORD = re.compile(r"[^\W_]\S*")
_RUN = re.compile(r"(?:[^\W_]|[%$€£¥₹₽₩₺¢])+")
_NUMBER = re.compile(r"[$€£¥₹₽₩₺]?\d+(?:[.,:/]\d+)*(?:st|nd|rd|th)?%?")
# Scripts that are written without spaces: a word is taken to be two characters long.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f\u1000-\u109f\u1780-\u17ff]")
_UNSPACED_WORD_LENGTH = 2


def toks(text: str) -> tuple[str, ...]:
    """Return the runs of letters, digits, % and currency signs of the lower-cased text."""
    return tuple(_RUN.findall(text.lower()))


def lowered(text: str) -> str:
    """Return `text` in lower case with straight apostrophes, as the word lists are written."""
    return text.lower().replace("’", "'")


def words(text: str) -> tuple[str, ...]:
    """Return the words in lower case; "didn't" is one."""
    return tuple(_WORD.findall(lowered(text)))


def word_count(text: str) -> int:
    """Return how many words a reader sees: what stands between spaces and holds a letter or digit.

    In scripts without spaces two characters make a word.
    """
    unspaced = _UNSPACED.findall(text) if not text.isascii() else ()
    if unspaced:
        text = _UNSPACED.sub(" ", text)
    return len(_SPACED_WORD.findall(text)) + -(-len(unspaced) // _UNSPACED_WORD_LENGTH)


def is_unspaced(text: str) -> bool:
    """Say whether most letters of `text` belong to a script that is written without spaces."""
    return not text.isascii() and 2 * len(_UNSPACED.findall(text)) > sum(map(str.isalpha, text))


def numbers(text: str) -> tuple[str, ...]:
    """Return the numbers and currency amounts as they are written."""
    return tuple(_NUMBER.findall(text))


def content_stems(text: str, language: Language) -> tuple[str, ...]:
    """Return the stems of all words that are not stop words, in their order."""
    return tuple(
        stem(token, language.code)
        for token in _RUN.findall(text.lower())
        if token not in language.stop and (len(token) > 1 or not token.isascii() or token.isdigit())
    )


@lru_cache(maxsize=256)
def _pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    def source(term: str) -> str:
        if term.endswith("*"):
            return re.escape(term[:-1]) + r"[^\W_]*"
        if term.startswith("n'"):  # "didn't", "can't"; in French "n'a"
            return r"[^\W_]+n't" if term == "n't" else r"n'[^\W_]+"
        return re.escape(term)

    return re.compile(r"(?<![^\W_])(?:" + "|".join(map(source, terms)) + r")(?![^\W_])")


def find_terms(terms: tuple[str, ...], text: str) -> tuple[re.Match[str], ...]:
    """Return where words of a list such as `Language.negations` stand in `text`, which must be `lowered`."""
    return tuple(_pattern(terms).finditer(text)) if terms else ()
