"""The rules that keep a takeaway faithful to the sentence it stands on: F1 to F4.

Each is a function of (bullet, source, language) that returns None or, in words, why the bullet
breaks it. They hold for extracted bullets, for the page's own, and for any other writer's.
"""

from __future__ import annotations

import re
from collections import Counter

from digest.compress.lexicon import Language
from digest.compress.words import find_terms, lowered, numbers, toks, words

__all__ = ["f1_deletion_only", "f2_negation_kept", "f3_attribution_kept", "f4_figures_kept", "f4_names_kept"]

_NAME = re.compile(r"(?<![^\W_])[A-ZÀ-ÖØ-Þ][\w’'-]*")
_CHUNK = re.compile(r"[^,;:()“”„«»\"–—\[\]]+")
_SPEAKER_WORDS = 5  # how near its verb a speaker is named


def f1_deletion_only(bullet: str, source: str, language: Language) -> str | None:
    """The bullet's tokens are those of its source sentence, in order, some left out."""
    rest = iter(toks(source))
    for token in toks(bullet):
        if token not in rest:  # moves `rest` on to the token
            return f"“{token}” does not stand there in the source"
    return None


def f2_negation_kept(bullet: str, source: str, language: Language) -> str | None:
    """Every negation of the source sentence is in the bullet."""
    missing = _terms(language.negations, source) - _terms(language.negations, bullet)
    return f"loses the negation “{min(missing)}”" if missing else None


def f3_attribution_kept(bullet: str, source: str, language: Language) -> str | None:
    """An allegation whose source says who said it keeps the verb and the speaker."""
    if not find_terms(language.allegations, lowered(bullet)):
        return None
    missing = _terms(language.cues, source) - _terms(language.cues, bullet)
    if missing:
        return f"an allegation without its “{min(missing)}”"
    kept = set(words(bullet))
    lost = [word for word in _speakers(source, language) if word not in kept]
    return f"an allegation without its speaker “{lost[0]}”" if lost else None


def f4_figures_kept(bullet: str, source: str, language: Language) -> str | None:
    """Every number and currency amount of the bullet stands in the source."""
    missing = Counter(numbers(bullet)) - Counter(numbers(source))
    return f"the number “{min(missing)}” does not stand in the source" if missing else None


def f4_names_kept(bullet: str, source: str, language: Language) -> str | None:
    """Every capitalised word of a bullet that somebody else wrote stands in the source."""
    known = {word.removesuffix("'s") for word in words(source)}
    for match in _NAME.finditer(bullet):
        is_first_word = not re.search(r"\w", bullet[: match.start()])
        if not is_first_word and not known.issuperset(word.removesuffix("'s") for word in words(match.group())):
            return f"the name “{match.group()}” does not stand in the source"
    return None


def _terms(terms: tuple[str, ...], text: str) -> Counter[str]:
    return Counter(match.group() for match in find_terms(terms, lowered(text)))


def _speakers(source: str, language: Language) -> list[str]:
    """Return the content words near each cue, inside the same chunk between commas and quotes."""
    speakers: list[str] = []
    for chunk in _CHUNK.finditer(lowered(source)):
        for cue in find_terms(language.cues, chunk.group()):
            before = words(chunk.group()[: cue.start()])[-_SPEAKER_WORDS:]
            after = words(chunk.group()[cue.end() :])[:_SPEAKER_WORDS]
            named = _named(before, language)
            speakers += named or _named(after, language)
    return speakers


def _named(around: tuple[str, ...], language: Language) -> list[str]:
    return [word for word in around if word not in language.stop and word not in language.days]
