"""Text as comparable terms: words without case, accents, endings and the ones that say nothing.

For matching stories with each other, never for showing to readers. Languages without spaces become
pairs of characters. An unknown language is guessed from its small words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice
from typing import Protocol

from digest.select.stop_words import STOP_WORDS

__all__ = ["first_sentences", "language_of", "plain", "term", "term_table", "terms", "terms_of", "words"]

_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:['’][^\W_]+)*")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")  # Thai, kana, Han
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’»)]*\s+(?=[\"“‘«(¿¡]*[^\W_a-z])|(?<=[。！？])|\n+")
_MOST_TERMS = 200_000  # of one language
_OPENING_CHARACTERS = 3_000  # no four sentences need more, and a page can be one endless line

_STEMMERS = {
    "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french",
    "it": "italian", "nb": "norwegian", "nl": "dutch", "no": "norwegian", "pt": "portuguese",
    "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

_TWO_TO_TWENTY = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
)
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_TWO_TO_TWENTY.split(), start=2)}


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the package's own name


def words(text: str) -> list[str]:
    """Return the words of `text` as written; `1,200` and `4.6` are one word each."""
    return _WORD.findall(text)


def terms(text: str, language: str) -> list[str]:
    """Return what `text` is about, in order: the terms of its words, the empty ones left out."""
    return terms_of(words(text), language)


def terms_of(written: Sequence[str], language: str) -> list[str]:
    """Return what words `written` one after the other are about."""
    term_for = term_table(language)
    if "".join(written).isascii():
        return [found for found in map(term_for.__getitem__, written) if found]
    kept: list[str] = []
    for word in written:
        if _UNSPACED.search(word):
            kept += [word[at : at + 2] for at in range(max(1, len(word) - 1))]
        elif found := term_for[word]:
            kept.append(found)
    return kept


def term(word: str, language: str) -> str:
    """Return the term that stands for `word`: stem, no accents; "" for a word without a subject."""
    return term_table(language)[word]


@cache
def term_table(language: str) -> Mapping[str, str]:
    """Return `term` as a table, for those who ask for thousands of words: any word can be looked up in it."""
    return _Terms(language)


class _Terms(dict[str, str]):
    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language

    def __missing__(self, word: str) -> str:
        if len(self) >= _MOST_TERMS:
            self.clear()
        found = self[word] = _term(word, self._language)
        return found


def _term(word: str, language: str) -> str:
    lower = word.lower().replace("’", "'")
    if lower[0].isdigit():
        return lower.replace(",", "")
    if lower in STOP_WORDS.get(language, ()):
        return ""
    head, apostrophe, tail = lower.partition("'")
    if apostrophe:  # Ontario's, l'eau, dell'arte; O'Brien stays
        lower = head if tail == "s" else tail if language in ("fr", "it") and len(head) < 5 else lower
    if language == "en":
        lower = _NUMBER_WORDS.get(lower, lower)
    return plain(_stemmer(language).stemWord(lower))


@lru_cache(maxsize=10_000)
def plain(text: str) -> str:
    """Return `text` in lower case without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


@lru_cache
def _stemmer(language: str) -> _Stemmer:
    import Stemmer

    stemmer: _Stemmer = Stemmer.Stemmer(_STEMMERS.get(language, "english"), 0)  # `term_table` remembers
    return stemmer


def language_of(tag: str, sample: str) -> str:
    """Return a two-letter language: that of the BCP 47 `tag`, else the likeliest of `sample`, else "en"."""
    named = tag[:2].lower()
    if named.isalpha() and len(named) == 2 and not tag[2:3].isalpha():
        return named
    present = {word.lower() for word in words(sample)}
    counts = {language: len(present & stop) for language, stop in STOP_WORDS.items()}
    best = max(counts, key=lambda language: counts[language])  # the first of equals: English
    return best if counts[best] >= 3 and counts[best] > 1.5 * counts["en"] else "en"


def first_sentences(text: str, count: int) -> Iterable[str]:
    """Yield the first `count` sentences of `text`. A line break ends one too."""
    pieces = (piece for piece in _SENTENCE_END.split(text[:_OPENING_CHARACTERS]) if piece.strip())
    return islice(pieces, count)
