"""Text as comparable terms: words without case, accents, endings and the ones that say nothing.

For matching stories with each other, never for showing to readers. Languages without spaces become
pairs of characters. An unknown language is guessed from its small words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import Protocol

__all__ = ["first_sentences", "language_of", "plain", "term", "terms", "words"]

_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:['’][^\W_]+)*")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")  # Thai, kana, Han
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’»)]*\s+(?=[\"“‘«(¿¡]*[^\W_a-z])|(?<=[。！？])|\n+")
_OPENING_CHARACTERS = 3_000  # no four sentences need more, and a page can be one endless line

_STEMMERS = {
    "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french",
    "it": "italian", "nb": "norwegian", "nl": "dutch", "no": "norwegian", "pt": "portuguese",
    "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

# The words that carry grammar and no subject, and in English what reporters write in every story.
_STOP_WORDS = {
    language: frozenset(text.split())
    for language, text in {
        "en": (
            "a about after again against all also am amid an and any are aren't as at be because been before being "
            "between both but by can can't could did didn't do does doesn't don't down during each few for from had "
            "has have he her here him his how i if in into is isn't it it's its just may me might more most must my "
            "new no nor not now of off on one only or other our out over own per said same say says she should so "
            "some still such than that the their them then there these they this those through to told too under "
            "until up upon us very via was wasn't we were what when where whether which while who whom whose why will "
            "with without won't would wouldn't you your"
        ),
        "de": (
            "aber alle als am an auch auf aus bei bis da das dass dem den der des die doch durch ein eine einem einen "
            "einer eines er es für gegen hat haben ich ihr ihre im in ist kein keine man mehr mit nach nicht noch nun "
            "nur ob oder sein seine sich sie sind so über um und uns unter vom von vor war was wegen wenn werden wie "
            "wieder will wird wir zu zum zur"
        ),
        "fr": (
            "à après au aussi aux avant avec c ce cette ces chez comme contre d dans de depuis des deux du elle en entre "
            "est et été être il ils elles j je l la le les leur leurs lui mais me même n ne nous on ont ou où par pas "
            "plus pour qu que qui s sa sans se ses son sont sous sur très un une vous y"
        ),
        "es": (
            "a al ante aquí como con contra cuando de del desde donde dos el ella en entre era es esta este esto fue ha "
            "han hasta hay la las le les lo los más me mi muy ni no nos o para pero por porque que qué se según ser si "
            "sin sobre son su sus también tras un una uno y ya"
        ),
        "it": (
            "a ai al alla anche che chi come con contro da dal dalla de degli dei del dell della delle di dopo due e è ed "
            "era gli ha hanno i il in l la le lo ma nel nella non o per perché più quando se senza si sono su sua sul "
            "sulla suo tra un una uno"
        ),
        "pt": (
            "a ao aos as até com como contra da das de depois do dos e é ela ele em entre está foi há isso já mais mas na "
            "nas não no nos o os ou para pela pelo por quando que quem se sem ser seu sua são sobre também um uma"
        ),
        "nl": (
            "aan al als bij dan dat de deze die dit door een en er geen had heeft het hij hun ik in is je kan maar meer "
            "met na naar niet nog nu of om ook op over te tegen tot uit van veel voor was wat we wel werd wordt ze zich "
            "zijn zo"
        ),
        "sv": "att av blir de den det efter en ett från för har här i inte med mot nu när och om på sig som till under var vid är",
        "da": "af at blev da de den der det efter en er et for fra har hun han i ikke med mod nu når og om på sig som til var ved",
        "tr": "bir bu çok da daha de en gibi göre için ile ise kadar ki mi ne o olan olarak sonra şu ve veya ya",
        "ru": "а без бы был была были в во вы для до его ее если же за и из или их к как на не но о об он она они от по при с со так что это",
    }.items()
}  # fmt: skip
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty".split(),
        start=2,
    )
}


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the package's own name


def words(text: str) -> list[str]:
    """Return the words of `text` as written; `1,200` and `4.6` are one word each."""
    return _WORD.findall(text)


def terms(text: str, language: str) -> list[str]:
    """Return what `text` is about, in order: the terms of its words, the empty ones left out."""
    found: list[str] = []
    for word in words(text):
        if _UNSPACED.search(word):
            found += [word[at : at + 2] for at in range(max(1, len(word) - 1))]
        elif kept := term(word, language):
            found.append(kept)
    return found


@lru_cache(maxsize=100_000)
def term(word: str, language: str) -> str:
    """Return the term that stands for `word`: stem, no accents; "" for a word without a subject."""
    lower = word.lower().replace("’", "'")
    if lower[0].isdigit():
        return lower.replace(",", "")
    if lower in _STOP_WORDS.get(language, ()):
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
    import snowballstemmer  # 20 ms to import, and only clustering needs it

    stemmer: _Stemmer = snowballstemmer.stemmer(_STEMMERS.get(language, "english"))
    return stemmer


def language_of(tag: str, sample: str) -> str:
    """Return a two-letter language: that of the BCP 47 `tag`, else the likeliest of `sample`, else "en"."""
    named = tag[:2].lower()
    if named.isalpha() and len(named) == 2 and not tag[2:3].isalpha():
        return named
    present = {word.lower() for word in words(sample)}
    counts = {language: len(present & stop) for language, stop in _STOP_WORDS.items()}
    best = max(counts, key=lambda language: counts[language])  # the first of equals: English
    return best if counts[best] >= 3 and counts[best] > 1.5 * counts["en"] else "en"


def first_sentences(text: str, count: int) -> Iterable[str]:
    """Yield the first `count` sentences of `text`. A line break ends one too."""
    pieces = (piece for piece in _SENTENCE_END.split(text[:_OPENING_CHARACTERS]) if piece.strip())
    return islice(pieces, count)
