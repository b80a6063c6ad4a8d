"""Which language a story is in, and the stems of its words.

A language without lists gets `UNKNOWN`, whose lists are empty: no rule is applied that does not hold
there.
"""

from __future__ import annotations

import re
from functools import lru_cache

from digest.compress.lexicon import (
    DUTCH,
    ENGLISH,
    FRENCH,
    GERMAN,
    ITALIAN,
    OPENERS,
    PORTUGUESE,
    SPANISH,
    UNKNOWN,
    Language,
)

__all__ = ["LANGUAGES", "detect_language", "language_of", "stem"]

LANGUAGES = {language.code: language for language in (ENGLISH, SPANISH, FRENCH, GERMAN, PORTUGUESE, ITALIAN, DUTCH)}
_WITH_OPENERS = {language.code: language for language in OPENERS}

_SAMPLE_CHARACTERS = 4000
_WORD = re.compile(r"[^\W\d_]+")


def language_of(code: str | None, text: str) -> Language:
    """Return the word lists for a BCP 47 tag, or for the language that `text` seems to be in."""
    if code:
        bare = re.split(r"[-_]", code.strip().lower())[0]
        return LANGUAGES.get(bare) or _WITH_OPENERS.get(bare, UNKNOWN)
    return detect_language(text)


def detect_language(text: str) -> Language:
    """Guess the language from its stop words.

    It takes a fifth or so of the words to be stop words of that language, and a clear lead over the
    next one; what is not clear is `UNKNOWN`.
    """
    words = [word.lower() for word in _WORD.findall(text[:_SAMPLE_CHARACTERS])]
    if len(words) < 5:
        return UNKNOWN
    found = sorted(
        ((sum(word in language.stop for word in words), code) for code, language in LANGUAGES.items()),
        key=lambda item: (-item[0], item[1]),
    )
    (best, code), (second, _) = found[0], found[1]
    return LANGUAGES[code] if best >= 0.18 * len(words) and best >= 1.15 * second else UNKNOWN


@lru_cache(maxsize=50_000)
def stem(word: str, code: str) -> str:
    """Return `word` (lower case) without its ending, so that its forms meet. Never shorter than 4 letters."""
    language = LANGUAGES.get(code)
    if language is None or len(word) < 5:
        return word
    for suffix in language.suffixes:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return word[: -len(suffix)]
    return word
